"""What an Akoma Ntoso document says about itself: what it is, when which version was enacted and
from when it is in force, and which provisions were changed by what.

What is not known is not said: an event has the day on which it was recorded, and an interval begins
where a day of coming into force is on record. A document's own date is not on record, so its work
has the date of the first change set, and is named so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID
from xml.sax.saxutils import quoteattr

from domain.units.records import REPEALED, DocumentText, UnitText, VersionFacts

_SOURCE: Final = "#iu-cutter"
_NO_DATE: Final = "0001-01-01"  # the schema wants a date where none is known
_UNKNOWN_COUNTRY: Final = "xx"  # ISO 3166-1 leaves it to its users
_UNKNOWN_LANGUAGE: Final = "und"  # ISO 639-2


def meta_of(document: DocumentText) -> Iterator[str]:
    """The element `meta`."""
    changes = _change_sets(document.units)
    days = sorted({one.in_force_from for one in _versions(document.units) if one.in_force_from})
    yield "<meta>\n"
    yield from _identification(document, changes)
    if changes or days:
        yield f'<lifecycle source="{_SOURCE}">\n'
        yield from _events(changes, days)
        yield "</lifecycle>\n"
    yield from _analysis(document.units, changes)
    yield from _temporal(days)
    yield f'<references source="{_SOURCE}">\n'
    yield '<TLCOrganization eId="iu-cutter" href="/ontology/organization/iu-cutter" '
    yield 'showAs="iu-cutter"/>\n'
    yield '<TLCConcept eId="inForce" href="/ontology/concept/inForce" showAs="in force"/>\n'
    yield "</references>\n</meta>\n"


def period_of(unit: UnitText) -> str:
    """The eId of the interval in which a unit's version is in force; "" where it is not known."""
    day = unit.version.in_force_from
    return f"period-{day.isoformat()}" if day else ""


class _Change(NamedTuple):
    """One change set: its place, from 1, and the day on which it was enacted."""

    number: int
    change_set_id: UUID
    day: str

    @property
    def event(self) -> str:
        return f"change-{self.number}"


def _versions(units: Sequence[UnitText]) -> Iterator[VersionFacts]:
    for unit in units:
        yield from unit.versions or (unit.version,)


def _change_sets(units: Sequence[UnitText]) -> dict[UUID, _Change]:
    """The change sets that wrote these units, in the order in which they were enacted."""
    enacted = {
        one.change_set_id: one.enacted_at
        for one in _versions(units)
        if one.change_set_id and one.enacted_at
    }
    ordered = sorted(enacted.items(), key=lambda one: (one[1], str(one[0])))
    return {
        change_set: _Change(number, change_set, moment.date().isoformat())
        for number, (change_set, moment) in enumerate(ordered, 1)
    }


def _identification(document: DocumentText, changes: dict[UUID, _Change]) -> Iterator[str]:
    work = f"/akn/{_UNKNOWN_COUNTRY}/act/{document.code}"
    days = [change.day for change in changes.values()]
    first, last = (days[0], days[-1]) if days else (_NO_DATE, _NO_DATE)
    as_of = document.as_of.isoformat() if document.as_of else last
    expression = f"{work}/{_UNKNOWN_LANGUAGE}@{as_of}"
    named = "recorded" if days else "unknown"
    yield f'<identification source="{_SOURCE}">\n'
    yield f"<FRBRWork>{_frbr(work, first, named)}"
    yield f'<FRBRcountry value="{_UNKNOWN_COUNTRY}"/>'
    yield f"<FRBRname value={quoteattr(document.code)}/></FRBRWork>\n"
    when = "in force" if document.as_of else named
    yield f"<FRBRExpression>{_frbr(expression, as_of, when)}"
    yield f'<FRBRlanguage language="{_UNKNOWN_LANGUAGE}"/></FRBRExpression>\n'
    yield f"<FRBRManifestation>{_frbr(expression + '.xml', last, named)}"
    yield '<FRBRformat value="application/akn+xml"/></FRBRManifestation>\n'
    yield "</identification>\n"


def _frbr(uri: str, day: str, named: str) -> str:
    return (
        f"<FRBRthis value={quoteattr(uri)}/><FRBRuri value={quoteattr(uri)}/>"
        f'<FRBRdate date="{day}" name="{named}"/><FRBRauthor href="{_SOURCE}"/>'
    )


def _events(changes: dict[UUID, _Change], days: Sequence[date]) -> Iterator[str]:
    for change in changes.values():
        kind = "generation" if change.number == 1 else "amendment"
        yield (
            f'<eventRef eId="{change.event}" date="{change.day}" type="{kind}" '
            f'source="{_SOURCE}"/>\n'
        )
    for day in days:
        yield f'<eventRef eId="from-{day}" date="{day}" source="{_SOURCE}"/>\n'


def _analysis(units: Sequence[UnitText], changes: dict[UUID, _Change]) -> Iterator[str]:
    """What later change sets did to each provision: they inserted, replaced or repealed it."""
    mods = list(_modifications(units, changes))
    if mods:
        yield f'<analysis source="{_SOURCE}"><passiveModifications>\n'
        yield from mods
        yield "</passiveModifications></analysis>\n"


def _modifications(units: Sequence[UnitText], changes: dict[UUID, _Change]) -> Iterator[str]:
    number = 0
    for unit, name in zip(units, names_of(units), strict=True):
        before: VersionFacts | None = None
        for one in unit.versions or (unit.version,):
            change = changes.get(one.change_set_id) if one.change_set_id else None
            if change and change.number > 1:
                number += 1
                yield _modification(number, _act(before, one), change, name, one.in_force_from)
            before = one


def _act(before: VersionFacts | None, one: VersionFacts) -> str:
    if one.state == REPEALED:
        return "repeal"
    return "insertion" if before is None or before.state == REPEALED else "substitution"


def _modification(number: int, act: str, change: _Change, name: str, day: date | None) -> str:
    period = f' period="#period-{day}"' if day else ""
    return (
        f'<textualMod type="{act}" eId="mod-{number}"{period}>'
        f'<source href="urn:uuid:{change.change_set_id}"/>'
        f"<destination href={quoteattr('#' + name)}/></textualMod>\n"
    )


def _temporal(days: Sequence[date]) -> Iterator[str]:
    if not days:
        return
    yield f'<temporalData source="{_SOURCE}">\n'
    for day in days:
        yield (
            f'<temporalGroup eId="period-{day}">'
            f'<timeInterval start="#from-{day}" refersTo="#inForce"/></temporalGroup>\n'
        )
    yield "</temporalData>\n"


def names_of(units: Sequence[UnitText]) -> list[str]:
    """The eId of each unit: the steps of its address, with the component before them, counted where
    that is taken.
    """
    taken: dict[str, None] = {}
    for unit in units:
        head, _, steps = unit.address.partition("~")
        component = head.partition("!")[2]
        name = wanted = f"{component}__{steps}" if component else steps
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        taken[name] = None
    return list(taken)
