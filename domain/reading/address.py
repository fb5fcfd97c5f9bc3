"""Canonical addresses: `<document code>[!<component>]~<step>(__<step>)*`.

The rules are in docs/architecture.md, Addresses. An address starts at the basic unit, so that
moving an article into another chapter changes no address. Containers are in the parent reference.
An ancestor's address comes in front only where numbering restarts: see `Scopes`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from domain.errors import BadInput
from domain.reading.address_scopes import Scopes
from domain.reading.address_steps import Step, clean_component, numbered_step, step_of
from domain.reading.hidden_characters import is_hidden
from domain.reading.marks import Level, Mark, PlanWarning
from domain.reading.vocabulary import CONTAINER_SIGN

MAX_ADDRESS_CHARS: Final = 255
_SUFFIX_CHARS: Final = 8  # room for the ".2" of a duplicate, up to ".9999999"
# Names of their own: looking up a member takes long in an inner loop.
_BASIC, _SUB, _OTHER, _CONTAINER = Level.BASIC, Level.SUB, Level.OTHER, Level.CONTAINER
# The document code, the component if there is one, and the steps.
_FORM: Final = re.compile(
    r"[a-z0-9][a-z0-9.-]*(![^!~]+)?"
    r"~[a-z]+(\.[0-9]+)?(_[^_!~]+)?(__[a-z]+(\.[0-9]+)?(_[^_!~]+)?)*"
)
_MIXED: Final = re.compile(r"_[0-9][^_!~-]*([A-Za-z][\u0370-\u052f]|[\u0370-\u052f][A-Za-z])")
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
    if (
        found is None
        or len(address) > MAX_ADDRESS_CHARS
        or not all(re.fullmatch(r"[a-z]+(\.\d+)?(_[^_]+)?", s) for s in steps)
    ):
        raise BadInput(
            f"{address[:80]!r} is not an address; write one such as "
            f"vn.91-2015~art_5__para_2__point_a."
        )
    pairs = (step.partition("_") for step in steps)
    return Address(
        found[1],
        found[2] or "",
        tuple(Step(abbreviation, number) for abbreviation, _, number in pairs),
    )


def document_code_of(address: str) -> str:
    """The code of the document that an address is of, whether it has the form of one or not.

    >>> document_code_of("vn.91-2015!annex_1~art_5")
    'vn.91-2015'
    """
    return address.partition("~")[0].partition("!")[0]


def number_of_address(address: str) -> str:
    """The number of the unit that an address is of; "" for one that is not numbered.

    >>> number_of_address("de.bdsg~sec_15b"), number_of_address("vn.1~art_5__para_2")
    ('15b', '2')
    """
    return re.split("~|__", address)[-1].partition("_")[2]


def is_address(address: str) -> bool:
    """Whether a text has the form and the alphabet of an address, as `cutter.fn_is_address` judges.

    Nothing in it is hidden or a space, code and kinds are in small Latin letters, and no number
    mixes Latin letters with Greek or Cyrillic ones, which look alike.

    >>> is_address("vn.91-2015~art_12a"), is_address("bg.1~art_12" + chr(0x430))
    (True, True)
    >>> is_address("bg.1~art_12b" + chr(0x430)), is_address("xx.1~art_5" + chr(0x200B))
    (False, False)
    """
    if len(address) > MAX_ADDRESS_CHARS or _FORM.fullmatch(address) is None:
        return False
    if address.isascii():
        return address.isprintable() and " " not in address
    return (
        unicodedata.is_normalized("NFC", address)
        and _MIXED.search(address) is None
        and not any(char.isspace() or is_hidden(char) for char in address)
    )


def assign_addresses(
    document_code: str, text: str, marks: Sequence[Mark], *, shared_steps: bool = False
) -> tuple[list[str], list[PlanWarning]]:
    """A unique address for each mark, in order, and a warning for every duplicate.

    Where containers and basic units are of one kind, as `Abschnitt` and `§` are, the containers'
    steps have a sign in front; `shared_steps` leaves it out, as earlier versions did, for a
    document that stands with such addresses.

    A duplicate gets `.2`, `.3` ... in document order, and never takes an address that another unit
    has by its number. Time is linear in the marks.
    """
    return _Assigner(document_code, text, marks, shared_steps=shared_steps).run()


class _Assigner:
    """Assigns the addresses of one document in one pass over its marks."""

    def __init__(
        self, document_code: str, text: str, marks: Sequence[Mark], *, shared_steps: bool
    ) -> None:
        self.text = text
        self.marks = marks
        numbered = [numbered_step(mark) for mark in marks]
        self.steps = [
            step or str(step_of(mark, text)[0]) for step, mark in zip(numbered, marks, strict=True)
        ]
        self.numbered = [bool(step) for step in numbered]
        self.components = self._components()
        self.heads = {
            c: f"{document_code}!{c}~" if c else f"{document_code}~" for c in set(self.components)
        }
        self.parents = [
            None if (parent := mark.parent) is None else self._parent(i, parent)
            for i, mark in enumerate(marks)
        ]
        keys = [
            component + "~" + mark.unit_kind
            for component, mark in zip(self.components, marks, strict=True)
        ]
        if not shared_steps:
            self._tell_containers_apart(keys)
        self.owners = self._owners(Scopes(keys, self.steps, self.parents))
        self.paths: list[str] = []
        self.taken: set[str] = set()
        self.times: dict[str, int] = {}
        self.warnings: list[PlanWarning] = []
        self.line, self.line_at = 1, 0

    @cached_property
    def printed(self) -> set[tuple[str, int | None, str]]:
        """The component, owner and step of each unit. Computed when a duplicate first asks whether
        a counted step is taken.
        """
        return set(zip(self.components, self.owners, self.steps, strict=True))

    def run(self) -> tuple[list[str], list[PlanWarning]]:
        addresses = []
        paths, taken = self.paths, self.taken
        for i, (component, owner) in enumerate(zip(self.components, self.owners, strict=True)):
            head = self.heads[component]
            path = self._below(owner, i)
            address = head + path
            if address in taken:
                path = self._told_apart(i, path)
                address = head + path
            paths.append(path)
            taken.add(address)
            addresses.append(address)
        return addresses, self.warnings

    def _components(self) -> list[str]:
        clean = {
            name: clean_component(name) if name else ""
            for name in {mark.component for mark in self.marks}
        }
        components = [clean[mark.component] for mark in self.marks]
        # The head of an annex is a unit of the document; what is inside it belongs to the
        # component.
        return [
            "" if component and component == step and mark.level is Level.ANNEX else component
            for component, step, mark in zip(components, self.steps, self.marks, strict=True)
        ]

    def _tell_containers_apart(self, keys: list[str]) -> None:
        """Give containers of the basic units' kind a step name, and a counting, of their own."""
        basic = {key for key, mark in zip(keys, self.marks, strict=True) if mark.level is _BASIC}
        for i, mark in enumerate(self.marks):
            if mark.level is _CONTAINER and keys[i] in basic:
                self.steps[i] = CONTAINER_SIGN + self.steps[i]
                keys[i] += CONTAINER_SIGN

    def _parent(self, i: int, parent: int) -> int | None:
        return parent if 0 <= parent < i and self.components[parent] == self.components[i] else None

    def _owners(self, scopes: Scopes) -> list[int | None]:
        """The unit whose address comes in front of each one's step; None where the step stands
        alone.
        """
        return [
            parent
            if parent is not None and _stands_below(mark.level, self.marks[parent])
            else owner
            for mark, parent, owner in zip(self.marks, self.parents, scopes.owners, strict=True)
        ]

    def _told_apart(self, i: int, path: str) -> str:
        """Another path for a unit whose own is taken: for one without a number below its parent,
        where that is free, else with a count.
        """
        head, component, owner = self.heads[self.components[i]], self.components[i], self.owners[i]
        if not self.numbered[i] and self.parents[i] not in (None, owner):
            owner = self.parents[i]
            path = self._below(owner, i)
            if head + path not in self.taken:
                return path
        number = self.times.get(head + path, 1) + 1
        while (
            f"{head}{path}.{number}" in self.taken
            or (component, owner, f"{self.steps[i]}.{number}") in self.printed
        ):
            number += 1
        self.times[head + path] = number
        self._warn(i, f"{path}.{number}")
        return f"{path}.{number}"

    def _below(self, owner: int | None, i: int) -> str:
        step = self.steps[i]
        path = step if owner is None else self.paths[owner] + "__" + step
        room = MAX_ADDRESS_CHARS - _SUFFIX_CHARS - len(self.heads[self.components[i]])
        return path if len(path) <= room else _shortened(path, room)

    def _warn(self, i: int, path: str) -> None:
        mark = self.marks[i]
        if mark.start < self.line_at:
            self.line, self.line_at = 1, 0
        self.line += self.text.count("\n", self.line_at, mark.start)
        self.line_at = mark.start
        name = mark.label or mark.title or mark.unit_kind
        code = "duplicate-number" if self.numbered[i] else "duplicate-title"
        self.warnings.append(
            PlanWarning(code, self.line, f"{name[:80]} comes more than once; this one is {path}.")
        )


def _stands_below(level: Level, parent: Mark) -> bool:
    """Whether a unit of this level has its parent's address in front, however its numbering
    runs.
    """
    if parent.unit_kind == "preamble":  # recitals are cited alone
        return False
    if level is _BASIC:
        return parent.level is _BASIC
    return level is _SUB or (level is _OTHER and parent.level in (_BASIC, _SUB))


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
