"""Units that their number alone heads: `1. Introduction`, `2.1. General rules`, `A.4. Voting`.

Without a heading word, numbers are all there is, and most lines with a number are items of lists or
figures. The rules, in this order:

1. A line that begins with a number is a candidate, and is weighed by how it is set (`lines`). The
   lines of a table of contents are left out, and a line with the number and title of one is clear
   however it is set: `837.010 Pilots. No person shall ...`.
2. A candidate is good if it weighs `ENOUGH`, with `_NEIGHBOUR` more where the number before it (or
   the unit that it is the first of) is there as well, and as much less where it is not. So a clear
   heading counts wherever it stands, a less clear one only in its place.
3. Where numbers start again under headings (`runs`), those runs are the units.
4. Else the main body is asked first, which ends where annexes start: a longer list in an appendix
   is none of its sections. A line that only mentions an annex ends nothing, so the body goes on
   where the next number follows.
5. Where Roman numbers form a run above all others, those are the units, and where the others count
   through the whole text, their groups: `I. General`, 1, 2, `II. Fees`, 3.
6. Else it is the rising sequence with the highest sum of weights. Letters between two numbers that
   follow each other are a list in the first, and so is a run from 1 after which the numbers go on
   where they stood before it (`insets`).
7. Where there is none, numbers alone on their lines are asked (`runs`).
8. What the sequence lacks is sought among the less clear lines (`gaps`).
9. Numbers that run from 1 a second time without a heading are units as well (`restarts`).

Example: of the lines

    1. Introduction         unit
    2. Scope                unit
    2.1. Who is bound       unit below 2
       3 apples and pears   text: indented, and no separator
    2.2. Exceptions         unit below 2
    3. Duties               unit

five are units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.contents import (
    headed_contents,
    plain_title,
    repeated_lists,
    same_title,
)
from adapters.readers.lines.quotations import Quotations
from adapters.readers.lines.ranks import BASIC_RANK
from adapters.readers.numbered.gaps import Pair, filled, without_list
from adapters.readers.numbered.insets import runs_left_out, without_insets
from adapters.readers.numbered.lines import follows, lone_numbers, numbered_lines, weigh_lines
from adapters.readers.numbered.margins import numbers_behind_notes
from adapters.readers.numbered.restarts import of_one_run, with_restarts
from adapters.readers.numbered.runs import counted_alone, runs_under_headings
from adapters.readers.numbers.numbering import roman_value
from adapters.readers.numbers.paths import STEP, Path, path_of
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.text.normalised import View

ENOUGH: Final = 1.5
"""What a candidate has to weigh, `_NEIGHBOUR` included."""
_LISTED: Final = 2.5  # what a line weighs that a table of contents lists
_NEIGHBOUR: Final = 0.5  # for the number before being there; as much is lost where it is not
_FAR: Final = 20  # numbers: so many sections are rarely repealed at the end of an act
_MENTIONS: Final = 8  # heads of annexes that are asked whether the main part ends there
_BELOW: Final = 8  # characters from the title of a group to its first section: blank lines
_SHORT_RUN: Final = 2  # so many Roman numbers may be letters or items of a list


class Numbered(NamedTuple):
    """The sections that numbers alone head, in order, the headings of their runs and the spans of
    tables of contents.
    """

    sections: list[Candidate]
    headings: list[Candidate]
    contents: list[tuple[int, int]]
    left_out: list[Candidate]  # clear lines that count on where the sequence does not, see `insets`


def find_numbered(
    view: View,
    profile: Profile,
    quotations: Quotations,
    allowed: Callable[[Sequence[Candidate]], list[Candidate]],
    annexes: Sequence[int] = (),
) -> Numbered:
    """Find the sections, none where there is no plausible sequence.

    Of all lines with a number, `allowed` gives those that may be sections. `annexes` are the
    offsets of their heads, sorted.
    """
    every_line = allowed(numbered_lines(view))
    contents = headed_contents(view, profile, every_line) or repeated_lists(every_line)
    items = [c for c in every_line if not _is_within(c.at, contents)]
    annexes = [at for at in annexes if not _is_within(at, contents)]
    weigh_lines(view, items, quotations)
    _raise_listed(items, [c for c in every_line if _is_within(c.at, contents)])
    items = _of_one_style(items)
    good = _good(items)
    runs = runs_under_headings(
        view, [item for item, _ in good], annexes[0] if annexes else len(view.text)
    )
    chosen: list[Pair] = [(item, (item.order.whole,)) for _, run in runs for item in run]
    if not runs:
        noted = allowed(numbers_behind_notes(view, profile))
        every = [(item, path_of(item.number)) for item in items]
        chosen = _in_body(view, every, good, annexes, noted)
    if not chosen:
        chosen = counted_alone(view, allowed(lone_numbers(view)))
    for item, path in chosen:
        item.rank = BASIC_RANK + len(path)
    headings = [heading for heading, _ in runs] or _roman_groups(items, chosen)
    return Numbered(
        [item for item, _ in chosen],
        headings,
        contents,
        runs_left_out(items, good, chosen) if not runs else [],
    )


def _raise_listed(items: Sequence[Candidate], listed: Sequence[Candidate]) -> None:
    """Rule 1: make clear what a table of contents lists with the same number and title."""
    titles = {c.number: plain_title(c.rest) for c in listed}
    for item in items:
        title = titles.get(item.number)
        if title and item.weight > 0 and same_title(plain_title(item.rest), title):
            item.weight = max(item.weight, _LISTED)


def _of_one_style(items: list[Candidate]) -> list[Candidate]:
    """The lines but those that have a number without a separator where most clear ones have one:
    the year or the page of a running head.
    """
    whole = [bool(c.sep) for c in items if c.weight >= ENOUGH and "." not in c.number]
    if 2 * sum(whole) <= len(whole):
        return items
    return [c for c in items if c.sep or "." in c.number]


def _good(items: Sequence[Candidate]) -> list[Pair]:
    """Rule 2: the candidates that are clear enough, alone or by the number before them."""
    paths = [path_of(item.number) for item in items]
    seen = {path for path, item in zip(paths, items, strict=True) if item.weight >= ENOUGH}
    good = []
    for item, path in zip(items, paths, strict=True):
        if item.weight + (_NEIGHBOUR if follows(path, seen) else -_NEIGHBOUR) >= ENOUGH:
            good.append((item, path))
            seen.add(path)
    return good


def _is_within(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= at < stop for start, stop in spans)


def _in_body(
    view: View,
    items: Sequence[Pair],
    good: Sequence[Pair],
    annexes: Sequence[int],
    noted: Sequence[Candidate],
) -> list[Pair]:
    """Rules 4 to 6, 8 and 9. `noted` are the numbers behind margin notes, only filled in."""
    chosen, end = _main_part(good, annexes)
    chosen = of_one_run(view, chosen, [pair for pair in good if end is None or pair[0].at < end])
    chosen = without_list(items, _without_stray(chosen))
    spare = [*items, *((item, path_of(item.number)) for item in noted)]
    return with_restarts(view, filled(sorted(spare, key=_place), chosen), good, end)


def _place(pair: Pair) -> int:
    return pair[0].at


def _main_part(good: Sequence[Pair], annexes: Sequence[int]) -> tuple[list[Pair], int | None]:
    """Rule 4: the sequence of the main part, and where that ends."""
    for annex in annexes[:_MENTIONS]:
        chosen = _chosen([pair for pair in good if pair[0].at < annex])
        after = next((path for item, path in good if item.at > annex), None)
        if len(chosen) < _SHORT_RUN or _goes_on(chosen[-1][1], after):
            continue
        return chosen, annex
    return _chosen(good), None


def _goes_on(before: Path, after: Path | None) -> bool:
    """True where the whole number after an annex head is the next one: the line is a mention."""
    return after is not None and after[0] // STEP == before[0] // STEP + 1


def _without_stray(chosen: list[Pair]) -> list[Pair]:
    """The sequence without a single last number far beyond the one before: a figure in a note.

    A jump is followed where the numbers go on from there.
    """
    if len(chosen) > _SHORT_RUN and chosen[-1][1][0] - chosen[-2][1][0] > _FAR * STEP:
        return chosen[:-1]
    return chosen


def _chosen(good: Sequence[Pair]) -> list[Pair]:
    """Rules 5 and 6: the run I, II, III ... where it begins before all other numbers, else those.

    If the others are more and count through the whole document, people cite them, and the Roman
    numbers only group them.
    """
    romans: list[Pair] = []
    for item, _ in good:
        if item.number.isalpha() and roman_value(item.number) == len(romans) + 1:
            romans.append((item, (len(romans) + 1,)))
    run = len(romans) > _SHORT_RUN
    others = _without_lists([pair for pair in good if not _is_roman(pair[0], run=run)])
    counts_through = [path for _, path in others if len(path) == 1] == [
        (STEP * i,) for i in range(1, len(others) + 1)
    ]
    is_above = run and (not others or romans[0][0].at < others[0][0].at)
    return romans if is_above and not (counts_through and len(others) > len(romans)) else others


def _roman_groups(items: Sequence[Candidate], chosen: Sequence[Pair]) -> list[Candidate]:
    """Rule 5: the run of Roman numbers that groups sections which count through the whole text,
    each right above one.
    """
    sections = [item.at for item, path in chosen if len(path) == 1]
    if any(not item.number[0].isdigit() for item, _ in chosen):
        return []
    groups: list[Candidate] = []
    for item in items:
        if not item.number.isalpha() or roman_value(item.number) != len(groups) + 1:
            continue
        below = next((at for at in sections if at > item.at), -1)
        titled = item.rest[:1].isupper() and item.rest[-1] not in ".;:,"
        if titled and 0 < below - item.rest_at - len(item.rest) <= _BELOW:
            groups.append(item)
    if len(groups) <= _SHORT_RUN or not sections or groups[0].at > sections[0]:
        return []
    for group in groups:
        group.role, group.kind = UnitRole.CONTAINER, "heading"
    return groups


def _without_lists(good: Sequence[Pair]) -> list[Pair]:
    """Rule 6: the heaviest rising sequence, without letters that are a list in one of its units.

    Those are letters after which the numbers go on: 3, A, B, 4, 5.
    """
    good = without_insets(good)
    chosen = _rising(good)
    lettered = [item.at for item, _ in chosen if not item.number[0].isdigit()]
    if not lettered:
        return chosen
    counted = _rising([pair for pair in good if pair[0].number[0].isdigit()])
    before = [path[0] for item, path in counted if item.at < lettered[0]]
    after = [path[0] for item, path in counted if item.at > lettered[0]]
    goes_on = bool(before and after) and after[0] == before[-1] + STEP and len(after) > 1
    return counted if goes_on else chosen


def _is_roman(item: Candidate, *, run: bool) -> bool:
    """True for II and XIV; for I and V, which are letters as well, where there is a Roman run."""
    return item.number.isalpha() and roman_value(item.number) > 0 and (run or len(item.number) > 1)


def _rising(items: Sequence[Pair]) -> list[Pair]:
    """The sequence of rising numbers with the highest sum of weights.

    A Fenwick tree of maxima over the ranks of numbers gives the best sequence below each number in
    log n steps.
    """
    ranks: dict[Path, int] = {path: i for i, path in enumerate(sorted({path for _, path in items}))}
    size = len(ranks) + 1
    best: list[tuple[float, int]] = [(0.0, -1)] * (size + 1)
    before: list[int] = []
    end = (0.0, -1)
    for j, (item, path) in enumerate(items):
        at, top = ranks[path], (0.0, -1)
        while at > 0:
            top, at = max(top, best[at]), at - (at & -at)
        before.append(top[1])
        mine = (top[0] + item.weight, j)
        end = max(end, mine, key=lambda pair: pair[0])
        at = ranks[path] + 1
        while at <= size:
            best[at] = max(best[at], mine)
            at += at & -at
    chosen, j = [], end[1]
    while j >= 0:
        chosen.append(items[j])
        j = before[j]
    return chosen[::-1]
