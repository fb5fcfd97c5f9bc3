"""`cutter inbox`, `cutter decline` and `cutter withdraw`: what is proposed, and saying no."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from cli.json_output import as_json_line
from cli.services import the_app, without_prefect
from cli.terminal import words
from domain.counted import counted
from domain.errors import BadInput
from domain.release.waiting import WaitingRelease
from domain.reports.proposal import OPEN, Given, Proposal, ProposalStanding, Stage

if TYPE_CHECKING:
    from cli.approvals.signing import Unlocking
    from tasks.app import App


def inbox_command(console: Console, *, as_json: bool) -> None:
    """Print every proposal that is not done, and before them the releases that wait as a whole.

    Raises a connection's refusal.
    """
    with without_prefect():
        from tasks.corpus.waiting import waiting_releases
        from tasks.records.proposals import standings

        app = the_app()
        found = [one for one in standings(app) if one.stage in OPEN]
        releases = waiting_releases(app, found)
    if as_json:
        print(as_json_line([*map(as_object, found), *map(release_object, releases)]))
        return
    show_releases(console, releases)
    show_standings(console, found)
    if not found:
        console.print("Nothing waits. `cutter propose FILE` proposes a document.")


def show_releases(console: Console, found: Iterable[WaitingRelease]) -> None:
    """A few lines for each release, the last of them what comes next for all of its documents."""
    for one in found:
        stage = Stage.WAITING if one.missing else Stage.APPROVED
        console.print(
            f"[bold]release {one.release_id}[/bold]  {stage}, {counted(one.documents, 'document')}"
            f", {counted(one.units, 'unit')}",
            highlight=False,
        )
        _show_given(console, one.given)
        console.print(f"  {words(one.next_step)}", highlight=False)


def release_object(one: WaitingRelease) -> dict[str, object]:
    """A release that waits, for a program."""
    return {**asdict(one), "next_step": one.next_step}


def show_standings(console: Console, found: Iterable[ProposalStanding]) -> None:
    """A few lines for each proposal, the last of them what comes next."""
    for one in found:
        proposal = one.proposal
        console.print(
            f"[bold]{words(proposal.code)}[/bold]  {one.stage}, {_what(proposal)}, "
            f"{counted(proposal.warnings, 'warning')}  "
            f"{words(proposal.title)}",
            highlight=False,
        )
        console.print(
            f"  proposed {proposal.proposed_at:%Y-%m-%d %H:%M} UTC by "
            f"{words(proposal.proposed_by)}, change set {proposal.change_set_id}",
            highlight=False,
        )
        _show_given(console, one.given)
        console.print(f"  {words(one.next_step)}", highlight=False)


def _show_given(console: Console, every: Iterable[Given]) -> None:
    for given in every:
        console.print(
            f"  {given.gate} by {words(given.approver)}, until "
            f"{given.approve_by:%Y-%m-%d %H:%M} UTC",
            highlight=False,
        )


def _what(proposal: Proposal) -> str:
    """How many units a cut adds, or what a revision changes."""
    if proposal.changes:
        return f"revision: {', '.join(proposal.changes)}"
    return counted(proposal.units, "unit")


def as_object(one: ProposalStanding) -> dict[str, object]:
    """A proposal and how far it is, for a program."""
    return {**asdict(one), "next_step": one.next_step}


def decline_command(
    console: Console, name: str, key: Path, unlocking: Unlocking, *, reason: str, as_json: bool
) -> None:
    """Sign a no to a proposal and keep it: until its signer approves, no run of it begins.

    Raises `BadInput`, and `ApprovalRefused` for a key that is no approver's.
    """
    if not reason.strip():
        raise BadInput("Declining needs a reason.")
    signer = unlocking.signer(key)
    with without_prefect():
        from adapters.home.approvals import keep_decline
        from tasks.records.proposals import decline_statement

        app = the_app()
        proposal = _not_begun(app, name, "declined")
        statement = decline_statement(app, proposal, signer.key_id, reason)
        path = keep_decline(app.settings.state, signer.decline(statement))
    if as_json:
        print(as_json_line(asdict(statement)))
        return
    console.print(
        f"{proposal.code} is declined by {words(statement.approver)}; kept in {path}. No run of it "
        f"begins from this home until {words(statement.approver)} approves.",
        highlight=False,
    )


def withdraw_command(
    console: Console, name: str, *, reason: str, by: str | None, as_json: bool
) -> None:
    """Withdraw a proposal that is not begun. Raises `BadInput`."""
    if not reason.strip():
        raise BadInput("Withdrawing needs a reason.")
    with without_prefect():
        from adapters.home.proposals import keep_proposal

        app = the_app()
        proposal = _not_begun(app, name, "withdrawn")
        who = by or getpass.getuser()
        keep_proposal(app.settings.state, replace(proposal, withdrawn=f"{reason} ({who})"))
    if as_json:
        print(as_json_line({"code": proposal.code, "withdrawn": f"{reason} ({who})"}))
        return
    console.print(
        f"{proposal.code} is withdrawn. `cutter propose {words(proposal.document)}` proposes it "
        f"again.",
        highlight=False,
    )


def _not_begun(app: App, name: str, wanted: str) -> Proposal:
    """The proposal of that name. Raises `BadInput` if it can not be what is `wanted` any more."""
    from tasks.records.proposals import require_proposal, standings

    proposal = require_proposal(app.settings.state, name)
    (standing,) = standings(app, [proposal])
    if standing.stage not in (Stage.WAITING, Stage.APPROVED, Stage.DECLINED):
        raise BadInput(f"{proposal.code} can not be {wanted}. {standing.next_step}")
    return proposal
