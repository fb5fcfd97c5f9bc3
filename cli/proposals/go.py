"""`cutter go`: the live run of what was proposed and approved."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from rich.console import Console

from cli.documents.runs import Progress, outcome_json, show_outcome
from cli.services import services, the_app, without_prefect
from domain.errors import Refused
from domain.phases import Mode
from domain.reports.proposal import Proposal, Stage

if TYPE_CHECKING:
    from domain.reports.run import CutOutcome


def go_command(
    console: Console,
    name: str,
    *,
    reason: str | None,
    minutes: int,
    actor: str | None,
    as_json: bool,
) -> None:
    """Run it and print what it did.

    Raises `Refused` before anything is armed, and what arming and the run raise.
    """
    who = actor or getpass.getuser()
    with without_prefect():
        proposal = _ready(name, who)
    with services():
        outcome = _run(console, proposal, who, minutes, reason or f"cutter go {proposal.code}")
    if as_json:
        print(outcome_json(outcome))
        return
    show_outcome(console, outcome)
    code = proposal.code
    console.print(
        f"Next: cutter status {code}; to take it back, cutter revert {code}.", highlight=False
    )


def _ready(name: str, who: str) -> Proposal:
    """The proposal, if its run would not be refused for anything that is known here."""
    from tasks.records.proposals import (
        obstacles,
        require_proposal,
        require_submitter,
        require_the_same,
        standings,
    )

    app = the_app()
    proposal = require_proposal(app.settings.state, name)
    for one in obstacles(app, proposal.change_set_id, proposal.code, proposal.kind):
        raise Refused(f"{proposal.code} can not be cut now. {one}")
    require_the_same(app, proposal)
    (standing,) = standings(app, [proposal])
    if standing.stage in (Stage.WAITING, Stage.DECLINED, Stage.WITHDRAWN):
        raise Refused(f"{proposal.code} can not be cut. {standing.next_step} Nothing was written.")
    require_submitter(app, proposal, who)
    return proposal


def _run(console: Console, proposal: Proposal, who: str, minutes: int, reason: str) -> CutOutcome:
    """Arm the switch for this change set, cut, and turn the switch off, however it ends."""
    from domain.switch import SwitchState
    from flows.cut import run_cut  # Prefect is imported here
    from tasks.records.halt import armed

    own, what = proposal.change_set_id, f"the run of {proposal.code}"
    with (
        armed(the_app(), SwitchState.LIVE, own, minutes, who, reason, what),
        Progress(console, Mode.LIVE) as progress,
    ):
        return run_cut(
            proposal.document,
            Mode.LIVE,
            proposal.reading,
            attempt=proposal.attempt,
            actor=who,
            accepted=proposal.accepted,
            progress=progress,
        )
