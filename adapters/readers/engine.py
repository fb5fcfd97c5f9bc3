"""The engine: from a text, and the headings that its format declares, to marks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from adapters.readers.lines.attachments import find_attachments
from adapters.readers.lines.bare_numbers import find_numbered
from adapters.readers.lines.candidates import Candidate, find_candidates, offset_of
from adapters.readers.lines.closings import find_conclusions
from adapters.readers.lines.contents import headed_contents
from adapters.readers.lines.headings import (
    declared_depths,
    find_headings,
    headings_as_units,
    headings_beside_units,
    titles_given,
)
from adapters.readers.lines.plan_warnings import warnings_of
from adapters.readers.lines.quotations import Quotations, find_quotations
from adapters.readers.lines.selection import Selection, groups_outside, select_units
from adapters.readers.lines.weights import weigh
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.profiles.registry import NUMBERED, detect_profile, profile_named
from adapters.readers.text.normalised import View
from adapters.readers.units.sub_units import add_sub_units
from adapters.readers.units.titles import set_title
from adapters.readers.units.tree import build_marks, set_ranks
from domain.reading.marks import Granularity, Mark, PlanWarning

_FEW: Final = 2
_BASIC, _CONTAINER = (
    UnitRole.BASIC,
    UnitRole.CONTAINER,
)  # looking up a member takes long in an inner loop


@dataclass(frozen=True, slots=True)
class Structure:
    """The marks of a text, the profile that found them and what a person should look at."""

    marks: tuple[Mark, ...]
    profile: str
    warnings: tuple[PlanWarning, ...] = ()


def mark_text(
    text: str,
    *,
    profile: str | None,
    granularity: Granularity,
    excluded: Sequence[tuple[int, int]] = (),
    headings: Mapping[int, int] | None = None,
    trusted_headings: bool = False,
) -> Structure:
    """Find the units of a text. Offsets, given and returned, are characters of `text`.

    No unit starts in an `excluded` span (tables, code, navigation); the spans are in order and do
    not overlap. `headings` maps the start of a line to the depth, from 1, of the heading that the
    format declares there; they are hints, or with `trusted_headings` real headings that are units
    even where no word of the profile is in them. Raises `DocumentRefused` for an unknown profile.
    """
    view = View(text)
    chosen = profile_named(profile) if profile else detect_profile(view.text)
    quotations = find_quotations(view.text, chosen.quotes)
    depths = declared_depths(view, headings)
    found = _candidates(view, chosen, depths, excluded, quotations)
    selection = select_units(
        found, chosen, headed_contents(view, chosen, [c for c in found if c.role is _BASIC])
    )
    if not selection.basic_kind or (trusted_headings and _is_stray(selection, depths)):
        chosen = _without_words(
            view, chosen, selection, depths if trusted_headings else {}, quotations, excluded
        )
    elif not depths and chosen.bare_sections:
        _add_numbered_body(view, chosen, selection, quotations, excluded)
    elif trusted_headings:
        taken = {u.at for u in selection.units}
        free = titles_given(view, find_headings(view, depths, taken), selection.units)
        selection.units = sorted(
            [*selection.units, *headings_beside_units(free, selection.units)], key=offset_of
        )
    selection.units = _finished(view, selection, chosen)
    marks = build_marks(view, selection.units)
    if granularity is Granularity.SUB:
        marks = add_sub_units(view, marks, selection.units, chosen, quotations)
    begin = view.from_source(excluded[0][1]) if excluded and excluded[0][0] == 0 else 0
    return Structure(tuple(marks), chosen.name, warnings_of(view, selection, quotations, begin))


def _candidates(
    view: View,
    profile: Profile,
    depths: Mapping[int, int],
    excluded: Sequence[tuple[int, int]],
    quotations: Quotations,
) -> list[Candidate]:
    found = _allowed(view, excluded, find_candidates(view, profile))
    for candidate in found:
        candidate.depth = depths.get(candidate.at, 0)
    weigh(view, found, profile, quotations)
    return found


def _is_stray(selection: Selection, depths: Mapping[int, int]) -> bool:
    """True where one or two lines have law words but the document is headed otherwise."""
    units = sum(u.role is _BASIC for u in selection.units)
    return units <= 2 and len(depths) >= 4 * units + 4


def _allowed(
    view: View, excluded: Sequence[tuple[int, int]], candidates: Sequence[Candidate]
) -> list[Candidate]:
    if not excluded:
        return list(candidates)
    starts = [start for start, _ in excluded]
    kept = []
    for candidate in candidates:
        at = view.to_source(candidate.at)
        i = bisect_right(starts, at) - 1
        if i < 0 or at >= excluded[i][1]:
            kept.append(candidate)
    return kept


def _without_words(
    view: View,
    profile: Profile,
    selection: Selection,
    depths: Mapping[int, int],
    quotations: Quotations,
    excluded: Sequence[tuple[int, int]],
) -> Profile:
    """Units of a text without law words: its declared headings, else its numbered lines.

    Returns the profile that fits.
    """
    groups = [u for u in selection.units if u.depth and u.role is _CONTAINER]
    headings = headings_as_units(find_headings(view, depths, {u.at for u in groups}))
    if any(h.role is _BASIC for h in headings):
        selection.units = sorted([*groups, *headings], key=offset_of)
        selection.basic_kind = "section"
        return NUMBERED if any(h.number for h in headings) and not groups else profile
    found = find_numbered(
        view, profile, quotations, partial(_allowed, view, excluded), _first_annex(selection.units)
    )
    if sections := found.sections:
        selection.contents += found.contents
        groups = groups_outside(selection.units, found.contents, sections)
        places = {group.at for group in groups}
        headings = [h for h in found.headings if h.at not in places]
        selection.units = sorted([*groups, *headings, *sections], key=offset_of)
        selection.basic_kind = "section"
    return profile if profile.words else NUMBERED


def _add_numbered_body(
    view: View,
    profile: Profile,
    selection: Selection,
    quotations: Quotations,
    excluded: Sequence[tuple[int, int]],
) -> None:
    """Where few units have a word, or all of them stand in an annex, numbers alone may head those
    of the main body.
    """
    first = next(i for i, u in enumerate(selection.units) if u.role is _BASIC)
    annex = _first_annex(selection.units[:first])
    few = sum(u.role is _BASIC for u in selection.units) <= _FEW
    if annex is None and not few:
        return
    sections, _, contents = find_numbered(
        view, profile, quotations, partial(_allowed, view, excluded), annex
    )
    body = [s for s in sections if annex is None or s.at < annex]
    if len(body) <= _FEW or body[0].at >= selection.units[first].at or body[0].order.whole != 1:
        return
    if (
        annex is None
        and selection.units[first].order.whole == 1
        and body[-1].at < selection.units[first].at
    ):
        return  # a memorandum with numbers before the articles of the act that it explains
    if few:
        selection.units = [u for u in selection.units if u.role is not _BASIC]
    selection.contents = sorted([*selection.contents, *contents])
    selection.units = sorted(
        [*groups_outside(selection.units, contents, body), *body], key=offset_of
    )


def _first_annex(units: Sequence[Candidate]) -> int | None:
    return next((u.at for u in units if u.role is UnitRole.ANNEX), None)


def _finished(view: View, selection: Selection, profile: Profile) -> list[Candidate]:
    starts = {u.at for u in selection.units}
    for unit in selection.units:
        set_title(view, unit, starts, profile)
    attached = find_attachments(view, selection.units, profile)
    units = sorted([*selection.units, *attached], key=offset_of)
    units = sorted([*units, *find_conclusions(view, units, profile)], key=offset_of)
    if any(u.rank for u in units if u.role is _CONTAINER):
        return units
    set_ranks(units, profile)
    return units
