"""The table of phases, and the guards in the database that say the same a second time."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from psycopg import IsolationLevel

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import Question
from adapters.postgres.phases.transactions import LiveTransactions
from domain.change_set import CutContext
from domain.phases import LAST, PHASES, EntryStatus, Phase, Principal, spec_of
from domain.ports import GovernedRecord, LiveExecutionAdapter, PhaseExecutor
from tests.support.live import LiveBench, run_phases, scalar
from tests.support.plans import made_plan
from tests.support.postgres import Database

_PAIR = re.compile(r"\('(\w+)', '(\w+)'\)")
_LEAVES_THE_ROAD = {EntryStatus.SUPERSEDED, EntryStatus.REVERTED}
"""Where an entry goes that is not carried out to its end; no phase of its own takes it there."""


def function_source(database: Database, name: str) -> str:
    with database.connect() as admin:
        return str(scalar(admin, "SELECT prosrc FROM pg_proc WHERE proname = %s", name))


def test_every_phase_follows_the_one_before_and_has_a_method_of_its_name() -> None:
    assert [spec.phase for spec in PHASES] == list(Phase)
    assert [spec.after for spec in PHASES] == [None, *list(Phase)[:-1]]
    declared = {*vars(LiveExecutionAdapter), *vars(GovernedRecord)}
    for spec in PHASES:
        assert hasattr(PhaseExecutor, spec.phase.value)
        assert spec.phase.value in declared


def test_the_steps_of_the_table_lead_from_nothing_to_enacted() -> None:
    stands: EntryStatus | None = None
    for spec in PHASES:
        if spec.step is not None:
            old, new = spec.step
            assert old == stands
            stands = new
    assert stands is EntryStatus.ENACTED
    assert spec_of(LAST).step == (EntryStatus.VERIFIED, EntryStatus.ENACTED)


def test_the_database_allows_exactly_the_steps_of_the_table(database: Database) -> None:
    source = function_source(database, "fn_entry_step")
    allowed = {
        (EntryStatus(old), EntryStatus(new))
        for old, new in _PAIR.findall(source)
        if new not in _LEAVES_THE_ROAD
    }
    assert allowed == {spec.step for spec in PHASES if spec.step and spec.step[0]}
    (first,) = re.findall(r"NEW\.status <> '(\w+)' THEN\s+RAISE EXCEPTION 'a backlog entry", source)
    (begins,) = [spec.step[1] for spec in PHASES if spec.step and spec.step[0] is None]
    assert first == begins


def test_the_database_gives_the_verifiers_step_to_the_verifier(database: Database) -> None:
    source = function_source(database, "fn_entry_step")
    (status,) = re.findall(r"NEW\.status = '(\w+)'\) <> \(current_user = 'cutter_verify'", source)
    by_verifier = [
        spec.step[1] for spec in PHASES if spec.step and spec.principal is Principal.VERIFY
    ]
    assert by_verifier == [status]
    (phase,) = re.findall(
        r"to_jsonb\(NEW\) ->> 'phase' = '(\w+)'", function_source(database, "fn_own_half")
    )
    assert [spec.phase for spec in PHASES if spec.principal is Principal.VERIFY] == [phase]


def test_the_journal_takes_exactly_the_phases_of_the_table(database: Database) -> None:
    with database.connect() as admin:
        check = scalar(
            admin,
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'cut_phase_journal'::regclass AND conname = %s",
            "cut_phase_journal_phase_check",
        )
    assert re.findall(r"'(\w+)'::text", str(check)) == [phase.value for phase in Phase]


def test_the_permit_is_used_up_by_the_last_phase(database: Database) -> None:
    source = function_source(database, "fn_journal_fence")
    assert re.findall(r"NEW\.phase = '(\w+)' AND standing = 'open'", source) == [LAST.value]


def test_each_phase_runs_as_its_principal_at_its_isolation(
    bench: LiveBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = made_plan()
    seen: dict[Phase, tuple[str, str]] = {}
    run = LiveTransactions.run

    def watched(
        self: LiveTransactions,
        ctx: CutContext,
        phase: Phase,
        isolation: IsolationLevel,
        work: Callable[[Connection], object],
        ahead: tuple[Question, ...] = (),
    ) -> object:
        def looked(conn: Connection) -> object:
            seen[phase] = (
                scalar(conn, "SELECT current_user::text"),
                scalar(conn, "SHOW transaction_isolation").upper(),
            )
            return work(conn)

        return run(self, ctx, phase, isolation, looked, ahead)

    monkeypatch.setattr(LiveTransactions, "run", watched)
    run_phases(bench.adapter, bench.context(plan), plan)
    assert seen == {spec.phase: (spec.principal.value, spec.isolation.value) for spec in PHASES}
