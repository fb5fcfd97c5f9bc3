"""The options of `cutter approve` that say how somebody approves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from domain.approval.approvals import Gate


@dataclass(frozen=True, slots=True)
class Approving:
    """How somebody approves: for which gate, with a key here or by a request, for whose run, and
    until when.
    """

    gate: Annotated[
        Gate | None,
        typer.Option(
            help="SG_1 authorises the plan, SG_3 a revert; SG_2 releases either for this run. If "
            "not given, the one that the key may sign for and that is missing."
        ),
    ] = None
    key: Annotated[
        Path | None,
        typer.Option(
            help="Your OpenSSH Ed25519 private key, or the public one if your SSH agent has it."
        ),
    ] = None
    revert: Annotated[
        str | None, typer.Option(help="Approve the revert of this change set instead of a cut.")
    ] = None
    request: Annotated[
        Path | None,
        typer.Option(
            help="Sign nothing here; write what an approver elsewhere needs into this file."
        ),
    ] = None
    approver: Annotated[
        str | None,
        typer.Option(help="Who is asked by --request: a name, or the beginning of a key's id."),
    ] = None
    signed: Annotated[
        Path | None, typer.Option(help="Take what an approver has signed elsewhere.")
    ] = None
    submitter: Annotated[
        str | None, typer.Option(help="Who will start the run; who did the dry run if not given.")
    ] = None
    minutes: Annotated[
        int, typer.Option(help="Until when the run may begin.", min=1, max=10080)
    ] = 60
    execute_minutes: Annotated[
        int, typer.Option(help="Until when it may commit.", min=1, max=10080)
    ] = 120

    @property
    def approve_within(self) -> timedelta:
        """How long the run may wait before it begins."""
        return timedelta(minutes=self.minutes)

    @property
    def execute_within(self) -> timedelta:
        """How long it may be before it has committed."""
        return timedelta(minutes=self.execute_minutes)
