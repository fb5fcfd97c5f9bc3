"""What a page shows of a document or a unit, and under which permanent link each stands:
`/CODE` and `/CODE/art_5`, with `as-of`, `version`, or `from` and `to`, and `known-at`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode
from uuid import UUID

from domain.errors import UnitNotFound
from domain.reading.address import document_code_of
from domain.units.answers import DifferenceAnswer
from domain.units.reader import UnitReader
from domain.units.records import DocumentText, UnitText, VersionFacts

DEEPEST: Final = 4


def permalink(place: str, **asked: object) -> str:
    """The link of a document's code or a unit's address.

    >>> permalink("vn.91!annex_1~art_5__para_2", version=2)
    '/vn.91%21annex_1/art_5__para_2?version=2'
    >>> permalink("house-rules")
    '/house-rules'
    """
    head, _, steps = place.partition("~")
    path = f"/{quote(head, safe='')}" + (f"/{quote(steps, safe='')}" if steps else "")
    given = {name: str(value) for name, value in asked.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


class When(NamedTuple):
    """The day that is asked for, and the time as of which it was known; every link keeps both."""

    as_of: date | None = None
    known_at: datetime | None = None

    def link(self, place: str) -> str:
        """The permanent link of a place, at that day and time."""
        return permalink(place, **{"as-of": self.as_of}, **self.known)

    @property
    def known(self) -> dict[str, object]:
        """What a link has of the time."""
        return {"known-at": self.known_at and self.known_at.isoformat()}

    def compared(self, place: str, old: int, new: int) -> str:
        """The permanent link of what differs between two versions."""
        return permalink(place, **{"from": old, "to": new}, **self.known)


class Line(NamedTuple):
    """A unit in a list, and how deep it stands, from 0."""

    unit: UnitText
    depth: int
    href: str

    @property
    def number(self) -> str:
        """The unit's number as its address has it; empty for what is not numbered, and where the
        title says it.
        """
        if self.unit.unit_kind == "heading":
            return ""
        number = self.unit.label
        return "" if number in re.findall(r"[\w.-]*\w", self.unit.title) else number


class Changed(NamedTuple):
    """A unit that a change set gave another version, and where the difference is shown."""

    unit: UnitText
    version: VersionFacts
    href: str


class Revision(NamedTuple):
    """What one change set did to units that stand."""

    change_set_id: UUID | None
    in_force_from: date | None
    changed: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document with its contents, and the revisions of what stands, newest first."""

    document: DocumentText
    lines: tuple[Line, ...]
    revisions: tuple[Revision, ...]
    when: When


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit at one version, and what stands around it."""

    unit: UnitText
    versions: tuple[UnitText, ...]
    document: DocumentText | None
    above: tuple[UnitText, ...]
    below: tuple[UnitText, ...]
    before: UnitText | None
    after: UnitText | None
    when: When
    difference: DifferenceAnswer | None

    @property
    def standing(self) -> UnitText:
        """The version that the unit stands at."""
        return self.versions[-1]


def document_view(document: DocumentText, when: When) -> DocumentView:
    """What the page of a document shows."""
    depths: dict[str, int] = {}
    lines = []
    for unit in document.units:
        above = depths.get(unit.parent) if unit.parent else None
        depths[unit.address] = 0 if above is None else min(above + 1, DEEPEST)
        lines.append(Line(unit, depths[unit.address], when.link(unit.address)))
    return DocumentView(document, tuple(lines), tuple(_revisions(document, when)), when)


def unit_view(
    reader: UnitReader,
    unit: UnitText,
    versions: tuple[UnitText, ...],
    when: When,
    difference: DifferenceAnswer | None,
) -> UnitView:
    """What the page of a unit shows. A unit that is repealed stands in no document."""
    try:
        document = reader.document(document_code_of(unit.address), when.as_of, when.known_at)
    except UnitNotFound:
        document = None
    units = document.units if document else ()
    places = {one.address: at for at, one in enumerate(units)}
    at = places.get(unit.address)
    above = list[UnitText]()
    parent = unit.parent
    while parent in places and len(above) <= len(units):
        above.insert(0, units[places[parent]])
        parent = above[0].parent
    return UnitView(
        unit=unit,
        versions=versions,
        document=document,
        above=tuple(above),
        below=tuple(one for one in units if one.parent == unit.address),
        before=units[at - 1] if at else None,
        after=units[at + 1] if at is not None and at + 1 < len(units) else None,
        when=when,
        difference=difference,
    )


def _revisions(document: DocumentText, when: When) -> Iterator[Revision]:
    """The change sets behind the second and later versions of units, newest first."""
    found: dict[tuple[UUID | None, date | None], list[Changed]] = {}
    for unit in document.units:
        for older, version in zip(unit.versions, unit.versions[1:], strict=False):
            href = when.compared(unit.address, older.version_no, version.version_no)
            one = Changed(unit, version, href)
            found.setdefault((version.change_set_id, version.in_force_from), []).append(one)
    newest = sorted(
        found.items(), key=lambda one: str(one[1][0].version.enacted_at or ""), reverse=True
    )
    for (change_set_id, day), changed in newest:
        yield Revision(change_set_id, day, tuple(changed))
