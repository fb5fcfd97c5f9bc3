"""English: Part, Chapter, Article, Section, Rule, Regulation, Clause, Schedule; sections headed by
their number alone.

Source: Drafting guidance of the Office of the Parliamentary Counsel (UK); Akoma Ntoso naming
convention 1.0, section 5.3.
"""

from __future__ import annotations

import re
from typing import Final

from adapters.readers.profiles.base import (
    ARABIC,
    BRACKETED,
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

_WORDS: Final = (
    "One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Eleven|Twelve|Thirteen|Fourteen|Fifteen"
    "|Sixteen|Seventeen|Eighteen|Nineteen"
)
_TENS: Final = "Twenty|Thirty|Forty|Fifty|Sixty|Seventy|Eighty|Ninety"
_NTH: Final = (
    "First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth|Eleventh|Twelfth|Thirteenth"
    "|Fourteenth|Fifteenth|Sixteenth|Seventeenth|Eighteenth|Nineteenth|Twentieth|Thirtieth"
)
_BELOW_100: Final = rf"(?:(?:{_TENS})(?:[ -](?:{_WORDS}))?|{_WORDS})"  # Fifty-Three
_BELOW_1000: Final = rf"(?:(?:{_WORDS})[ -]Hundred(?:[ ](?:[Aa]nd[ ])?{_BELOW_100})?|{_BELOW_100})"


def _or_capitals(pattern: str) -> str:
    """A pattern of words as titles print them, or the same in capitals."""
    capitals = re.sub(r"[A-Za-z]{2,}", lambda word: word[0].upper(), pattern).replace("Aa", "A")
    return rf"(?:{pattern}|{capitals})\b"


_CARDINAL: Final = _or_capitals(_BELOW_1000)
_ORDINAL: Final = _or_capitals(rf"(?:(?:{_TENS})[ -])?(?:{_NTH})")
_NUMBERS: Final = (_CARDINAL, ROMAN, ARABIC, LETTER)
# Sections of federal regulations: `1.61-2T`, `1.1031(a)-1`, `100.35T01-0125`.
_REGULATION: Final = (
    r"\d{1,4}\.\d{1,5}(?:(?:\([a-z]{1,2}\)(?=-)|[A-Z]\d{1,4})(?:-\d{1,5}[A-Z]{0,2})?"
    r"|-\d{1,5}[A-Z]{0,2})\b"
)
_CITED: Final = (_REGULATION, ARABIC, ROMAN, _CARDINAL, _ORDINAL)
_ARTICLE: Final = (*_CITED, BRACKETED)

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
        basic("article", "Article", "Art.", numbers=_ARTICLE, plurals=("Articles",)),
        basic("section", "Section", "Sec.", "§§", "§", numbers=_CITED, plurals=("Sections",)),
        basic("section", "S."),  # with figures only: `S. C. Jones` is a signature
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
        "Arrangement of articles",
        "Arrangement of clauses",
        "Arrangement of paragraphs",
        "Arrangement of provisions",
        "Arrangement of regulations",
        "Arrangement of rules",
        "Arrangement of sections",
        "List of sections",
        "Table of provisions",
        "Table of sections",
    ),
    closings=(r"IN WITNESS WHEREOF", r"Done at\b", r"DONE at\b"),
    quotes=(("“", "”"), ("‘", "’"), ('"', '"')),
    bare_sections=True,
    sub_forms=("Section 1.", "(1)", "1.", "(a)", "a)", "(i)", "(A)", "(I)"),
    stopped_titles=True,
)
