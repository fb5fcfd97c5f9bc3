"""English: Part, Chapter, Article, Section, Rule, Regulation, Clause, Schedule; sections headed by
their number alone.

Source: Drafting guidance of the Office of the Parliamentary Counsel (UK); Akoma Ntoso naming
convention 1.0, section 5.3.
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

_WORDS: Final = "One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Eleven|Twelve"
_CARDINAL: Final = rf"(?:{_WORDS}|{_WORDS.upper()})\b"
_NTH: Final = "First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth|Eleventh|Twelfth"
_ORDINAL: Final = rf"(?:{_NTH}|{_NTH.upper()})\b"
_NUMBERS: Final = (_CARDINAL, ROMAN, ARABIC, LETTER)
_CITED: Final = (ARABIC, ROMAN, _CARDINAL, _ORDINAL)

EN: Final = Profile(
    name="en",
    words=(
        container("title", "Title", numbers=_NUMBERS),
        container("book", "Book", numbers=_NUMBERS),
        container("part", "Part", numbers=_NUMBERS),
        container("chapter", "Chapter", numbers=_NUMBERS),
        container("subchapter", "Subchapter", numbers=_NUMBERS),
        container("division", "Division", numbers=_NUMBERS),
        container("part", "Subpart", numbers=_NUMBERS),
        basic("article", "Article", "Art.", numbers=_CITED, plurals=("Articles",)),
        basic("section", "Section", "Sec.", "§§", "§", numbers=_CITED, plurals=("Sections",)),
        basic("rule", "Rule", "Regulation", numbers=_CITED, plurals=("Rules",)),
        basic("clause", "Clause", numbers=(ARABIC,)),
        annex("schedule", "Schedule", numbers=_NUMBERS),
        after_number("schedule", UnitRole.ANNEX, "Schedule", numbers=(_ORDINAL,), initials="EFNST"),
        annex("annex", "Annex", "Annexure", "Exhibit", numbers=_NUMBERS),
        annex("appendix", "Appendix", numbers=_NUMBERS),
        alone("preamble", UnitRole.PREAMBLE, "Preamble"),
    ),
    stop_words=words(
        "the | of | and | to | in | or | shall | be | any | by | for | is | that | with"
    ),
    joins=("to", "and", "through"),
    reference_after=words(
        "of | and | or | to | shall | applies | apply | is | does | has | as | in | above | "
        "below | by | may | for | that | which | paragraph | subsection | thereof | hereof | "
        "with | was | are | were | if | on"
    ),
    reference_before=words(
        "in | of | to | under | by | and | or | with | from | see | per | the | this | that | "
        "section | article | sections | articles | rule | subsection | paragraph"
    ),
    contents=(
        "Table of contents",
        "Contents",
        "Arrangement of sections",
        "Arrangement of regulations",
        "Arrangement of rules",
    ),
    closings=(r"IN WITNESS WHEREOF", r"Done at\b", r"DONE at\b"),
    quotes=(("“", "”"), ("‘", "’"), ('"', '"')),
    bare_sections=True,
    sub_forms=("Section 1.", "(1)", "1.", "(a)", "a)", "(i)", "(A)", "(I)"),
    stopped_titles=True,
)
