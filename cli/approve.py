"""`cutter approve`: show an approver what is to happen, ask, and sign."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr
from rich.console import Console

from adapters.approval_keys import ApproverSigner, PassphraseNeeded, load_private_key
from adapters.approval_store import keep_approval
from cli.services import services
from domain.approvals import MEANING, ApprovalStatement, Gate, Kind, SignedApproval
from domain.errors import BadInput, Refused

if TYPE_CHECKING:
    from flows.approve import Request

SHOWN_ADDRESSES: Final = 12


@dataclass(frozen=True, slots=True)
class Signing:
    """How to sign: for which gate, with which key, for how long, and whether to ask first. `submitter` None: the dry run's."""

    gate: Gate
    key: Path
    approve_within: timedelta
    execute_within: timedelta
    submitter: str | None
    passphrase_file: Path | None
    yes: bool


def signing(
    *, gate: Gate, key: Path, minutes: int, execute_minutes: int, submitter: str | None, passphrase_file: Path | None, yes: bool
) -> Signing:
    """The command line's options as a `Signing`."""
    within, execute = timedelta(minutes=minutes), timedelta(minutes=execute_minutes)
    return Signing(gate, key.expanduser(), within, execute, submitter, passphrase_file, yes)


def approve_command(
    console: Console, document: str | None, revert: str | None, signing: Signing, *, attempt: int, **reading: Any
) -> None:
    """Plan the document's cut or the revert, show, ask, sign, keep. The signed approval is the one line on standard output."""
    if (document is None) == (revert is None):
        raise BadInput("Name what is to be approved: a document, or --revert and a change set.")
    signer = _signer(signing)
    with services():
        from flows.approve import request_for_cut, request_for_revert

        if revert is not None:
            request = request_for_revert(revert, attempt=attempt)
        else:
            request = request_for_cut(str(document), attempt=attempt, **reading)
        _sign(console, request, signing, signer)


def _sign(console: Console, request: Request, signing: Signing, signer: ApproverSigner) -> None:
    from flows.approve import statement_of

    statement = statement_of(
        request, signing.gate, signer.key_id, signing.submitter, signing.approve_within, signing.execute_within
    )
    show_statement(console, statement, request)
    if not signing.yes and not _agreed(console, statement):
        raise Refused("Not signed: nothing was approved.")
    approval = signer.sign(statement)
    path = keep_approval(request.state, approval)
    print(approval.envelope())
    console.print(f"Signed and kept in {path}. For the form in Prefect's UI, paste the line above.", highlight=False)


def show_statement(console: Console, statement: ApprovalStatement, request: Request) -> None:
    """Everything that the signature will cover, and what is known of it."""
    console.print(f"[bold]{statement.gate}: {MEANING[statement.gate]}[/bold]", highlight=False)
    what = "add" if statement.kind is Kind.CUT else "withdraw"
    for name, value in (
        ("approver", statement.approver),
        ("submitter", statement.submitter),
        ("document", f"{statement.document_code}  {request.title}"),
        ("to happen", f"{what} {statement.units:,} units"),
        ("change set", f"{statement.change_set_id}, attempt {statement.attempt}"),
        ("plan digest", statement.plan_digest),
        ("effect digest", statement.effect_digest),
        ("target", statement.target),
        ("backup key", statement.backup_key or "none is set"),
        ("dry run", request.dry_run),
        ("rehearsal", request.rehearsal),
        ("approve by", f"{statement.approve_by:%Y-%m-%d %H:%M:%S} UTC"),
        ("execute by", f"{statement.execute_by:%Y-%m-%d %H:%M:%S} UTC"),
    ):
        console.print(f"  {name:13} {value}", highlight=False, markup=False)
    for address in request.addresses[:SHOWN_ADDRESSES]:
        console.print(f"    {what} {address}", highlight=False, markup=False)
    if (more := len(request.addresses) - SHOWN_ADDRESSES) > 0:
        console.print(f"    and {more:,} more: `cutter review` shows every unit with its text", highlight=False)
    for alert in request.alerts:
        console.print(f"  [bold red]look[/bold red] {alert}", highlight=False)


def _agreed(console: Console, statement: ApprovalStatement) -> bool:
    if not sys.stdin.isatty():
        raise BadInput("Nobody can be asked here; say --yes if you have looked at all of this.")
    console.print(f"Type the first eight characters of the change set to {MEANING[statement.gate]}: ", end="")
    return input().strip() == str(statement.change_set_id)[:8]


def _signer(signing: Signing) -> ApproverSigner:
    return _with_passphrase(signing.key, lambda: _passphrase(signing))


def _with_passphrase(key: Path, ask: Callable[[], SecretStr]) -> ApproverSigner:
    try:
        return load_private_key(key)
    except PassphraseNeeded:
        return load_private_key(key, ask())


def _passphrase(signing: Signing) -> SecretStr:
    if signing.passphrase_file is None:
        return SecretStr(getpass.getpass(f"Passphrase of {signing.key}: "))
    try:
        return SecretStr(signing.passphrase_file.read_text(encoding="utf-8").rstrip("\n"))
    except OSError as error:
        raise BadInput(f"The passphrase file {signing.passphrase_file} can not be read: {error.strerror}.") from None


def sign_quietly(request: Request, gate: Gate, signer: ApproverSigner, submitter: str, within: timedelta) -> SignedApproval:
    """Sign without showing or asking, for the demonstration, which plays both approvers. Keeps the approval."""
    from flows.approve import statement_of

    approval = signer.sign(statement_of(request, gate, signer.key_id, submitter, within, within))
    keep_approval(request.state, approval)
    return approval
