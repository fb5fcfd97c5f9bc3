"""The weight of a candidate: how much its line looks like the heading of a unit, and not like a
reference that happens to begin a line.

Every candidate begins with 1 and gains or loses by these signs:

1. Is it quoted? A quotation mark before the word, or a quoted block around the line: `QUOTED`.
2. Does the format declare the line as a heading? Then `_DECLARED`, and no other sign is asked:
   what an author marked up needs no proof from its words.
3. What follows the number? A separator is how headings are set (`Article 5. Scope`). A small
   letter, or a word by which a reference goes on (`Article 5 of`), makes it part of a sentence.
4. What precedes the line? A line that ends with a word before references (`pursuant to`), or that
   fills the text's width without ending a sentence, runs on into this one; but not the title of a
   chapter, which stands below that one's number and above this number alone on its line.
5. Does it only mention its unit? A line that opens with a bracket tells where a schedule comes
   from or what an amendment did; a plural before a single number (`Sections`) heads a list; and a
   part behind the number with a colon (`Article IV.B.1:`) tells what was done to that part.

6. Is it an item of a list? A bullet stands before mentions more often than before headings.

The weights are scores of a sequence (`sequences`), and `selection` compares them with three bounds:
0.7 for containers and annexes, 0.8 for what may start a numbering, 1.2 for a line that is so
clearly a heading that a warning says where it was left out. An example:

>>> from adapters.readers.lines.candidates import find_candidates
>>> from adapters.readers.profiles.en import EN
>>> lines = ("Article 1. Scope", "Article 2", "Article 3 applies.", "under", "Article 4 Terms")
>>> view = View("\\n\\n".join(lines).replace("under\\n", "under"))
>>> items = find_candidates(view, EN)
>>> weigh(view, items, EN, Quotations((), ()))
>>> [(item.number, round(item.weight, 1)) for item in items]
[('1', 1.5), ('2', 1.2), ('3', -1.7), ('4', -1.0)]

Article 1 has 1 + 0.5 for its separator, article 2 has 1 + 0.2 for standing alone. Article 3 loses
1.2 for the small letter and 1.5 for a word of references (`applies`), article 4 loses 2 for the
word of references that the line before ends with (`under`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.quotations import Quotations
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.text.normalised import View

QUOTED: Final = -3.0
"""What a quoted candidate loses: even with the best signs of a heading (1.5), and with the bonus of
a next number for itself and for the one after it (2 * 0.5), a sequence is better off without it.
"""
# For a heading that the format declares: more than all that words can gain (0.5). A quoted one
# comes to 0 and so misses every bound.
_DECLARED: Final = 2.0
# For a bullet: what is set like a heading otherwise still counts as one (1.5 - 0.6), unless its
# number comes without a bullet as well.
_LISTED: Final = -0.6
# For a mere mention: from the best undeclared weight (1.5) down to below 0.
_NOTE: Final = -2.0
_BRACKET: Final = re.compile(r"[ \t*_]*[\[(]")
# For a number with a paragraph in brackets and no words of its own: `Article 7 (1)` in a list.
_CITES: Final = -2.0
# Paragraphs in brackets: `(3)`, `(1), (2a)`.
_CITED: Final = re.compile(r"(?:\(\w{1,4}\)[ \t]*(?:,[ \t]*(?=\())?)+")
# A part of a unit right behind its number, and what is said of it: `Article IV.B.1: Reworded.`
_PART: Final = re.compile(r"[A-Z](?P<more>(?:\.[0-9A-Za-z]{1,3}){0,5})[ \t]*:")
# For a separator: as much as the bonus of a next number, so that of two lines with the same number
# the one that is set like a heading wins.
_SEPARATED: Final = 0.5
# A number alone on its line: nearly as good, since a reference rarely ends its line and sentence.
_ALONE: Final = 0.2
# A comma or semicolon after the number goes on with a sentence whatever else the line has.
_ENUMERATED: Final = -2.0
# A small letter: enough to bring a line without separator below 0 (1 - 1.2); after a separator some
# laws set titles in small letters, so that such a line stays above 1 (1 + 0.5 - 0.4).
_SMALL_LETTER: Final = -1.2
_SMALL_LETTER_SEPARATED: Final = -0.4
# A word of references after a number without separator: below 0 even where the word has a capital
# (German and Vietnamese ones: `§ 5 Absatz 2`, `Điều 5 Luật`).
_REFERENCE_AFTER: Final = -1.5
# A word of references at the end of the line before: below 0 whatever follows the number.
_REFERENCE_BEFORE: Final = -2.0
# A full line before that ends in the middle of a sentence: weaker, since lists and tables end lines
# anywhere; with a separator and a title (1.5) the line may still be a heading of a container (0.5).
_RUNS_ON: Final = -1.0
UNWRAPPED_CHARS: Final = 200
"""Wider texts have whole paragraphs for lines: no sentence runs on to the next line."""
_UNWRAPPED: Final = UNWRAPPED_CHARS + 1
# A space is one where the number stands within its word, see `candidates`.
_SEPARATORS: Final = frozenset(".:-–—)/| ،、．।：")
_SECOND: Final = 2
_TITLE_LINES: Final = 3  # of a chapter, at most
_SAMPLE_CHARS: Final = 40_000  # of the middle of the text, which tell how wide it is
_FULL: Final = 0.6  # of the width: a shorter line ended because its sentence or title did
_SHORT_CHARS: Final = 40  # a shorter line does not wrap, however narrow the text is
_LONGEST_WORD: Final = 24  # characters of the line before in which a word of references is sought
_NEVER: Final = re.compile(r"(?!)")


def line_width(view: View) -> int:
    """The length that only one line in ten exceeds, in the middle of the view: where wrapped text
    wraps.
    """
    text = view.text
    start = max(len(text) // 2 - _SAMPLE_CHARS // 2, 0)
    lengths = sorted(
        len(line) for line in text[start : start + _SAMPLE_CHARS].split("\n") if line.strip()
    )
    return lengths[len(lengths) * 9 // 10] if lengths else 0


def fills_line(line: str, width: int) -> bool:
    """True for a line that is so long that it wraps, in a text of this width."""
    return len(line) >= max(_FULL * width, _SHORT_CHARS) and width <= UNWRAPPED_CHARS


def weigh(
    view: View, candidates: Sequence[Candidate], profile: Profile, quotations: Quotations
) -> None:
    """Give every candidate its weight: from 1 on it reads like a heading, below 0 it does not."""
    width = 0 if all(c.depth for c in candidates) else line_width(view)
    quotes = bool(quotations.spans)
    above: Candidate | None = None
    for candidate in candidates:
        quoted = candidate.quoted or (quotes and quotations.holds(candidate.at))
        weight = 1.0 + QUOTED if quoted else 1.0
        if candidate.depth:
            weight += _DECLARED
        else:
            titled = above is not None and _is_title_between(view, above, candidate)
            weight += _what_follows(candidate, profile) + _what_precedes(
                view, candidate.at, profile, _UNWRAPPED if titled else width
            )
            weight += _what_it_mentions(view, candidate, profile)
            weight += _LISTED if candidate.listed else 0.0
        candidate.weight = weight
        above = candidate
    for candidate in _heads_of_lists(view, candidates) if profile.bare_sections else ():
        candidate.weight += _NOTE


def _heads_of_lists(view: View, candidates: Sequence[Candidate]) -> list[Candidate]:
    """A word alone on its line above the first of the numbers that it heads, each alone on its own:
    `Article`, then `1.`. Where all units are printed so, the second has the word as well.
    """
    seconds = {c.kind for c in candidates if c.order.whole == _SECOND}
    return [
        c
        for c in candidates
        if c.number == "1"
        and c.role is UnitRole.BASIC
        and not c.rest
        and not c.depth
        and c.kind not in seconds
        and "\n" in view.text[c.at : c.rest_at].strip()
    ]


def _is_title_between(view: View, above: Candidate, candidate: Candidate) -> bool:
    """True for a chapter's title between its number and the next one, each alone on its line."""
    if above.role is not UnitRole.CONTAINER or above.rest or candidate.rest:
        return False
    lines = view.text[above.rest_at : candidate.at].strip("\n").split("\n")
    return len(lines) <= _TITLE_LINES and all(lines) and lines[0][:1].isupper()


def _what_it_mentions(view: View, candidate: Candidate, profile: Profile) -> float:
    """Sign 5: a line in brackets, which tells where a schedule comes from (`[Section 4(2)]`) or
    what an amendment did (`[Section 9 amended by Act 4.]`); a plural before a single number, which
    heads a list (`Sections`, and `1` on the next line); and the same with a singular in a language
    that heads sections by their numbers alone: `SECTION`, and `1. Short title` on the next line.
    """
    heads_list = profile.bare_sections and candidate.sep[:1] == "." and candidate.rest
    if heads_list and "\n" in view.text[candidate.at : candidate.rest_at]:
        return _NOTE
    if candidate.word is not None and candidate.word.is_plural and candidate.number.isdecimal():
        return _NOTE
    if _cites_part(view, candidate):
        return _NOTE
    opened = _BRACKET.match(view.text, candidate.at)
    if opened is None:
        return 0.0
    # `[Article 5]` is closed right after the number where words follow: `[Article 5] Scope`.
    closed = candidate.sep[:1] in (")", "]") and bool(candidate.rest)
    return 0.0 if closed else _NOTE


def _cites_part(view: View, candidate: Candidate) -> bool:
    """True for `Article IV.B: Deleted`, of a change history; `Article 5.A: Fees` may be one of its
    own, inserted after 5.
    """
    if candidate.sep != "." or view.text[candidate.rest_at - 1] != ".":
        return False
    part = _PART.match(candidate.rest)
    return part is not None and bool(part["more"] or candidate.number.isalpha())


def _what_follows(candidate: Candidate, profile: Profile) -> float:
    """Sign 3: the words after the number, and what separates them from it.

    A paragraph in brackets is part of the number: after `Section 9(3)` nothing may follow, or words
    that go on with a reference.
    """
    rest = candidate.rest
    if not rest:
        return _ALONE
    separated = bool(candidate.sep) and candidate.sep[0] in _SEPARATORS
    if not separated and (cited := _CITED.match(rest)):
        after = rest[cited.end() :]
        if not after or after[0] in ",;" or after[0].islower():
            return _CITES
    weight = _SEPARATED if separated else 0.0
    if rest[0] in ",;":
        return weight + _ENUMERATED
    if rest[0].islower():
        weight += _SMALL_LETTER_SEPARATED if separated else _SMALL_LETTER
    if not separated and _after(profile).match(rest):
        weight += _REFERENCE_AFTER
    return weight


def _what_precedes(view: View, at: int, profile: Profile, width: int) -> float:
    """Sign 4: the line before, where it is not blank. `width` is that of the text."""
    before = view.line_before(at)
    if not before:
        return 0.0
    if _before(profile).search(before[-_LONGEST_WORD:]):
        return _REFERENCE_BEFORE
    runs_on = before[-1].isalnum() or before[-1] in ",("
    full = runs_on and fills_line(before, width) and not before.isupper()
    return _RUNS_ON if full else 0.0


@cache
def _after(profile: Profile) -> re.Pattern[str]:
    """Words that go on with a reference, at the start of a text: `of`, `Absatz`."""
    words = "|".join(re.escape(w) for w in profile.reference_after)
    end = "" if profile.unspaced else r"(?!\w)"
    return re.compile(rf"(?:{words}){end}") if words else _NEVER


@cache
def _before(profile: Profile) -> re.Pattern[str]:
    """Words that come before a reference, at the end of a text: `pursuant to`, `gemäß`."""
    words = "|".join(re.escape(w) for w in profile.reference_before)
    start = "" if profile.unspaced else r"(?:^|[\s(])"
    return re.compile(rf"{start}(?:{words})$") if words else _NEVER
