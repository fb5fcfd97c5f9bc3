"""`cutter export`: a document in a format that other programs or people read."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from adapters.files import keep_bytes
from adapters.writers.formats import written
from cli.services import the_app, without_prefect
from cli.terminal import words
from cli.units.reading_out import Wanted
from domain.counted import counted
from domain.reading.hidden_characters import plain
from domain.units.formats import Format


def export_command(console: Console, wanted: Wanted, to: Format, output: Path | None) -> None:
    """Write a document, or print it: what goes to a terminal can not control it.

    Raises what reading raises, and `BadInput` for what is no day or no time.
    """
    day, moment = wanted.day, wanted.moment
    with without_prefect():
        from tasks.records.units import reading_out

        with reading_out(the_app()) as reader:
            document = reader.document(wanted.named, day, moment)
    text = written(document, to)
    if output is None:
        print(_shown(text) if console.is_terminal else text, end="")
        return
    keep_bytes(output, text.encode())
    console.print(
        f"Written to {words(output)}: {counted(len(document.units), 'unit')}, {to.value}.",
        highlight=False,
    )


def _shown(text: str) -> str:
    return "\n".join(plain(line) for line in text.split("\n"))
