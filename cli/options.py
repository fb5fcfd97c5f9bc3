"""Options that several commands share, and the console they print on."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from domain.reading.options import ReadingOptions

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

    def options(self) -> ReadingOptions:
        """The same as planning takes it."""
        return ReadingOptions(
            self.code, self.profile, self.granularity, self.publication_type, self.owner
        )


def with_reading(command: Callable[..., None]) -> Callable[..., None]:
    """A command with a parameter `reading: Reading`, as one with an option for each of its fields
    in that place.
    """
    hints = get_type_hints(command, include_extras=True)
    options = get_type_hints(Reading, include_extras=True)

    @functools.wraps(command)
    def parsed(**given: Any) -> None:
        reading = Reading(**{name: given.pop(name) for name in options})
        command(reading=reading, **given)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters: list[inspect.Parameter] = []
    for one in inspect.signature(command).parameters.values():
        if one.name == "reading":
            for field in fields(Reading):
                option = inspect.Parameter(
                    field.name, keyword, default=field.default, annotation=options[field.name]
                )
                parameters.append(option)
        else:
            parameters.append(one.replace(kind=keyword, annotation=hints[one.name]))
    parsed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer asks for
    return parsed


def console(*, stderr: bool = False) -> Console:
    """Where a command prints. Rich is imported when something is printed."""
    from cli.terminal import SafeConsole

    return SafeConsole(soft_wrap=True, stderr=stderr)
