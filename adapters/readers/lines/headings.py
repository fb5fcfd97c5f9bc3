"""Headings that a format declares (Markdown, HTML, Word) and that have no heading word: those of
policies, and of laws whose parts are titled and not numbered.

Where no unit has a heading word, all such headings are units (`headings_as_units`). Beside units
with heading words they group those, or are the document's title (`headings_beside_units`).

A number at the start of a heading is its number: `## 2.1 Scope`. Example of both uses:

    # Data policy              title: alone on depth 1, and first
    ## 1. Purpose              section 1
    ## 2. Rules                section 2
    ### 2.1. Storage           section 2.1, below section 2 by its depth
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from adapters.readers.lines.candidates import MAX_TITLE_CHARS, Candidate, heading_words
from adapters.readers.lines.ranks import declared_rank
from adapters.readers.numbers.numbering import Order, clean_number, order_of, roman_value
from adapters.readers.profiles.base import UnitRole
from adapters.readers.text.normalised import View

# The number at the start of a heading, with what separates it from the words.
_NUMBER: Final = re.compile(
    r"(?:\(XXXX\)[ ]*)?"  # `(XXXX) 2. Teil`: German consolidated laws
    r"(?P<n>(?:\d+|[A-Z])(?:\.\d+)+[.)]?"  # `2.1`, `2.1.`, `2.1)`, `A.4`
    r"|\d+(?:[ ]?[a-z]|[A-Z]{1,2})?[.)]"  # `2.`, `2a)`, `2 a.`, `230A.`
    r"|(?![A-Z]\.[ ]?[A-Z]\.)(?:"  # of `A. B. Smith` the initials are no number
    r"[A-Z][.)]"  # `B.`
    r"|[IVXLC]+[ ]?[a-z]?[.)])"  # `IV.`, `IV a.`
    r"|[a-z]\))"  # `a)`
    r"[ \t]*[\-–—:]?[ \t]+(?:#{1,6}[ \t]+)?(?=\S)"  # `2. Rules`, `2. - Rules`, `2. ## Rules`
)
# A number that is all of a heading: `II.`, `12`, `3)`.
_SOLE_NUMBER: Final = re.compile(r"(?P<n>(?:\d{1,3}|[IVXLC]{1,8})[.)]?)[ \t*_#]*\Z")
# The first of such numbers behind its word, alone on its line: `Art. Ier.`, `Article premier`.
_FIRST: Final = re.compile(
    r"(?P<word>[^\W\d_]{3,10}\.?)[ ]"
    r"(?P<n>(?:I|1)(?:<sup>)?[ ]?(?:er|re|ro|mo|ᵉʳ|[°ºª])?(?:</sup>)?"
    r"|premi[eè]re?|primero|primeiro|primo|primus|prima|erster?|eerste|first|one|um|uno|unu)"
    r"[ \t*_]*[.:]?[ \t*_#–—-]*\Z",
    re.IGNORECASE,
)
_SECOND: Final = 2
_SECONDS: Final = frozenset(("2", "II", "ii"))
# A number without a separator: `1 Short title`. It is one where the first two headings count so, or
# where such numbers count on from those of the headings before: `§ 3.1 Members`, `4 The board`.
_BARE_NUMBER: Final = re.compile(r"(?P<n>\d{1,3}[A-Z]{0,2})[ \t]+(?=[^\W\d_])")
_AGAIN: Final = 3  # units in which the same heading stands
_NO_TEXT: Final = 16  # characters between headings that have no text between them: blanks, marks
_FIRST_TWO: Final = (["1", "2"], ["1", "1A"])
_FEWEST: Final = 2
_COUNTED: Final = 5  # headings that count from 1: fewer may be a list
_MOST: Final = 0.5  # of the text, from the first of them to the last
_ANY_NUMBER: Final = re.compile(r"[^\W\d_]{0,12}[^\w\n]{0,3}(?P<n>\d{1,3})")  # `Section 3`, `§ 3.1`
_RULE: Final = " \t\r\n-="  # blank lines, and the line below a heading of Markdown
_LEAD: Final = re.compile(r"[ \t#>*_\\]*")  # marks of Markdown before the words
_TITLED: Final = frozenset((UnitRole.CONTAINER, UnitRole.BASIC))  # whose title may stand below
_DECLARED_WEIGHT: Final = 3.0  # as `weights` gives to every declared heading: 1 + 2


def find_headings(view: View, depths: Mapping[int, int], taken: set[int]) -> list[Candidate]:
    """A candidate for every declared heading whose line does not head a unit already.

    `depths` are by line starts of the view, and `taken` are those of units.
    """
    free = [(at, depth) for at, depth in sorted(depths.items()) if at not in taken]
    lines = {at: _words(view, at)[1] for at in sorted(depths)}
    counted = [found["n"] for at, _ in free if (found := _BARE_NUMBER.match(lines[at]))]
    bare = counted[:2] in _FIRST_TWO or (counted and _count_on(list(lines.values())))
    pattern = _BARE_NUMBER if bare else _NUMBER
    found_all = [_heading(view, at, depth, pattern) for at, depth in free]
    for first, second in pairwise(found_all):
        _number_first(view, first, second)
    return found_all


def _number_first(view: View, first: Candidate, second: Candidate) -> None:
    """Give a heading the first number where the next one is nothing but the second: laws print the
    word with the first article alone, `Art. Ier.`, then `II.`.
    """
    if first.number or first.depth != second.depth or second.order.whole != _SECOND:
        return
    start, line = _words(view, first.at)
    if (found := _FIRST.match(line)) is None or second.rest or second.number not in _SECONDS:
        return
    first.label = f"{found['word']} {found['n']}"
    first.number = "1" if second.number.isdecimal() else "I"
    first.order, first.sep = Order(1), "."
    first.rest_at, first.rest = start + found.end(), ""


def _count_on(lines: Sequence[str]) -> bool:
    """True if two or more headings begin with a bare number, each the next one after the number of
    the heading before it, whatever stands before that: `§ 3 Members`, `3.1 Who`, `4 The board`.
    """
    before, found = -1, 0
    for line in lines:
        bare, number = _BARE_NUMBER.match(line), _ANY_NUMBER.match(line)
        if bare and number:
            if int(number["n"]) != before + 1:
                return False
            found += 1
        before = int(number["n"]) if number else before
    return found >= _FEWEST


def _words(view: View, at: int) -> tuple[int, str]:
    """Where the words of a heading start, and its line from there."""
    lead = _LEAD.match(view.text, at)
    start = lead.end() if lead else at
    return start, view.text[start : view.line_end(start)]


def _heading(view: View, at: int, depth: int, pattern: re.Pattern[str]) -> Candidate:
    start, line = _words(view, at)
    found = pattern.match(line) or _NUMBER.match(line) or _SOLE_NUMBER.match(line)
    rest_at = start + (found.end() if found else 0)
    label = found["n"].strip() if found else ""
    number = clean_number(label.rstrip(".)"))
    return Candidate(
        at=at,
        rest_at=rest_at,
        word=None,
        kind="heading",
        role=UnitRole.CONTAINER,
        label=label,
        number=number,
        order=order_of(number) if number[:1].isdigit() else Order(roman_value(number)),
        sep="." if label else "",
        rest=heading_words(view.line(rest_at))[:MAX_TITLE_CHARS],
        quoted=False,
        depth=depth,
        weight=_DECLARED_WEIGHT,
    )


def titles_given(
    view: View, headings: Sequence[Candidate], units: Sequence[Candidate]
) -> list[Candidate]:
    """The headings but those that are only the title of a unit right above them, which gets it:
    `## Chapter I`, then `## General provisions`; `##### § 14`, then `#### The fund`.

    Below what people cite the text has to follow: what stands between an empty article and the next
    one is the heading of a group.
    """
    untitled = {u.at: u for u in units if u.depth and u.role in _TITLED and not u.rest}
    if not untitled:
        return list(headings)
    starts = {h.at for h in headings} | {u.at for u in units}
    kept = []
    for heading in headings:
        unit = None if heading.number else untitled.get(_line_above(view.text, heading.at))
        if unit is None or (unit.role is UnitRole.BASIC and _line_below(view, heading) in starts):
            kept.append(heading)
        else:
            unit.rest = heading.rest
    return kept


def _line_below(view: View, heading: Candidate) -> int:
    """Where the next line of words starts; -1 at the end of the text."""
    at = view.line_end(heading.rest_at) + 1
    while at < len(view.text) and not view.line(at).strip(_RULE):
        at = view.line_end(at) + 1
    return at if at < len(view.text) else -1


def _line_above(text: str, at: int) -> int:
    """Where the last line of words before `at` starts: a rule below a heading is none."""
    start = at
    while start:
        start = text.rfind("\n", 0, start - 1) + 1
        if text[start:at].strip(_RULE):
            break
    return start


def headings_beside_units(
    headings: Sequence[Candidate], units: Sequence[Candidate]
) -> list[Candidate]:
    """The headings beside units with heading words, each with its role.

    The first, if it is alone on depth 1, is the title. One inside an annex is part of its text. One
    as deep as the units or deeper is a heading between them, unless it comes again in several of
    them: `# REPEALED` above the note on it, `### Notes`. A higher one groups them. Where their
    numbers are those that the units lack, they are units: `== §3 Members`, then `== 4 The board`.
    """
    basic, annex_role = UnitRole.BASIC, UnitRole.ANNEX
    floor = max((u.depth for u in units if u.depth and u.role is basic), default=0)
    annexes = [u for u in units if u.role is annex_role]
    kept = []
    numbered = _number_on(headings, units)
    again = _again_within(headings, units, floor)
    for heading in headings:
        if heading.at in again:
            continue
        annex = next((a for a in reversed(annexes) if a.at < heading.at), None)
        if _is_title(heading, headings):
            heading.role = UnitRole.HEADING
        elif annex is not None and (not annex.depth or heading.depth > annex.depth):
            continue  # a heading inside an annex is part of it
        elif numbered and heading.number:
            _set_unit(heading)
        elif heading.depth >= floor:
            heading.role = UnitRole.HEADING
        kept.append(heading)
    return kept


def _again_within(
    headings: Sequence[Candidate], units: Sequence[Candidate], floor: int
) -> set[int]:
    """The headings without a number that stand above a text of their own in units which are cited,
    with the same words in several.
    """
    held: dict[str, list[tuple[int, int]]] = {}  # by their words: where each stands, in which unit
    starts = sorted({u.at for u in units} | {h.at for h in headings})
    by_start = {u.at: u for u in units}
    for heading in headings:
        i = bisect_right(starts, heading.at)
        unit = by_start.get(starts[i - 2]) if i > 1 else None
        thin = i < len(starts) and starts[i] - heading.rest_at <= len(heading.rest) + _NO_TEXT
        if unit and unit.role is UnitRole.BASIC and heading.depth >= floor and not thin:
            held.setdefault("" if heading.number else heading.rest.casefold(), []).append(
                (heading.at, unit.at)
            )
    held.pop("", None)
    return {
        at
        for places in held.values()
        if len({unit for _, unit in places}) >= _AGAIN
        for at, _ in places
    }


def _number_on(headings: Sequence[Candidate], units: Sequence[Candidate]) -> bool:
    """True if headings declared as deep as units have none of their numbers, but the next after one
    of them: § 3, then 4. All units are then ranked by their depths.
    """
    basic = [u for u in units if u.role is UnitRole.BASIC]
    if not all(u.depth for u in basic):
        return False
    depths, taken = {u.depth for u in basic}, {u.number for u in basic}
    numbers = {h.number for h in headings if h.depth in depths and h.number.isdecimal()}
    follows = any(str(int(number) - 1) in taken for number in numbers)
    if not numbers and not any(number.isdecimal() for number in taken):  # `Art. Ier.`, then `II.`
        orders = {u.order.whole for u in basic}
        romans = {h.order.whole for h in headings if h.depth in depths and not h.rest} - {0}
        follows = not romans & orders and any(value - 1 in orders for value in romans)
    if numbers & taken or not follows:
        return False
    for unit in basic:
        unit.rank = declared_rank(unit.depth)
    return True


def _set_unit(heading: Candidate) -> None:
    heading.role = UnitRole.BASIC
    heading.kind = "section"
    heading.rank = declared_rank(heading.depth)


def _is_title(heading: Candidate, headings: Sequence[Candidate]) -> bool:
    return (
        heading is headings[0] and heading.depth == 1 and sum(h.depth == 1 for h in headings) == 1
    )


def headings_as_units(headings: Sequence[Candidate]) -> list[Candidate]:
    """The headings as units. All but the title are cited, those that only group others as well:
    `Section B` and `Section B.1`.
    """
    for heading in headings:
        title = _is_title(heading, headings)
        _set_unit(heading)
        if title:
            heading.role, heading.kind = UnitRole.HEADING, "heading"
    return list(headings)


def counted_headings(view: View, depths: Mapping[int, int]) -> list[Candidate]:
    """The declared headings, where those of one depth count 1, 2, 3 and so on through the text:
    those of that depth as units, higher ones as groups. None where no depth counts so.

    This needs no word of a language: `<h2>Isahluko 1</h2>`, then `<h3>1. Imibandela</h3>`.
    """
    headings = find_headings(view, depths, set())
    best: list[Candidate] = []
    for depth in sorted({h.depth for h in headings}):
        run: list[Candidate] = []
        for heading in headings:
            if heading.depth == depth and heading.number == str(len(run) + 1):
                run.append(heading)
        best = max(best, run, key=len)
    if len(best) < _COUNTED or best[-1].at - best[0].at < _MOST * len(view.text):
        return []
    floor = best[0].depth
    kept = [h for h in headings if h.depth < floor or (h.depth == floor and h.number[:1].isdigit())]
    for heading in kept:
        if _is_title(heading, headings):
            heading.role = UnitRole.HEADING
        elif heading.depth == floor:
            _set_unit(heading)
    return kept


def outside_quotations(
    view: View, depths: Mapping[int, int], quoted: Sequence[tuple[int, int]]
) -> dict[int, int]:
    """The depths but those of headings in a quotation that a heading opens and further lines hold:
    `##### „§ 2`, then its title and text, in a law that amends another one.

    A heading that is in quotation marks itself stays one.
    """
    opened = {start: end for start, end in quoted if end > view.line_end(start)} if depths else {}
    if not opened:
        return dict(depths)
    kept: dict[int, int] = {}
    until = 0
    for at, depth in sorted(depths.items()):
        until = max(until, opened.get(_words(view, at)[0], 0))
        if at >= until:
            kept[at] = depth
    return kept


def headings_between(
    view: View, depths: Mapping[int, int], units: Sequence[Candidate]
) -> list[Candidate]:
    """The declared headings without a number that stand as high as the highest of the units, behind
    the first of them and before an annex, where the format declares every unit: `1 Name`, `2
    Bodies`, `Closing provisions`. What stands below one is no text of the unit before it.
    """
    basic = [u for u in units if u.role is UnitRole.BASIC]
    declared = [depths.get(u.at, 0) for u in basic]
    depth = min(declared, default=0)
    if not depth or declared.count(depth) < _FEWEST:
        return []
    end = next((u.at for u in units if u.role is UnitRole.ANNEX), len(view.text))
    taken = {u.at for u in units}
    free = [at for at, d in depths.items() if d == depth and at not in taken]
    behind = dict.fromkeys((at for at in free if basic[0].at < at < end), depth)
    found = find_headings(view, behind, set())
    found = [h for h in titles_given(view, found, units) if not h.number and h.rest]
    for heading in found:
        heading.role = UnitRole.HEADING
    return found


def declared_depths(view: View, headings: Mapping[int, int] | None) -> dict[int, int]:
    """The depths of declared headings, by the view's line starts instead of the text's. A heading
    whose line the view leaves out is none.
    """
    starts = ((view.from_source(at), at, depth) for at, depth in (headings or {}).items())
    return {start: depth for start, at, depth in starts if view.to_source(start) == at}
