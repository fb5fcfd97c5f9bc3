"""Tables of contents: headings whose numbers and titles come again later with text below them.

There are four ways to tell one:

1. A heading announces it (`Table of contents`), and the first item listed after it comes again, or
   the second or third, where the text has the first in another form.
2. It is a run of a sequence that is thin (`_THIN_CHARS` from one heading to the next, as a heading
   and its page number take) and repeats another run that is at least twice as long: more than half
   of its numbers are there, and seven in ten of those with the same title.
3. It is a list of thin lines (`_THIN_CHARS`) with rising numbers that all come again later, spread
   over at least `_SPREAD` times as much text, and not one number more: the list is complete. So it
   is told where no heading announces it and no title stands on the lines of the text, but a decree
   of four short articles is no contents list of the rules of twenty articles that it adopts.
4. Behind the last unit a heading announces it, and most lines below end with the number of a page.

Example: `Article 1. Scope`, `Article 2. Terms`, then `Article 1. Scope` and its text, `Article 2.
Terms` and its text. The first two lines are a table of contents.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice, pairwise
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.sequences import Chain
from adapters.readers.numbers.paths import path_of
from adapters.readers.profiles.base import Profile
from adapters.readers.text.normalised import View

_THIN_CHARS: Final = 260  # a heading and its page number; a unit with its text is longer
_PAGE_CHARS: Final = 1_500  # from one line of a table to the next where a page ends in between
_TITLE_CHARS: Final = 120  # from one line of a table to the next, most of them
_SPREAD: Final = 3  # times: a list of titles is much shorter than the text
_FEW: Final = 3  # fewer items are no table
_FIRST: Final = 3  # items of a table of which one has to come again
_MAX_TABLES: Final = 20  # so many headings, and runs at each end, are looked at: time stays linear
_LEAST: Final = 5  # lines with a page
_PAGE: Final = re.compile(r"(?:[.…·_ \t]{3,}|[^\W\d_][ \t]{1,3}|\t)\d{1,4}[ \t]*$")
_PARTED: Final = re.compile(r"\d{1,4}[A-Z]?(?:\.\d{1,4})+")
_WORDS: Final = re.compile(r"[^\W\d_]+")


def find_contents(items: Sequence[Candidate], chain: Chain) -> list[tuple[int, int]]:
    """Way 2: the spans of the view, in order, that only list the units of another run."""
    runs = _runs(chain)
    spans = []
    sizes = [_size(items, run) for run in runs]
    for a, run in enumerate(runs):
        at_an_end = a < _MAX_TABLES or a >= len(runs) - _MAX_TABLES
        if at_an_end and len(run) > 1 and sizes[a] <= _THIN_CHARS:
            others = [i for b, other in enumerate(runs) if sizes[b] > 2 * sizes[a] for i in other]
            if _repeats(items, run, others):
                last = items[run[-1]]
                spans.append((items[run[0]].at, last.rest_at + len(last.rest) + 1))
    return spans


def headed_contents(
    view: View, profile: Profile, items: Sequence[Candidate]
) -> list[tuple[int, int]]:
    """Way 1: the spans of the view from a heading of a table of contents to the last item before
    the first one comes again.
    """
    spans: list[tuple[int, int]] = []
    if not profile.contents or len({(c.kind, c.number) for c in items}) == len(items):
        return spans  # nothing comes again, so nothing was listed before
    headings = islice(heading_of_contents(profile).finditer(view.text), _MAX_TABLES)
    for found in headings:
        after = [c for c in items if c.at > found.start()]
        size = _listed(after) or _listed_last(items[: len(items) - len(after)], after)
        if size > 1:
            last = after[size - 1]
            spans.append((found.start() + 1, last.rest_at + len(last.rest) + 1))
    return spans


def _listed(items: Sequence[Candidate]) -> int:
    """How many items a table lists that begins with the first of them and stands before the text.

    It ends where one of its first items comes again. What a schedule in the table lists begins with
    that number as well: then the table goes on as long as it is thin.
    """
    again = min((_again(items, k) for k in range(min(_FIRST, len(items)))), default=[])
    if not again or again[0] == len(items) or _size(items, range(again[0])) > _THIN_CHARS:
        return 0
    size = again[0]
    for start, end in pairwise(again[:_MAX_TABLES]):
        if end - start < _FEW or _size(items, range(start, end)) > _TITLE_CHARS:
            break
        size = end
    return size


def _again(items: Sequence[Candidate], k: int) -> list[int]:
    """Where one of them comes again; far behind all where it does not."""
    return [i for i, c in enumerate(items) if i > k and _is_same(c, items[k])] or [len(items)]


def _listed_last(before: Sequence[Candidate], items: Sequence[Candidate]) -> int:
    """How many items a table lists that stands behind the text: the thin ones at its start, if the
    first stands `before` the table as well.
    """
    if not items or not any(_is_same(c, items[0]) for c in before):
        return 0
    size = 1
    while size < len(items) and items[size].at - items[size - 1].at <= _THIN_CHARS:
        size += 1
    return size if size > _FEW else 0


def _is_same(a: Candidate, b: Candidate) -> bool:
    return (a.kind, a.number) == (b.kind, b.number)


def repeated_lists(items: Sequence[Candidate]) -> list[tuple[int, int]]:
    """Way 3, for candidates of one kind: the spans of the view, in order."""
    spans: list[tuple[int, int]] = []
    places: dict[str, list[int]] = {}
    for i, c in enumerate(items):
        places.setdefault(c.number, []).append(i)
    start = 0
    for _ in range(_MAX_TABLES):
        end = start + 1
        while end < len(items) and _goes_on_thin(items[end - 1], items[end]):
            end += 1
        run = items[start:end]
        if len({c.number for c in run}) > _FEW and _is_complete(items, run, end, places):
            spans.append((run[0].at, run[-1].rest_at + len(run[-1].rest) + 1))
        start = end
        if start >= len(items):
            break
    return spans


def listed_before(
    sections: Sequence[Candidate], groups: Sequence[Candidate]
) -> list[tuple[int, int]]:
    """Way 4: the span of the view, if all numbered lines only list what the groups hold."""
    last = sections[-1] if len(sections) >= _FEW else None
    if last is None or not groups or last.at > groups[0].at:
        return []
    sizes = sorted(b.at - a.at for a, b in pairwise([*sections, groups[0]]))
    if sizes[len(sizes) * 8 // 10] > _TITLE_CHARS:
        return []
    return [(sections[0].at, last.rest_at + len(last.rest) + 1)]


def _goes_on_thin(before: Candidate, after: Candidate) -> bool:
    """Some tables print a number twice by mistake. Of numbers in parts all parts count."""
    if after.at - before.at > _PAGE_CHARS:
        return False
    if _PARTED.fullmatch(before.number) and _PARTED.fullmatch(after.number):
        return path_of(before.number) <= path_of(after.number)
    return before.order <= after.order


def _is_complete(
    items: Sequence[Candidate],
    run: Sequence[Candidate],
    end: int,
    places: Mapping[str, Sequence[int]],
) -> bool:
    """True if the items from `end` on have the numbers of a run, spread wider, and no next one."""
    if _size(run, range(len(run))) > _THIN_CHARS:
        return False
    found = _longest_rising([_next_places(places[c.number], end) for c in run])
    if len(found) * 10 < len(run) * 9 or items[found[-1]].number != run[-1].number:
        return False
    spread = items[found[-1]].at - items[found[0]].at
    if spread < _SPREAD * (run[-1].at - run[0].at):
        return False
    if "." in run[-1].number:  # which part is next is not to be told: 1.510 after 1.500
        return True
    following = str(run[-1].order.whole + 1)
    return not any(i > found[-1] for i in places.get(following, ()))


def _next_places(places: Sequence[int], end: int) -> Sequence[int]:
    """The first few places from `end` on, the last of them first."""
    first = bisect_left(places, end)
    return places[first : first + _MAX_TABLES][::-1]


def _longest_rising(choices: Sequence[Sequence[int]]) -> list[int]:
    """The longest rising sequence with at most one of each choice, which are in falling order."""
    ends: list[int] = []  # of the best sequence of each length its last place
    before: dict[int, int] = {}
    for places in choices:
        for place in places:
            k = bisect_left(ends, place)
            before[place] = ends[k - 1] if k else -1
            ends[k : k + 1] = [place]
    out, place = [], ends[-1] if ends else -1
    while place >= 0:
        out.append(place)
        place = before[place]
    return out[::-1]


def contents_behind(view: View, profile: Profile, last: Candidate) -> tuple[int, int] | None:
    """Way 4: the span of the view from the heading to the end of the text; None if there is none.

    The list of the chapters at the end of a code would else be the tail of its last article.
    """
    if not profile.contents:
        return None
    for found in islice(
        heading_of_contents(profile).finditer(view.text, last.rest_at), _MAX_TABLES
    ):
        lines = [line for line in view.text[found.end() :].split("\n") if line.strip()]
        pages = sum(_PAGE.search(line) is not None for line in lines)
        if pages >= _LEAST and 2 * pages >= len(lines):
            return (found.start() + 1, len(view.text))
    return None


@cache
def heading_of_contents(profile: Profile) -> re.Pattern[str]:
    """A heading of a table of contents alone on its line: `## Table of contents`, `CONTENTS:`."""
    forms = "|".join(
        re.escape(form)
        for words in profile.contents
        for form in (words, words.upper(), words.title())
    )
    return re.compile(rf"\n[ \t#>*_\\]*(?:{forms})[ \t.:*_]*(?=\n|\Z)")


def _runs(chain: Chain) -> list[list[int]]:
    runs: list[list[int]] = []
    for i in chain.chosen:
        if not runs or i in chain.restarts:
            runs.append([])
        runs[-1].append(i)
    return runs


def _size(items: Sequence[Candidate], run: Sequence[int]) -> int:
    """How long four in five units of a run are at most, in characters: some in a table of contents
    are long, as those before a page break.
    """
    sizes = sorted(items[b].at - items[a].at for a, b in pairwise(run))
    return sizes[len(sizes) * 8 // 10] if sizes else 0


def _repeats(items: Sequence[Candidate], run: Sequence[int], others: Sequence[int]) -> bool:
    """True if most numbers of a run are among the others, and most of those with the same title;
    where there are no titles to compare, if the others end with the run's last number.
    """
    titles = {items[i].number: plain_title(items[i].rest) for i in others}
    shared = [i for i in run if items[i].number in titles]
    pairs = [(plain_title(items[i].rest), titles[items[i].number]) for i in shared]
    titled = [(a, b) for a, b in pairs if a and b]
    if len(shared) * 2 <= len(run):
        return False
    if not titled:
        return max(items[i].order for i in others) == items[run[-1]].order
    return sum(same_title(a, b) for a, b in titled) * 10 >= len(titled) * 7


def plain_title(title: str) -> str:
    """A title to compare: its first letters, without dots to the page number and line breaks."""
    return "".join(_WORDS.findall(unicodedata.normalize("NFC", title).casefold()))[:24]


def same_title(a: str, b: str) -> bool:
    """Whether two plain titles begin alike, as far as the shorter one goes."""
    return a.startswith(b[:12]) or b.startswith(a[:12])
