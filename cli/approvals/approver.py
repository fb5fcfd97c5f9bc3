"""`cutter approver`: who may approve. Registering and retiring keys is an administrator's work."""

from __future__ import annotations

import getpass
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.keys.public_file import load_approver_key
from adapters.postgres.permits.approvers import register_approver, retire_approver
from adapters.postgres.permits.permit import registry
from cli.json_output import as_json_line
from cli.records.administrator import administrator
from cli.services import the_app, without_prefect
from domain.approval.approvals import ApproverKey, Gate
from domain.approval.passkeys import is_passkey
from domain.approval.people import doubts_about, require_name
from domain.counted import counted
from domain.errors import BadInput


def add_command(
    console: Console,
    person: str,
    key: Path,
    gates: list[Gate],
    *,
    days: int,
    admin: str,
    password_file: Path | None,
    as_json: bool = False,
) -> None:
    """Register a person's public key. Raises `BadInput` or a connection's refusal."""
    public_key = load_approver_key(key)
    name = require_name(person)
    with without_prefect() as embedded, administrator(embedded, admin, password_file) as conn:
        doubts = list(doubts_about(name, (known.person for known in registry(conn).values())))
        key_id = register_approver(
            conn, name, public_key, gates, timedelta(days=days), getpass.getuser()
        )
    if as_json:
        print(
            as_json_line(
                {"person": name, "key_id": key_id, "gates": gates, "days": days, "doubts": doubts}
            )
        )
        return
    for doubt in doubts:
        console.print(f"[bold red]look[/bold red] {escape(doubt)}", highlight=False)
    console.print(
        f"{name} may sign for {', '.join(sorted(gates))} with the key {key_id[:12]}, for "
        f"{counted(days, 'day')}.",
        highlight=False,
    )


def retire_command(
    console: Console, key_id: str, *, admin: str, password_file: Path | None, as_json: bool = False
) -> None:
    """Retire a key. Raises `BadInput` if there is none to retire."""
    with without_prefect() as embedded, administrator(embedded, admin, password_file) as conn:
        matching = [known for known in registry(conn) if known.startswith(key_id)]
        if len(matching) != 1 or not retire_approver(conn, matching[0]):
            raise BadInput(f"{key_id} names no key that counts; `cutter approver list` shows them.")
    if as_json:
        print(as_json_line({"key_id": matching[0], "retired": True}))
        return
    console.print(f"The key {matching[0][:12]} does not count any more.", highlight=False)


def list_command(console: Console, *, as_json: bool = False) -> None:
    """Print every approver's key."""
    with without_prefect():
        from tasks.reading import verifier_connection

        with verifier_connection(the_app()) as conn:
            keys = registry(conn).values()
    if as_json:
        print(as_json_line([_object(known) for known in keys]))
        return
    table = Table(title="Approvers", title_justify="left")
    for name in ("person", "gates", "key", "kind", "valid until", "retired"):
        table.add_column(name, overflow="fold")
    for known in keys:
        retired = f"{known.retired_at:%Y-%m-%d}" if known.retired_at else ""
        table.add_row(
            known.person,
            " ".join(sorted(known.gates)),
            known.key_id[:12],
            _kind(known),
            f"{known.valid_until:%Y-%m-%d}",
            retired,
        )
    console.print(table if keys else "Nobody is registered as an approver.")


def _kind(known: ApproverKey) -> str:
    return "passkey" if is_passkey(known.public_key) else "Ed25519"


def _object(known: ApproverKey) -> dict[str, object]:
    """A key for a program: everything but the public key, of which the id is the hash."""
    return {
        "person": known.person,
        "key_id": known.key_id,
        "kind": _kind(known),
        "gates": sorted(known.gates),
        "valid_until": known.valid_until,
        "retired_at": known.retired_at,
    }
