"""A program of its own that rehearses until a phase has ended and waits to be killed.

Its login comes by standard input.
"""

from __future__ import annotations

import json
import sys
import time

from pydantic import SecretStr

from adapters.keys.signing import Ed25519Signer
from adapters.postgres.ledger.writer import LedgerWriter
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.postgres.rehearsal.session import RehearsalConnections
from adapters.postgres.rehearsal.transactions import RehearsalBackup, RehearsalTransactions
from adapters.postgres.verify.verifier import Verifier
from domain.change_set import TargetFingerprint
from domain.phases import Mode, Phase, Principal
from domain.ports import Credentials, Endpoint
from domain.switch import SwitchState
from tests.support.live import ArmedSwitch, run_phases
from tests.support.plans import context, made_plan


def main() -> None:
    """Say READY, rehearse up to and with the named phase, say DONE, and wait."""
    told = json.load(sys.stdin)
    target = TargetFingerprint(**told["target"])
    login = Credentials(told["user"], SecretStr(told["password"]))
    plan = made_plan(told["units"])
    ctx = context(plan, Mode.REHEARSE, target)
    switch = ArmedSwitch(ctx.change_set_id, SwitchState.REHEARSE)
    last = Phase(told["until"])
    with RehearsalTransactions(
        RehearsalConnections(Endpoint(**told["endpoint"]), lambda: login, target=target)
    ) as transactions:
        adapter = ProductionLiveExecutionAdapter(
            switch=switch,
            backup=RehearsalBackup(),
            governance=LedgerWriter(Ed25519Signer(told["keys"][Principal.EXEC].encode())),
            verify=Verifier(Ed25519Signer(told["keys"][Principal.VERIFY].encode())),
            transactions=transactions,
        )
        print("READY", flush=True)  # noqa: T201  # what the test waits for
        run_phases(adapter, ctx, plan, until=last)
        print("DONE", flush=True)  # noqa: T201
        time.sleep(120)


if __name__ == "__main__":
    main()
