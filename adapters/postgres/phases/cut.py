"""The live adapter: each phase is one journaled transaction on the real knowledge base."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, Final

import psycopg

from adapters.postgres.connection.rows import (
    Question,
    asked_ahead,
    read_all,
    read_value,
    row_of,
    unasked,
)
from adapters.postgres.connection.session import ConnectionProvider, RefusingConnections
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.writing import Unwritten
from adapters.postgres.ledger.effect import effect_digest_after
from adapters.postgres.ledger.steps import entry_of, entry_question, moving
from adapters.postgres.ledger.writer import (
    GovernanceWriter,
    RefusingGovernance,
    mark_questions,
    record_questions,
)
from adapters.postgres.permits.permit import require_permitted
from adapters.postgres.phases import journal
from adapters.postgres.phases.journaled import JournaledPhases, RefusingBackup, RefusingSwitch
from adapters.postgres.phases.transactions import PhaseTransactions
from adapters.postgres.verify.steps import check_verifier_signature, signed_questions
from adapters.postgres.verify.verifier import RefusingVerify, VerifyWriter, verify_questions
from domain.change_set import CutContext
from domain.digests import RecordsDigest, records_sha256
from domain.errors import PhaseStop, StopInvariantFailed
from domain.phases import EntryStatus, Lifecycle, Phase
from domain.plan.cut_plan import CutPlan, CutplanRow
from domain.plan.effect import require_approved_effect
from domain.ports import BackupRunner, GovernedRecord, KillSwitch, LiveExecutionAdapter
from domain.results import (
    EnactBatchResult,
    IUCreateResult,
    LegBResult,
    MarkResult,
    ReviewResult,
    VerifyResult,
)

Connection = psycopg.Connection[Any]

_BATCHES: Final[Question] = ("units_in_batches", None)
ROWS_A_STATEMENT: Final = 2000
CHARACTERS_A_STATEMENT: Final = 8_000_000
"""Bound the memory that one statement's arrays take on both sides; all statements are of one
transaction.
"""


class ProductionLiveExecutionAdapter(
    JournaledPhases[CutPlan], LiveExecutionAdapter[CutPlan], GovernedRecord[CutPlan]
):
    """Fulfils `domain.ports.PhaseExecutor` on PostgreSQL.

    Constructing it connects to nothing; every default refuses.
    """

    def __init__(
        self,
        *,
        switch: KillSwitch = RefusingSwitch(),
        connections: ConnectionProvider = RefusingConnections(),
        backup: BackupRunner = RefusingBackup(),
        governance: GovernanceWriter = RefusingGovernance(),
        verify: VerifyWriter = RefusingVerify(),
        transactions: PhaseTransactions | None = None,
    ) -> None:
        super().__init__(
            switch=switch, connections=connections, backup=backup, transactions=transactions
        )
        self._governance = governance
        self._verify = verify

    def mark(self, ctx: CutContext, plan: CutPlan) -> MarkResult:
        """See `PhaseExecutor.mark`."""
        mark = self._governance.mark
        return self._phase(ctx, plan, Phase.MARK, MarkResult, mark, mark_questions(ctx))

    def review(self, ctx: CutContext, plan: CutPlan) -> ReviewResult:
        """See `PhaseExecutor.review`."""
        review, entry = self._governance.review, entry_question(ctx.change_set_id)
        return self._phase(ctx, plan, Phase.REVIEW, ReviewResult, review, (entry,))

    def cut_leg_a(self, ctx: CutContext, plan: CutPlan) -> list[IUCreateResult]:
        """See `PhaseExecutor.cut_leg_a`.

        The journal keeps count and digest; a replay reads the units themselves.
        """
        self._authorise(ctx, plan)
        first = entry_question(ctx.change_set_id), _BATCHES
        created: list[IUCreateResult] = []

        def work(conn: Connection) -> Unwritten[None] | None:
            on_record = journal.read(conn, ctx)
            recorded = on_record.find(Phase.CUT_LEG_A)
            if recorded is not None:
                created[:] = _replay_created(conn, ctx, recorded)
                self._replayed.add(Phase.CUT_LEG_A)
                return None
            self._require_backup_file(on_record)
            self._require_before(on_record, Phase.CUT_LEG_A)
            with asked_ahead(conn, *unasked(conn, *first), once=True):
                journal.require_entry(conn, ctx, EntryStatus.REVIEWED)
                created[:], digest = _create_units(conn, ctx, plan.rows)
            summary = {"created": len(created), "units_sha256": digest}
            return Unwritten(None, (journal.row(ctx, Phase.CUT_LEG_A, summary),))

        self._run(ctx, Phase.CUT_LEG_A, work, first)
        return created

    def leg_b_record(self, ctx: CutContext, plan: CutPlan) -> LegBResult:
        """See `PhaseExecutor.leg_b_record`."""
        record = self._governance.record
        return self._phase(ctx, plan, Phase.LEG_B_RECORD, LegBResult, record, record_questions(ctx))

    def write_verify(self, ctx: CutContext, plan: CutPlan) -> VerifyResult:
        """See `PhaseExecutor.write_verify`."""
        verify = self._verify.verify
        return self._phase(
            ctx, plan, Phase.WRITE_VERIFY, VerifyResult, verify, verify_questions(ctx)
        )

    def lifecycle_enact(self, ctx: CutContext, plan: CutPlan) -> EnactBatchResult:
        """See `PhaseExecutor.lifecycle_enact`."""
        return self._phase(
            ctx,
            plan,
            Phase.LIFECYCLE_ENACT,
            EnactBatchResult,
            _enact_units,
            _enact_questions(ctx),
        )


def _create_units(
    conn: Connection, ctx: CutContext, rows: Sequence[CutplanRow]
) -> tuple[list[IUCreateResult], str]:
    """What was created, and the digest of it for the journal."""
    created: list[IUCreateResult] = []
    digest = RecordsDigest()
    with closing(_answers(conn, ctx, rows)) as answers:
        for results in answers:
            for result in results:
                _require_created(ctx, result)
            created += results
            digest.add(_records(results))
    if len(created) != len(rows):
        raise StopInvariantFailed(
            f"{len(created)} of {len(rows)} units were answered for; no unit was written."
        )
    return created, digest.hexdigest()


def _require_created(ctx: CutContext, result: IUCreateResult) -> None:
    require_permitted(ctx, result.status)
    if result.status != "created":
        raise PhaseStop(
            f"Unit {result.canonical_address} was refused with the status "
            f"{result.status!r}; no unit was written.{_planted(ctx, result.status)}",
            phase=Phase.CUT_LEG_A,
        )


def _answers(
    conn: Connection, ctx: CutContext, rows: Sequence[CutplanRow]
) -> Generator[list[IUCreateResult], None, None]:
    """What each statement answers, in order. While the server works on one, the next is made ready
    and sent, and the answers of the last are read: two are on their way, never more.
    """
    create = statement("units_create_batch" if _in_batches(conn) else "units_create")
    asked: deque[psycopg.Cursor[IUCreateResult]] = deque()
    with conn.pipeline():
        for chunk in _chunks(rows):
            cursor = conn.cursor(binary=True, row_factory=row_of(IUCreateResult))
            asked.append(cursor.execute(create, {"actor": ctx.actor, **_columns(chunk)}))
            if len(asked) > 1:
                yield asked.popleft().fetchall()
        for cursor in asked:
            yield cursor.fetchall()


def _planted(ctx: CutContext, status: str) -> str:
    if status != "canonical_address: exists":
        return ""
    return (
        f" If nobody cut it, somebody planted a draft there: `cutter halt`, then `cutter db clear "
        f"{ctx.document_code}`."
    )


def _in_batches(conn: Connection) -> bool:
    return read_value(conn, bool, *_BATCHES) is True


def _chunks(rows: Sequence[CutplanRow]) -> Iterator[Sequence[CutplanRow]]:
    start = characters = 0
    for at, row in enumerate(rows):
        characters += len(row.body)
        if at > start and (at - start == ROWS_A_STATEMENT or characters > CHARACTERS_A_STATEMENT):
            yield rows[start:at]
            start, characters = at, len(row.body)
    yield rows[start:]


def _columns(rows: Sequence[CutplanRow]) -> dict[str, list[str | None]]:
    return {
        "address": [row.canonical_address for row in rows],
        "title": [row.title for row in rows],
        "body": [row.body for row in rows],
        "unit_kind": [row.unit_kind for row in rows],
        "section_type": [row.section_type for row in rows],
        "publication_type": [row.publication_type for row in rows],
        "owner_ref": [row.owner_ref for row in rows],
        "parent_ref": [row.parent_ref for row in rows],
    }


def _records(created: Iterable[IUCreateResult]) -> Iterator[tuple[str, str, str]]:
    return ((unit.canonical_address, str(unit.unit_id), str(unit.version_id)) for unit in created)


def _replay_created(
    conn: Connection, ctx: CutContext, recorded: journal.JournalRow
) -> list[IUCreateResult]:
    created = read_all(conn, IUCreateResult, "units_created", {"change_set_id": ctx.change_set_id})
    digest = records_sha256(_records(created))
    if recorded.result != {"created": len(created), "units_sha256": digest}:
        raise StopInvariantFailed(
            f"The units of change set {ctx.change_set_id} are not those that it wrote; look "
            f"with `cutter status`.",
            phase=Phase.CUT_LEG_A,
        )
    return created


def _enact_questions(ctx: CutContext) -> tuple[Question, ...]:
    return *signed_questions(ctx), _BATCHES, entry_question(ctx.change_set_id)


def _enact_units(conn: Connection, ctx: CutContext, plan: CutPlan) -> EnactBatchResult:
    with asked_ahead(conn, *unasked(conn, *_enact_questions(ctx)), once=True):
        check_verifier_signature(conn, ctx)
        enact = statement("units_enact_batch" if _in_batches(conn) else "units_enact")
        entry = entry_of(conn, ctx.change_set_id)
    asked = {"change_set_id": ctx.change_set_id, "actor": ctx.actor}
    answers = conn.execute(enact, asked).fetchall()
    for address, status in answers:
        require_permitted(ctx, status)
        if status != Lifecycle.ENACTED:
            raise PhaseStop(
                f"Unit {address} was not enacted, with the status {status!r}; no unit was enacted.",
                phase=Phase.LIFECYCLE_ENACT,
            )
    if len(answers) != len(plan.rows):
        raise StopInvariantFailed(
            f"{len(answers)} of {len(plan.rows)} units could be enacted; no unit was enacted."
        )
    if entry is None:
        raise StopInvariantFailed(
            f"Change set {ctx.change_set_id} has no backlog entry; no unit was enacted."
        )
    closing = moving(
        ctx, entry.entry_id, EntryStatus.VERIFIED, EntryStatus.ENACTED, ctx.plan_digest
    )
    digest = effect_digest_after(conn, ctx.change_set_id, closing)
    require_approved_effect(ctx, digest)
    return EnactBatchResult(ctx.change_set_id, len(answers), Lifecycle.ENACTED, digest)
