"""Evidence and audit through the real settings and blocks, on a real PostgreSQL."""

from __future__ import annotations

import getpass
import io
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest
from rich.console import Console

from adapters.evidence.collect import bundles_of
from adapters.evidence.verify import verify_folder
from adapters.home.approvals import keep_approval
from adapters.home.chain_heads import FILE_NAME
from adapters.home.plans import forget_plans, save_plan
from adapters.planning import plan_document
from adapters.postgres.record.chain_heads import keep_heads
from adapters.postgres.reverting.verify import RevertVerifier
from adapters.postgres.verify.verifier import Verifier
from blocks.settings import load_settings
from cli.records.audit import show
from cli.records.evidence import make_command
from domain.approval.approvals import Gate
from domain.approval.request import cut_effect
from domain.change_set import CutContext
from domain.errors import BadInput, PhaseStop, PlanRefused, RevertRefused
from domain.evidence.bundle import Verdict
from domain.phases import Mode, Phase, Principal
from flows.cut import run_cut
from flows.revert import run_revert
from tasks.app import production_app
from tasks.change_sets import context_of, revert_of
from tasks.credentials import LateSigner
from tasks.records.evidence import audit, make_evidence
from tests.support.approved import as_verifier, cut, no_such_change_set
from tests.support.knowledge import Knowledge
from tests.support.live import live_bench
from tests.support.plans import made_plan
from tests.support.prefect import arm
from tests.support.tamper import tamper

pytestmark = [pytest.mark.prefect, pytest.mark.slow]
PLAN = made_plan(4)


@pytest.fixture
def ctx(knowledge: Knowledge, tmp_path: Path) -> CutContext:
    """A finished cut in it, its plan and chain heads kept in the home."""
    bench = live_bench(knowledge.database, tmp_path)
    ctx = cut(bench, PLAN)
    save_plan(PLAN, knowledge.home / "state")
    with as_verifier(bench) as conn:
        keep_heads(conn, knowledge.home / "state" / FILE_NAME)
    forget_plans()
    return ctx


def test_evidence_is_made_later_of_what_is_on_record(knowledge: Knowledge, ctx: CutContext) -> None:
    folder = make_evidence(production_app(), ctx.change_set_id)
    assert folder == knowledge.home / "runs" / str(ctx.change_set_id) / "evidence-0001"
    assert verify_folder(folder).verdict is Verdict.PROVED
    content = b"".join(path.read_bytes() for path in folder.iterdir()).decode()
    assert not [canary for canary in knowledge.canaries if canary in content]


def test_the_codes_last_change_set_is_meant_and_what_became_of_it_is_said(
    knowledge: Knowledge, ctx: CutContext
) -> None:
    for name in ("test.law", "test", str(ctx.change_set_id)):
        console = Console(file=io.StringIO(), width=500)
        assert make_command(console, name) == 0
        said = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO
        assert str(ctx.change_set_id) in said
        assert "outcome: enacted, by operator" in said
        assert "Proved" in said
    with pytest.raises(BadInput, match="No change set of another is on record"):
        make_command(Console(), "another")


def test_what_is_not_on_record_or_has_no_plan_is_one_sentence(
    knowledge: Knowledge, ctx: CutContext
) -> None:
    with pytest.raises(BadInput, match="is not on record"):
        make_evidence(production_app(), no_such_change_set())
    for path in (knowledge.home / "state" / "plans").iterdir():
        path.unlink()
    with pytest.raises(PlanRefused, match="plan the document again"):
        make_evidence(production_app(), ctx.change_set_id)
    assert not (knowledge.home / "runs").exists()


def test_the_audit_asks_the_configured_database_and_the_home(
    knowledge: Knowledge, ctx: CutContext
) -> None:
    report = audit(production_app())
    assert (report.findings, report.exit_status, report.heads_on_file, report.change_sets) == (
        (),
        0,
        1,
        1,
    )
    tamper(knowledge.database, "UPDATE unit_version SET body = 'x' WHERE title = 'Article 3'")
    found = audit(production_app())
    assert (found.exit_status, {finding.rule for finding in found.findings}) == (
        4,
        {"unit", "rows", "effect"},
    )
    console = Console(file=io.StringIO(), width=500)
    show(console, found)
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO
    assert "Unit test.law~art_3 has another body than the manifest." in shown
    assert "3 findings" in shown


def test_heads_in_the_bundles_of_the_home_count(knowledge: Knowledge, ctx: CutContext) -> None:
    make_evidence(production_app(), ctx.change_set_id)
    (knowledge.home / "state" / FILE_NAME).unlink()
    assert audit(production_app()).findings == ()
    tamper(knowledge.database, "DELETE FROM decision_backlog_history WHERE to_status = 'enacted'")
    assert "history" in {finding.rule for finding in audit(production_app()).findings}


def test_a_torn_run_is_no_finding_and_its_bundle_is_unfinished(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    torn = cut(live_bench(knowledge.database, tmp_path), PLAN, until=Phase.CUT_LEG_A)
    save_plan(PLAN, knowledge.home / "state")
    folder = make_evidence(production_app(), torn.change_set_id)
    assert verify_folder(folder).verdict is Verdict.UNFINISHED
    assert json.loads((folder / "versions.json").read_bytes())["postgresql"].split(".")[0].isdigit()
    assert audit(production_app()).findings == ()


@pytest.fixture
def permitted(knowledge: Knowledge, law: str, tmp_path: Path) -> uuid.UUID:
    """The change set of a document that two people have approved, and the switch armed for it."""
    bench = live_bench(knowledge.database, tmp_path)
    plan = plan_document(law)
    ctx = context_of(production_app(), plan, Mode.LIVE, 1, getpass.getuser())
    bench.approvers.permit(bench.connections, ctx, cut_effect(ctx, plan))
    arm(ctx.change_set_id)
    return ctx.change_set_id


def test_a_live_run_leaves_a_bundle_that_proves_it(
    knowledge: Knowledge, law: str, permitted: uuid.UUID
) -> None:
    assert run_cut(law, Mode.LIVE).change_set_id == permitted
    (folder,) = bundles_of(knowledge.home / "runs", permitted)
    pins = [
        signer.key_id
        for signer in (LateSigner(principal, load_settings()) for principal in Principal)
    ]
    assert verify_folder(folder, pins).verdict is Verdict.PROVED
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_bytes().splitlines()]
    assert [line["message"] for line in lines if line["source"] == "run"] == [
        f"{phase} has ended" for phase in Phase
    ]
    content = b"".join(path.read_bytes() for path in folder.iterdir()).decode()
    assert not [canary for canary in knowledge.canaries if canary in content]
    assert audit(production_app()).findings == ()


def test_a_live_run_that_is_stopped_leaves_a_bundle_that_says_why(
    knowledge: Knowledge, law: str, permitted: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(*_: object) -> NoReturn:
        raise PhaseStop("The verifier was not there.")

    monkeypatch.setattr(Verifier, "verify", stops)
    with pytest.raises(PhaseStop, match="not there"):
        run_cut(law, Mode.LIVE)
    (folder,) = bundles_of(knowledge.home / "runs", permitted)
    assert verify_folder(folder).verdict is Verdict.UNFINISHED
    assert (
        json.loads((folder / "run.json").read_bytes())["stopped"] == "The verifier was not there."
    )


def test_a_dry_run_leaves_no_evidence(knowledge: Knowledge, law: str) -> None:
    outcome = knowledge.dry_run(law)
    assert bundles_of(knowledge.home / "runs", outcome.change_set_id) == []


@pytest.fixture
def revert(knowledge: Knowledge, ctx: CutContext) -> CutContext:
    """The revert of the finished cut, approved, and the switch armed for it."""
    request = revert_of(production_app(), ctx.change_set_id, Mode.LIVE, "operator")
    for gate in (Gate.SG_3, Gate.SG_2):
        keep_approval(
            knowledge.home / "state",
            knowledge.approvers.sign_one(request.effect, gate, datetime.now(UTC)),
        )
    arm(request.ctx.change_set_id)
    return request.ctx


def test_a_live_revert_leaves_a_bundle_that_proves_it(
    knowledge: Knowledge, ctx: CutContext, revert: CutContext
) -> None:
    run_revert(str(ctx.change_set_id), Mode.LIVE, actor="operator")
    (folder,) = bundles_of(knowledge.home / "runs", revert.change_set_id)
    pins = [
        signer.key_id
        for signer in (LateSigner(principal, load_settings()) for principal in Principal)
    ]
    assert verify_folder(folder, pins).verdict is Verdict.PROVED
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_bytes().splitlines()]
    run_lines = [line["message"] for line in lines if line["source"] == "run"]
    assert run_lines == [f"{phase} of a revert has ended" for phase in Phase]
    content = b"".join(path.read_bytes() for path in folder.iterdir()).decode()
    assert not [canary for canary in knowledge.canaries if canary in content]
    again = make_evidence(production_app(), revert.change_set_id)
    assert (again.name, verify_folder(again, pins).verdict) == ("evidence-0002", Verdict.PROVED)
    assert audit(production_app()).findings == ()


def test_a_live_revert_that_is_stopped_leaves_a_bundle_that_says_why(
    knowledge: Knowledge, ctx: CutContext, revert: CutContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(*_: object) -> NoReturn:
        raise PhaseStop("The verifier was not there.")

    monkeypatch.setattr(RevertVerifier, "verify", stops)
    with pytest.raises(PhaseStop, match="is torn"):
        run_revert(str(ctx.change_set_id), Mode.LIVE, actor="operator")
    (folder,) = bundles_of(knowledge.home / "runs", revert.change_set_id)
    assert verify_folder(folder).verdict is Verdict.UNFINISHED
    assert (
        json.loads((folder / "run.json").read_bytes())["stopped"] == "The verifier was not there."
    )
    assert (
        verify_folder(make_evidence(production_app(), revert.change_set_id)).verdict
        is Verdict.UNFINISHED
    )
    assert audit(production_app()).findings == ()


def test_no_evidence_of_a_revert_whose_cut_was_changed_since(
    knowledge: Knowledge, ctx: CutContext, revert: CutContext
) -> None:
    run_revert(str(ctx.change_set_id), Mode.LIVE, actor="operator")
    tamper(
        knowledge.database,
        (
            "UPDATE information_unit SET unit_kind = 'section' WHERE canonical_address = "
            "'test.law~art_2'"
        ),
    )
    with pytest.raises(RevertRefused, match="not what its revert"):
        make_evidence(production_app(), revert.change_set_id)
