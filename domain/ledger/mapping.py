"""How the units of a knowledge base that cutter did not make are mapped to the port: a small file
that a person reads and corrects. Pure.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, TypeVar, cast, get_type_hints

from domain.errors import BadInput

FORMAT: Final = "iu-cutter mapping 1"
NAME: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)?")
"""A column, or a column of JSON and a key in it: `owner_ref`, `profile.section_type`."""
RELATION: Final = re.compile(r"[^\W\d]\w*\.[^\W\d]\w*")
ANSWERS: Final = ("record", "json", "text")
"""What a site's function answers with: columns, an object, or the status alone."""
ENACT_ARGUMENTS: Final = ("address", "actor", "decision", "change_set", "unit")
WHOLE_COLUMNS: Final = ("key", "address", "version", "lifecycle", "unit")
"""Columns by which rows are found, or that a withdrawal writes: no key of JSON in one will do."""
MAY_BE_EMPTY: Final = ("setting", "value")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Units:
    """Where the units are: a table, and which column is what."""

    table: str
    key: str
    address: str
    version: str
    unit_kind: str
    section_type: str
    publication_type: str
    owner: str
    parent: str
    lifecycle: str
    created: str


@dataclass(frozen=True, slots=True)
class Versions:
    """Where their texts are: another table, or the same."""

    table: str
    key: str
    unit: str
    number: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Create:
    """The site's function that writes a unit, nine parameters by position, and what it answers.

    `unit_kind`, `section_type` and `publication_type` say which of the site's words stands for each
    of cutter's; the word `*` stands for all that are not named.
    """

    function: str
    answer: str
    created: str
    unit_kind: Mapping[str, str]
    section_type: Mapping[str, str]
    publication_type: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Enact:
    """The site's function that enacts a unit: its parameters in their order, and the status that is
    success.
    """

    function: str
    arguments: tuple[str, ...]
    answer: str
    enacted: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """How a unit is withdrawn where the site has no function for it: the lifecycle that it gets,
    and the setting that lets the site's guards pass the change, if any.
    """

    lifecycle: str
    setting: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class SiteMapping:
    """The whole mapping. `reads` are further tables that the site's functions read, `draft` and
    `enacted` the site's words for these; every other lifecycle is shown as withdrawn.
    """

    units: Units
    versions: Versions
    create: Create
    enact: Enact
    withdraw: Withdraw
    draft: str = "draft"
    enacted: str = "enacted"
    reads: tuple[str, ...] = field(default=())


def render(mapping: SiteMapping, notes: Mapping[str, str] | None = None) -> str:
    """The mapping as a file: TOML that `parse` reads back, with notes on its sections."""
    said = notes or {}
    lines = [f'format = "{FORMAT}"', *_comment(said.get("", ""))]
    lines += [
        f"{name} = {_value(getattr(mapping, name))}" for name in ("draft", "enacted", "reads")
    ]
    for section in ("units", "versions", "create", "enact", "withdraw"):
        part = getattr(mapping, section)
        lines += ["", *_comment(said.get(section, "")), f"[{section}]"]
        lines += [f"{one.name} = {_value(getattr(part, one.name))}" for one in fields(part)]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"# {line}"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(k)} = {json.dumps(v)}" for k, v in value.items())
        return f"{{ {inner} }}"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def parse(text: str) -> SiteMapping:
    """The mapping that a file holds. Raises `BadInput` naming what is wrong in it."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"The mapping is not TOML: {error}. Correct it and run again.") from None
    if found.pop("format", None) != FORMAT:
        raise BadInput(f"The mapping does not begin with format = {FORMAT!r}.")
    try:
        mapping = SiteMapping(
            units=_part(Units, found.pop("units")),
            versions=_part(Versions, found.pop("versions")),
            create=_part(Create, found.pop("create")),
            enact=_part(Enact, found.pop("enact")),
            withdraw=_part(Withdraw, found.pop("withdraw")),
            **_typed(SiteMapping, {one: found.pop(one) for one in ("draft", "enacted", "reads")}),
        )
    except (KeyError, TypeError) as error:
        raise BadInput(f"The mapping lacks something, or has too much: {error}.") from None
    if found:
        raise BadInput(f"The mapping has {', '.join(found)}, which is not known.")
    _check(mapping)
    return mapping


def _part(kind: type[T], found: object) -> T:
    if not isinstance(found, Mapping):
        raise BadInput(f"{found!r} stands in the mapping where a section has to be.")
    return kind(**_typed(kind, found))


def _typed(kind: type[object], found: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a section. Raises `BadInput` for one that is of another kind than its place,
    or empty.
    """
    wanted = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, value in found.items():
        hint = wanted.get(name, str)
        if hint is str and not (isinstance(value, str) and (value or name in MAY_BE_EMPTY)):
            raise BadInput(
                f"{name} = {value!r} of the mapping has to be a text in quotation marks."
            )
        if hint == tuple[str, ...] and not _texts(value, list):
            raise BadInput(f"{name} = {value!r} of the mapping has to be a list of texts.")
        if hint == Mapping[str, str] and not (
            _texts(value, dict) and _texts([*value.values()], list)
        ):
            raise BadInput(
                f"{name} = {value!r} of the mapping has to be a table of words: a word of cutter's "
                f'or "*", and your word for it.'
            )
        values[name] = tuple(value) if isinstance(value, list) else value
    return values


def _texts(value: object, kind: type[list[Any] | dict[str, Any]]) -> bool:
    return isinstance(value, kind) and all(isinstance(one, str) and one for one in value)


def _check(mapping: SiteMapping) -> None:
    """Raises `BadInput` for a name that is none: each becomes an identifier of SQL."""
    relations = (
        mapping.units.table,
        mapping.versions.table,
        mapping.create.function,
        mapping.enact.function,
        *mapping.reads,
    )
    for name in relations:
        if not RELATION.fullmatch(name):
            raise BadInput(f"{name!r} is not a name with its schema in front, such as public.unit.")
    for part in (mapping.units, mapping.versions):
        for one in fields(part):
            name = cast("str", getattr(part, one.name))
            if one.name != "table" and not NAME.fullmatch(name):
                raise BadInput(
                    f"{name!r} is neither a column nor a column and a key of JSON in it."
                )
            if one.name in WHOLE_COLUMNS and "." in name:
                raise BadInput(
                    f"{one.name} = {name!r} has to be a column, and no key of JSON in one."
                )
    stages = (mapping.draft, mapping.enacted, mapping.withdraw.lifecycle)
    if len(set(stages)) < len(stages):
        raise BadInput(
            f"draft, enacted and the lifecycle of [withdraw] are three words, and not "
            f"{', '.join(stages)}."
        )
    if not {mapping.create.answer, mapping.enact.answer} <= set(ANSWERS):
        raise BadInput(f"A function answers with one of: {', '.join(ANSWERS)}.")
    if unknown := set(mapping.enact.arguments) - set(ENACT_ARGUMENTS):
        raise BadInput(f"{', '.join(sorted(unknown))}: enact knows {', '.join(ENACT_ARGUMENTS)}.")
