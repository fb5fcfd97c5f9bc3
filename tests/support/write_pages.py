"""Writes the pages of the reference from the code: run it after each change of a command, a
setting, an exit status or the schema.

python -m tests.support.write_pages
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any, Final

import typer

from adapters.postgres.schema.catalog import NAMES
from blocks.deployed import PROJECT
from blocks.settings import CutterSettings
from cli.main import whole_program
from domain import errors
from domain.errors import CutterError
from tests.support.postgres import (
    Connection,
    Database,
    fresh_database,
    prepared_cluster,
    running_server,
)

FOLDER: Final = PROJECT / "docs" / "reference"
MADE: Final = (
    "Made from the code by `python -m tests.support.write_pages`, and held to it by a test."
)

COLUMNS: Final = """
    SELECT n.nspname || '.' || c.relname, c.relkind::text,
           coalesce(obj_description(c.oid, 'pg_class'), ''),
           a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           coalesce(col_description(c.oid, a.attnum), '')
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE n.nspname || '.' || c.relname = ANY (%s)
     ORDER BY n.nspname DESC, c.relkind, c.relname, a.attnum
"""


def commands_page() -> str:
    """Every command with its arguments and options."""
    program = typer.main.get_command(whole_program())
    intro = (
        "Every command of `cutter`, by name. `cutter COMMAND --help` says the same.\n"
        "`--home FOLDER` (or `CUTTER_HOME`) may stand anywhere in the line."
    )
    return _page("Commands", intro, *_commands(program, "cutter"))


def _commands(found: Any, name: str) -> Iterator[str]:
    if hasattr(found, "commands"):
        for word in sorted(found.commands):
            yield from _commands(found.commands[word], f"{name} {word}")
        return
    yield f"## {name}"
    yield _safe(found.help or "")
    rows = [_row(one) for one in found.params if not getattr(one, "hidden", False)]
    if rows:
        yield _table(("name", "what it is", "default"), rows)


def _row(one: Any) -> tuple[str, str, str]:
    names = ", ".join(f"`{word}`" for word in (*one.opts, *one.secondary_opts))
    if one.param_type_name == "argument":
        names = f"`{one.name.upper()}`"
    default = (
        "" if one.default in (None, False, "") or callable(one.default) else f"`{one.default}`"
    )
    again = " May be given again." if getattr(one, "multiple", False) else ""
    return names, f"{_safe(one.help or '')}{again}", "required" if one.required else default


def settings_page() -> str:
    """Every setting with what it means."""
    intro = (
        "Read from the environment, then from `cutter.env` in the home. None of them is a secret.\n"
        "[Operations](../operations.md#settings) says where secrets are."
    )
    rows = [
        (
            f"`{field.metadata['name']}`",
            _safe(field.metadata["description"]),
            f"`{field.default}`" if isinstance(field.default, str) else "",
        )
        for field in fields(CutterSettings)
    ]
    return _page("Settings", intro, _table(("key", "meaning", "default"), rows))


def statuses_page() -> str:
    """Every exit status with the errors that end in it."""
    found = sorted(_errors(CutterError), key=lambda one: (one.exit_status, one.__name__))
    parts = [f"## 0\n\nDone. {STATUS[0]}"]
    for status, kinds in groupby(found, lambda one: one.exit_status):
        rows = [(f"`{one.__name__}`", _safe(_summary(one))) for one in kinds]
        parts.append(f"## {status}\n\n{STATUS[status]}\n\n{_table(('error', 'meaning'), rows)}")
    intro = (
        "Each command ends with one of these. An error is one sentence on standard error that says\n"
        "what to do; its name stands in logs, artifacts and evidence."
    )
    return _page("Exit statuses", intro, *parts)


STATUS: Final = {
    0: "Nothing is left to do.",
    1: "A check has found something, or nothing stands under what was asked for: read what it says.",
    2: (
        "Bad input or configuration: a file, an option, a setting. Do what the sentence says; "
        "nothing was written."
    ),
    3: "Refused by a safety rule. Find out why before you insist; nothing was written.",
    4: "A phase stopped, or a change set is torn: `cutter status` names the next step.",
    5: (
        "The outside world: database, Prefect server, gpg, disk. Mend it and run the same command "
        "again."
    ),
    130: "Somebody pressed Ctrl-C; what stands was said.",
}


def _errors(kind: type[CutterError]) -> Iterator[type[CutterError]]:
    if kind.__module__ == errors.__name__:
        yield kind
    for one in kind.__subclasses__():
        yield from _errors(one)


def _summary(kind: type[CutterError]) -> str:
    text = inspect.cleandoc(kind.__doc__ or "")
    return " ".join(text.partition("\n\n")[0].split())


def database_page(conn: Connection) -> str:
    """Every table and view of the reference schema with its columns."""
    intro = (
        "Every table and view of the reference schema, as the comments in it say. Who may do what to\n"
        "them is in `domain/ledger/privileges.py`; the contract is in [Contract](../contract.md)."
    )
    rows = conn.execute(COLUMNS, [NAMES["tables"]]).fetchall()
    parts = []
    for (table, kind, about), columns in groupby(rows, lambda row: row[:3]):
        lines = [
            (f"`{name}`", f"`{of}`", "" if required or kind == "v" else "may be empty", _safe(said))
            for *_, name, of, required, said in columns
        ]
        head = f"## {table}\n\n{'A view. ' if kind == 'v' else ''}{_safe(about)}"
        parts.append(f"{head}\n\n{_table(('column', 'type', '', 'meaning'), lines)}")
    return _page("Tables and views", intro, *parts)


def _page(title: str, intro: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", intro, *parts, MADE]) + "\n"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _safe(text: str) -> str:
    """Running text that is no markup by accident."""
    told = textwrap.dedent(text).strip().replace("|", "\\|").replace("<", "&lt;")
    return told.replace("*", "\\*").replace("[", "\\[")


PLAIN: Final = {
    "commands.md": commands_page,
    "settings.md": settings_page,
    "exit-statuses.md": statuses_page,
}
"""Pages that need no server."""


def write_database_page(database: Database) -> None:
    """Write the page of a database that was just made."""
    with database.connect() as admin:
        (FOLDER / "database.md").write_text(database_page(admin), encoding="utf-8")


def main() -> None:
    """Write every page, the database's from a schema that is made for it."""
    for name, page in PLAIN.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
    with (
        running_server() as server,
        prepared_cluster(server) as cluster,
        fresh_database(cluster) as database,
    ):
        write_database_page(database)


if __name__ == "__main__":
    main()
