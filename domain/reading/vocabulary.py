"""The controlled words of the knowledge base, and the abbreviation that each unit kind has in an
address.

Abbreviations are those of the Akoma Ntoso naming convention (OASIS, AKN-NC 1.0, section 5.3).
"""

from __future__ import annotations

from typing import Final

UNIT_KINDS: Final[dict[str, str]] = {
    "part": "part",
    "subpart": "subpart",
    "title": "title",
    "subtitle": "subtitle",
    "book": "book",
    "division": "dvs",
    "subdivision": "subdvs",
    "chapter": "chp",
    "subchapter": "subchp",
    "section": "sec",
    "subsection": "subsec",
    "article": "art",
    "rule": "rule",
    "clause": "clause",
    "subclause": "subcl",
    "paragraph": "para",
    "subparagraph": "subpara",
    "point": "point",
    "item": "item",
    "subitem": "subitem",
    "annex": "annex",
    "attachment": "att",
    "recital": "rec",
    "schedule": "sched",
    "appendix": "appendix",
    "preamble": "preamble",
    "heading": "hdg",
    "conclusions": "conclusions",
}

CONTAINER_SIGN: Final = "c"
"""What stands before the abbreviation of a container whose kind is that of the basic units too, so
that the two never share a step name: `csec_1` is `Abschnitt 1`, and `sec_1` is `§ 1`.
"""

SECTION_TYPES: Final[tuple[str, ...]] = ("body", "container", "preamble", "annex", "conclusions")

PUBLICATION_TYPES: Final[tuple[str, ...]] = (
    "law",
    "constitution",
    "code",
    "decree",
    "circular",
    "regulation",
    "directive",
    "bill",
    "policy",
    "manual",
)
