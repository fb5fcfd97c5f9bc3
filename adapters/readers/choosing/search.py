"""One reading of a text: the candidates of a profile, the units among them, and those that have no
heading words. These are steps 4 to 6 of the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from adapters.readers.account.choice import Choice
from adapters.readers.choosing.readings import (
    choose,
    groups_as_units,
    is_series,
    plausibility,
)
from adapters.readers.choosing.source import Found, Source
from adapters.readers.choosing.swallowed import without_swallowing
from adapters.readers.lines.candidates import Candidate, find_candidates, offset_of, series_of
from adapters.readers.lines.closings import without_explained
from adapters.readers.lines.contents import headed_contents, listed_before
from adapters.readers.lines.headings import (
    counted_headings,
    find_headings,
    headings_as_units,
    headings_beside_units,
    headings_between,
    titles_given,
)
from adapters.readers.lines.selection import (
    Selection,
    groups_before,
    groups_outside,
    select_units,
)
from adapters.readers.lines.weights import weigh
from adapters.readers.numbered.sections import find_numbered
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.profiles.detection.ad_hoc import NAME as AD_HOC
from adapters.readers.profiles.detection.ad_hoc import ad_hoc_profile
from adapters.readers.profiles.detection.languages import UNKNOWN
from adapters.readers.profiles.detection.small_letters import in_small_letters
from adapters.readers.profiles.registry import NUMBERED

_FEW: Final = 2  # units: so few may be mere mentions of another law's
# A document declares so many headings beside few lines with words, and as many more for each line,
# that it is those which divide it.
_HEADINGS_EACH: Final = 4
ENOUGH: Final = 0.8
"""Units with words that come to this are not doubted (see `readings`): most of them follow each
other, begin near the beginning, and hold most of the text. A word that the text itself suggested
(`AD_HOC`) always is: it may be the one for its chapters.
"""
_BASIC, _CONTAINER = UnitRole.BASIC, UnitRole.CONTAINER  # looking up a member takes long in a loop


def find_units(
    source: Source, *, trusted_headings: bool, kind: str = "", contents: bool = True
) -> Found:
    """The units of a text as its profile reads it, only those of a `kind` where that is named, and
    without looking for a headed table of contents where `contents` are not wanted.
    """
    candidates = _candidates(source)
    if not any(c.role is _BASIC for c in candidates):
        small = in_small_letters(source.view.text, source.profile)
        if small is not None:
            source = replace(source, profile=small)
            candidates = _candidates(source)
    quotations = without_swallowing(source.quotations, candidates)
    if quotations is not source.quotations:
        source = replace(source, quotations=quotations)
        candidates = _candidates(source)
    source = replace(source, candidates=candidates)
    basic = [c for c in candidates if c.role is _BASIC]
    listed = headed_contents(source.view, source.profile, basic) if contents else []
    asked = [c for c in candidates if not kind or c.role is not _BASIC or c.kind == kind]
    selection = select_units(asked, source.profile, listed)
    chosen, choice = _add_units_without_words(source, selection, trusted_headings=trusted_headings)
    return Found(source, selection, chosen, choice)


def units_by_the_text_itself(found: Found, *, trusted_headings: bool) -> Found:
    """The units where no profile fits: by the word that the text shows, or by the headings that it
    counts if these are more.
    """
    source = found.source
    shown = ad_hoc_profile(source.view.text)
    if shown is not None:
        found = find_units(replace(source, profile=shown), trusted_headings=trusted_headings)
    counted = counted_headings(source.view, source.depths)
    if _cited(counted) > _cited(found.selection.units):
        return Found(source, Selection(counted, "section"), source.profile, Choice("numbers"))
    return found


def _candidates(source: Source) -> list[Candidate]:
    """Step 4."""
    found = source.allowed(find_candidates(source.view, source.profile))
    for candidate in found:
        candidate.depth = source.depths.get(candidate.at, 0)
    weigh(source.view, found, source.profile, source.quotations)
    return without_explained(source.view, found)


def _add_units_without_words(
    source: Source, selection: Selection, *, trusted_headings: bool
) -> tuple[Profile, Choice]:
    """Step 6. Returns the profile that fits, which is another one where no unit has a word, and the
    choice between the readings.
    """
    depths = source.depths
    if not selection.basic_kind or (trusted_headings and _is_stray(selection, depths)):
        return _without_words(source, selection, depths if trusted_headings else {})
    if not trusted_headings or not depths:
        choice = _choose_reading(source, selection)
        between = headings_between(source.view, depths, selection.units)
        selection.units = _in_order(selection.units, between)
        return source.profile, choice
    taken = {u.at for u in selection.units}
    free = titles_given(source.view, find_headings(source.view, depths, taken), selection.units)
    selection.units = _in_order(selection.units, headings_beside_units(free, selection.units))
    return source.profile, Choice("words")


def _is_stray(selection: Selection, depths: Mapping[int, int]) -> bool:
    """True where one or two lines have heading words but the document is headed otherwise."""
    units = sum(u.role is _BASIC for u in selection.units)
    return units <= _FEW and len(depths) >= _HEADINGS_EACH * (units + 1)


def _without_words(
    source: Source, selection: Selection, depths: Mapping[int, int]
) -> tuple[Profile, Choice]:
    """Step 6a. Units of a text without heading words: its declared headings, else its numbered
    lines, else its chapters. A list of more lines than there are chapters is a second reading.
    """
    view, profile, choice = source.view, source.profile, Choice("numbers")
    groups = [u for u in selection.units if u.depth and u.role is _CONTAINER]
    headings = headings_as_units(find_headings(view, depths, {u.at for u in groups}))
    if any(h.role is _BASIC for h in headings):
        selection.units = _in_order(groups, headings)
        selection.basic_kind = "section"
        numbered = any(h.number for h in headings) and not groups
        return NUMBERED if numbered else profile, choice
    if profile is UNKNOWN:  # numbered lines may be lists in articles whose word is unknown
        return profile, choice
    found = find_numbered(
        view, profile, source.quotations, source.allowed, _annexes(selection.units)
    )
    sections = found.sections
    if listed := listed_before(sections, groups := _containers(selection.units)):
        choice = Choice("words", "numbers", 0.0) if len(sections) > len(groups) else choice
        selection.contents, sections = sorted([*selection.contents, *listed]), []
    if sections:
        selection.contents += found.contents
        selection.out_of_sequence += found.left_out
        groups = groups_outside(selection.units, found.contents, sections)
        places = {group.at for group in groups}
        headings = [h for h in found.headings if h.at not in places]
        selection.units = _in_order(groups, headings, sections)
        between = headings_between(view, source.depths, selection.units)
        selection.units = _in_order(selection.units, between)
        selection.basic_kind = "section"
    elif groups:
        groups_as_units(groups, len(view.text))
        selection.basic_kind = next(g.kind for g in groups if g.role is _BASIC)
    return profile if profile.words else NUMBERED, choice


def _choose_reading(source: Source, selection: Selection) -> Choice:
    """Step 6b. Where the units with words explain little of the text, those that numbers alone head
    are weighed against them, and take their place if they explain more.
    """
    end = len(source.view.text)
    words = [u for u in selection.units if u.role is _BASIC and not series_of(u)]
    annexes = _annexes(selection.units)
    attached = bool(words and annexes) and annexes[0] < words[0].at  # what stands before them?
    sure = source.profile.name != AD_HOC and plausibility(words, end) >= ENOUGH
    if sure and not attached:
        return Choice("words")
    found = find_numbered(source.view, source.profile, source.quotations, source.allowed, annexes)
    sections, contents = found.sections, found.contents
    words = [u for u in words if not any(start <= u.at < stop for start, stop in contents)]
    first = words[0].at if words else end
    if len(sections) <= _FEW or sections[0].order.whole != 1 or sections[0].at >= first:
        return Choice("words")
    annex = next((at for at in annexes if at > sections[-1].at), end)
    own = [u for u in words if u.at > annex]
    own = own if is_series(own) else []
    if sure and len(own) < len(words):
        return Choice("words")
    choice = choose([u for u in words if not own or u.at <= annex], sections, end)
    if choice.chosen == "numbers":
        _take_numbers(selection, own, sections, contents)
        selection.out_of_sequence += found.left_out
    return choice


def _take_numbers(
    selection: Selection,
    own: Sequence[Candidate],
    sections: Sequence[Candidate],
    contents: Sequence[tuple[int, int]],
) -> None:
    """Make numbered sections the units. Those with words stay where they are an annex's `own`
    series; right before a section they group sections.
    """
    others = [u for u in selection.units if u.role is not _BASIC]
    groups = groups_before([u for u in selection.units if u.role is _BASIC], sections)
    last = sections[-1].at
    selection.contents = sorted([*selection.contents, *contents])
    units = groups_outside(_in_order(others, groups, own), selection.contents, sections)
    selection.units = _in_order(units, sections)
    selection.out_of_sequence = [c for c in selection.out_of_sequence if c.at > last]


def _cited(units: Sequence[Candidate]) -> int:
    return sum(u.role is _BASIC for u in units)


def _containers(units: Sequence[Candidate]) -> list[Candidate]:
    return [u for u in units if u.role is _CONTAINER]


def _annexes(units: Sequence[Candidate]) -> list[int]:
    return [u.at for u in units if u.role is UnitRole.ANNEX]


def _in_order(*parts: Sequence[Candidate]) -> list[Candidate]:
    return sorted(chain.from_iterable(parts), key=offset_of)
