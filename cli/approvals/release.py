"""`cutter approve RELEASE`: show an approver what a release is, ask, and sign once for all."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from rich.console import Console

from adapters.releases import keep_release_approval
from cli.approvals.approving import Approving
from cli.approvals.signing import Unlocking, require_agreed
from cli.services import the_app, without_prefect
from cli.terminal import words
from domain.approval.approvals import MEANING
from domain.counted import counted
from domain.errors import BadInput
from domain.reading.doubts import doubt_in_words
from domain.reports.proposal import SHORTEST_ID

if TYPE_CHECKING:
    from domain.release.approval import ReleaseStatement
    from domain.release.waiting import WaitingRelease
    from tasks.app import App
    from tasks.corpus.approving import ReleaseRequest

SHOWN = 20


def approve_release_command(
    console: Console,
    release_id: UUID,
    approving: Approving,
    unlocking: Unlocking,
) -> None:
    """Show the release, ask, sign, keep. The signed approval is the one line on standard output.

    Raises `BadInput` without a key, and what gathering, signing and judging raise.
    """
    if approving.key is None:
        raise BadInput("A release is signed where it was planned: name your key with --key.")
    signer = unlocking.signer(approving.key)
    with without_prefect():
        from tasks.corpus.approving import release_statement_of, request_for_release

        app = the_app()
        request = request_for_release(app, release_id)
        statement = release_statement_of(
            app,
            request,
            approving.gate,
            signer.key_id,
            approving.submitter,
            approving.approve_within,
            approving.execute_within,
        )
        _show(console, request, statement)
        require_agreed(console, statement.gate, "release", release_id, unlocking)
        approval = signer.sign_release(statement)
        path = keep_release_approval(
            app.settings.state, approval, beside=request.policy is not None
        )
        next_step = next((one.next_step for one in _waiting(app, request)), "")
    print(approval.envelope())
    console.print(f"Signed and kept in {words(path)}.", highlight=False)
    again = f"When both gates are signed: cutter corpus go {str(release_id)[:SHORTEST_ID]}"
    console.print(words(next_step or again), highlight=False)


def _waiting(app: App, request: ReleaseRequest) -> list[WaitingRelease]:
    """The release, if none of it has begun. Within `without_prefect`."""
    from tasks.corpus.waiting import waiting_releases
    from tasks.records.proposals import standings

    wanted = request.release.release_id
    return [one for one in waiting_releases(app, standings(app)) if one.release_id == wanted]


def _show(console: Console, request: ReleaseRequest, statement: ReleaseStatement) -> None:
    """Everything that the signature covers, and of each document what it does."""
    release = request.release
    in_all = sum(one.units for one in release.effects)
    console.print(f"[bold]{statement.gate}: {MEANING[statement.gate]}[/bold]", highlight=False)
    review = f"SHA-256 {request.review_sha256}" if request.review_sha256 else "none is kept"
    done = f", {request.done:,} of them done already" if request.done else ""
    for name, value in (
        ("approver", statement.approver),
        ("submitter", statement.submitter),
        ("release", statement.release_id),
        ("documents", f"{release.count:,} with {counted(in_all, 'unit')}{done}"),
        ("root", statement.root),
        ("target", statement.target),
        ("backup key", statement.backup_key or "none is set"),
        ("review page", review),
        ("approve by", f"{statement.approve_by:%Y-%m-%d %H:%M:%S} UTC"),
        ("execute by", f"{statement.execute_by:%Y-%m-%d %H:%M:%S} UTC"),
    ):
        console.print(f"  {name:13} {words(value)}", highlight=False)
    doubtful = [one for one in release.effects if one.doubts]
    plain = [one for one in release.effects if not one.doubts]
    for one in (*doubtful, *plain[:SHOWN]):
        doubts = ", ".join(map(doubt_in_words, one.doubts))
        look = f"  [bold red]accepted doubts[/bold red] {words(doubts)}" if doubts else ""
        code, units = words(one.document_code), counted(one.units, "unit")
        console.print(f"    {one.kind.value:8} {code}  {units}{look}", highlight=False)
    if (more := len(plain) - SHOWN) > 0:
        console.print(f"    and {more:,} more: the review page has a line of each", highlight=False)
