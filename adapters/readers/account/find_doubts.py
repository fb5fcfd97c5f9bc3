"""What makes a cut doubtful as far as a reader can tell: by the lines that nothing explains, the
series of numbers, the language, and how sure the choice between readings was.

What the shape of the plan alone shows is found in `domain.plan.shape`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from adapters.readers.account.account import Facts, account_of, shown
from adapters.readers.account.choice import Choice
from adapters.readers.account.in_groups import counting_in_groups
from adapters.readers.account.series import (
    behind_note,
    behind_tabulators,
    between_parts,
    declared_alike,
    holes_in,
    lettered,
    lettered_parts,
    listed_only,
    marked_numbers,
    misspelt,
    tail_of,
)
from adapters.readers.lines.candidates import Candidate, find_candidates, series_of
from adapters.readers.numbers.numbering import roman_value
from adapters.readers.profiles.base import UnitRole
from adapters.readers.profiles.detection.languages import Detection
from adapters.readers.profiles.registry import PROFILES, profile_named
from adapters.readers.text.normalised import LineCounter, View
from domain.reading.doubts import Doubt, LineAccount
from domain.reading.marks import Mark, PlanWarning

THIN_MARGIN: Final = 0.1
"""Two readings whose scores are closer than this explain a text nearly as well."""
SHOWN_LINES: Final = 20
"""So many unexplained lines are doubts of their own; the account has them all."""
_BASIC: Final = UnitRole.BASIC
_SOLE: Final = re.compile(  # within a line, after the end of a sentence
    r"[^\s\w,;(][ \t]+(?P<article>(?:Άρθρο|ΑΡΘΡΟ)[ ](?:[Μμ]όνο|ΜΟΝΟ)|Article[ ]unique"
    r"|(?:Art[íi]culo|Artigo)[ ][úu]nico|Articolo[ ]unico|Articol(?:ul)?[ ]unic|Einziger[ ]Artikel"
    r"|(?:ART[ÍI]CULO|ARTIGO)[ ][ÚU]NICO|ARTICOLO[ ]UNICO|ARTICLE[ ]UNIQUE)\b"
)
_FIRST_NUMBER: Final = re.compile(r"\d+[A-Za-z]*")  # of a table of contents
_DOUBTED: Final = {
    "unknown-language": "unknown-language",
    "ad-hoc-profile": "unknown-language",
    "ambiguous-list": "ambiguous-list",
    "legacy-encoding": "legacy-letters",
    "number-not-stored": "numbers-not-stored",
}
"""Warnings of readers that are doubts as well, by their codes."""


class Judged(NamedTuple):
    """The account of a text, and the doubts about its cut in the order of the text."""

    account: LineAccount
    doubts: tuple[Doubt, ...]


def judge_lines(
    facts: Facts, marks: Sequence[Mark], choice: Choice, detection: Detection | None
) -> Judged:
    """Account for the lines of a text, and say what is doubtful about its cut.

    `detection` is None where the profile was named.
    """
    view, units = facts.view, facts.units
    apart = sorted([*facts.contents, *facts.quotations, *facts.excluded])
    starts = [start for start, _ in apart]

    def is_set_apart(at: int) -> bool:
        i = bisect_right(starts, at) - 1
        return i >= 0 and at < apart[i][1]

    beside = {c.at for c in facts.candidates if series_of(c)}  # numbered apart: `Geçici Madde 3`

    def is_none_of_them(at: int) -> bool:
        return at in beside or is_set_apart(at)

    holes = list(holes_in(view, units, is_none_of_them))
    lacking = [at for hole in holes for at in hole.found]
    lacking += tail_of(view, units, is_set_apart)
    lacking += behind_tabulators(view, units, is_set_apart)
    lacking += between_parts(view, units, is_set_apart)
    lacking += behind_note(view, units, is_none_of_them)
    lacking += misspelt(view, units, is_set_apart)
    lacking += lettered_parts(view, units, is_set_apart)
    lacking += lettered(view, units, facts.candidates, is_set_apart)
    lacking += counting_in_groups(view, units, is_set_apart)
    lacking += declared_alike(view, units, facts.depths, is_set_apart)
    account = account_of(facts._replace(lacking=lacking), marks)
    counter = LineCounter(view.text)
    lines = [
        (hole.after.at, "number-holes", _hole(view, hole.before, hole.after, hole.found))
        for hole in holes
    ]
    lines += [(at, "number-restarts", reason) for at, reason in _restarts(units)]
    lines += [(at, "number-restarts", reason) for at, reason in _resumed(facts)]
    lines += [(group.at, "number-holes", _lone(group)) for group in _lone_groups(units)]
    lines += [(unit.at, "number-holes", _marked(unit)) for unit in marked_numbers(units)]
    lines += [
        (at, "number-holes", f"The table of contents lists {number}, and no unit has that number.")
        for at, number in listed_only(view, units, facts.contents)
    ]
    doubts = [
        Doubt(code, max(view.line_number(counter.line_of(at) - 1), 1), reason)
        for at, code, reason in sorted(lines)
    ]
    doubts += [
        *_late_start(units, view, facts.contents),
        *unexplained_doubts(account),
        *_thin_margin(choice),
    ]
    doubts += _thin_profile(facts, detection)
    doubts += _sole_article(units, view)
    return Judged(account, tuple(sorted(doubts, key=lambda doubt: (doubt.line, doubt.code))))


def doubts_of_warnings(warnings: Iterable[PlanWarning]) -> Iterator[Doubt]:
    """The doubts among a reader's warnings."""
    for warning in warnings:
        if (code := _DOUBTED.get(warning.code)) is not None:
            yield Doubt(code, warning.line, warning.reason)


def _hole(view: View, before: Candidate, after: Candidate, found: Sequence[int]) -> str:
    reason = f"{after.label} follows {before.label}; numbers in between are missing."
    if not found:
        return reason
    return f"{reason} One of them may be in the line {shown(view, found[0])!r}."


def _marked(unit: Candidate) -> str:
    due = unit.number.split(".")[0]
    return f"{unit.label} stands where {due} is due; its last digits may be the mark of a note."


def _restarts(units: Sequence[Candidate]) -> Iterator[tuple[int, str]]:
    """Where numbers start again right after a unit of their own kind."""
    before: Candidate | None = None
    for unit in units:
        if unit.restarts and before is not None and before.role is _BASIC is unit.role:
            yield (
                unit.at,
                f"Numbers start again at {unit.label.rstrip('.')}, and no heading says why.",
            )
        before = unit


def _resumed(facts: Facts) -> Iterator[tuple[int, str]]:
    """A number that goes on behind one that was printed again: an act approves a treaty in its
    article 1, prints the articles 1 to 9 of the treaty there, and goes on with its own article 2.
    """
    left = sorted(facts.left_out, key=lambda c: c.at)
    first = {unit.number: unit for unit in facts.units if unit.role is _BASIC}
    again: Candidate | None = None
    for candidate in left:
        unit = first.get(candidate.number)
        if unit is None or candidate.kind != unit.kind or unit.at > candidate.at:
            continue
        if again and candidate.order.whole == again.order.whole + 1:
            reason = (
                f"{candidate.label.rstrip('.')} goes on behind {first[again.number].label}; what "
                f"was cut between them may be the units of a text that it holds."
            )
            yield candidate.at, reason
        again = candidate


def _lone_groups(units: Sequence[Candidate]) -> Iterator[Candidate]:
    """A chapter between cited units that is alone of its kind and not the first: more likely a line
    of a list, `Chapter 35` of a budget.
    """
    groups = [unit for unit in units if unit.role is UnitRole.CONTAINER and unit.word]
    begun = next((unit.at for unit in units if unit.role is _BASIC), 0)
    kinds = Counter(group.kind for group in groups)
    for group in groups:
        if kinds[group.kind] == 1 and group.order.whole > 1 and group.at > begun:
            yield group


def _lone(group: Candidate) -> str:
    return f"{group.label.rstrip('.')} is the only {group.kind}; those before it are missing."


def _late_start(
    units: Sequence[Candidate], view: View, contents: Sequence[tuple[int, int]]
) -> Iterator[Doubt]:
    """A first unit that has not the first number, unless a table of contents before it begins with
    that number as well: the chapter of a code that counts from 400.
    """
    first = next((unit for unit in units if unit.role is _BASIC), None)
    if first is None or first.order.whole <= 1:
        return
    for start, end in contents:
        listed = _FIRST_NUMBER.search(view.text, start, end)
        if end <= first.at and listed and listed[0] == first.number:
            return
    if first.number.isdecimal() or roman_value(first.number):
        line = max(view.line_number(LineCounter(view.text).line_of(first.at) - 1), 1)
        yield Doubt("number-holes", line, f"The first unit is {first.label}, not the first number.")


def _sole_article(units: Sequence[Candidate], view: View) -> Iterator[Doubt]:
    """The only article of an act that begins within a line before all units: `... is ratified.
    Article unique`, then a treaty with articles of its own.
    """
    first = next((unit.at for unit in units if unit.role is _BASIC), 0)
    found = _SOLE.search(view.text, 0, first)
    if found is not None:
        line = LineCounter(view.text).line_of(found.start("article")) - 1
        yield Doubt(
            "unexplained-line",
            max(view.line_number(line), 1),
            f"{found['article']!r} stands within this line, so no unit begins there.",
        )


def unexplained_doubts(account: LineAccount) -> Iterator[Doubt]:
    """A doubt for each of the first lines that nothing explains, and one for all others."""
    for line, text in account.unexplained[:SHOWN_LINES]:
        reason = f"Nothing explains why this line is the start of no unit: {text!r}."
        yield Doubt("unexplained-line", line, reason)
    if (more := len(account.unexplained) - SHOWN_LINES) > 0:
        line = account.unexplained[SHOWN_LINES].line
        yield Doubt("unexplained-line", line, f"Nothing explains {more} more lines from here on.")


def _thin_margin(choice: Choice) -> Iterator[Doubt]:
    if choice.runner_up and choice.margin < THIN_MARGIN:
        yield Doubt(
            "thin-margin",
            1,
            f"The units were found by {_reading(choice.chosen)}; by {_reading(choice.runner_up)} "
            f"the text is explained nearly as well ({choice.margin:.2f} less).",
        )


def _thin_profile(facts: Facts, detection: Detection | None) -> Iterator[Doubt]:
    """Where little tells the language and the one that came second finds headings elsewhere, and
    where the headings are those of another language than the text.
    """
    if detection is None:
        return
    told, taken = detection.profile.name, facts.profile.name
    if taken != told and taken in PROFILES and facts.profile.words and facts.units:
        line = LineCounter(facts.view.text).line_of(facts.units[0].at) - 1
        yield Doubt(
            "thin-profile",
            max(facts.view.line_number(line), 1),
            f"The words of the text tell {told}, and its headings {taken}, by which the units were "
            f"cut; name the right one with --profile.",
        )
        return
    if not detection.is_thin:
        return
    known = {candidate.at for candidate in facts.candidates} | {unit.at for unit in facts.units}
    second = find_candidates(facts.view, profile_named(detection.runner_up))
    other = next((c.at for c in second if c.role is _BASIC and c.at not in known), None)
    if other is not None:
        line = LineCounter(facts.view.text).line_of(other) - 1
        yield Doubt(
            "thin-profile",
            max(facts.view.line_number(line), 1),
            f"Little tells the language: {detection.profile.name} was taken, and "
            f"{detection.runner_up}, which came second, finds a heading here; name the right one "
            f"with --profile.",
        )


def _reading(name: str) -> str:
    return {"words": "their heading words", "numbers": "their numbers alone"}.get(name, name)
