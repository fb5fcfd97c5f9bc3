"""Portuguese: Parte, Livro, Título, Capítulo, Seção, Subseção, Art., § and Parágrafo único, incisos
and alíneas.

Source: Lei Complementar 95/1998 (Brazil), article 10.
"""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.base import (
    ARABIC,
    LETTER,
    ROMAN,
    Profile,
    UnitRole,
    alone,
    annex,
    basic,
    container,
    words,
)

_ORDINAL: Final = (
    r"(?:[Úú]nic[oa]|ÚNIC[OA]|[Gg]eral|GERAL|[Ee]special|ESPECIAL|[Pp]reliminar|PRELIMINAR)\b"
)
_NUMBERS: Final = (ROMAN, ARABIC, LETTER, _ORDINAL)

# Of articles: `Artigo primeiro`, `Art. I°`.
_NTH: Final = "primeiro|segundo|terceiro|quarto|quinto|sexto|sétimo|oitavo|nono|décimo"
_FIRST: Final = rf"(?:{_NTH}|{_NTH.title()}|{_NTH.upper()})(?=[ \t*_]*(?:[.:–—-]|\n|\Z))"
_ROMAN: Final = r"[IVXLC]+\.?[°º]"

# `2 o Objeto`: the raised letter of an ordinal that a conversion set after a blank.
_RAISED: Final = r"\d{1,2}[ ]o(?=[ ]+[A-ZÀ-ÖØ-Þ])"

PT: Final = Profile(
    name="pt",
    words=(
        container("part", "Parte", numbers=_NUMBERS),
        container("book", "Livro", numbers=_NUMBERS),
        container("title", "Título", "Titulo", numbers=_NUMBERS),
        container("chapter", "Capítulo", "Capitulo", numbers=_NUMBERS),
        container("section", "Seção", "Secção", "Secçăo", "Seçăo", numbers=_NUMBERS),
        container("subsection", "Subseção", "Subsecção", "Subseçăo", numbers=_NUMBERS),
        basic(
            "article",
            "Artigo",
            "Art.",
            "Art",
            numbers=(_RAISED, ARABIC, _FIRST, _ROMAN, r"[Úú]nico\b|ÚNICO\b"),
            iberian=True,
        ),
        annex("annex", "Anexo"),
        alone("preamble", UnitRole.PREAMBLE, "Preâmbulo"),
    ),
    stop_words=words(
        "de | da | do | das | dos | que | os | em | ou | para | por | ao | no | na | com | as"
    ),
    joins=("a", "e"),
    reference_after=words(
        "da | do | das | dos | e | ou | desta | deste | inciso | caput | aplica-se | são | é | §"
    ),
    reference_before=words(
        "no | do | da | ao | aos | os | o | e | ou | nos | dos | pelo | pelos | com | de | a"
    ),
    contents=("Índice", "Sumário"),
    closings=(r"Brasília,? (?:em )?\d", r"Publique-se"),
    sub_forms=("§ 1", "I -", "1 -", "1.", "a)"),
)
