"""Canonical addresses: `<document code>[!<component>]~<step>(__<step>)*` (DESIGN, section 6).

An address starts at the basic unit, so that moving an article into another chapter moves no address. Containers are in the
parent reference. An ancestor comes in front only where numbering restarts: see `_Scopes`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.address_scopes import Scopes
from domain.address_steps import Step, clean_component, step_of
from domain.errors import BadInput
from domain.marks import Level, Mark, PlanWarning

MAX_ADDRESS_CHARS: Final = 255
_SUFFIX_CHARS: Final = 8  # room for the ".2" of a duplicate, up to ".9999999"
_ADDRESS: Final = re.compile(r"([^!~\s]+)(?:!([^!~\s]+))?~([^!~\s]+)")


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart. `str()` puts it together again."""

    document_code: str
    component: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        head = f"{self.document_code}!{self.component}" if self.component else self.document_code
        return f"{head}~{'__'.join(map(str, self.steps))}"


def parse_address(address: str) -> Address:
    """Take an address apart. Raises `BadInput` naming it.

    >>> parse_address("vn.91-2015!annex_1~art_5__para_2").steps[1]
    Step(abbreviation='para', number='2')
    """
    found = _ADDRESS.fullmatch(address)
    steps = found[3].split("__") if found else [""]
    if found is None or len(address) > MAX_ADDRESS_CHARS or not all(re.fullmatch(r"[a-z]+(\.\d+)?(_[^_]+)?", s) for s in steps):
        raise BadInput(f"{address[:80]!r} is not an address; write one such as vn.91-2015~art_5__para_2__point_a.")
    pairs = (step.partition("_") for step in steps)
    return Address(found[1], found[2] or "", tuple(Step(abbreviation, number) for abbreviation, _, number in pairs))


def assign_addresses(document_code: str, text: str, marks: Sequence[Mark]) -> tuple[list[str], list[PlanWarning]]:
    """One unique address a mark, in order, and a warning for every duplicate. Time is linear in the marks.

    A duplicate gets `.2`, `.3` ... in document order, and never takes an address that another unit has by its number.
    """
    return _Assigner(document_code, text, marks).run()


class _Assigner:
    """One pass over the marks. A group is the units that share what comes before their last step."""

    def __init__(self, document_code: str, text: str, marks: Sequence[Mark]) -> None:
        self.code = document_code
        self.text = text
        self.marks = marks
        pairs = [step_of(mark, text) for mark in marks]
        self.steps = [str(step) for step, _ in pairs]
        self.numbered = [numbered for _, numbered in pairs]
        self.components = [self._component(i) for i in range(len(marks))]
        self.parents = [self._parent(i) for i in range(len(marks))]
        keys = [f"{component}~{mark.unit_kind}" for component, mark in zip(self.components, marks, strict=True)]
        scopes = Scopes(keys, self.steps, self.parents)
        self.owners = [self._owner(i, scopes) for i in range(len(marks))]
        self.printed = {(self.components[i], self.owners[i], self.steps[i]) for i in range(len(marks))}
        self.paths: list[str] = []
        self.taken: set[tuple[str, str]] = set()
        self.times: dict[tuple[str, str], int] = {}
        self.warnings: list[PlanWarning] = []
        self.line, self.line_at = 1, 0

    def run(self) -> tuple[list[str], list[PlanWarning]]:
        heads = {c: f"{self.code}!{c}" if c else self.code for c in set(self.components)}
        addresses = []
        for i, component in enumerate(self.components):
            self.paths.append(self._path(i, MAX_ADDRESS_CHARS - _SUFFIX_CHARS - len(heads[component]) - 1))
            self.taken.add((component, self.paths[i]))
            addresses.append(f"{heads[component]}~{self.paths[i]}")
        return addresses, self.warnings

    def _component(self, i: int) -> str:
        component = clean_component(self.marks[i].component) if self.marks[i].component else ""
        # The head of an annex is a unit of the document; what is inside it belongs to the component.
        return "" if component == self.steps[i] and self.marks[i].level is Level.ANNEX else component

    def _parent(self, i: int) -> int | None:
        parent = self.marks[i].parent
        return parent if parent is not None and 0 <= parent < i and self.components[parent] == self.components[i] else None

    def _owner(self, i: int, scopes: Scopes) -> int | None:
        """The unit whose address comes in front of this one's step; None where the step stands alone."""
        parent, level = self.parents[i], self.marks[i].level
        if parent is not None and self.marks[parent].unit_kind != "preamble":  # recitals are cited alone
            above = self.marks[parent].level
            if level is Level.SUB or (above is Level.BASIC and level is Level.BASIC):
                return parent
            if level is Level.OTHER and above in (Level.BASIC, Level.SUB):
                return parent
        return scopes.owner_of(i)

    def _path(self, i: int, room: int) -> str:
        component, owner, step = self.components[i], self.owners[i], self.steps[i]
        path = self._below(owner, step, room)
        if (component, path) in self.taken and not self.numbered[i] and self.parents[i] not in (None, owner):
            owner = self.parents[i]  # the same heading under another parent: the parent tells it apart
            path = self._below(owner, step, room)
        if (component, path) not in self.taken:
            return path
        number = self.times.get((component, path), 1) + 1
        while (component, f"{path}.{number}") in self.taken or (component, owner, f"{step}.{number}") in self.printed:
            number += 1
        self.times[component, path] = number
        self._warn(i, f"{path}.{number}")
        return f"{path}.{number}"

    def _below(self, owner: int | None, step: str, room: int) -> str:
        path = step if owner is None else f"{self.paths[owner]}__{step}"
        return path if len(path) <= room else _shortened(path, room)

    def _warn(self, i: int, path: str) -> None:
        mark = self.marks[i]
        if mark.start < self.line_at:
            self.line, self.line_at = 1, 0
        self.line += self.text.count("\n", self.line_at, mark.start)
        self.line_at = mark.start
        name = mark.label or mark.title or mark.unit_kind
        code = "duplicate-number" if self.numbered[i] else "duplicate-title"
        self.warnings.append(PlanWarning(code, self.line, f"{name[:80]} comes more than once; this one is {path}."))


def _shortened(path: str, room: int) -> str:
    """The first step and as many of the last as fit: what a reader needs to find the unit.

    >>> _shortened("art_1__para_2__point_a__item_i", 20)
    'art_1__item_i'
    """
    first, *rest = path.split("__")
    kept: list[str] = []
    left = room - len(first)
    for step in reversed(rest):
        left -= len(step) + 2
        if left < 0:
            break
        kept.append(step)
    return "__".join([first, *reversed(kept)])[:room]
