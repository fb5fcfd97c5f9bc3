"""A bench whose verifier is apart: a run has the executor's login and key alone, and a verifier of
its own works in a thread beside it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.postgres.apart.asking import AskedVerifier, AskingTransactions
from adapters.postgres.apart.waiting import VerifierAtWork
from adapters.postgres.connection.elsewhere import VerifierElsewhere
from adapters.postgres.connection.session import PostgresConnections
from adapters.postgres.ledger.writer import LedgerWriter
from adapters.postgres.permits.permit import clock
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.postgres.reverting.adapter import LiveRevertAdapter
from adapters.postgres.revising.adapter import LiveRevisionAdapter
from domain.approval.approvals import Effect, SignedApproval
from domain.approval.request import cut_effect
from domain.change_set import CutContext
from domain.errors import ConfigMissing
from domain.phases import Principal
from domain.plan.cut_plan import CutPlan
from domain.ports import Credentials
from tasks.gates import open_or_find_permit
from tests.support.live import LiveBench


@dataclass
class Worker:
    """Where runs are carried out: it could not log in as the verifier if it tried."""

    bench: LiveBench
    seconds: float = 20.0
    connections: VerifierElsewhere = field(init=False)

    def __post_init__(self) -> None:
        def executors_only(principal: Principal) -> Credentials:
            if principal is not Principal.EXEC:
                raise ConfigMissing("The verifier's password", "It is elsewhere.")
            return self.bench.database.credentials(principal)

        self.connections = VerifierElsewhere(
            PostgresConnections(
                self.bench.database.endpoint, executors_only, target=self.bench.target
            )
        )

    @property
    def asked(self) -> AskedVerifier:
        """The way to the verifier."""
        role = Principal.VERIFY.value
        return AskedVerifier(self.connections, self.bench.switch, role, self.seconds)

    def adapter(self) -> ProductionLiveExecutionAdapter:
        """The live adapter of cuts, without a verifier of its own: that would refuse."""
        return ProductionLiveExecutionAdapter(
            switch=self.bench.switch,
            connections=self.connections,
            backup=self.bench.backup,
            governance=LedgerWriter(self.bench.executor),
            transactions=AskingTransactions(self.connections, self.asked),
        )

    def revision_adapter(self) -> LiveRevisionAdapter:
        """The live adapter of revisions, whose verifier's key is the executor's: it is not asked."""
        return LiveRevisionAdapter(
            executor=self.bench.executor,
            verifier=self.bench.executor,
            switch=self.bench.switch,
            connections=self.connections,
            backup=self.bench.backup,
            transactions=AskingTransactions(self.connections, self.asked),
        )

    def revert_adapter(self) -> LiveRevertAdapter:
        """The same for reverts."""
        return LiveRevertAdapter(
            executor=self.bench.executor,
            verifier=self.bench.executor,
            switch=self.bench.switch,
            connections=self.connections,
            backup=self.bench.backup,
            transactions=AskingTransactions(self.connections, self.asked),
        )

    def sign(self, effect: Effect) -> list[SignedApproval]:
        """Both approvals."""
        with closing(self.connections.connect(Principal.VERIFY)) as conn:
            return self.bench.approvers.sign(effect, clock(conn))

    def release(
        self, ctx: CutContext, effect: Effect, approvals: Sequence[SignedApproval], used: Path
    ) -> CutContext:
        """Open the permit and have the verifier confirm it."""
        return open_or_find_permit(
            self.connections, ctx, effect, approvals, used, elsewhere=self.asked
        )

    def released(self, plan: CutPlan, used: Path, attempt: int = 1) -> CutContext:
        """The context of an approved cut whose permit the verifier has confirmed."""
        ctx = self.bench.context(plan, attempt=attempt, approved=False)
        effect = cut_effect(ctx, plan)
        return self.release(ctx, effect, self.sign(effect), used)


def at_work(bench: LiveBench, tell: Callable[[str], None]) -> VerifierAtWork:
    """A verifier over the bench's database, with its own login and key."""
    return VerifierAtWork(bench.connections, bench.verifier, bench.target, tell)


@contextmanager
def serving(bench: LiveBench, number: int = 1) -> Iterator[list[str]]:
    """So many verifiers work while the block runs; what they have said."""
    said: list[str] = []
    ended = threading.Event()

    def serve() -> None:
        work = at_work(bench, said.append)
        with closing(work.session()) as session:
            while not ended.is_set():
                work.turn(session)
                work.asked(session, 0.1)

    with ExitStack() as stack:
        threads = [threading.Thread(target=serve) for _ in range(number)]
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
        stack.callback(ended.set)
        yield said
