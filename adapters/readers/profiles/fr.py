"""French: Partie, Livre, Titre, Chapitre, Section, Sous-section, Article.

Source: Guide de légistique (Conseil d'État and SGG), 3rd edition, part 3.
"""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.base import (
    ARABIC,
    ROMAN,
    SLASHED,
    SPACED,
    Profile,
    UnitRole,
    after_number,
    alone,
    annex,
    basic,
    container,
    words,
)

# `1er`, `IIème`, `premier`, `unique`, `préliminaire`.
_ORDINAL: Final = (
    r"(?:(?:[IVXLC]+|\d+)(?:[ ]?er|ère|ier|e|ème|ᵉʳ|ʳᵉ)\b|PREMI(?:ER|[EÈ]RE)\b"
    r"|[Pp]remi(?:er|ère)\b|[Uu]nique\b"
    r"|[Pp]réliminaire\b|PR[EÉ]LIMINAIRE\b)"
)
_BEFORE: Final = (
    r"(?:Première|Deuxième|Seconde|Troisième|Quatrième|Cinquième"
    r"|PREMI[EÈ]RE|DEUXI[EÈ]ME|TROISI[EÈ]ME|QUATRI[EÈ]ME)"
)
_NUMBERS: Final = (_ORDINAL, ROMAN, ARABIC, r"[A-Z]\b")
_END_OF_LINE: Final = r"(?=[ \t]*(?:\n|\Z|[:–—-]))"  # a letter that begins the text is no number
# What was inserted after a number with a suffix or after an article of a code, by a letter:
# `L111-1 A`, `44 sexies-0 A`, `1609 quinvicies A`.
_LETTERED: Final = (
    rf"(?:[LRDA]\.?[ ]?\*?)?\d+(?:-\d+)*(?:[ ](?:bis|ter|quater|[a-z]{{2,14}}ies))?(?:-\d+)?"
    rf"(?:[ ][A-Z]{{1,2}}){{1,2}}{_END_OF_LINE}"
)
_LATIN: Final = r"\d+[ ][a-z]{2,14}ies(?:-\d+)?\b"  # those beyond `duodecies`
# Numbers of codes, by what made them: `L. 111-1` (law), `R*4-2`, `D. 12-3` (decree), `A5-1`.
_CODE: Final = r"[LRDA]\.?[ ]?\*?\d+(?:-\d+)*"

FR: Final = Profile(
    name="fr",
    words=(
        container("part", "Partie", numbers=_NUMBERS),
        after_number("part", UnitRole.CONTAINER, "Partie", numbers=(_BEFORE,), initials="CDPQST"),
        container("book", "Livre", numbers=_NUMBERS),
        container("title", "Titre", numbers=_NUMBERS),
        container("subchapter", "Sous-titre", numbers=_NUMBERS),
        container("chapter", "Chapitre", numbers=_NUMBERS),
        container("section", "Section", numbers=_NUMBERS),
        container("subsection", "Sous-section", numbers=_NUMBERS),
        basic(
            "article",
            "Article",
            "Art.",
            numbers=(_LETTERED, _LATIN, _CODE, _ORDINAL, SLASHED, SPACED, ARABIC, r"[IVX]+\b"),
            plurals=("Articles",),
        ),
        annex("annex", "Annexe"),
        alone("preamble", UnitRole.PREAMBLE, "Préambule", "Exposé des motifs"),
    ),
    stop_words=words(
        "le | la | les | des | et | du | est | une | dans | par | pour | aux | sur | au | que | ou"
    ),
    joins=("à", "et"),
    reference_after=words(
        "du | de | des | et | ou | est | sont | à | s'applique | ainsi | le | la | précité | "
        "alinéa | ci-dessus | ci-après | susvisé | bis | relatif | relative"
    ),
    reference_before=words(
        "de | du | des | à | aux | au | et | ou | par | les | le | la | en | l' | sous | présent"
    ),
    contents=("Table des matières", "Sommaire"),
    closings=(r"Fait à\b", r"Par le Président"),
    quotes=(("«", "»"), ("“", "”"), ('"', '"')),
    sub_forms=("I.", "(1)", "1.", "1°", "a)", "(a)"),
)
