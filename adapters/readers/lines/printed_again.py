"""Headings that are printed again, so that only one of them begins a unit.

1. Right below itself: a page gives the heading as a link and then as the text has it. The second
   line belongs to the heading.

       Article 1
       Article 1.
       The flag is white.

   So it is where the head of a chapter stands in between: a page cut an act into its articles, and
   wrote above each what it is. The chapter begins at the first line, the article at the second.

       ## Article 3
       Chapter II
       THE FLAG
       Article 3:
       The flag is white.

2. In a table of contents without a heading of its own that lists titles alone, and chapters in
   between: the chapters stand before the first unit, and again where they begin.
3. In a list of chapters or annexes alone, one a line (`Chapter I Scope .... 3`): the list ends
   where its first line comes again, and nearly all of its lines come again in its order. Letters
   of the titles count, not the blanks, dots and page numbers between them, and a title may stand
   below its number. Then it does not matter what the format declares. Where lines of the list were
   not read, it is told by how much wider apart the chapters stand further on, and where its first
   line alone was, by the dots to its page number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.contents import plain_title, same_title
from adapters.readers.profiles.base import UnitRole

_FEWEST: Final = 2
_LINE_CHARS: Final = 260  # of a list, with what wraps: a chapter with its articles is longer
_LEADER: Final = re.compile(r"[.…·_]{4,}[ ]*\d{1,4}\W*$")
_SPREAD: Final = 8  # times the list's length: chapters with their articles
_MOST_CHAPTERS: Final = 3  # a part, a title and a chapter
_TITLE_CHARS: Final = 200  # of a chapter's title
_BLANKS: Final = 8  # characters from a heading to the same below it: its stop, line ends, marks


def without_repeats_below(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, in order, without those that rule 1 leaves out: what comes after a heading
    then comes after the second line. What the format declares stays.
    """
    kept: list[Candidate] = []
    for c in candidates:
        first, chapters = _chapters_above(kept, c)
        if first is not None:
            chapters[0].at = first.at
            c.depth, c.weight = first.depth, max(first.weight, c.weight)
            kept[-len(chapters) - 1 :] = [*chapters, c]
        elif c.depth or not kept or not _is_below(kept[-1], c):
            kept.append(c)
        else:
            first = kept[-1]
            first.title_above = first.rest or first.title_above
            first.rest_at, first.rest, first.sep = c.rest_at, c.rest, c.sep or first.sep
            first.weight = max(first.weight, c.weight)
    return kept


def _chapters_above(
    kept: Sequence[Candidate], second: Candidate
) -> tuple[Candidate | None, Sequence[Candidate]]:
    """The same heading with nothing but those of chapters below it, and these; else None."""
    at = len(kept) - 1
    while at > 0 and len(kept) - at <= _MOST_CHAPTERS and kept[at].role is UnitRole.CONTAINER:
        at -= 1
    chapters = kept[at + 1 :]
    if at < 0 or not chapters or second.role is not UnitRole.BASIC:
        return None, ()
    lines = [kept[at], *chapters, second]
    is_around = (
        _is_named_alike(kept[at], second)
        and not kept[at].rest
        and chapters[0].at - kept[at].rest_at <= _BLANKS
        and all(b.at - a.rest_at <= _TITLE_CHARS for a, b in pairwise(lines))
    )
    return (kept[at], chapters) if is_around else (None, ())


def _is_named_alike(first: Candidate, second: Candidate) -> bool:
    return (first.kind, first.order, first.number) == (second.kind, second.order, second.number)


def _is_below(first: Candidate, second: Candidate) -> bool:
    if not _is_named_alike(first, second):
        return False
    if second.at - first.rest_at > len(first.rest) + _BLANKS:
        return False
    words, again = first.rest.casefold(), second.rest.casefold()
    return not words or not again or words == again


def without_listed_groups(units: Sequence[Candidate]) -> list[Candidate]:
    """The units, in order, without the groups that rule 2 leaves out.

    One chapter alone is no list: a second act may begin with a chapter of the same name.
    """
    first = next((u.at for u in units if u.role is UnitRole.BASIC), 0)
    later: set[tuple[str, str, str]] = set()
    listed: list[Candidate] = []
    for unit in reversed(units):
        if unit.role is UnitRole.CONTAINER and not unit.depth:
            if unit.at < first and _named(unit) in later:
                listed.append(unit)
            later.add(_named(unit))
    dropped: set[int] = set()
    for kind, count in Counter(unit.kind for unit in listed).items():
        if count > 1:
            before = [u for u in units if u.kind == kind and u.at < first and not u.depth]
            dropped |= {u.at for u in before[: _begins_again(before)]} | {
                u.at for u in listed if u.kind == kind
            }
    return [unit for unit in units if unit.at not in dropped]


def listed_groups(units: Sequence[Candidate]) -> list[Candidate]:
    """Rule 3: the chapters and annexes, of units in order, that a list without text names first."""
    first = next((u.at for u in units if u.role is UnitRole.BASIC), 0)
    chapters = [u for u in units if u.role is UnitRole.CONTAINER]
    listed = _listed(chapters, [u for u in chapters if u.at < first])
    if chapters and not listed and _LEADER.search(chapters[0].rest):
        listed = [
            c
            for k, c in enumerate(chapters)
            if c.at < first and any(_is_again(c, d) for d in chapters[k + 1 :])
        ][:1]
    annexes = [i for i, u in enumerate(units) if u.role is UnitRole.ANNEX]
    early = [units[i] for i in annexes if units[i].at < first]
    later = [units[i] for i in annexes if units[i].at > first]
    if early and all(any(_is_again(a, b) for b in later) for a in early):
        listed += early
    elif annexes:
        run = [units[annexes[0]]]
        for i in annexes[1:]:
            if units[i - 1] is not run[-1]:
                break
            run.append(units[i])
        listed += _listed([units[i] for i in annexes], run)
    return listed


def _listed(groups: Sequence[Candidate], run: Sequence[Candidate]) -> list[Candidate]:
    """The groups of a run without text, up to where its first one comes again."""
    again = next((k for k in range(1, len(run)) if _is_again(run[0], run[k])), 0)
    listed = run[:again]
    if len(listed) < _FEWEST:
        return []
    thin = sum(b.at - a.at <= _LINE_CHARS for a, b in pairwise(listed))
    places: list[int] = []
    for group in listed:
        after = places[-1] + 1 if places else again
        places += [k for k in range(after, len(groups)) if _is_again(group, groups[k])][:1]
    if len(places) * 10 < len(listed) * 8:
        return []
    spread = groups[places[-1]].at - groups[places[0]].at
    wide = spread >= _SPREAD * (listed[-1].at - listed[0].at)
    return list(listed) if wide or thin * 10 >= (len(listed) - 1) * 9 else []


def _is_again(listed: Candidate, group: Candidate) -> bool:
    """Whether a group has the name of a listed one; its title may stand on the next line."""
    if (listed.kind, listed.order) != (group.kind, group.order):
        return False
    if listed.number.casefold() != group.number.casefold():
        return False
    words, again = plain_title(listed.rest), plain_title(group.rest)
    if not words or not again:
        return bool(listed.number)
    return same_title(words, again)


def _begins_again(groups: Sequence[Candidate]) -> int:
    """Where the last run of groups begins whose numbers count on; 0 for the first."""
    falls = (i for i in range(len(groups) - 1, 0, -1) if groups[i].order <= groups[i - 1].order)
    return next(falls, 0)


def _named(group: Candidate) -> tuple[str, str, str]:
    return group.kind, group.number, plain_title(group.rest)
