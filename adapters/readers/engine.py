"""The line engine: from a text, and the headings that its format declares, to marks.

The steps, in this order:

1. The text is seen in normalised lines (`text.normalised`), which all offsets below refer to.
2. The profile is named by the caller, or detected by the script and the words of the text
   (`profiles.detection`). Everything else depends on it. Where none fits, or the one that fits
   finds no units, the text itself may show its unit word (`profiles.detection.ad_hoc`).
3. Quoted blocks are found (`lines.quotations`), since a quoted heading is no unit.
4. Lines that begin like headings are candidates, but for those in excluded spans; each is weighed
   (`lines.candidates`, `lines.weights`).
5. The units among them are selected (`lines.selection`): the kind that people cite, its sequence,
   and what groups it or is attached.
6. Units without heading words are added where a text has them, by one of three rules:
   a. No kind was found, or only one or two lines have heading words while the document declares
      many headings: its units are those headings, or else the lines that begin with a number.
   b. The units with words explain little of the text: those that numbers alone head are sought
      (`numbered.sections`), and the reading that explains more is chosen (`lines.readings`).
   c. The format's headings are trusted: those that are no units group units, or are the title.
7. Each unit gets its title, also from a caption above its number; attached texts and the signature
   block are found beside the units; then ranks tell which unit holds which (`units.titles`,
   `units.captions`, `lines.attachments`, `lines.closings`, `lines.ranks`).
8. Marks are made, with parents and components (`units.tree`), and below them sub units if they are
   asked for (`units.sub_units`).
9. What was ambiguous becomes warnings (`lines.plan_warnings`). Each line that looks like the start
   of a unit is accounted for, and what is doubtful about the cut is said (`account`).

>>> text = "Chapter I\\nGENERAL\\nArticle 1. Scope\\nThis act ...\\nArticle 2. Terms\\nIn it ...\\n"
>>> found = mark_text(text, profile="en", granularity=Granularity.BASIC)
>>> for mark in found.marks:
...     print(mark.level.value, repr(mark.label), mark.title, mark.parent, mark.start)
container 'Chapter I' GENERAL None 0
basic 'Article 1.' Scope 0 18
basic 'Article 2.' Terms 0 48
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, NamedTuple

from adapters.readers.account.account import Facts, spans_in_view
from adapters.readers.account.find_doubts import doubts_of_warnings, judge_lines
from adapters.readers.lines.attachments import find_attachments
from adapters.readers.lines.candidates import (
    Candidate,
    find_candidates,
    offset_of,
    series_of,
)
from adapters.readers.lines.closings import find_closings, without_explained
from adapters.readers.lines.contents import headed_contents
from adapters.readers.lines.headings import (
    counted_headings,
    declared_depths,
    find_headings,
    headings_as_units,
    headings_beside_units,
    titles_given,
)
from adapters.readers.lines.language_warnings import language_warnings
from adapters.readers.lines.plan_warnings import warnings_of
from adapters.readers.lines.quotations import Quotations, find_quotations
from adapters.readers.lines.readings import Choice, choose, is_series, plausibility
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
from adapters.readers.profiles.detection.languages import UNKNOWN, Detection, detection_of
from adapters.readers.profiles.registry import NUMBERED, profile_named
from adapters.readers.text.furniture import find_furniture
from adapters.readers.text.normalised import Clean, View
from adapters.readers.units.captions import take_captions
from adapters.readers.units.sub_units import add_sub_units
from adapters.readers.units.titles import set_title
from adapters.readers.units.tree import build_marks, set_ranks
from domain.reading.doubts import NO_ACCOUNT, Doubt, LineAccount
from domain.reading.marks import Granularity, Mark, PlanWarning, ReadDocument

_FEW: Final = 2  # units: so few may be mere mentions of another law's
# A document declares so many headings beside few lines with words, and as many more for each line,
# that it is those which divide it.
_HEADINGS_EACH: Final = 4
# Units with words that come to this are not doubted (see `lines.readings`): most of them follow
# each other, begin near the beginning, and hold most of the text. A word that the text itself
# suggested (`AD_HOC`) always is: it may be the one for its chapters.
_ENOUGH: Final = 0.8
_BASIC, _CONTAINER = UnitRole.BASIC, UnitRole.CONTAINER  # looking up a member takes long in a loop


@dataclass(frozen=True, slots=True)
class Structure:
    """The marks of a text, the name of the profile that found them, the warnings, and which reading
    of the text was chosen.
    """

    marks: tuple[Mark, ...]
    profile: str
    warnings: tuple[PlanWarning, ...] = ()
    choice: Choice = Choice("words")
    furniture: tuple[tuple[int, int], ...] = ()  # spans of running heads and page numbers, in order
    account: LineAccount = NO_ACCOUNT
    doubts: tuple[Doubt, ...] = ()  # in the order of the text

    def as_read(self, text: str, reader: str, metadata: Mapping[str, str]) -> ReadDocument:
        """What a reader of that name answers whose text this is the structure of."""
        return ReadDocument(
            text,
            self.marks,
            reader,
            self.profile,
            self.warnings,
            metadata,
            doubts=self.doubts,
            account=self.account,
        )


def mark_text(
    text: str,
    *,
    profile: str | None,
    granularity: Granularity,
    excluded: Sequence[tuple[int, int]] = (),
    headings: Mapping[int, int] | None = None,
    trusted_headings: bool = False,
    clean: Clean | None = None,
    paged: bool = False,
    going_on: Collection[int] = (),
) -> Structure:
    """Find the units of a text. Offsets, given and returned, are characters of `text`.

    No unit starts in an `excluded` span (tables, code, navigation); the spans are in order and do
    not overlap. `headings` maps the start of a line to the depth, from 1, of the heading that the
    format declares there; they are hints, or with `trusted_headings` real headings that are units
    even where no word of the profile is in them. `clean` takes marks of the format out of what is
    matched. A `paged` text may hold the furniture of pages, which is no part of what is matched
    either. Lines `going_on`, from 1, belong to the paragraph of the line before them. Raises
    `DocumentRefused` for an unknown profile.
    """
    view = View(text, clean)
    furniture = find_furniture(view) if paged else []
    if furniture and headings:  # what the format declares is no furniture
        declared = {view.line_of(at) for at in headings}
        furniture = [line for line in furniture if line not in declared]
    spans = view.spans_of(furniture)
    view = view.without_lines(furniture) if furniture else view
    view = view.with_lines_joined(going_on) if going_on else view
    source = _source(view, profile, excluded, headings)
    found = _units(source, trusted_headings=trusted_headings)
    if profile is None and (source.profile is UNKNOWN or not found.selection.basic_kind):
        found = _units_by_the_text_itself(found, trusted_headings=trusted_headings)
    source, selection, chosen, choice = found
    _finish(source.view, selection, chosen)
    marks = build_marks(source.view, selection.units)
    ambiguous: list[int] = []
    if granularity is Granularity.SUB:
        marks, ambiguous = add_sub_units(
            source.view, marks, selection.units, chosen, source.quotations
        )
    warnings = (
        *language_warnings(source.view, source.profile, selection.units),
        *warnings_of(source.view, selection, source.quotations, source.begin, ambiguous),
    )
    judged = judge_lines(_facts(found, len(furniture)), marks, choice, source.detection)
    doubts = sorted([*judged.doubts, *doubts_of_warnings(warnings)], key=lambda d: d.line)
    return Structure(
        tuple(marks), chosen.name, warnings, choice, tuple(spans), judged.account, tuple(doubts)
    )


def _facts(found: _Found, furniture_lines: int) -> Facts:
    """What the account of the lines has to know."""
    source, selection = found.source, found.selection
    return Facts(
        source.view,
        found.profile,
        selection.units,
        source.candidates,
        selection.contents,
        source.quotations.spans,
        spans_in_view(source.view, source.excluded),
        furniture_lines,
        [*selection.repeated, *selection.out_of_sequence],
    )


def _units(source: _Source, *, trusted_headings: bool) -> _Found:
    """Steps 4 to 6."""
    found = _candidates(source)
    source = replace(source, candidates=found)
    listed = headed_contents(source.view, source.profile, [c for c in found if c.role is _BASIC])
    selection = select_units(found, source.profile, listed)
    chosen, choice = _add_units_without_words(source, selection, trusted_headings=trusted_headings)
    return _Found(source, selection, chosen, choice)


def _units_by_the_text_itself(found: _Found, *, trusted_headings: bool) -> _Found:
    """The units where no profile fits: by the word that the text shows, or by the headings that it
    counts if these are more.
    """
    source = found.source
    shown = ad_hoc_profile(source.view.text)
    if shown is not None:
        found = _units(replace(source, profile=shown), trusted_headings=trusted_headings)
    counted = counted_headings(source.view, source.depths)
    if _cited(counted) > _cited(found.selection.units):
        return _Found(source, Selection(counted, "section"), source.profile, Choice("numbers"))
    return found


@dataclass(frozen=True, slots=True)
class _Source:
    """What is known about a text before units are sought in it."""

    view: View
    profile: Profile
    quotations: Quotations
    excluded: Sequence[tuple[int, int]]  # offsets of the text itself, in order
    depths: Mapping[int, int]  # of declared headings, by the view's line starts
    detection: Detection | None = None  # None where the profile was named
    candidates: Sequence[Candidate] = ()  # all that were weighed

    @property
    def begin(self) -> int:
        """Where the text begins in the view, after what is excluded at its top: front matter."""
        if not self.excluded or self.excluded[0][0] > 0:
            return 0
        return self.view.from_source(self.excluded[0][1])

    def allowed(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates that start in no excluded span."""
        if not self.excluded:
            return list(candidates)
        starts = [start for start, _ in self.excluded]
        kept = []
        for candidate in candidates:
            at = self.view.to_source(candidate.at)
            i = bisect_right(starts, at) - 1
            if i < 0 or at >= self.excluded[i][1]:
                kept.append(candidate)
        return kept


class _Found(NamedTuple):
    """The units of a text, the profile and the choice between readings that found them, and what
    they were sought in.
    """

    source: _Source
    selection: Selection
    profile: Profile
    choice: Choice


def _source(
    view: View,
    profile: str | None,
    excluded: Sequence[tuple[int, int]],
    headings: Mapping[int, int] | None,
) -> _Source:
    detection = None if profile else detection_of(view.text)
    chosen = detection.profile if detection else profile_named(str(profile))
    quotations = find_quotations(view.text, chosen.quotes)
    depths = declared_depths(view, headings)
    return _Source(view, chosen, quotations, excluded, depths, detection)


def _candidates(source: _Source) -> list[Candidate]:
    """Step 4."""
    found = source.allowed(find_candidates(source.view, source.profile))
    for candidate in found:
        candidate.depth = source.depths.get(candidate.at, 0)
    weigh(source.view, found, source.profile, source.quotations)
    return without_explained(source.view, found)


def _add_units_without_words(
    source: _Source, selection: Selection, *, trusted_headings: bool
) -> tuple[Profile, Choice]:
    """Step 6. Returns the profile that fits, which is another one where no unit has a word, and the
    choice between the readings.
    """
    depths = source.depths
    if not selection.basic_kind or (trusted_headings and _is_stray(selection, depths)):
        profile = _without_words(source, selection, depths if trusted_headings else {})
        return profile, Choice("numbers")
    if not trusted_headings or not depths:
        return source.profile, _choose_reading(source, selection)
    taken = {u.at for u in selection.units}
    free = titles_given(source.view, find_headings(source.view, depths, taken), selection.units)
    selection.units = _in_order(selection.units, headings_beside_units(free, selection.units))
    return source.profile, Choice("words")


def _is_stray(selection: Selection, depths: Mapping[int, int]) -> bool:
    """True where one or two lines have heading words but the document is headed otherwise."""
    units = sum(u.role is _BASIC for u in selection.units)
    return units <= _FEW and len(depths) >= _HEADINGS_EACH * (units + 1)


def _without_words(source: _Source, selection: Selection, depths: Mapping[int, int]) -> Profile:
    """Step 6a. Units of a text without heading words: its declared headings, else its numbered
    lines.
    """
    view, profile = source.view, source.profile
    groups = [u for u in selection.units if u.depth and u.role is _CONTAINER]
    headings = headings_as_units(find_headings(view, depths, {u.at for u in groups}))
    if any(h.role is _BASIC for h in headings):
        selection.units = _in_order(groups, headings)
        selection.basic_kind = "section"
        return NUMBERED if any(h.number for h in headings) and not groups else profile
    if profile is UNKNOWN:  # numbered lines may be lists in articles whose word is unknown
        return profile
    found = find_numbered(
        view, profile, source.quotations, source.allowed, _annexes(selection.units)
    )
    if sections := found.sections:
        selection.contents += found.contents
        groups = groups_outside(selection.units, found.contents, sections)
        places = {group.at for group in groups}
        headings = [h for h in found.headings if h.at not in places]
        selection.units = _in_order(groups, headings, sections)
        selection.basic_kind = "section"
    return profile if profile.words else NUMBERED


def _choose_reading(source: _Source, selection: Selection) -> Choice:
    """Step 6b. Where the units with words explain little of the text, those that numbers alone head
    are weighed against them, and take their place if they explain more.
    """
    end = len(source.view.text)
    words = [u for u in selection.units if u.role is _BASIC and not series_of(u)]
    if source.profile.name != AD_HOC and plausibility(words, end) >= _ENOUGH:
        return Choice("words")
    annexes = _annexes(selection.units)
    sections, _, contents = find_numbered(
        source.view, source.profile, source.quotations, source.allowed, annexes
    )
    words = [u for u in words if not any(start <= u.at < stop for start, stop in contents)]
    first = words[0].at if words else end
    if len(sections) <= _FEW or sections[0].order.whole != 1 or sections[0].at >= first:
        return Choice("words")
    annex = next((at for at in annexes if at > sections[-1].at), end)
    own = [u for u in words if u.at > annex]
    own = own if is_series(own) else []
    choice = choose([u for u in words if not own or u.at <= annex], sections, end)
    if choice.chosen == "numbers":
        _take_numbers(selection, own, sections, contents)
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


def _annexes(units: Sequence[Candidate]) -> list[int]:
    return [u.at for u in units if u.role is UnitRole.ANNEX]


def _finish(view: View, selection: Selection, profile: Profile) -> None:
    """Step 7. Titles come first: they tell where a heading ends, and so where a signature block may
    begin.
    """
    starts = {u.at for u in selection.units}
    for unit in selection.units:
        set_title(view, unit, starts, profile)
    selection.units = _in_order(selection.units, take_captions(view, selection.units))
    units = _in_order(selection.units, find_attachments(view, selection.units, profile))
    units = _in_order(units, find_closings(view, units, profile))
    if not any(u.rank for u in units if u.role is _CONTAINER):
        set_ranks(units, profile)
    selection.units = units


def _in_order(*parts: Sequence[Candidate]) -> list[Candidate]:
    return sorted(chain.from_iterable(parts), key=offset_of)
