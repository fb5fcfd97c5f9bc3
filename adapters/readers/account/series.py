"""Holes in the series of units, and the lines that could fill them.

The numbers of units are expected to follow each other. Where one is left out, and after the last
one, the text is searched for a line that has the missing number in its first words: below junk of
a conversion, behind a marginal note, after an entity. Such a line is very likely a unit that was
missed, and the place that a person should look at.

1. A hole is a number left out between two units of the same kind and rank, unless a note in
   brackets between them is about it: `[3. Deleted by Act 54.]`, or one heading counts for several:
   `Articles 14-18`, then 19.
2. After the last unit of a series the next number counts only if the one after it stands there as
   well, behind the same word: a list may go on by chance, but rarely twice.
3. Numbers that go on with the last unit's behind its word and a tabulator are units of a column
   that was read row by row with the one beside it, two of them at least.
4. What a table of contents lists is expected as a unit, `50A` as well as 50.
5. Of numbers in parts the last part follows too: between 3.0 and 3.2 a line that begins with 3.1
   and a capital was missed. That no line does is common: sections are repealed or reserved.
6. Where units are headings that the format declares, so is what it declares as deep with a number.
7. Among whole numbers one alone has a part, and stands where the whole number is expected: `§ 4`,
   `§ 5.1`, `§ 6`. The mark of a note that was raised was very likely printed behind the number.
8. Within a unit a line begins with its word, its number and a letter or the like: `Article 3 a
   Fees`, `Article 3/1`, `Article 3 bis` in article 3 were inserted after it, in a form that the
   language's laws were not known to have.

9. Where units have numbers in parts that begin with a letter or a Roman number (`I.2.1`), so is a
   line that begins with another such number and a capital: `I.3.1 Rooms`.
10. After the last unit the next number behind nearly its word is a unit that was misspelt, as
   `Atricle 3`. Further in front its number is left out, and rule 1 finds the hole.

What stands in a quotation, a table of contents or a span that the format sets apart fills nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from itertools import chain, pairwise
from typing import Final, NamedTuple

from adapters.readers.lines.candidates import Candidate, series_of
from adapters.readers.numbers.numbering import last_of
from adapters.readers.profiles.base import UnitRole
from adapters.readers.text.normalised import View

_BASIC: Final = UnitRole.BASIC
_MOST: Final = 40  # numbers of one hole that are looked for
_NOTE: Final = re.compile(  # what an editor says of a number, or of several
    r"\n[ \t]*(?:\[[^\n\]]{1,400}|Sec(?:tion)?s\.?[ ]\d[^\n]{0,40}(?:Reserved|Repealed|RESERVED))"
)
_RANGE: Final = re.compile(r"(?<![\w.])(\d{1,4})(?:[ ]?(?:[-–—]|to|and)[ ]?(\d{1,4}))?(?!\w)")
_MARGIN: Final = 40  # characters of a line before a number that may be a marginal note
_ITEM: Final = re.compile(
    r"\n[^\w\n(\[]*(?:[^\W\d_]{1,12}\.?[ ]|§[ ]?)?(?P<n>\d{1,4}[A-Za-z]{0,2})\.(?!\d)"
)
_SPAN: Final = re.compile(r"\d{1,4}[-–—](?P<last>\d{1,4})")
_LATIN: Final = "bis|ter|quater|quinquies|sexies"
_HEADS: Final = ("", ".", ")", ":", "-", "–", "—")  # what may stand behind the number of a heading
_MARKED: Final = re.compile(r"(?P<n>\d{1,4})\.\d{1,2}")
_IN_CHAPTER: Final = re.compile(r"(?P<chapter>\d{1,4})[-.]\d{1,4}")
_PARTS: Final = re.compile(r"(?P<first>(?:\d{1,3}\.)+)(?P<last>\d{1,3})")
_LETTERED_PARTS: Final = re.compile(r"(?:[IVXLC]{1,7}|[A-Z])(?:\.\d{1,3}){1,4}")
_PARTS_LINE: Final = re.compile(
    rf"\n[ \t>*_\\]*+(?P<n>{_LETTERED_PARTS.pattern}\.?)[*_]*[ \t]+(?=[^\W\d_])[^a-zà-ÿ]"
)
_NUMBERED: Final = re.compile(r"[ \t#>*_\\]*\d{1,3}[.)](?!\d)")
_SPELT: Final = 4  # letters of a word that can be told although it is misspelt
_ALIKE: Final = 0.8
_PREPOSITION: Final = 6  # letters of what stands before a mention: `in`, `under`, `gemäss`
_JUNK: Final = 16  # characters of a line before a word that may be signs, tags or an entity


class Hole(NamedTuple):
    """Numbers that are left out between two units, and where a line has one of them."""

    before: Candidate
    after: Candidate
    found: tuple[int, ...]


def holes_in(
    view: View, units: Sequence[Candidate], is_set_apart: Callable[[int], bool]
) -> Iterator[Hole]:
    """Rule 1, in the order of the text."""
    groups = {u.number for u in units if u.role is UnitRole.CONTAINER}
    for before, after in neighbours(units):
        if after.order.whole <= before.order.whole + 1 or _has_number_of(after, groups):
            continue
        span = _SPAN.fullmatch(before.number)
        if span and int(span["last"]) + 1 == after.order.whole:
            continue
        stood = max(before.order.whole, last_of(before.number))
        left_out = range(stood + 1, after.order.whole)[:_MOST]
        noted = _noted(view, before.at, after.at) if left_out else ()
        missing = [number for number in left_out if number not in noted]
        if missing and not are_letters(before.number, after.number):
            found = _lines_with(view, before.at, after.at, missing)
            found = chain(found, _behind_notes(view, before.rest_at, after.at, before, missing))
            yield Hole(before, after, tuple(at for at in found if not is_set_apart(at)))


def _has_number_of(unit: Candidate, groups: Collection[str]) -> bool:
    """True for the first section of a chapter that gives its sections its own number: `20-200`,
    or `20.01`, in Chapter 20.
    """
    chapter = _IN_CHAPTER.fullmatch(unit.number)
    return chapter is not None and chapter["chapter"] in groups


def marked_numbers(units: Sequence[Candidate]) -> Iterator[Candidate]:
    """Rule 7: the units whose number ends with what may be the mark of a note."""
    cited = [unit for unit in units if unit.role is _BASIC]
    parted = [(unit, m) for unit in cited if (m := _MARKED.fullmatch(unit.number))]
    if not parted or 2 * len(parted) > len(cited):
        return
    known = {unit.number for unit in cited}
    bases = Counter(unit.number.split(".")[0] for unit in cited)
    for unit, m in parted:
        if bases[m["n"]] == 1 and known & {str(int(m["n"]) - 1), str(int(m["n"]) + 1)}:
            yield unit


def neighbours(units: Sequence[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
    """Units that should follow each other: of one series, kind and rank."""
    last: dict[str, Candidate] = {}
    for unit in units:
        if unit.role is not _BASIC or not unit.order.whole:
            continue
        before = last.get(series_of(unit))
        last[series_of(unit)] = unit
        same = before and (before.kind, before.rank) == (unit.kind, unit.rank)
        if before and same and not unit.restarts:
            yield before, unit


def are_letters(before: str, after: str) -> bool:
    """True for letters that follow each other: D after C is not 500 after 100.

    >>> are_letters("C", "D"), are_letters("C", "E"), are_letters("IX", "XI")
    (True, False, False)
    """
    return len(before) == len(after) == 1 and ord(after) == ord(before) + 1


def _noted(view: View, start: int, end: int) -> set[int]:
    """The numbers that notes in brackets are about, ranges whole: `[3. Deleted by Act 54.]`,
    `[Part IV: s. 33-37 deleted.]`.
    """
    numbers: set[int] = set()
    for note in _NOTE.finditer(view.text, start, end):
        for found in _RANGE.finditer(note[0]):
            first, last = int(found[1]), int(found[2] or found[1])
            numbers.update(range(first, min(last, first + _MOST) + 1))
    return numbers


def _lines_with(view: View, start: int, end: int, numbers: Sequence[int]) -> Iterator[int]:
    """The first line in a stretch that has each number, with a separator, in its first words."""
    listed = "|".join(map(str, numbers))
    pattern = re.compile(
        rf"\n(?P<lead>[^\n]{{0,{_MARGIN}}}?)(?<![\w.,/\-(])(?P<n>{listed})[.):—–](?=[ \t\n(]|[A-Z])"
    )
    seen: set[str] = set()
    for found in pattern.finditer(view.text, start, end):
        if found["n"] not in seen:
            seen.add(found["n"])
            yield found.start() + 1


def tail_of(
    view: View, units: Sequence[Candidate], is_set_apart: Callable[[int], bool]
) -> list[int]:
    """Rule 2: where lines begin that go on with the last unit's number."""
    cited = [unit for unit in units if unit.role is _BASIC]
    last = cited[-1] if cited else None
    if last is None or not last.number.isdecimal():
        return []
    end = next((unit.at for unit in units if unit.at > last.at), len(view.text))
    word = word_of(last)
    at = max(last.title_end, last.rest_at) - 1
    found: list[int] = []
    while (place := _next(view, word, last.order.whole + 1 + len(found), at, end)) >= 0:
        if not is_set_apart(place):
            found.append(place)
        at = place
        if len(found) >= _MOST:
            break
    return found if len(found) > 1 else []


def misspelt(
    view: View, units: Sequence[Candidate], is_set_apart: Callable[[int], bool]
) -> list[int]:
    """Rule 10: where that line begins."""
    last = next((unit for unit in reversed(units) if unit.role is _BASIC), None)
    if (
        last is None
        or not last.number.isdecimal()
        or len(word := word_of(last).rstrip(".")) < _SPELT
    ):
        return []
    pattern = re.compile(
        rf"\n[^\w\n]{{0,{_JUNK}}}(?P<word>[^\W\d_]{{{_SPELT},14}})[ ]{{1,2}}"
        rf"{last.order.whole + 1}(?:[.:)]|[ ]?[—–-](?!\d)|[ \t*_]*(?=\n))"
    )
    for found in pattern.finditer(view.text, last.rest_at):
        said, due = found["word"].casefold(), word.casefold()
        if said.startswith(due) or due.startswith(said):
            continue  # `Articles 4`, in a reference
        if SequenceMatcher(None, said, due).ratio() >= _ALIKE and not is_set_apart(
            found.start() + 1
        ):
            return [found.start() + 1]
    return []


def behind_note(
    view: View, units: Sequence[Candidate], is_set_apart: Callable[[int], bool]
) -> list[int]:
    """Rule 11 after the last unit: where those lines begin, of which the first has the next number
    and each other one the number after it.
    """
    last = next((unit for unit in reversed(units) if unit.role is _BASIC), None)
    if last is None or not last.number.isdecimal():
        return []
    due = range(last.order.whole + 1, last.order.whole + 1 + _MOST)
    found: list[int] = []
    for at in _behind_notes(view, last.rest_at, len(view.text), last, due):
        if not view.line(at).rstrip(" .*_").endswith(str(due[len(found)])):
            break
        found.append(at)
    return [at for at in found if not is_set_apart(at)]


def _behind_notes(
    view: View, start: int, end: int, unit: Candidate, numbers: Sequence[int]
) -> Iterator[int]:
    """Where lines begin that have a marginal note, the word of a unit and one of the numbers."""
    word = word_of(unit)
    if not word or not word[0].isalpha():
        return
    pattern = re.compile(
        rf"\n[ \t*_#]*(?P<note>[^\W\d_a-zà-ÿ][^\n.,;:()\d]{{1,{_MARGIN}}})[ \t]+"
        rf"{re.escape(word)}[ \t]{{0,3}}(?P<n>\d{{1,4}})[.]?[ \t*_]*(?=\n[ \t]*(?:\n|[^a-zà-ÿ\n]))"
    )
    for found in pattern.finditer(view.text, start, end):
        above = view.line_before(found.start() + 1)
        last = found["note"].split()[-1]
        mentions = last[:1].islower() and len(last) <= _PREPOSITION
        if int(found["n"]) in numbers and (not above or above[-1] in ".;:") and not mentions:
            yield found.start() + 1


def behind_tabulators(
    view: View, units: Sequence[Candidate], is_set_apart: Callable[[int], bool]
) -> list[int]:
    """Rule 3: where the lines begin that hold such a number."""
    cited = [unit for unit in units if unit.role is _BASIC]
    if not cited or not cited[-1].number.isdecimal() or not (word := word_of(cited[-1])):
        return []
    last = int(cited[-1].number)
    found: list[int] = []
    for m in re.finditer(rf"\t{re.escape(word)}[ \t]{{0,3}}(?P<n>\d{{1,4}})(?!\d)", view.text):
        if int(m["n"]) == last + 1 + len(found) and not is_set_apart(m.start()):
            found.append(view.text.rfind("\n", 0, m.start()) + 1)
    return found if len(found) > 1 else []


def between_parts(
    view: View, units: Sequence[Candidate], is_set_apart: Callable[[int], bool]
) -> list[int]:
    """Rule 5: where such lines begin."""
    found: list[int] = []
    for before, after in pairwise(unit for unit in units if unit.role is _BASIC):
        number = _PARTS.fullmatch(after.number)
        stood = _PARTS.fullmatch(before.number) if number else None
        if number is None or stood is None or stood["first"] != number["first"]:
            continue
        left_out = range(int(stood["last"]) + 1, int(number["last"]))
        if left_out:
            lines = _beginning_with(number["first"]).finditer(view.text, before.rest_at, after.at)
            found += [m.start() + 1 for m in lines if int(m["last"]) in left_out]
    return [at for at in found if not is_set_apart(at)]


@cache
def _beginning_with(first: str) -> re.Pattern[str]:
    lead = rf"\n[^\w\n(\[]*+{re.escape(first)}"
    return re.compile(rf"{lead}(?P<last>\d{{1,3}})[.:]?[ \t]+(?=[^\W\d_])[^a-zà-ÿ]")


def lettered_parts(
    view: View, units: Sequence[Candidate], is_set_apart: Callable[[int], bool]
) -> list[int]:
    """Rule 9: where such lines begin, if most units have such a number."""
    cited = [unit for unit in units if unit.role is _BASIC]
    parted = [unit.number for unit in cited if _LETTERED_PARTS.fullmatch(unit.number)]
    if not parted or 2 * len(parted) < len(cited):
        return []
    known, taken = {unit.number for unit in units}, {unit.at for unit in units}
    depths = {number.count(".") - less for number in parted for less in (0, 1)}
    return [
        at
        for found in _PARTS_LINE.finditer(view.text)
        if (number := found["n"].rstrip(".")) not in known
        and number.count(".") in depths
        and (at := found.start() + 1) not in taken
        and not is_set_apart(at)
    ]


def lettered(
    view: View,
    units: Sequence[Candidate],
    candidates: Sequence[Candidate],
    is_set_apart: Callable[[int], bool],
) -> list[int]:
    """Rule 8: where such lines begin. What was read as one number with the letter, a candidate, has
    been weighed.
    """
    cited = [unit for unit in units if unit.role is _BASIC and unit.number.isdecimal()]
    taken = {view.text.rfind("\n", 0, unit.rest_at) + 1 for unit in units}
    taken |= {c.at for c in candidates if not c.number.isdecimal()}
    starts = [unit.at for unit in cited]
    found: list[int] = []
    for word in {word for unit in cited if (word := word_of(unit))}:
        for line in _with_letter(word).finditer(view.text):
            at = line.start() + 1
            unit = cited[bisect_right(starts, at) - 1] if starts[0] < at else None
            if unit is None or at in taken or unit.number != line["n"] or is_set_apart(at):
                continue
            after = line["after"].lstrip(" \t*_")[:1]
            if after in _HEADS or after.isupper():
                found.append(at)
    return sorted(found)


@cache
def _with_letter(word: str) -> re.Pattern[str]:
    inserted = rf"(?:[.]?[ ]?[^\W\d_ºªş]|/(?:[^\W\d_]|\d{{1,2}})|[ -]?(?:{_LATIN}))(?![\w/])"
    letter = rf"(?P<n>\d{{1,4}}){inserted}(?P<after>[^\n]{{0,6}})"
    return re.compile(rf"\n[^\w\n(\[]{{0,8}}{re.escape(word)}[ \t]{{0,3}}{letter}")


def declared_alike(
    view: View,
    units: Sequence[Candidate],
    depths: Mapping[int, int],
    is_set_apart: Callable[[int], bool],
) -> list[int]:
    """Rule 6: where such lines begin that are no units, as those of a list that begins again."""
    taken = {unit.at for unit in units}
    of_units = [depths[u.at] for u in units if u.role is _BASIC and u.at in depths]
    cited = sum(unit.role is _BASIC for unit in units)
    if not of_units or len(set(of_units)) > 1 or 2 * len(of_units) < cited:
        return []
    return [
        at
        for at, depth in sorted(depths.items())
        if depth == of_units[0]
        and at not in taken
        and _NUMBERED.match(view.text, at)
        and not is_set_apart(at)
    ]


def word_of(unit: Candidate) -> str:
    """The word before the number of a unit, as it is printed."""
    at = unit.label.rfind(unit.number) if unit.number else -1
    return unit.label[:at].strip() if at >= 0 else ""


def _next(view: View, word: str, number: int, start: int, end: int) -> int:
    """Where a line begins with a word and a number, junk of a conversion aside; else -1."""
    lead = rf"[^\w\n]{{0,{_JUNK}}}(?:&\w{{2,8}};)?[^\w\n]{{0,{_JUNK}}}" if word else r"[^\w\n(]*+"
    pattern = rf"\n{lead}{re.escape(word)}[ \t]{{0,3}}{number}(?:[.:)—–]|[ \t]*(?=\n))"
    found = re.compile(pattern).search(view.text, max(start, 0), end)
    return found.start() + 1 if found else -1


def listed_only(
    view: View, units: Sequence[Candidate], contents: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, str]]:
    """Rule 4: the lines of tables of contents whose number no unit has, each with that number.

    A table of which most lines are no units' lists something else.
    """
    numbers = {unit.number.casefold() for unit in units} if contents else set()
    numbers |= set(map(str, _noted(view, 0, len(view.text)))) if contents else set()
    for start, end in contents:
        listed = [
            (found.start() + 1, found["n"]) for found in _ITEM.finditer(view.text, start, end)
        ]
        missing = [(at, number) for at, number in listed if number.casefold() not in numbers]
        if 2 * len(missing) < len(listed):
            yield from missing
