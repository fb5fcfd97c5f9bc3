"""What one step of an address is made of: an abbreviation and a number, or a slug where nothing is
numbered.

A step has no white space, no control character, and none of the signs that build an address (`~`,
`!`, `_` in a number).

A number is the printed one, but a person must be able to type it: digits of every script become
ASCII digits, and numerals that are words or letters of Han or Arabic script are given by their
value. So `第五条`, `第5條`, `المادة الخامسة` and `धारा ५` are all `art_5`, while the label of the
unit keeps what is printed. Words in other letters stay as they are: `Artículo primero` is
`art_primero`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from domain.reading.marks import Mark
from domain.reading.numerals import by_value
from domain.reading.vocabulary import CONTAINER_SIGN, UNIT_KINDS

MAX_NUMBER_CHARS: Final = 60
MAX_SLUG_CHARS: Final = 48

# Between the first and the last number of a range: `3 bis 6`, `3–6`, `3...6`.
_RANGE: Final = re.compile(
    r"(?<=[0-9a-z])\s*(?:\s(?:bis|to|through|à|a|al|đến|até|إلى|تا|ถึง|से|देखि|עד|deri|sampai"
    r"|hingga|hanggang|hadi)\s|[–—‒]|\.{3}|…)\s*(?=[0-9])",
    re.IGNORECASE,
)
_PLAIN: Final = re.compile(r"[0-9A-Za-z.\-]*")  # nearly every number is: 12, 12a, XIV, 40.1, 184-A
_WORD: Final = re.compile(r"[^\W_]+")
# Letters that Unicode does not decompose into a letter and an accent.
_NOT_DECOMPOSED: Final = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i"}
)
# A document has one of each, so the kind alone names it.
_ALONE: Final = frozenset({"preamble", "conclusions"})
_KIND_OF: Final = {
    sign + abbreviation: kind
    for sign in ("", CONTAINER_SIGN)
    for kind, abbreviation in UNIT_KINDS.items()
}


class Step(NamedTuple):
    """One step of an address: `art_12a` is the abbreviation `art` and the number `12a`; a slug
    stands in the number's place.

    The abbreviation of a second unit without number and words keeps its count: `preamble.2`.
    """

    abbreviation: str
    number: str = ""

    def __str__(self) -> str:
        return f"{self.abbreviation}_{self.number}" if self.number else self.abbreviation

    @property
    def unit_kind(self) -> str:
        """The word of the vocabulary that the abbreviation stands for; "" for an unknown one.

        >>> Step("para", "2").unit_kind, Step("csec", "2").unit_kind
        ('paragraph', 'section')
        """
        return _KIND_OF.get(self.abbreviation.partition(".")[0], "")


def normal_number(printed: str) -> str:
    """A number as an address has it: NFC, spaces and the final dot dropped, ranges as `3..6`,
    numerals of other scripts by value.

    >>> tuple(normal_number(one) for one in ("12 a.", "3 bis 6", "3 bis", "7–9", "184-A"))
    ('12a', '3..6', '3bis', '7..9', '184-A')
    >>> tuple(normal_number(one) for one in ("५", "二十一", "الحادية والعشرون"))
    ('5', '21', '21')
    """
    return _clean(_RANGE.sub("..", by_value(unicodedata.normalize("NFC", printed)))).rstrip(".")


def slug(words: str) -> str:
    """The first words in small letters without accents, joined by hyphens: at most 48 characters,
    "" where there is no word.

    >>> slug("Điều khoản chuyển tiếp"), slug("Übergangs- & Schlußvorschriften"), slug(" -- ")
    ('dieu-khoan-chuyen-tiep', 'ubergangs-schlussvorschriften', '')
    """
    # Four times the length is enough: a decomposed letter rarely has more than three accents.
    plain = unicodedata.normalize(
        "NFKD", words.strip()[: 4 * MAX_SLUG_CHARS].casefold().translate(_NOT_DECOMPOSED)
    )
    found = _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))
    joined = "-".join(found)
    if len(joined) > MAX_SLUG_CHARS:
        cut = joined.rfind("-", 1, MAX_SLUG_CHARS + 1)
        joined = joined[: cut if cut > 0 else MAX_SLUG_CHARS]
    return _clean(joined)


def numbered_step(mark: Mark) -> str:
    """The step of a mark that has a number, as an address has it; "" for one without.

    Nearly every mark has one.

    >>> from domain.reading.marks import Level
    >>> numbered_step(Mark(0, 9, Level.BASIC, "article", "Điều 12a.", "12a", "Phạm vi"))
    'art_12a'
    """
    number = mark.number
    is_plain = number.isascii() and number.isalnum() and len(number) <= MAX_NUMBER_CHARS
    if not is_plain:  # nearly every number is
        number = _number(number)
    return f"{UNIT_KINDS.get(mark.unit_kind, 'unit')}_{number}" if number else ""


def step_of(mark: Mark, text: str) -> tuple[Step, bool]:
    """The step of one mark, and whether it has a number.

    Without one: its title, else its label, else its first words.

    >>> from domain.reading.marks import Level
    >>> unit = Mark(0, 9, Level.BASIC, "article", "Điều 12a.", "12a", "Phạm vi")
    >>> str(step_of(unit, "Điều 12a.")[0])
    'art_12a'
    """
    abbreviation = UNIT_KINDS.get(mark.unit_kind, "unit")
    if number := _number(mark.number):
        return Step(abbreviation, number), True
    if mark.unit_kind in _ALONE:
        return Step(abbreviation), False
    words = (
        slug(mark.title)
        or slug(mark.label)
        or slug(text[mark.start : min(mark.end, mark.start + 400)])
    )
    return Step(abbreviation, "" if words in (mark.unit_kind, abbreviation) else words), False


def _number(printed: str) -> str:
    return _clean(by_value(printed)).rstrip(".")[:MAX_NUMBER_CHARS].rstrip(".")


def clean_component(component: str) -> str:
    """A component's name as it may stand between `!` and `~`.

    >>> clean_component("annex_ 1")
    'annex_1'
    """
    return "_".join(part for part in map(_clean, component.split("_")) if part)[
        :MAX_NUMBER_CHARS
    ].rstrip("_")


def _clean(raw: str) -> str:
    """NFC without white space and control characters; the signs that build addresses become
    hyphens.
    """
    if _PLAIN.fullmatch(raw):
        return raw
    kept = (c for c in unicodedata.normalize("NFC", raw) if unicodedata.category(c)[0] not in "CZ")
    return unicodedata.normalize("NFC", "".join("-" if c in "~!_" else c for c in kept))
