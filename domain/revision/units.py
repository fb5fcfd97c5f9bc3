"""A version of a document, as it is compared: its units in order, each with its own text; and what
another version says of the document as a whole.

A unit's own text is its body without the printed number, white space folded: it stays the same when
a unit only gets another number, or when its lines are only broken elsewhere.

>>> own_text("### § 12 Scope\\n\\nThis act\\n  applies.\\n", "12", "§ 12")
'Scope This act applies.'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from domain.digests import records_sha256, text_sha256
from domain.errors import BadInput
from domain.plan.cut_plan import CutPlan, CutplanRow

_LEAD: Final = re.compile(r"[\s#>*_=|\\]*")
"""Signs of markup that may stand before a heading's number."""

_TAIL: Final = re.compile(r"[\s.:)\]*_\\]*(?:[-–—](?=\s)\s*)?")
"""What closes a number: signs, and the dash between a number and its title."""

_CONTAINER: Final = "container"

_LONGEST_LABEL: Final = 60
"""A number stands within this many characters of where its unit begins."""

TITLE: Final = "title"
PUBLICATION_TYPE: Final = "publication type"
OWNER: Final = "owner"


class VersionUnit(NamedTuple):
    """One unit of one version. `parent` is the parent's address or None; `label` is the number as
    printed, "" for a unit without one or where it is not on record; `version_no` is the number of
    the unit's version in the knowledge base, 0 for one that is not from there. `section_type` is ""
    where it is not known; `publication_type` and `owner_ref` are known of what stands alone.
    """

    address: str
    title: str
    body: str
    unit_kind: str
    parent: str | None = None
    label: str = ""
    version_no: int = 0
    section_type: str = ""
    publication_type: str = ""
    owner_ref: str = ""

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
    stretches of the text that belong to no unit. `taken` are the addresses of units that stand as
    repealed, with their versions' numbers: nothing is there to compare, and no other unit can have
    the address. `text_sha256` is of the whole text, "" where it is not on record; units and gaps
    say all of it but where the gaps stand. `title` is the document's, "" where it has none. Raises
    `BadInput` where an address comes twice.
    """

    document_code: str
    name: str
    units: tuple[VersionUnit, ...]
    gaps: tuple[str, ...] = ()
    taken: tuple[tuple[str, int], ...] = ()
    text_sha256: str = ""
    title: str = ""

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
    def shared_steps(self) -> bool:
        """Whether containers have step names of other units, as earlier versions called both
        `Abschnitt 1` and `§ 1` `sec_1`: a new version is planned so, too, for an address is for
        ever.
        """
        containers = [unit.address for unit in self.units if unit.section_type == _CONTAINER]
        others = (unit.address for unit in self.units if unit.section_type != _CONTAINER)
        return share_a_step(containers, others)

    @cached_property
    def hashes(self) -> tuple[tuple[str, str], ...]:
        """SHA-256 of each unit's title and body, in the order of `units`."""
        return tuple((text_sha256(unit.title), text_sha256(unit.body)) for unit in self.units)

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
        taken = [("taken", address, str(number)) for address, number in sorted(self.taken)]
        return records_sha256(
            [("iu-cutter base 1", self.document_code), *self._texts(), *numbers, *taken]
        )

    def _texts(self) -> list[tuple[str, ...]]:
        units = [
            (unit.address, *hashes, unit.unit_kind, unit.parent or "")
            for unit, hashes in zip(self.units, self.hashes, strict=True)
        ]
        return [*units, *(("gap", text_sha256(gap)) for gap in self.gaps)]


def share_a_step(containers: Iterable[str], others: Iterable[str]) -> bool:
    """Whether an address of a container ends in a step named as one of the others does, in the same
    part of the document.

    >>> share_a_step(["de.1~sec_1"], ["de.1~sec_9"]), share_a_step(["de.1~csec_1"], ["de.1~sec_9"])
    (True, False)
    """
    return not {*map(_step_name, containers)}.isdisjoint(map(_step_name, others))


def _step_name(address: str) -> tuple[str, str]:
    """The document's part that an address is in, and the name of its last step."""
    part, _, steps = address.partition("~")
    return part, steps.rpartition("__")[2].partition("_")[0].partition(".")[0]


def version_of(plan: CutPlan) -> Version:
    """The version that a plan would cut."""
    return Version(
        plan.document_code,
        plan.source_name,
        tuple(
            VersionUnit(
                r.canonical_address,
                r.title,
                r.body,
                r.unit_kind,
                r.parent_ref,
                r.label,
                section_type=r.section_type,
            )
            for r in plan.rows
        ),
        tuple(gap.text for gap in plan.gaps),
        text_sha256=plan.text_sha256,
        title=plan.document.title,
    )


class AboutChange(NamedTuple):
    """One thing that is said otherwise of the document: what, how it stands, how it will.

    `units` counts those that stand with something else; 0 for the title.

    >>> print(AboutChange("owner", ("harbour office",), "port authority", 2))
    owner changed from harbour office to port authority
    """

    what: str
    before: tuple[str, ...]
    after: str
    units: int = 0

    def __str__(self) -> str:
        return f"{self.what} changed from {' and '.join(self.before)} to {self.after}"


def about_changes(old: Version, plan: CutPlan) -> Iterator[AboutChange]:
    """What of the document itself is otherwise, in the order title, publication type, owner.

    Type and owner are in every unit's version; the title is the document's alone. Two texts say
    nothing of it: only what stands has an owner.

    Where no title is on record, a new text that states one has no other one.
    """
    before, after = (" ".join(title.split()) for title in (old.title, plan.document.title))
    if before and before != after:
        yield AboutChange(TITLE, (before,), after)
    words = ("publication_type", PUBLICATION_TYPE), ("owner_ref", OWNER)
    for name, what in words:
        own = str(getattr(plan.document, name))
        others = [word for unit in old.units if (word := getattr(unit, name)) not in ("", own)]
        if others:
            yield AboutChange(what, tuple(sorted(set(others))), own, len(others))


def stands_as(unit: VersionUnit, row: CutplanRow) -> bool:
    """Whether a unit stands exactly as the new text has it. What is not known of it, is no
    difference.
    """
    known = zip(
        (unit.section_type, unit.publication_type, unit.owner_ref),
        (row.section_type, row.publication_type, row.owner_ref),
        strict=True,
    )
    return (unit.title, unit.body, unit.unit_kind, unit.parent) == (
        row.title,
        row.body,
        row.unit_kind,
        row.parent_ref,
    ) and all(one in ("", other) for one, other in known)


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
