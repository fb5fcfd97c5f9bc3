"""What the scenarios share: the target, the adapter as an operator's run builds it, and the eyes on
all of it.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import dict_row

from adapters.acceptance.sample import sample_plan
from adapters.acceptance.secrecy import JsonLines
from adapters.acceptance.statements import StatementRecorder
from adapters.acceptance.target import AcceptanceTarget
from adapters.acceptance.witness import Witness
from adapters.postgres.backups.backup import PgDumpBackup
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.session import PostgresConnections, SessionLimits
from adapters.postgres.connection.statements import statement
from adapters.postgres.ledger.writer import LedgerWriter
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.postgres.phases.transactions import LiveTransactions
from adapters.postgres.verify.verifier import Verifier
from domain.change_set import CutContext, change_set_id
from domain.ledger.privileges import ALL_TABLES
from domain.phases import Mode, Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.ports import PhaseExecutor
from domain.reports.acceptance import SettingsLoader
from domain.switch import SwitchReading, SwitchState

log = logging.getLogger(__name__)

ACTOR: Final = "acceptance"
LIMITS: Final = SessionLimits(lock_timeout="5s", statement_timeout="30s")


class ScenarioFailed(Exception):
    """What a scenario was to show is not so; the message is the row's evidence."""


def expect(condition: object, otherwise: str) -> None:
    """Raise `ScenarioFailed` unless a condition holds."""
    if not condition:
        raise ScenarioFailed(otherwise)


@dataclass
class RunSwitch:
    """A kill-switch of the run's own, armed for one change set at a time.

    Fulfils `domain.ports.KillSwitch`.
    """

    state: SwitchState = SwitchState.LIVE
    change_set_id: UUID | None = None

    def read(self) -> SwitchReading:
        """Where it stands now; armed for a minute from each reading."""
        if self.state is SwitchState.OFF:
            return SwitchReading(self.state, "the acceptance run's switch is OFF")
        return SwitchReading(
            self.state,
            "armed by the acceptance run",
            self.change_set_id,
            datetime.now(UTC) + timedelta(minutes=1),
        )


@dataclass
class Fixture:
    """One acceptance run on one target. `admin` looks at the tables from outside the adapter."""

    target: AcceptanceTarget
    admin: Connection
    load_settings: SettingsLoader
    witness: Witness
    structured_log: JsonLines
    output: list[str]
    statements: StatementRecorder = field(default_factory=StatementRecorder)
    switch: RunSwitch = field(default_factory=RunSwitch)
    answers: dict[Phase, object] = field(default_factory=dict)
    added: dict[str, Counter[str]] = field(default_factory=dict)
    listeners: list[int] = field(default_factory=list)  # ports of the run's own listeners

    def __post_init__(self) -> None:
        self.connections = self.provider()
        self.plan = sample_plan(f"acceptance.{secrets.token_hex(4)}")
        self.ctx = self.context(self.plan)
        self.adapter = self.new_adapter()

    def provider(self, **changes: Any) -> PostgresConnections:
        """A connection provider for the target, its cursors recorded.

        `changes` replace its arguments.
        """
        arguments = {
            "target": self.target.fingerprint,
            "limits": LIMITS,
            "cursor_factory": self.statements.cursor_class(),
        }
        endpoint = changes.pop("endpoint", self.target.endpoint)
        credentials = changes.pop("credentials", self.target.credentials)
        return PostgresConnections(endpoint, credentials, **{**arguments, **changes})

    def new_adapter(
        self, connections: PostgresConnections | None = None
    ) -> ProductionLiveExecutionAdapter:
        """A live adapter with every real part, as another process would build it."""
        target, provider = self.target, connections or self.connections
        return ProductionLiveExecutionAdapter(
            switch=self.switch,
            connections=provider,
            backup=PgDumpBackup(
                target.endpoint,
                target.credentials,
                target.backups,
                target.backup_key,
                gnupg_home=target.server.gnupg_home,
            ),
            governance=LedgerWriter(target.signers[Principal.EXEC]),
            verify=Verifier(target.signers[Principal.VERIFY]),
            transactions=LiveTransactions(provider, longest_wait=0.05),
        )

    def context(self, plan: CutPlan) -> CutContext:
        """The context of a live run of a plan on the target."""
        fingerprint = self.target.fingerprint
        return CutContext(
            change_set_id=change_set_id(fingerprint, plan.document_code, plan.plan_digest),
            mode=Mode.LIVE,
            document_code=plan.document_code,
            plan_digest=plan.plan_digest,
            target=fingerprint,
            actor=ACTOR,
        )

    def approve(self, ctx: CutContext, plan: CutPlan) -> None:
        """Have both approvers sign for a cut of the run, and open its permit."""
        self.target.approvers.open_permit(self.connections, ctx, plan)

    def run_phase(self, phase: Phase) -> Any:
        """Run one phase of the run's document and keep its answer."""
        self.answers[phase] = answer = self.call(self.adapter, phase, self.ctx, self.plan)
        return answer

    def call(
        self, executor: PhaseExecutor[Any], phase: Phase, ctx: CutContext, plan: CutPlan
    ) -> Any:
        """Run one phase, with the switch armed for its change set."""
        self.switch.change_set_id = ctx.change_set_id
        log.debug("phase %s of change set %s", phase, ctx.change_set_id)
        method = getattr(executor, phase.value)
        return method(ctx) if phase is Phase.PRE_WRITE_BACKUP else method(ctx, plan)

    @contextmanager
    def changes(self) -> Iterator[Counter[str]]:
        """After the block: by how many rows each table has grown (or, below zero, shrunk)."""
        before, grown = self.counts(), Counter[str]()
        yield grown
        grown.update(difference(before, self.counts()))

    def counts(self) -> Counter[str]:
        """How many rows each table holds."""
        return Counter(
            {
                table: int(count)
                for table, count in self._of_tables("SELECT {name}, count(*) FROM {table}")
            }
        )

    def row_hashes(self) -> dict[str, str]:
        """A hash over all rows of each table."""
        query = (
            "SELECT {name}, encode(sha256(coalesce("
            "string_agg(convert_to(t::text, 'UTF8'), '\\x0a' ORDER BY t::text COLLATE \"C\"), "
            "'')), 'hex') FROM {table} AS t"
        )
        return {table: str(digest) for table, digest in self._of_tables(query)}

    def rows(self, name: str, **parameters: object) -> list[dict[str, Any]]:
        """What the administrator reads with a named statement."""
        with self.admin.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement(name), parameters).fetchall()

    def state(self) -> dict[str, Any]:
        """Where the run's change set stands in the ledger.

        Raises `ScenarioFailed` if it is not there at all.
        """
        found = self.rows("acceptance_ledger_state", change_set_id=self.ctx.change_set_id)
        expect(
            len(found) == 1, f"the ledger holds {len(found)} entries of the change set instead of 1"
        )
        return found[0]

    def elsewhere(self, **changes: Any) -> Any:
        """The target's endpoint with something changed."""
        return replace(self.target.endpoint, **changes)

    def _of_tables(self, query: LiteralString) -> list[tuple[str, Any]]:
        """What one query says of each table, in one statement."""
        each = [
            sql.SQL(query).format(name=sql.Literal(table), table=relation(table))
            for table in ALL_TABLES
        ]
        return self.admin.execute(sql.SQL(" UNION ALL ").join(each)).fetchall()


def difference(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """The tables whose number of rows differs, and by how much.

    >>> difference({"a": 1, "b": 2}, {"a": 1, "b": 5})
    {'b': 3}
    """
    return {
        table: after[table] - before[table]
        for table in after
        if after[table] != before.get(table, 0)
    }
