"""`cutter db clear`: what stands in a document's way and is no law, out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from adapters.postgres.permits.clearing import Cleared, clear_document
from cli.json_output import as_json_line
from cli.records.administrator import administrator
from cli.services import without_prefect
from cli.terminal import words
from domain.counted import counted
from domain.errors import DatabaseUnavailable
from domain.phases import Lifecycle


def clear_command(
    console: Console,
    document: str,
    reason: str,
    by: str,
    *,
    apply: bool,
    put_back: bool,
    admin: str,
    password_file: Path | None,
    as_json: bool = False,
) -> None:
    """Say what would be taken out of a document's way, or take it.

    Raises `BadInput` or a connection's refusal.
    """
    with without_prefect() as embedded:
        doing = "Clearing a document"
        with administrator(embedded, admin, password_file, doing, DatabaseUnavailable) as conn:
            cleared = clear_document(conn, document, by, reason, apply=apply, put_back=put_back)
    if as_json:
        print(as_json_line({"document": document, "done": apply, "cleared": list(cleared)}))
        return
    say_cleared(console, document, cleared, done=apply)


def say_cleared(console: Console, document: str, cleared: Sequence[Cleared], *, done: bool) -> None:
    """What was, or would be, taken out of the way."""
    if not cleared:
        console.print(f"Nothing stands in the way of {words(document)}.", highlight=False)
        return
    for one in cleared:
        console.print(f"  {words(_line(one))}", highlight=False)
    kinds = Counter(map(_kind, cleared))
    said = ", ".join(
        counted(kinds[kind], name)
        for kind, name in (
            ("change_set", "change set"),
            ("unit", "draft"),
            ("again", "unit that stands again"),
            ("version", "version that nobody stands at"),
        )
        if kinds[kind]
    )
    if not done:
        console.print(f"In the way of {words(document)}: {said}. Run it again with --apply.")
        return
    console.print(
        f"Out of the way of {words(document)}, and kept on record: {said}. Everything is still "
        "halted: give a login that was in wrong hands another password, then `cutter lift`. A cut "
        "of the same plan needs --attempt with the next number.",
        highlight=False,
    )


def _line(one: Cleared) -> str:
    what = {
        "change_set": f"change set {one.subject}, which stood at {one.was}, is ended",
        "unit": f"draft {one.canonical_address} is withdrawn",
        "again": f"unit {one.canonical_address} stands again; a revert had taken it back",
        "version": f"version {one.was} of {one.canonical_address} is named as nobody's",
    }
    return what[_kind(one)]


def _kind(one: Cleared) -> str:
    return "again" if one.kind == "unit" and one.was != Lifecycle.DRAFT else one.kind
