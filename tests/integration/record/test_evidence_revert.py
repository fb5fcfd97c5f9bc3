"""The evidence of a revert: it proves a finished one, and says of a stopped one that it is not
finished.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.evidence.collect import RunEnd, keep_evidence
from adapters.evidence.files import decode, encode
from adapters.evidence.seal import seal
from adapters.evidence.verify import read_folder, verify, verify_folder
from domain.errors import BadInput, PhaseStop
from domain.evidence.bundle import Bundle, EvidenceReport, Outcome, Verdict
from domain.evidence.citation import citation_of
from domain.phases import Kind, Phase
from domain.plan.revert import RevertPlan
from tests.support.approved import as_verifier, cut
from tests.support.evidence import rechained
from tests.support.live import LiveBench, live_bench
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, Database, fresh_database
from tests.support.reverts import revert_adapter, revert_of, revert_plan, run_revert

Tamper = Callable[[Bundle], Bundle]
OTHER = "1" * 64


def kept(
    bench: LiveBench, until: Phase, cut_until: Phase = Phase.LIFECYCLE_ENACT, end: RunEnd = RunEnd()
) -> Path:
    """Cut, revert up to a phase, and keep the revert's evidence; the bundle."""
    ctx = cut(bench, made_plan(4), until=cut_until)
    plan = revert_plan(bench, ctx.change_set_id)
    own = revert_of(bench, plan)
    run_revert(revert_adapter(bench), own, plan, until)
    with as_verifier(bench) as conn:
        return keep_evidence(conn, bench.backup.folder / "runs", own, plan, bench.executor, end)


def failed(report: EvidenceReport) -> set[str]:
    return {check.name for check in report.checks if check.outcome is Outcome.FAILS}


@pytest.fixture(scope="module")
def finished(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> tuple[LiveBench, Bundle]:
    """A finished revert's bundle, and the bench whose executor has sealed it."""
    with fresh_database(cluster) as database:
        bench = live_bench(database, tmp_path_factory.mktemp("finished"))
        return bench, decode(read_folder(kept(bench, Phase.LIFECYCLE_ENACT)))


def resealed(bench: LiveBench, bundle: Bundle) -> EvidenceReport:
    """What verifying says of a bundle that its own executor has sealed again."""
    contents = encode(bundle)
    return verify(
        contents | seal(contents, str(bundle.run.change_set_id), bundle.stands, bench.executor)
    )


def plan_of(bundle: Bundle) -> RevertPlan:
    assert isinstance(bundle.plan, RevertPlan)
    return bundle.plan


@pytest.mark.one_quick
@pytest.mark.parametrize("cut_until", [Phase.CUT_LEG_A, Phase.LEG_B_RECORD, Phase.LIFECYCLE_ENACT])
def test_the_evidence_of_a_finished_revert_proves_it(
    database: Database, tmp_path: Path, cut_until: Phase
) -> None:
    bench = live_bench(database, tmp_path)
    folder = kept(bench, Phase.LIFECYCLE_ENACT, cut_until)
    report = verify_folder(folder, [bench.executor.key_id, bench.verifier.key_id])
    assert report.verdict is Verdict.PROVED, [
        check for check in report.checks if check.outcome is not Outcome.HOLDS
    ]
    bundle = decode(read_folder(folder))
    assert (bundle.run.kind, len(bundle.rows)) == (Kind.REVERT, len(plan_of(bundle).units))
    assert (folder / "plan-gaps.jsonl").read_bytes() == b""


@pytest.mark.one_quick
@pytest.mark.parametrize("until", [phase for phase in Phase if phase is not Phase.LIFECYCLE_ENACT])
def test_a_torn_revert_is_unfinished(database: Database, tmp_path: Path, until: Phase) -> None:
    folder = kept(
        live_bench(database, tmp_path), until, end=RunEnd(PhaseStop("The lights went out."))
    )
    report = verify_folder(folder)
    assert (report.verdict, failed(report)) == (Verdict.UNFINISHED, set())
    assert any("The lights went out." in check.evidence for check in report.checks)


def kept_of_what_was_reverted(bench: LiveBench, cut_until: Phase) -> Path:
    """Cut, revert, and then collect the evidence of the cut."""
    plan = made_plan(4)
    ctx = cut(bench, plan, until=cut_until)
    taken_back = revert_plan(bench, ctx.change_set_id)
    run_revert(revert_adapter(bench), revert_of(bench, taken_back), taken_back)
    with as_verifier(bench) as conn:
        return keep_evidence(conn, bench.backup.folder / "runs", ctx, plan, bench.executor)


def test_a_cut_that_was_reverted_later_is_proved_as_the_cut_that_it_was(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    folder = kept_of_what_was_reverted(bench, Phase.LIFECYCLE_ENACT)
    report = verify_folder(folder, [bench.executor.key_id, bench.verifier.key_id])
    assert (report.verdict, failed(report)) == (Verdict.PROVED, set())
    (outcome,) = (check.evidence for check in report.checks if check.name == "outcome")
    assert "enacted, by operator, run 1; reverted since, by operator" in outcome
    bundle = decode(read_folder(folder))
    with pytest.raises(BadInput, match="was reverted"):
        citation_of(bundle, bundle.rows[0].canonical_address)
    unused = replace(bundle, permits=tuple(replace(one, used_at=None) for one in bundle.permits))
    assert failed(resealed(bench, unused)) == {"approvals"}, "it is judged as any finished run"


def test_a_torn_cut_that_was_reverted_proves_no_cut(database: Database, tmp_path: Path) -> None:
    bench = live_bench(database, tmp_path)
    report = verify_folder(kept_of_what_was_reverted(bench, Phase.LEG_B_RECORD))
    assert (report.verdict, failed(report)) == (Verdict.UNFINISHED, set())


def unit(at: int = 0, **changed: Any) -> Tamper:
    """Change a unit of the plan."""

    def change(b: Bundle) -> Bundle:
        plan = plan_of(b)
        units = list(plan.units)
        units[at] = replace(units[at], **changed)
        return replace(b, plan=replace(plan, units=tuple(units)))

    return change


def row(at: int = 0, **changed: Any) -> Tamper:
    def change(b: Bundle) -> Bundle:
        rows = list(b.rows)
        rows[at] = replace(rows[at], **changed)
        return replace(b, rows=tuple(rows))

    return change


def result(phase: Phase, **changed: Any) -> Tamper:
    return lambda b: replace(
        b,
        results=tuple(
            replace(r, result={**r.result, **changed}) if r.phase == phase else r for r in b.results
        ),
    )


def head(**changed: Any) -> Tamper:
    return lambda b: replace(b, plan=replace(plan_of(b), **changed))


def reverted_step(**changed: Any) -> Tamper:
    """Change the step that reverts, and make every link anew, and the head that was kept."""

    def change(b: Bundle) -> Bundle:
        history = rechained([*b.history[:-1], replace(b.history[-1], **changed)])
        assert b.chain_head is not None
        return replace(
            b, history=history, chain_head=replace(b.chain_head, row_sha256=history[-1].row_sha256)
        )

    return change


def not_reverted(b: Bundle) -> Bundle:
    history = b.history[:-1]
    assert b.chain_head is not None
    last = replace(b.chain_head, chain_no=history[-1].chain_no, row_sha256=history[-1].row_sha256)
    return replace(b, history=history, chain_head=last)


PINNED = {
    "plan digest",
    "change set id",
    "approvals",
    "effect digest",
    "history",
    "change set",
    "what it reverts",
}
"""What every change of the plan breaks: all of these name its digest."""

TAMPERS: dict[str, tuple[Tamper, set[str]]] = {
    "another unit withdrawn": (row(unit_id=uuid.UUID(int=1)), {"withdrawn units", "rows"}),
    "another version withdrawn": (row(version_id=uuid.UUID(int=1)), {"withdrawn units", "rows"}),
    "a row less": (lambda b: replace(b, rows=b.rows[1:]), {"withdrawn units", "rows", "results"}),
    "a row that was created": (row(action="created"), {"rows"}),
    "the number that leg A withdrew": (result(Phase.CUT_LEG_A, withdrawn=1), {"results"}),
    "whose leg A it was": (
        result(Phase.CUT_LEG_A, change_set_id=str(uuid.UUID(int=1))),
        {"results"},
    ),
    "where the units were left": (result(Phase.LIFECYCLE_ENACT, lifecycle="enacted"), {"results"}),
    "the enacted effect": (result(Phase.LIFECYCLE_ENACT, effect_digest=OTHER), {"effect digest"}),
    "the step that reverts, from elsewhere": (
        reverted_step(from_status="cut_applied"),
        {"what it reverts"},
    ),
    "the step that reverts, by another plan": (
        reverted_step(payload_sha256=OTHER),
        {"what it reverts"},
    ),
    "the step that reverts, by the verifier": (
        reverted_step(principal="cutter_verify"),
        {"what it reverts"},
    ),
    "the step that reverts is cut off": (not_reverted, {"what it reverts"}),
    "the source text's digest": (
        lambda b: replace(b, digests=replace(b.digests, source_text=OTHER)),
        {"source text"},
    ),
    "another source text verified": (
        lambda b: replace(
            b, verification=b.verification and replace(b.verification, source_sha256=OTHER)
        ),
        {"verification", "verifier's signature", "history"},
    ),
    "another kind of run": (lambda b: replace(b, run=replace(b.run, kind=Kind.CUT)), {"form"}),
    "a unit's kind in the plan": (unit(unit_kind="x"), PINNED),
    "a unit's lifecycle in the plan": (unit(lifecycle="draft"), {*PINNED, "source text"}),
}


@pytest.mark.parametrize("what", TAMPERS)
def test_a_revert_that_was_changed_and_sealed_again_is_broken(
    finished: tuple[LiveBench, Bundle], what: str
) -> None:
    bench, bundle = finished
    change, expected = TAMPERS[what]
    report = resealed(bench, change(bundle))
    assert report.verdict is Verdict.BROKEN
    assert failed(report) == expected


def test_what_was_not_changed_is_proved_when_sealed_again(
    finished: tuple[LiveBench, Bundle],
) -> None:
    bench, bundle = finished
    assert resealed(bench, bundle).verdict is Verdict.PROVED


FORMS: dict[str, tuple[Tamper, str]] = {
    "a unit twice": (
        lambda b: unit(1, unit_id=plan_of(b).units[0].unit_id)(b),
        "names one unit twice",
    ),
    "a version twice": (
        lambda b: unit(1, version_id=plan_of(b).units[0].version_id)(b),
        "names one version twice",
    ),
    "a place twice": (unit(1, seq=1), "not numbered from 1"),
    "an address twice": (
        lambda b: unit(1, canonical_address=plan_of(b).units[0].canonical_address)(b),
        "names one address twice",
    ),
    "a child after its parent": (
        lambda b: unit(1, parent_ref=plan_of(b).units[0].canonical_address)(b),
        "is withdrawn after its parent",
    ),
    "a unit left elsewhere": (
        unit(0, lifecycle="draft"),
        "is draft in the plan, and was left enacted",
    ),
    "no unit": (head(units=()), "withdraws nothing"),
}


@pytest.mark.parametrize("what", FORMS)
def test_a_revert_plan_has_a_form(finished: tuple[LiveBench, Bundle], what: str) -> None:
    bench, bundle = finished
    change, says = FORMS[what]
    (found,) = (
        check for check in resealed(bench, change(bundle)).checks if check.name == "source text"
    )
    assert found.outcome is Outcome.FAILS
    assert says in found.evidence


def test_a_revert_with_gaps_is_not_in_form(finished: tuple[LiveBench, Bundle]) -> None:
    bench, bundle = finished
    made = decode(encode(bundle))
    contents = encode(made) | {"plan-gaps.jsonl": b'{"end":1,"start":0,"text":"x"}\n'}
    report = verify(
        contents | seal(contents, str(made.run.change_set_id), made.stands, bench.executor)
    )
    assert failed(report) == {"form"}
