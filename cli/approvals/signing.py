"""What an approver is shown before signing, the question, and the key: the same here and on the
approver's own machine.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape

from adapters.files import keep_bytes
from adapters.keys.approvers import ApproverSigner, load_private_key, load_signer
from adapters.request_file import digest_of, read_request
from domain.approval.approvals import MEANING, ApprovalStatement, Gate
from domain.approval.declines import DeclineStatement
from domain.approval.in_words import covered
from domain.approval.signing_request import (
    AGAIN,
    Known,
    SigningRequest,
    addresses_of,
    check_request,
    warnings_of,
)
from domain.errors import ApprovalRefused, BadInput, PassphraseNeeded, Refused
from domain.plan.revert import RevertPlan
from domain.revision.plan import RevisionPlan
from domain.runs.run_plan import RunPlan

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
    _require_own_key(statement, signer)
    show_statement(console, statement, request.plan, request.known)
    console.print(f"  {'request':13} {digest_of(request)}", highlight=False)
    require_agreed(console, statement.gate, "change set", statement.change_set_id, unlocking)
    envelope = signer.sign(statement).envelope()
    if out is not None:
        keep_bytes(out, f"{envelope}\n".encode())
    print(envelope)
    where = f" and kept in {out}" if out else ""
    console.print(
        f"Signed{where}. It counts once it is given back: `cutter approve --signed FILE`.",
        highlight=False,
    )


def decline_request_command(
    console: Console, path: Path, key: Path, unlocking: Unlocking, out: Path | None, reason: str
) -> None:
    """Sign a no to a request. Needs no database, no Prefect and no home.

    The signed decline is the one line on standard output, and the content of `out`. Raises
    `BadInput` and `ApprovalRefused`.
    """
    if not reason.strip():
        raise BadInput("Declining needs a reason.")
    request = read_request(path)
    statement = request.statement
    signer = unlocking.signer(key)
    _require_own_key(statement, signer)
    no = DeclineStatement(
        change_set_id=statement.change_set_id,
        document_code=statement.document_code,
        plan_digest=statement.plan_digest,
        target=statement.target,
        approver=statement.approver,
        key_id=signer.key_id,
        reason=reason.strip(),
        declined_at=datetime.now(UTC).replace(microsecond=0),
    )
    envelope = signer.decline(no).envelope()
    if out is not None:
        keep_bytes(out, f"{envelope}\n".encode())
    print(envelope)
    console.print("Signed. It counts once it is given back, on the approvers' pages.")


def _require_own_key(statement: ApprovalStatement, signer: ApproverSigner) -> None:
    if signer.key_id != statement.key_id:
        raise ApprovalRefused(
            f"Not signed: the request is for the key {statement.key_id[:12]} of "
            f"{statement.approver}, and this is "
            f"{signer.key_id[:12]}; {AGAIN}."
        )


def show_statement(
    console: Console, statement: ApprovalStatement, plan: RunPlan, known: Known
) -> None:
    """Everything that the signature will cover, and what is known of it.

    Whatever does not print stands as a mark.
    """
    console.print(f"[bold]{statement.gate}: {MEANING[statement.gate]}[/bold]", highlight=False)
    for name, value in covered(statement, plan, known):
        console.print(f"  {name:13} {printable(value)}", highlight=False, markup=False)
    addresses = addresses_of(plan)
    for act, address in list(zip(_acts(plan), addresses, strict=True))[:SHOWN_ADDRESSES]:
        console.print(f"    {act} {printable(address)}", highlight=False, markup=False)
    if (more := len(addresses) - SHOWN_ADDRESSES) > 0:
        console.print(
            f"    and {more:,} more: `cutter review` shows every unit with its text",
            highlight=False,
        )
    for alert in (*warnings_of(plan), *known.alerts):
        console.print(f"  [bold red]look[/bold red] {escape(printable(alert))}", highlight=False)


def _acts(plan: RunPlan) -> Sequence[str]:
    """What happens to each address."""
    if isinstance(plan, RevisionPlan):
        return [step.act.value for step in plan.steps]
    act = "withdraw" if isinstance(plan, RevertPlan) else "add"
    return [act] * len(addresses_of(plan))


def printable(text: str) -> str:
    r"""A text that can not move the cursor, hide a line or make another up.

    >>> printable("a law\x1b[2K\nof mine")
    'a law\ufffd[2K\ufffdof mine'
    """
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def require_agreed(
    console: Console, gate: Gate, what: str, its_id: UUID, unlocking: Unlocking
) -> None:
    """Ask whether to sign for a gate; `what` has the id that is typed. Raises `Refused` if not, and
    `BadInput` where nobody can be asked.
    """
    if unlocking.yes:
        return
    if not sys.stdin.isatty():
        raise BadInput("Nobody can be asked here; say --yes if you have looked at all of this.")
    console.print(f"Type the first eight characters of the {what} to {MEANING[gate]}: ", end="")
    if input().strip() != str(its_id)[:8]:
        raise Refused("Not signed: nothing was approved.")


def require_yes(console: Console, unlocking: Unlocking, question: str, if_not: str) -> None:
    """Ask for a whole yes. Raises `Refused` if not, and `BadInput` where nobody can be asked."""
    if unlocking.yes:
        return
    try:
        said = console.input(f"{question} Type yes: ")
    except EOFError:
        raise BadInput("Nobody can be asked here; say --yes.") from None
    if said.strip() != "yes":
        raise Refused(if_not)


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
