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
      many headings: its units are those headings, or else the lines that begin with a number, or
      else its chapters or parts.
   b. The units with words explain little of the text: those that numbers alone head are sought
      (`numbered.sections`), and the reading that explains more is chosen (`choosing.readings`).
   c. The format's headings are trusted: those that are no units group units, or are the title.
   d. Where what was found explains the text badly, other profiles, kinds and contents are tried as
      hypotheses, and one score picks (`choosing.whole`).
7. Each unit gets its title, also from a caption above its number; attached texts and the signature
   block are found beside the units; then ranks tell which unit holds which (`units.titles`,
   `units.captions`, `lines.attachments`, `lines.closings`, `lines.ranks`), and the preamble in
   front of them (`units.openings`).
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

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from adapters.readers.account.account import Facts, spans_in_view
from adapters.readers.account.choice import Choice
from adapters.readers.account.find_doubts import doubts_of_warnings, judge_lines
from adapters.readers.choosing.search import find_units, units_by_the_text_itself
from adapters.readers.choosing.source import Found, Source
from adapters.readers.choosing.whole import best_reading
from adapters.readers.lines.attachments import find_attachments
from adapters.readers.lines.candidates import Candidate, offset_of
from adapters.readers.lines.closings import find_closings, name_groups
from adapters.readers.lines.contents import contents_behind
from adapters.readers.lines.headings import declared_depths, outside_quotations
from adapters.readers.lines.language_warnings import language_warnings
from adapters.readers.lines.plan_warnings import warnings_of
from adapters.readers.lines.printed_again import listed_groups, without_listed_groups
from adapters.readers.lines.quotations import find_quotations
from adapters.readers.lines.selection import Selection
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.profiles.detection.languages import UNKNOWN, detection_of
from adapters.readers.profiles.registry import profile_named
from adapters.readers.text.furniture import find_furniture
from adapters.readers.text.normalised import Clean, View
from adapters.readers.units.captions import take_captions
from adapters.readers.units.openings import find_openings
from adapters.readers.units.sub_units import add_sub_units
from adapters.readers.units.titles import set_title
from adapters.readers.units.tree import build_marks, set_ranks
from domain.reading.doubts import NO_ACCOUNT, Doubt, LineAccount
from domain.reading.marks import Granularity, Mark, PlanWarning, ReadDocument

_CONTAINER = UnitRole.CONTAINER  # looking up a member takes long in a loop


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
    found = find_units(source, trusted_headings=trusted_headings)
    if profile is None and (source.profile is UNKNOWN or not found.selection.basic_kind):
        found = units_by_the_text_itself(found, trusted_headings=trusted_headings)
    if not (trusted_headings and source.depths):
        found = best_reading(found)
    source, selection, chosen, choice = found
    _finish(source, selection, chosen)
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


def _facts(found: Found, furniture_lines: int) -> Facts:
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
        source.depths,
    )


def _source(
    view: View,
    profile: str | None,
    excluded: Sequence[tuple[int, int]],
    headings: Mapping[int, int] | None,
) -> Source:
    top = excluded[0][1] if excluded and excluded[0][0] == 0 else 0  # front matter is in English
    detection = None if profile else detection_of(view.text[view.from_source(top) if top else 0 :])
    chosen = detection.profile if detection else profile_named(str(profile))
    quotations = find_quotations(view.text, chosen.quotes)
    depths = declared_depths(view, headings)
    depths = outside_quotations(view, depths, quotations.spans)
    return Source(view, chosen, quotations, excluded, depths, detection)


def _finish(source: Source, selection: Selection, profile: Profile) -> None:
    """Step 7. Titles come first: they tell where a heading ends, and so where a signature block may
    begin.
    """
    view = source.view
    if listed := listed_groups(selection.units):
        names = {u.at for u in listed}
        selection.units = [u for u in selection.units if u.at not in names]
        selection.contents = sorted(
            [*selection.contents, (listed[0].at, view.line_end(listed[-1].rest_at))]
        )
    selection.units = without_listed_groups(selection.units)
    name_groups(view, selection.units)
    starts = {u.at for u in selection.units}
    for unit in selection.units:
        set_title(view, unit, starts, profile)
    apart = spans_in_view(view, source.excluded)
    captions = take_captions(view, selection.units, selection.contents, apart)
    selection.units = _in_order(selection.units, captions)
    units = _in_order(selection.units, find_attachments(view, selection.units, profile))
    units = _in_order(units, find_closings(view, units, profile))
    units = _without_contents_behind(view, selection, units, profile)
    openings = find_openings(view, units, profile, selection.contents, source.begin)
    units = _in_order(source.allowed(list(openings))[:1], units)
    if not any(u.rank for u in units if u.role is _CONTAINER):
        set_ranks(units, profile)
    selection.units = units


def _without_contents_behind(
    view: View, selection: Selection, units: list[Candidate], profile: Profile
) -> list[Candidate]:
    """The units without those that a table of contents behind the last one lists."""
    last = next((unit for unit in reversed(units) if unit.role is UnitRole.BASIC), None)
    behind = contents_behind(view, profile, last) if last else None
    if behind is None:
        return units
    selection.contents = sorted([*selection.contents, behind])
    units = [unit for unit in units if unit.at < behind[0]]
    units[-1].until = behind[0]
    return units


def _in_order(*parts: Sequence[Candidate]) -> list[Candidate]:
    return sorted(chain.from_iterable(parts), key=offset_of)
