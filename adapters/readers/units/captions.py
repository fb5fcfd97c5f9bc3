"""Captions: titles that stand above the number of their unit, as marginal notes do in a text.

    Pojmovi                     caption
    Članak 2.                   number
    U ovom zakonu voda je ...   text

They belong to the unit below and not to the text of the unit before. Nothing in the line itself
tells, so these rules look at the whole document:

1. A line may be a caption if it stands right above a unit's number, reads like a title (short, a
   capital, no stop at its end, no marker of a list), and the text above it has ended: with a stop,
   a heading, or a blank line.
2. Where most of the units that have no title of their own have such a line, these are captions, and
   the titles of their units. One that is the line right above opens its unit.
3. One with more lines, or with blank ones below it, is a heading of its own above the unit. So is
   one in a document where only some units have captions, as Swedish and English laws head several
   sections by one, if blank lines set it apart on both sides.

The single last words of a list or a table are no captions: few units end with such.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from adapters.readers.lines.candidates import Candidate, heading_words, wordless
from adapters.readers.lines.contents import plain_title
from adapters.readers.profiles.base import UnitRole
from adapters.readers.text.normalised import View
from adapters.readers.units.titles import MARKER

_LONGEST: Final = 120  # characters of a caption
_WORDS: Final = 16  # of a caption
_BLANK_LINES: Final = 2  # between a caption and its number, at most
_WRAPPED: Final = 3  # lines of a caption that wraps
_MOST: Final = 0.6  # of the units without titles of their own
_FEWEST: Final = 2
_SENTENCE_WORDS: Final = 5  # a title of so many words that ends with a stop is a sentence
_LETTERS_LISTED: Final = 4  # of a title that a table of contents lists
_PAGE: Final = re.compile(r"[\s.…·_]*(?<=[\s.…·_])\d{1,4}$")
_ENDED: Final = re.compile(r"[.:;!?…。：；」”»)\]][\"'”»*_]*$")
_UNFINISHED: Final = re.compile(r"[.,:;!?…。，、：；،؛\-–—=_/(\[]$")
_LETTERS: Final = re.compile(r"[^\W\d_]{2}")
# What is on a line of its own and no title: a note in brackets, a date, a rule, a row of a table.
_NO_TITLE: Final = re.compile(
    r"[(\[{\d=~|†‡§]|[^\n]*\t|[^\n]*\b\d{1,2}([./-])\d{1,2}\1\d{2,4}|[^\n]*\b\d{4}-\d{2}-\d{2}\b"
)
# A note of an editor: `* Repealed by Act 7`.
_NOTE: Final = re.compile(r"[ \t]*\*(?!\*)[^\n]*[^*\s][ \t]*\Z")
_SIGNS: Final = " \t#>*_\\"  # of Markdown, before the words of a line
_BASIC = UnitRole.BASIC  # looking up a member takes long in an inner loop


class _Caption(NamedTuple):
    """A line that may be the caption of a unit."""

    unit: Candidate
    at: int  # where its line starts
    words: str
    right_above: bool  # it is one line, and the number stands on the next one
    apart: bool  # blank lines stand above and below it, or a heading above


def take_captions(
    view: View,
    units: list[Candidate],
    contents: Sequence[tuple[int, int]] = (),
    apart: Sequence[tuple[int, int]] = (),
) -> list[Candidate]:
    """Give units the captions above them; returns the headings that rule 3 adds.

    The units are in order and have their titles. Those that open with their caption start there
    afterwards. `contents` are the spans of tables of contents, `apart` those that a format sets
    apart: a list of headings is one if its lines end with page numbers.
    """
    listed = _listed(view, contents) | _listed(view, apart, paged=True)
    lists = sorted(end for _, end in (*contents, *apart)) if listed else []
    captions = list(_captions(view, units, listed, lists))
    free = [u for u in units if u.role is _BASIC and not u.depth and not _has_title(u)]
    free_captions = [c for c in captions if not _has_title(c.unit) or c.words == c.unit.title]
    wanted = max(_MOST * len(free), _FEWEST)
    if len(free_captions) >= wanted:
        for caption in free_captions:
            caption.unit.title = caption.words
            if caption.right_above:
                caption.unit.at = caption.at
        return [_heading(view, c) for c in free_captions if not c.right_above]
    several = sum(c.apart for c in captions) >= _FEWEST
    return [
        _heading(view, c)
        for c in captions
        if (several and c.apart) or plain_title(c.words) in listed
    ]


def _listed(view: View, spans: Sequence[tuple[int, int]], *, paged: bool = False) -> frozenset[str]:
    """The plain titles that lines of lists have without the page number; of `paged` ones only those
    that have one.
    """
    lines = (line.strip(_SIGNS) for a, b in spans for line in view.text[a:b].split("\n"))
    titles = (plain_title(_PAGE.sub("", line)) for line in lines if not paged or _PAGE.search(line))
    return frozenset(title for title in titles if len(title) >= _LETTERS_LISTED)


def _has_title(unit: Candidate) -> bool:
    """True for a title of the unit's own, which is no sentence."""
    title = unit.title
    return bool(title) and not (title[-1] in ".。" and len(title.split()) >= _SENTENCE_WORDS)


def _captions(
    view: View, units: Sequence[Candidate], listed: Collection[str], lists: Sequence[int]
) -> list[_Caption]:
    """`lists` are the ends of those that the `listed` titles are from: none stands inside."""
    found = []
    floor = 0  # where the heading before ends
    for unit in units:
        if unit.role is _BASIC and not unit.depth and not unit.quoted:
            i = bisect_right(lists, unit.at)
            floor = max(floor, lists[i - 1]) if i else floor
            caption = _caption_above(view, unit, floor, listed)
            if caption is not None:
                found.append(caption)
        floor = min(max(unit.title_end, unit.at) + 1, len(view.text))
    return found


def _caption_above(
    view: View, unit: Candidate, floor: int, listed: Collection[str]
) -> _Caption | None:
    at, gap = unit.at, 0
    while at > floor and gap <= _BLANK_LINES:
        start = view.text.rfind("\n", 0, at - 1) + 1
        if view.text[start : at - 1].strip():
            break
        at, gap = start, gap + 1
    if at <= floor or gap > _BLANK_LINES:
        return None
    at, words = _words_above(view, at, floor, listed)
    above = view.line_before(at)
    if at < floor or not _reads_like_title(words) or _NOTE.match(view.line(at)):
        return None
    # Where the line above has no stop, only a capital tells that no sentence goes on.
    begins = words[0].isupper() and (at <= floor or _reads_like_title(above))
    if above and not _ENDED.search(above) and not begins:
        return None
    lines_to = view.source.count("\n", view.to_source(at), view.to_source(unit.at))
    return _Caption(unit, at, words, lines_to == 1, gap > 0 and (not above or at <= floor))


def _words_above(view: View, at: int, floor: int, listed: Collection[str]) -> tuple[int, str]:
    """Where a caption starts that ends at `at`, and its words: the lines from the last one up that
    begins with no small letter, or from the one with which a table of contents lists it.
    """
    lines: list[str] = []
    found: tuple[int, str] | None = None
    while at > floor and len(lines) < _WRAPPED:
        at = view.text.rfind("\n", 0, at - 1) + 1
        lines.insert(0, heading_words(view.line(at).strip(_SIGNS)))
        words = " ".join(lines)
        if plain_title(words) in listed:
            return at, words
        if found is None and not lines[0][:1].islower():
            found = at, words
            if not listed:
                break
    return found or (at, " ".join(lines))


def _reads_like_title(line: str) -> bool:
    return (
        0 < len(line) <= _LONGEST
        and len(line.split()) <= _WORDS
        and not line[0].islower()
        and _LETTERS.search(line) is not None
        and _UNFINISHED.search(line) is None
        and MARKER.match(line) is None
        and _NO_TITLE.match(line) is None
    )


def _heading(view: View, caption: _Caption) -> Candidate:
    return wordless(view, caption.at, caption.at, UnitRole.HEADING, "heading", caption.words)
