"""Bundles of real runs: collected from a real ledger, verified from the files alone."""

from __future__ import annotations

import contextlib
import io
import stat
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.console import Console

from adapters.evidence.collect import RunEnd, bundles_of, keep_evidence
from adapters.evidence.files import NAMES
from adapters.evidence.run_log import logged_run
from adapters.evidence.seal import ENVELOPE, INDEX
from adapters.evidence.verify import verify_folder
from adapters.postgres.permits.permit import halt
from adapters.postgres.record.bundle_records import context_on_record
from cli.records.evidence import verify_command
from domain.change_set import CutContext
from domain.errors import BadInput, DatabaseUnsuitable, PhaseStop
from domain.evidence.bundle import EvidenceReport, Outcome, Verdict
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.support.approved import as_verifier, cut, no_such_change_set
from tests.support.live import LiveBench, row_hashes, run_phases
from tests.support.plans import made_plan
from tests.support.tamper import tamper


def kept(bench: LiveBench, ctx: CutContext, plan: CutPlan, end: RunEnd = RunEnd()) -> Path:
    """The bundle of a run, in the test's own folder."""
    with as_verifier(bench) as conn:
        return keep_evidence(conn, bench.backup.folder / "runs", ctx, plan, bench.executor, end)


def pins(bench: LiveBench) -> list[str]:
    return [bench.executor.key_id, bench.verifier.key_id]


def failed(report: EvidenceReport) -> set[str]:
    return {check.name for check in report.checks if check.outcome is Outcome.FAILS}


def test_the_evidence_of_a_finished_run_proves_it(bench: LiveBench) -> None:
    plan = made_plan(25, body="Điều {n}:\r\n\x0b“Lời” \u2028 end\n")
    ctx = cut(bench, plan)
    before = row_hashes(bench.database)
    folder = kept(bench, ctx, plan)
    assert row_hashes(bench.database) == before
    report = verify_folder(folder, pins(bench))
    assert report.verdict is Verdict.PROVED, [
        check for check in report.checks if check.outcome is not Outcome.HOLDS
    ]
    assert [key.split()[0] for key in report.unpinned] == ["approver", "approver"]


def test_a_bundle_is_private_whole_and_its_index_comes_last(bench: LiveBench) -> None:
    plan = made_plan()
    folder = kept(bench, cut(bench, plan), plan)
    files = list(folder.iterdir())
    assert {path.name for path in files} == {*NAMES, INDEX, ENVELOPE}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert max(files, key=lambda path: path.stat().st_mtime_ns).name == ENVELOPE


def test_the_evidence_of_a_thousand_units(bench: LiveBench) -> None:
    plan = made_plan(1000)
    folder = kept(bench, cut(bench, plan), plan)
    assert verify_folder(folder, pins(bench)).verdict is Verdict.PROVED
    assert len((folder / "rows.jsonl").read_bytes().splitlines()) == 1100


@pytest.mark.parametrize("until", [phase for phase in Phase if phase is not Phase.LIFECYCLE_ENACT])
def test_a_run_that_stopped_anywhere_leaves_evidence_that_says_so(
    bench: LiveBench, until: Phase
) -> None:
    plan = made_plan()
    ctx = cut(bench, plan, until=until)
    report = verify_folder(
        kept(bench, ctx, plan, RunEnd(PhaseStop("The lights went out."))), pins(bench)
    )
    assert failed(report) == set()
    assert report.verdict is Verdict.UNFINISHED
    (outcome,) = (check for check in report.checks if check.name == "outcome")
    assert "The lights went out." in outcome.evidence


def test_a_resumed_run_leaves_its_own_bundle_beside_the_first(bench: LiveBench) -> None:
    plan = made_plan()
    ctx = cut(bench, plan, until=Phase.CUT_LEG_A)
    first = kept(bench, ctx, plan)
    before = {path.name: path.read_bytes() for path in first.iterdir()}
    run_phases(bench.new_adapter(), ctx, plan)
    second = kept(bench, ctx, plan)
    assert bundles_of(bench.backup.folder / "runs", ctx.change_set_id) == [first, second]
    assert {path.name: path.read_bytes() for path in first.iterdir()} == before
    assert verify_folder(first).verdict is Verdict.UNFINISHED
    assert verify_folder(second, pins(bench)).verdict is Verdict.PROVED
    console = Console(file=io.StringIO(), width=200)
    assert verify_command(console, first.parent, (), as_json=False) == 0, (
        "of a change set's folder the newest bundle counts"
    )
    log = first / "log.jsonl"
    log.write_bytes(log.read_bytes() + b" ")
    assert verify_command(console, first.parent, (), as_json=False) == 1, "and none may be broken"


def test_a_run_that_was_halted_and_approved_again_has_two_permits(bench: LiveBench) -> None:
    plan = made_plan()
    ctx = cut(bench, plan, until=Phase.LEG_B_RECORD)
    with contextlib.closing(bench.connections.connect(Principal.EXEC)) as conn:
        assert halt(conn, "operator", "a test") == 1
        halted = verify_folder(kept(bench, ctx, plan))
        assert (halted.verdict, failed(halted)) == (Verdict.UNFINISHED, set())
        assert "every permit of this change set was revoked" in [
            check.evidence for check in halted.checks
        ]
        bench.lift("operator", "it was a test")
    ctx = bench.context(plan)
    run_phases(bench.new_adapter(), ctx, plan)
    folder = kept(bench, ctx, plan)
    assert len((folder / "approvals.jsonl").read_bytes().splitlines()) == 2
    assert verify_folder(folder, pins(bench)).verdict is Verdict.PROVED


def test_a_run_before_anything_was_approved(bench: LiveBench) -> None:
    plan = made_plan()
    report = verify_folder(kept(bench, bench.context(plan, approved=False), plan))
    assert (report.verdict, failed(report)) == (Verdict.UNFINISHED, set())


def test_a_superseded_decision(bench: LiveBench) -> None:
    plan, other = made_plan(3), made_plan(4)
    ctx = cut(bench, plan, until=Phase.REVIEW)
    cut(bench, other)
    report = verify_folder(kept(bench, ctx, plan))
    assert (report.verdict, failed(report)) == (Verdict.UNFINISHED, set())
    assert any("superseded" in check.evidence for check in report.checks)


def test_a_later_cut_of_another_document_does_not_matter(bench: LiveBench) -> None:
    plan, other = made_plan(3), made_plan(3, code="other.law")
    ctx = cut(bench, plan)
    cut(bench, other)
    assert verify_folder(kept(bench, ctx, plan), pins(bench)).verdict is Verdict.PROVED


def test_without_a_database_the_bundle_says_that_it_was_not_asked(
    bench: LiveBench, tmp_path: Path
) -> None:
    plan = made_plan()
    ctx = bench.context(plan)
    folder = keep_evidence(
        None, tmp_path, ctx, plan, bench.executor, RunEnd(ValueError("password=hunter2"))
    )
    report = verify_folder(folder)
    assert (report.verdict, failed(report)) == (Verdict.UNFINISHED, set())
    assert b"hunter2" not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"stopped by ValueError" in (folder / "run.json").read_bytes()


def test_a_database_that_goes_away_is_one_sentence(bench: LiveBench, tmp_path: Path) -> None:
    plan = made_plan()
    with as_verifier(bench) as conn:
        conn.close()
        with pytest.raises(DatabaseUnsuitable, match="evidence"):
            keep_evidence(conn, tmp_path, bench.context(plan), plan, bench.executor)
    assert list(tmp_path.glob("*/evidence-*")) == []


def test_a_folder_that_can_not_be_written_is_named(bench: LiveBench, tmp_path: Path) -> None:
    (tmp_path / "runs").write_bytes(b"in the way")
    plan = made_plan()
    with pytest.raises(BadInput, match="can not be written"):
        keep_evidence(None, tmp_path / "runs", bench.context(plan), plan, bench.executor)


def test_the_log_of_the_run_is_in_it(bench: LiveBench) -> None:
    plan = made_plan()
    ctx = bench.context(plan)
    with logged_run() as log:
        for phase in run_phases(bench.adapter, ctx, plan):
            log.note(f"{phase} has ended", replayed=False)
    folder = kept(bench, ctx, plan, RunEnd(log=log.lines))
    assert len((folder / "log.jsonl").read_bytes().splitlines()) >= len(Phase)
    assert verify_folder(folder).verdict is Verdict.PROVED


def test_two_runs_that_end_at_once_get_a_bundle_each(bench: LiveBench, tmp_path: Path) -> None:
    plan = made_plan()
    ctx = bench.context(plan)
    folders: list[Path] = []
    threads = [
        threading.Thread(
            target=lambda: folders.append(
                keep_evidence(None, tmp_path / "r", ctx, plan, bench.executor)
            )
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(folders) == bundles_of(tmp_path / "r", ctx.change_set_id)
    assert len(set(folders)) == 8
    assert {verify_folder(folder).verdict for folder in folders} == {Verdict.UNFINISHED}


DATABASE_TAMPERS = {
    "a body": ("UPDATE unit_version SET body = body || ' ' WHERE title = 'Article 2'", {"rows"}),
    "a title": ("UPDATE unit_version SET title = 'x' WHERE title = 'Article 2'", {"rows"}),
    "an affected row": (
        "DELETE FROM cut_change_set_affected_row WHERE seq = 2",
        {"rows", "results"},
    ),
    "the record": (
        "UPDATE cut_change_set SET actor = 'somebody'",
        {"change set", "executor's signature", "verifier's signature", "history"},
    ),
    "a signature": (
        "UPDATE dot_pair_signature SET signature = sha512('x') WHERE half = 'verifier'",
        {"verifier's signature", "results"},
    ),
    "a link": ("UPDATE decision_backlog_history SET actor = 'x' WHERE chain_no = 2", {"history"}),
    "the journal": ("DELETE FROM cut_phase_journal WHERE phase = 'review'", {"journal"}),
    "the result": ("DELETE FROM verify_result", {"verification", "verifier's signature"}),
    "an approval": ("DELETE FROM cut_approval WHERE gate = 'SG_2'", {"approvals"}),
    "the permit": ("UPDATE cut_permit SET effect_digest = repeat('1', 64)", {"effect digest"}),
}


@pytest.mark.one_quick
@pytest.mark.parametrize("what", DATABASE_TAMPERS)
def test_a_ledger_that_was_tampered_with_before_collecting_leaves_a_broken_bundle(
    bench: LiveBench, what: str
) -> None:
    change, expected = DATABASE_TAMPERS[what]
    plan = made_plan()
    ctx = cut(bench, plan)
    assert tamper(bench.database, change) >= 1
    report = verify_folder(kept(bench, ctx, plan))
    assert report.verdict is Verdict.BROKEN
    assert failed(report) == expected


def test_collecting_reads_and_writes_nothing(bench: LiveBench) -> None:
    """The transaction is read-only by itself, whatever the connection may do."""
    plan = made_plan()
    ctx = cut(bench, plan)
    statements: list[str] = []

    class Recording(psycopg.Cursor[Any]):
        def execute(self, query: Any, *rest: Any, **more: Any) -> Any:
            statements.append(str(query))
            return super().execute(query, *rest, **more)

    with as_verifier(bench) as conn:
        conn.cursor_factory = Recording
        keep_evidence(conn, bench.backup.folder / "runs", ctx, plan, bench.executor)
    assert statements[0] == "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
    assert all(
        text.lstrip().startswith(("SELECT", "WITH", "SET TRANSACTION")) for text in statements
    )


def test_the_context_of_a_change_set_on_record(bench: LiveBench) -> None:
    plan = made_plan()
    ctx = cut(bench, plan)
    torn = cut(bench, made_plan(2, code="torn.law"), until=Phase.MARK)
    with as_verifier(bench) as conn:
        assert context_on_record(conn, ctx.change_set_id) == ctx
        assert context_on_record(conn, torn.change_set_id) == torn
        assert context_on_record(conn, no_such_change_set()) is None
