"""The choice between readings of a text as a whole.

The rules of the steps before choose one thing after the other: the language, then where a table of
contents ends, then the kind of unit that people cite. Each choice is made on what it sees, and a
wrong one at the beginning spoils all that follow. So what they chose is scored as a whole, and
where the score is low, other choices are tried as hypotheses:

1. Another profile: the one that came second, and those whose words head lines that count on.
2. Another kind of unit, of those that have clear headings.
3. No table of contents.

The score of a reading is that of its units (`readings.plausibility`: how their numbers run, how
much of the text they hold, where they begin, how many look like headings), less a share of the
lines that it leaves unexplained: those with a heading word of any language whose numbers count on,
and which are no units, nor in contents or quotations.

What the rules chose has `_PRIOR` more, since they know more than the score does. The best reading
wins; its margin over the second says how sure that is. Another profile than the language's own is
a doubt of its own (`account.find_doubts`). A reading that scores `ENOUGH` is not compared: so no
text that is cut well is cut otherwise, and none is read twice that reads well.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

from adapters.readers.account.choice import Choice
from adapters.readers.account.heading_lines import heading_lines
from adapters.readers.account.other_words import series_of_other_words
from adapters.readers.choosing.readings import plausibility
from adapters.readers.choosing.search import ENOUGH, find_units
from adapters.readers.choosing.source import Found, Source
from adapters.readers.lines.basic_kind import CLEAN_WEIGHT
from adapters.readers.lines.candidates import Candidate, series_of
from adapters.readers.lines.quotations import find_quotations
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.profiles.detection.languages import UNKNOWN
from adapters.readers.profiles.registry import NUMBERED, PROFILES

_PRIOR: Final = 0.1  # the score of what the rules chose is that much better
_UNEXPLAINED: Final = 0.5  # as for two readings of the same candidates, see `readings`
_FEWEST: Final = 3  # units of a reading that is worth a look, and headings of a word or kind
_MOST_PROFILES: Final = 3  # that are tried
_BASIC: Final = UnitRole.BASIC


class _Reading(NamedTuple):
    """A hypothesis, what it found and how well that explains the text."""

    name: str  # as a sentence goes on after "by"
    found: Found
    score: float


def best_reading(first: Found) -> Found:
    """The reading of a text that explains it best, `first` being what the rules chose."""
    source = first.source
    if _units(first) and plausibility(_units(first), len(source.view.text)) >= ENOUGH:
        return first
    lines = _counting_lines(source)
    chosen = _Reading(_name_of(first), first, _score(first, lines) + _PRIOR)
    rivals = [r for r in _rivals(first, lines) if len(_units(r.found)) >= _FEWEST]
    rivals = [r for r in rivals if _starts(r.found) != _starts(first)]
    if not rivals:
        return first
    rival = max(rivals, key=lambda r: r.score)
    best, second = (rival, chosen) if rival.score > chosen.score else (chosen, rival)
    margin = round(best.score - second.score, 3)
    if best is chosen and margin >= first.choice.margin:
        return first
    runner_up = second.name if _units(second.found) else ""
    return best.found._replace(choice=Choice(best.name, runner_up, margin))


def _rivals(first: Found, lines: Sequence[int]) -> Iterator[_Reading]:
    source = first.source
    for profile in _other_profiles(source, lines):
        quotations = find_quotations(source.view.text, profile.quotes)
        found = find_units(
            replace(source, profile=profile, quotations=quotations), trusted_headings=False
        )
        yield _Reading(f"the profile {profile.name!r}", found, _score(found, lines))
    for kind in _other_kinds(first):
        found = find_units(source, trusted_headings=False, kind=kind)
        yield _Reading(f"headings of the kind {kind!r}", found, _score(found, lines))
    if first.selection.contents:
        found = find_units(source, trusted_headings=False, contents=False)
        name = "taking the table of contents for the text"
        yield _Reading(name, found, _score(found, lines))


def _other_profiles(source: Source, lines: Sequence[int]) -> list[Profile]:
    """Hypothesis 1, the likeliest first. None where the profile was named, or none fits: then the
    text is refused with its language.
    """
    if source.detection is None or source.profile in (UNKNOWN, NUMBERED):
        return []
    by_word = Counter(source.view.line(at).split(" ", 1)[0].strip("#*_ ") for at in lines)
    heads = Counter(
        {
            name: sum(by_word[word] for word in words)
            for name, words in _basic_words().items()
            if name != source.profile.name
        }
    )
    own = sum(by_word[word] for word in _shapes(source.profile))
    names = [name for name, count in heads.most_common(_MOST_PROFILES) if count > own]
    second = source.detection.runner_up
    if second and second not in names and second != source.profile.name:
        names.append(second)
    return [PROFILES[name] for name in names[:_MOST_PROFILES]]


@cache
def _basic_words() -> dict[str, frozenset[str]]:
    return {name: _shapes(profile) for name, profile in PROFILES.items()}


def _shapes(profile: Profile) -> frozenset[str]:
    """How the words of a profile for what is cited are printed; it may be one that the text showed
    (`profiles.detection.ad_hoc`).
    """
    return frozenset(
        shape
        for word in profile.words
        if word.role is _BASIC
        for form in word.forms
        for shape in (form, form.upper())
    )


def _other_kinds(first: Found) -> list[str]:
    """Hypothesis 2; what groups the units is none."""
    clear = Counter(
        c.kind
        for c in first.source.candidates
        if c.role is _BASIC and c.weight >= CLEAN_WEIGHT and not series_of(c)
    )
    taken = {u.kind for u in first.selection.units if u.role is UnitRole.CONTAINER}
    taken.add(first.selection.basic_kind)
    return [kind for kind, count in clear.items() if count >= _FEWEST and kind not in taken]


def _counting_lines(source: Source) -> list[int]:
    """The lines with a heading word of any language whose numbers count on."""
    return series_of_other_words(source.view.text, heading_lines(source.view.text).worded)


def _score(found: Found, lines: Sequence[int]) -> float:
    units, text = _units(found), found.source.view.text
    if not units:
        return 0.0
    apart = sorted([*found.selection.contents, *found.source.quotations.spans])
    starts = [start for start, _ in apart]
    heads = {u.at for u in found.selection.units}
    heads |= {text.rfind("\n", 0, u.rest_at) + 1 for u in found.selection.units}
    left = 0
    for at in lines:
        i = bisect_right(starts, at) - 1
        left += at not in heads and not (i >= 0 and at < apart[i][1])
    return plausibility(units, len(text)) - _UNEXPLAINED * left / (left + len(units))


def _units(found: Found) -> list[Candidate]:
    return [u for u in found.selection.units if u.role is _BASIC and not series_of(u)]


def _starts(found: Found) -> set[int]:
    return {u.at for u in _units(found)}


def _name_of(first: Found) -> str:
    if first.choice.chosen == "numbers":
        return "their numbers alone"
    return f"the profile {first.profile.name!r}"
