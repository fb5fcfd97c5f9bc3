"""Options that several commands share, and the console they print on."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from domain.reading.options import NOTHING_SAID, ReadingOptions, RevisingOptions

if TYPE_CHECKING:
    from rich.console import Console

Document = Annotated[
    str,
    typer.Argument(help="The document: a path, a URL, - for standard input, or db:DOCUMENT_CODE."),
]
Code = Annotated[
    str | None, typer.Option(help="The document's code, the first part of every address.")
]
AcceptDoubt = Annotated[
    list[str] | None,
    typer.Option(
        help="The code of a doubt whose lines you have looked at; once for each code of the plan."
    ),
]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="A file with the key's passphrase; asked for if needed.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for a program.")]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a document is read: the options that every command with a document has."""

    code: Code = None
    granularity: Annotated[
        str,
        typer.Option(
            help="basic: articles or sections are units; sub: paragraphs and points below them too."
        ),
    ] = "basic"
    profile: Annotated[
        str | None, typer.Option(help="Name the structure profile instead of detecting it.")
    ] = None
    publication_type: Annotated[
        str | None, typer.Option(help="law, constitution, decree, policy ...")
    ] = None
    owner: Annotated[str | None, typer.Option(help="Who answers for the document.")] = None

    def options(self, revising: Revising | None = None) -> ReadingOptions:
        """The same as planning takes it."""
        return ReadingOptions(
            self.code,
            self.profile,
            self.granularity,
            self.publication_type,
            self.owner,
            revising.options() if revising else NOTHING_SAID,
        )


@dataclass(frozen=True, slots=True)
class Revising:
    """What is said about a new version of a document that stands in the knowledge base."""

    in_force_from: Annotated[
        str | None,
        typer.Option(
            help="A new version: from which day it is in force, such as 2027-01-01, or unknown."
        ),
    ] = None
    dates: Annotated[
        Path | None,
        typer.Option(
            help="A new version: a file with other days for single units; a line each: address, "
            "date, source."
        ),
    ] = None
    match: Annotated[
        list[str] | None,
        typer.Option(
            help="A new version: settle a doubt: OLD=NEW by address, OLD= for repealed, =NEW for "
            "added.",
            show_default=False,
        ),
    ] = None
    amended_by: Annotated[
        str | None,
        typer.Option(
            help="A new version: the amending act, whose instructions are set beside; FILE#art_3 "
            "for a part of it."
        ),
    ] = None

    def options(self) -> RevisingOptions:
        """The same as planning takes it, with whole paths: what is proposed is read again later."""
        act = self.amended_by
        if act is not None and "://" not in act:
            path, sign, unit = act.partition("#")
            act = f"{Path(path).expanduser().absolute()}{sign}{unit}"
        return RevisingOptions(
            self.in_force_from,
            str(self.dates.expanduser().absolute()) if self.dates else None,
            tuple(self.match or ()),
            act,
        )


def with_reading(command: Callable[..., None]) -> Callable[..., None]:
    """A command with parameters whose types are groups of options, such as `reading: Reading`, as
    one with an option for each of their fields in that place.
    """
    hints = get_type_hints(command, include_extras=True)
    given_groups: dict[str, Any] = {n: h for n, h in hints.items() if is_dataclass(h)}

    @functools.wraps(command)
    def parsed(**given: Any) -> None:
        made = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in given_groups.items()
        }
        command(**made, **given)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters: list[inspect.Parameter] = []
    for one in inspect.signature(command).parameters.values():
        if one.name in given_groups:
            parameters += _options_of(given_groups[one.name])
        else:
            parameters.append(one.replace(kind=keyword, annotation=hints[one.name]))
    parsed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer asks for
    return parsed


def _options_of(group: type[Any]) -> list[inspect.Parameter]:
    """A keyword parameter for each field, annotated as typer wants it."""
    hints = get_type_hints(group, include_extras=True)
    keyword = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(one.name, keyword, default=one.default, annotation=hints[one.name])
        for one in fields(group)
    ]


def console(*, stderr: bool = False) -> Console:
    """Where a command prints. Rich is imported when something is printed."""
    from cli.terminal import SafeConsole

    return SafeConsole(soft_wrap=True, stderr=stderr)
