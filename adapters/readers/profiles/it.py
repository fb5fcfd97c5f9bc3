"""Italian: Parte, Libro, Titolo, Capo, Sezione, Articolo.

Source: Circular of the Presidency of the Council of Ministers of 2 May 2001, no.
1/1.1.26/10888/9.92 (drafting of laws).
"""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.base import (
    ARABIC,
    LETTER,
    ROMAN,
    Profile,
    UnitRole,
    after_number,
    alone,
    annex,
    basic,
    container,
    words,
)

_NTH: Final = (
    "primo|secondo|terzo|quarto|quinto|sesto|settimo|ottavo|nono|decimo"
    "|prima|seconda|terza|quarta|quinta|sesta|unico"
)
_ORDINAL: Final = rf"(?:{_NTH}|{_NTH.title()}|{_NTH.upper()})\b"
_NUMBERS: Final = (_ORDINAL, ROMAN, ARABIC, LETTER)
# Of articles: `Articolo primo`, `Art. I°`. A comma of theirs is no heading: `l'articolo 5, primo`.
_ENDS: Final = r"(?=[ \t*_]*(?:[.:–—-]|\n|\Z))"
_FIRST: Final = rf"(?:{_NTH}|{_NTH.title()}|{_NTH.upper()}){_ENDS}"
_ROMAN: Final = r"[IVXLC]+\.?[°º]"

IT: Final = Profile(
    name="it",
    words=(
        container("part", "Parte", numbers=_NUMBERS),
        after_number(
            "part", UnitRole.CONTAINER, "Parte", numbers=(_ORDINAL,), initials="dnopqstuDNOPQSTU"
        ),
        container("book", "Libro", numbers=_NUMBERS),
        container("title", "Titolo", numbers=_NUMBERS),
        container("chapter", "Capo", "Capitolo", numbers=_NUMBERS),
        container("section", "Sezione", numbers=_NUMBERS),
        basic(
            "article",
            "Articolo",
            "Art.",
            numbers=(ARABIC, _FIRST, _ROMAN, r"[Uu]nico\b|UNICO\b"),
            plurals=("Articoli", "Artt."),
        ),
        annex("annex", "Allegato", "Allegati"),
        alone("preamble", UnitRole.PREAMBLE, "Preambolo"),
    ),
    stop_words=words(
        "di | della | del | il | che | per | dei | delle | la | al | sono | una | con | nel | "
        "alla | nella"
    ),
    joins=("a", "e"),
    reference_after=words(
        "del | della | dello | dei | delle | e | o | comma | commi | è | sono | si | primo | "
        "secondo | lettera | n | nonché | del | ed"
    ),
    reference_before=words(
        "di | del | della | all' | dall' | l' | agli | gli | degli | e | o | dagli | dell' | per | "
        "a"
    ),
    contents=("Indice", "Sommario"),
    closings=(r"La presente legge, munita", r"Il presente decreto, munito", r"Dat[ao] a Roma"),
    quotes=(("«", "»"), ("“", "”"), ('"', '"')),
    sub_forms=("1.", "a)", "1)"),
)
