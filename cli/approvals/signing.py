"""What an approver is shown before signing, the question, and the key: the same here and on the
approver's own machine.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape

from adapters.files import keep_bytes
from adapters.keys.approvers import ApproverSigner, load_private_key, load_signer
from adapters.request_file import digest_of, read_request
from cli.counted import counted
from domain.approval.approvals import MEANING, ApprovalStatement
from domain.approval.signing_request import (
    AGAIN,
    Known,
    SigningRequest,
    addresses_of,
    check_request,
    title_of,
    warnings_of,
)
from domain.errors import ApprovalRefused, BadInput, PassphraseNeeded, Refused
from domain.phases import Kind
from domain.plan.run_plan import RunPlan
from domain.reading.doubts import doubt_in_words

SHOWN_ADDRESSES: Final = 12


@dataclass(frozen=True, slots=True)
class Unlocking:
    """How a key is unlocked, and whether to ask before it signs."""

    passphrase_file: Path | None
    yes: bool

    def signer(self, file: Path) -> ApproverSigner:
        """The key in a file, unlocked, or the SSH agent's for a public key. Raises `BadInput`."""
        key = file.expanduser()
        try:
            return load_signer(key, os.environ.get("SSH_AUTH_SOCK"))
        except PassphraseNeeded:
            return load_private_key(key, self._passphrase(key))

    def _passphrase(self, key: Path) -> SecretStr:
        if self.passphrase_file is None:
            return SecretStr(getpass.getpass(f"Passphrase of {key}: "))
        try:
            return SecretStr(self.passphrase_file.read_text(encoding="utf-8").rstrip("\n"))
        except OSError as error:
            raise BadInput(
                f"The passphrase file {self.passphrase_file} can not be read: {error.strerror}."
            ) from None


def sign_command(
    console: Console,
    path: Path,
    key: Path,
    unlocking: Unlocking,
    out: Path | None,
    review: Path | None,
) -> None:
    """Check a request, show it, ask, and sign its exact bytes.

    Needs no database, no Prefect and no home.

    The signed approval is the one line on standard output, and the content of `out`.
    """
    request = read_request(path)
    statement = request.statement
    check_request(request, datetime.now(UTC))
    if review is not None:
        _require_review(request, review)
    signer = unlocking.signer(key)
    if signer.key_id != statement.key_id:
        raise ApprovalRefused(
            f"Not signed: the request is for the key {statement.key_id[:12]} of "
            f"{statement.approver}, and this is "
            f"{signer.key_id[:12]}; {AGAIN}."
        )
    show_statement(console, statement, request.plan, request.known)
    console.print(f"  {'request':13} {digest_of(request)}", highlight=False)
    require_agreed(console, statement, unlocking)
    envelope = signer.sign(statement).envelope()
    if out is not None:
        keep_bytes(out, f"{envelope}\n".encode())
    print(envelope)
    where = f" and kept in {out}" if out else ""
    console.print(
        f"Signed{where}. It counts once it is given back: `cutter approve --signed FILE`.",
        highlight=False,
    )


def show_statement(
    console: Console, statement: ApprovalStatement, plan: RunPlan, known: Known
) -> None:
    """Everything that the signature will cover, and what is known of it.

    Whatever does not print stands as a mark.
    """
    console.print(f"[bold]{statement.gate}: {MEANING[statement.gate]}[/bold]", highlight=False)
    what = "add" if statement.kind is Kind.CUT else "withdraw"
    for name, value in (
        ("approver", statement.approver),
        ("submitter", statement.submitter),
        ("document", f"{statement.document_code}  {title_of(plan)}"),
        ("to happen", f"{what} {counted(statement.units, 'unit')}"),
        ("change set", f"{statement.change_set_id}, attempt {statement.attempt}"),
        ("plan digest", statement.plan_digest),
        ("effect digest", statement.effect_digest),
        ("target", statement.target),
        ("doubts", ", ".join(map(doubt_in_words, statement.doubts)) or "none"),
        ("backup key", statement.backup_key or "none is set"),
        ("dry run", known.dry_run),
        ("rehearsal", known.rehearsal),
        (
            "review page",
            f"SHA-256 {known.review_sha256}"
            if known.review_sha256
            else "none is kept with the run",
        ),
        ("approve by", f"{statement.approve_by:%Y-%m-%d %H:%M:%S} UTC"),
        ("execute by", f"{statement.execute_by:%Y-%m-%d %H:%M:%S} UTC"),
    ):
        console.print(f"  {name:13} {printable(value)}", highlight=False, markup=False)
    addresses = addresses_of(plan)
    for address in addresses[:SHOWN_ADDRESSES]:
        console.print(f"    {what} {printable(address)}", highlight=False, markup=False)
    if (more := len(addresses) - SHOWN_ADDRESSES) > 0:
        console.print(
            f"    and {more:,} more: `cutter review` shows every unit with its text",
            highlight=False,
        )
    for alert in (*warnings_of(plan), *known.alerts):
        console.print(f"  [bold red]look[/bold red] {escape(printable(alert))}", highlight=False)


def printable(text: str) -> str:
    r"""A text that can not move the cursor, hide a line or make another up.

    >>> printable("a law\x1b[2K\nof mine")
    'a law\ufffd[2K\ufffdof mine'
    """
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def require_agreed(console: Console, statement: ApprovalStatement, unlocking: Unlocking) -> None:
    """Ask whether to sign. Raises `Refused` if not, and `BadInput` where nobody can be asked."""
    if unlocking.yes:
        return
    if not sys.stdin.isatty():
        raise BadInput("Nobody can be asked here; say --yes if you have looked at all of this.")
    console.print(
        f"Type the first eight characters of the change set to {MEANING[statement.gate]}: ", end=""
    )
    if input().strip() != str(statement.change_set_id)[:8]:
        raise Refused("Not signed: nothing was approved.")


def _require_review(request: SigningRequest, review: Path) -> None:
    try:
        found = hashlib.sha256(review.read_bytes()).hexdigest()
    except OSError as error:
        raise BadInput(f"The review page {review} can not be read: {error.strerror}.") from None
    if found != request.known.review_sha256:
        raise ApprovalRefused(
            f"Not signed: {review} is not the review page that the request names; have both "
            f"sent again."
        )
