"""A version of a document, as it is compared: its units in order, each with its own text.

A unit's own text is its body without the printed number, white space folded: it stays the same when
a unit only gets another number, or when its lines are only broken elsewhere.

>>> own_text("### § 12 Scope\\n\\nThis act\\n  applies.\\n", "12", "§ 12")
'Scope This act applies.'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from domain.digests import records_sha256, text_sha256
from domain.errors import BadInput
from domain.plan.cut_plan import CutPlan

_LEAD: Final = re.compile(r"[\s#>*_=|\\]*")
"""Signs of markup that may stand before a heading's number."""

_TAIL: Final = re.compile(r"[\s.:)\]*_\\]*(?:[-–—](?=\s)\s*)?")
"""What closes a number: signs, and the dash between a number and its title."""

_LONGEST_LABEL: Final = 60
"""A number stands within this many characters of where its unit begins."""


class VersionUnit(NamedTuple):
    """One unit of one version. `parent` is the parent's address or None; `label` is the number as
    printed, "" for a unit without one or where it is not on record; `version_no` is the number of
    the unit's version in the knowledge base, 0 for one that is not from there.
    """

    address: str
    title: str
    body: str
    unit_kind: str
    parent: str | None = None
    label: str = ""
    version_no: int = 0

    @property
    def step(self) -> str:
        """The last step of the address: kind and number.

        >>> VersionUnit("xx.1~art_5__para_2", "", "", "paragraph").step
        'para_2'
        """
        return self.address.rpartition("~")[2].rpartition("__")[2]

    @property
    def number(self) -> str:
        """The number as the address has it; "" for a unit that has none."""
        return self.step.partition("_")[2]

    @property
    def without_number(self) -> str:
        """The body from behind the printed number on."""
        return self.body[own_start(self.body, self.number, self.label) :]

    @property
    def own(self) -> str:
        """The unit's own text; see the top of this file."""
        return own_text(self.body, self.number, self.label)


@dataclass(frozen=True)
class Version:
    """One version of a document: its units in the order of the text.

    `name` says where it is from, for a person: a file's name, or the knowledge base. `gaps` are the
    stretches of the text that belong to no unit. Raises `BadInput` where an address comes twice.
    """

    document_code: str
    name: str
    units: tuple[VersionUnit, ...]
    gaps: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.places) != len(self.units):
            seen: set[str] = set()
            for unit in self.units:
                if unit.address in seen:
                    raise BadInput(
                        f"{self.name} holds the address {unit.address} twice; repair it before "
                        f"comparing with it."
                    )
                seen.add(unit.address)

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each address in `units`."""
        return {unit.address: place for place, unit in enumerate(self.units)}

    @cached_property
    def digest(self) -> str:
        """SHA-256 that pins every unit with its text, their order, and the gaps."""
        return records_sha256([("iu-cutter version 1", self.document_code), *self._texts()])

    @cached_property
    def base_digest(self) -> str:
        """The same with the number of each unit's version: what a revision starts from.

        A text that was changed and changed back is not the base that it was.
        """
        numbers = [(str(unit.version_no),) for unit in self.units]
        return records_sha256([("iu-cutter base 1", self.document_code), *self._texts(), *numbers])

    def _texts(self) -> list[tuple[str, ...]]:
        units = [
            (u.address, text_sha256(u.title), text_sha256(u.body), u.unit_kind, u.parent or "")
            for u in self.units
        ]
        return [*units, *(("gap", text_sha256(gap)) for gap in self.gaps)]


def version_of(plan: CutPlan) -> Version:
    """The version that a plan would cut."""
    return Version(
        plan.document_code,
        plan.source_name,
        tuple(
            VersionUnit(r.canonical_address, r.title, r.body, r.unit_kind, r.parent_ref, r.label)
            for r in plan.rows
        ),
        tuple(gap.text for gap in plan.gaps),
    )


def own_text(body: str, number: str, label: str) -> str:
    """The text without its printed number, white space folded to single spaces.

    A label that stands first is taken off; without one, the words up to the number, if it is near.

    >>> own_text("Article 12a. Scope", "12a", "")
    'Scope'
    >>> own_text("The council meets in 12 rooms.", "", "")
    'The council meets in 12 rooms.'
    """
    return " ".join(body[own_start(body, number, label) :].split())


def own_start(body: str, number: str, label: str) -> int:
    """Where the text after the printed number begins; 0 where no number is found."""
    lead = _LEAD.match(body)
    start = lead.end() if lead else 0
    if label and body.startswith(label, start):
        return _after(body, start + len(label))
    if not number:
        return 0
    line = body[start : start + _LONGEST_LABEL].partition("\n")[0]
    found = re.search(rf"(?<!\w){re.escape(number)}(?!\w)", line, re.IGNORECASE)
    return _after(body, start + found.end()) if found else 0


def _after(body: str, at: int) -> int:
    tail = _TAIL.match(body, at)
    return tail.end() if tail else at
