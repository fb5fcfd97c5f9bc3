"""The verifier as a service of its own: what waits for it in the database, and one turn over that.

It is told of nothing but by the database. Whatever it is told there by way of NOTIFY only makes it
look: what waits, stands in tables, and what it judges, stands in signed bytes.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from adapters.postgres.apart.from_record import approved_run, verify_from_record
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all
from adapters.postgres.connection.session import ConnectionProvider
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.writing import Unwritten
from adapters.postgres.permits.permit import confirm_permit
from adapters.postgres.phases.journal import OnRecord
from adapters.postgres.phases.journaled import JournaledPhases, PinnedPlan
from domain.approval.approvals import Effect
from domain.change_set import CutContext, TargetFingerprint
from domain.errors import CutterError, DatabaseUnavailable, OutsideWorld
from domain.phases import Phase, Principal
from domain.ports import Signer
from domain.results import VerifyResult

AGAIN_AFTER: Final = 30.0
"""Seconds after which what was refused is looked at again, if nobody asks for it."""
MOST_WORDS: Final = 2000
"""Characters of a refusal that go along with a NOTIFY, which takes 8000 bytes."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change set that waits for the verifier: to have its permit confirmed, or to be verified."""

    change_set_id: uuid.UUID
    kind: str
    document_code: str
    unconfirmed: bool

    @property
    def what(self) -> str:
        """What is to be done, for a log."""
        step = "permit" if self.unconfirmed else "writes"
        return f"the {step} of {self.kind} {self.change_set_id} of {self.document_code}"


class VerifierAtWork:
    """The verifier over one database. Making one opens nothing."""

    def __init__(
        self,
        connections: ConnectionProvider,
        signer: Signer,
        target: TargetFingerprint,
        tell: Callable[[str], None],
    ) -> None:
        """`tell` is told what was taken and what was refused, and why."""
        self._tell = tell
        self._connections = connections
        self._signer = signer
        self._target = target
        self._phases = _FromRecord(connections, signer)
        self._refused: dict[tuple[uuid.UUID, bool], float] = {}

    def session(self) -> Connection:
        """The session in which the service hears who asks, and in which others see that it is
        there. Raises a connection's refusal.
        """
        conn = self._connections.connect(Principal.VERIFY)
        try:
            with translated("Beginning to listen", DatabaseUnavailable):
                conn.execute(statement("verifier_named"))
                conn.execute(statement("verifier_listen"))
        except BaseException:
            conn.close()
            raise
        return conn

    def asked(self, session: Connection, seconds: float) -> bool:
        """Wait for somebody to ask, no longer than so many seconds; whether somebody did.

        Who asks is looked at at once, though it was refused before. Raises `DatabaseUnavailable` if
        the session is lost.
        """
        with translated("Listening", DatabaseUnavailable):
            heard = [one.payload for one in session.notifies(timeout=seconds, stop_after=1)]
        for refused in list(self._refused):
            if str(refused[0]) in heard:
                del self._refused[refused]
        return bool(heard)

    def turn(self, session: Connection) -> int:
        """Confirm and verify whatever waits; how much was found to wait.

        What can not be is refused, with the reason in the log and for whoever waits. Raises
        `DatabaseUnavailable` and the like: then the next turn does it.
        """
        with translated("Looking for what waits", DatabaseUnavailable):
            waiting = read_all(session, Waiting, "verifier_waiting")
        found = [one for one in waiting if not self._is_refused(one)]
        for one in found:
            self._judge(session, one)
        return len(found)

    def _judge(self, session: Connection, one: Waiting) -> None:
        started = time.monotonic()
        try:
            ctx, effect = approved_run(session, one.change_set_id, self._target)
            if one.unconfirmed:
                with closing(self._connections.connect(Principal.VERIFY)) as conn:
                    confirm_permit(conn, ctx, effect)
            else:
                self._phases.verify(ctx, effect)
        except OutsideWorld:
            raise
        except CutterError as refusal:
            self._refused[one.change_set_id, one.unconfirmed] = time.monotonic()
            self._tell(f"Refused {one.what}: {refusal}")
            self._answer(session, one, str(refusal))
        else:
            self._tell(f"Took {one.what}, in {time.monotonic() - started:.2f} s.")

    def _is_refused(self, one: Waiting) -> bool:
        at = self._refused.get((one.change_set_id, one.unconfirmed))
        return at is not None and time.monotonic() - at < AGAIN_AFTER

    def _answer(self, session: Connection, one: Waiting, why: str) -> None:
        words = json.dumps({"change_set_id": str(one.change_set_id), "why": why[:MOST_WORDS]})
        with translated("Telling who waits", DatabaseUnavailable):
            session.execute(statement("verifier_refuse"), {"words": words})


class _FromRecord(JournaledPhases[PinnedPlan]):
    """VERIFY alone, journaled as in a run."""

    def __init__(self, connections: ConnectionProvider, signer: Signer) -> None:
        super().__init__(connections=connections)
        self._signer = signer

    def verify(self, ctx: CutContext, effect: Effect) -> VerifyResult:
        """Verify a change set from what is stored, once. Raises `StopInvariantFailed` naming the
        first fault, and what a phase's transaction raises.
        """
        phase = Phase.WRITE_VERIFY

        def work(conn: Connection, on_record: OnRecord) -> Unwritten[VerifyResult]:
            self._require_before(on_record, phase)
            return verify_from_record(conn, ctx, effect, self._signer)

        return self._journaled(ctx, phase, TypeAdapter(VerifyResult), work)
