"""A run whose verifier is a service elsewhere: it asks, and waits for what the verifier records.

It waits no longer than it was told to, and no longer than it may run: a halt, and the kill-switch
that is turned off or whose run was cancelled, end the wait. What the verifier says beside is for
people; only what it has recorded counts, and the last phase checks its signature.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final, TypeVar

from psycopg import IsolationLevel, Notify

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import Question, read_value
from adapters.postgres.connection.session import ConnectionProvider
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.writing import Unwritten
from adapters.postgres.permits.permit import find_permit, halts_in_force
from adapters.postgres.phases import journal
from adapters.postgres.phases.transactions import LiveTransactions, written
from domain.change_set import CutContext
from domain.errors import (
    ApprovalRefused,
    CutterError,
    Lock,
    PhaseStop,
    ProductionExecutionNotAuthorized,
)
from domain.phases import PRINCIPAL_OF, Phase, Principal
from domain.ports import KillSwitch
from domain.switch import require_switch

log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_EVERY: Final = 1.0
"""Seconds between two looks; the verifier's answer itself is heard at once."""
CONFIRMED_WITHIN: Final = 50.0
"""Seconds: after a minute a permit that nobody has confirmed makes way (`fn_permit_open`)."""
_MISSING: Final = (
    "look whether `cutter verifier` runs where the verifier's login and key are "
    "(`cutter verifier --check` there says), then start this again"
)


@translated("Looking for a verifier")
def verifier_is_there(conn: Connection, role: str) -> bool:
    """Whether a verifier's service, logged in as `role`, is at work in this database."""
    return bool(read_value(conn, bool, "verifier_there", {"role": role}))


@dataclass(frozen=True, slots=True)
class AskedVerifier:
    """The way to the verifier's service, over connections of the executor. Making one opens
    nothing.

    `role` is the verifier's login, `seconds` how long a run waits.
    """

    connections: ConnectionProvider
    switch: KillSwitch
    role: str
    seconds: float

    def require_there(self, ctx: CutContext) -> None:
        """Wait until a verifier is there, before an approval is used. Raises `ApprovalRefused`."""
        self._wait(
            ctx,
            "a verifier",
            self.seconds,
            lambda conn: verifier_is_there(conn, self.role),
            lambda why: ApprovalRefused(f"Not approved: {why} Nothing was written."),
        )

    def confirm(self, ctx: CutContext) -> None:
        """Wait until the verifier has confirmed the permit.

        Raises `ApprovalRefused` with the verifier's reason, or if it does not answer.
        """

        def confirmed(conn: Connection) -> bool:
            permit = find_permit(conn, ctx.change_set_id)
            if permit is None:
                raise ApprovalRefused("Not approved: the permit was revoked. Nothing was written.")
            return permit.confirmed

        self._wait(
            ctx,
            "the verifier to confirm the permit",
            min(self.seconds, CONFIRMED_WITHIN),
            confirmed,
            lambda why: ApprovalRefused(f"Not approved: {why} Nothing was written."),
        )

    def verified(self, ctx: CutContext, phase: Phase) -> None:
        """Wait until the verifier has recorded its phase.

        Raises `PhaseStop` with the verifier's reason, or if it does not answer.
        """
        self._wait(
            ctx,
            "the verifier to verify what was written",
            self.seconds,
            lambda conn: journal.find(conn, ctx, phase) is not None,
            lambda why: PhaseStop(f"{why} Nothing was enacted.", phase=phase),
        )

    def _wait(
        self,
        ctx: CutContext,
        what: str,
        seconds: float,
        done: Callable[[Connection], bool],
        refusal: Callable[[str], CutterError],
    ) -> None:
        doing = f"Waiting for {what}"
        until, told = time.monotonic() + seconds, False
        with (
            closing(self.connections.connect(Principal.EXEC)) as conn,
            translated(doing, PhaseStop),
        ):
            conn.execute(statement("verifier_hear"))
            while not done(conn):
                self._require_leave(conn, ctx)
                if time.monotonic() >= until:
                    raise refusal(f"{doing} took longer than {seconds:.0f} s; {_MISSING}.")
                if not told:
                    log.info("%s, up to %.0f s.", doing, seconds)
                    told = True
                conn.execute(statement("verifier_ask"), {"change_set_id": ctx.change_set_id})
                for said in list(conn.notifies(timeout=LOOK_EVERY, stop_after=1)):
                    if not done(conn) and (why := self._refusal_in(conn, ctx, said)):
                        raise refusal(f"the verifier refuses: {why}")

    def _require_leave(self, conn: Connection, ctx: CutContext) -> None:
        require_switch(self.switch.read(), ctx.mode, ctx.change_set_id, Lock.ADAPTER)
        for halt in halts_in_force(conn):
            raise ProductionExecutionNotAuthorized(Lock.PERMIT, str(halt))

    def _refusal_in(self, conn: Connection, ctx: CutContext, said: Notify) -> str:
        """Why the verifier refuses this change set; "" for what is about another, or is not said by
        a session of the verifier's login.
        """
        try:
            words = json.loads(said.payload)
            about, why = words["change_set_id"], words["why"]
        except (ValueError, TypeError, KeyError):
            return ""
        if about != str(ctx.change_set_id) or not isinstance(why, str):
            return ""
        keys = {"pid": said.pid, "role": self.role}
        return why if read_value(conn, bool, "verifier_is", keys) else ""


class AskingTransactions(LiveTransactions):
    """Real transactions, and for the verifier's phase a wait.

    What the verifier has recorded is then read as the executor, in a session that can not write:
    the phase's work finds it in the journal and does nothing more.
    """

    def __init__(self, connections: ConnectionProvider, asked: AskedVerifier) -> None:
        super().__init__(connections)
        self._reading = connections
        self._asked = asked

    def run(
        self,
        ctx: CutContext,
        phase: Phase,
        isolation: IsolationLevel,
        work: Callable[[Connection], T | Unwritten[T]],
        ahead: tuple[Question, ...] = (),
    ) -> T:
        """See `PhaseTransactions.run`."""
        if PRINCIPAL_OF[phase] is not Principal.VERIFY:
            return super().run(ctx, phase, isolation, work, ahead)
        self._asked.verified(ctx, phase)
        with (
            closing(self._reading.connect(Principal.VERIFY)) as conn,
            translated(f"Reading what {phase} has recorded", PhaseStop),
            conn.transaction(),
        ):
            return written(conn, work(conn))
