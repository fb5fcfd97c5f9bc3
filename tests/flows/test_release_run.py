"""An approved release is run: every document once, under one approval and one backup, and what is
wrong with one document ends no other.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapters.evidence.verify import verify_folder
from adapters.home.chain_heads import FILE_NAME
from adapters.home.plans import forget_plans
from adapters.home.used_approvals import FILE_NAME as USED
from adapters.keys.approvers import load_private_key, save_private_key
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.permits.approvers import register_approver
from adapters.postgres.record.audit import audit_database
from adapters.releases import (
    keep_release_approval,
    kept_release,
    kept_release_approvals,
    release_named,
)
from blocks.switch import VariableKillSwitch
from cli.approvals.approving import Approving
from cli.approvals.release import approve_release_command
from cli.approvals.signing import Unlocking
from cli.citing.cite import cite_command
from cli.corpus.go import Workers, corpus_go_command
from cli.corpus.status import corpus_status_command
from cli.home.look import status_command
from cli.proposals.inbox import inbox_command
from cli.terminal import SafeConsole
from domain.approval.approvals import Gate
from domain.errors import ApprovalRefused, BadInput, ProductionExecutionNotAuthorized, Refused
from domain.evidence.bundle import Outcome
from domain.evidence.citation import FORMAT_IN_RELEASE
from domain.phases import Principal
from domain.release.approval import ReleaseRoot
from domain.switch import SwitchState
from tasks.app import production_app
from tasks.corpus.running import run_document
from tasks.records.evidence import make_evidence
from tasks.records.halt import halt_everything
from tasks.records.knowledge_base import status
from tasks.records.restores import restore_home
from tests.flows.test_corpus import corpus, plan
from tests.flows.test_lost_home import lose
from tests.support.knowledge import Knowledge
from tests.support.live import scalar
from tests.support.many import sign_release
from tests.support.prefect import LAW, write_law

__all__ = ["corpus"]

PROGRAM = Path(__file__).parents[2] / "docs" / "verify_citation.py"

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

HOUR = timedelta(hours=1)
Go = Callable[..., dict[str, Any]]


@pytest.fixture
def release(knowledge: Knowledge, corpus: Path, capsys: pytest.CaptureFixture[str]) -> UUID:
    return UUID(plan(corpus, capsys)["release"]["release_id"])


@pytest.fixture
def go(capsys: pytest.CaptureFixture[str]) -> Iterator[Go]:
    """`cutter corpus go --json`, with its exit status and what it said."""

    def call(
        release: UUID,
        *,
        again: bool = False,
        actor: str | None = "operator",
        workers: Workers = Workers(),
    ) -> Any:
        status = corpus_go_command(
            SafeConsole(stderr=True, soft_wrap=True),
            str(release),
            reason=None,
            minutes=10,
            actor=actor,
            again=again,
            workers=workers,
            as_json=True,
        )
        out, err = capsys.readouterr()
        return json.loads(out) | {"status": status, "said": err}

    yield call
    assert VariableKillSwitch().read().state is SwitchState.OFF


def approve(knowledge: Knowledge, release: UUID) -> None:
    state = knowledge.home / "state"
    root = ReleaseRoot.of(kept_release(state, release))
    for one in sign_release(knowledge.approvers, root, datetime.now(UTC)):
        keep_release_approval(state, one)


def count(knowledge: Knowledge, what: str) -> Any:
    with knowledge.database.connect() as admin:
        return scalar(admin, f"SELECT count(*) FROM {what}")


def steps(answer: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: one["step"] for one in answer["documents"]}


def test_a_release_waits_in_the_inbox_and_is_found_by_the_beginning_of_its_id(
    knowledge: Knowledge, corpus: Path, release: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    state, short = knowledge.home / "state", str(release)[:8]

    def inbox() -> str:
        inbox_command(SafeConsole(soft_wrap=True), as_json=False)
        return capsys.readouterr().out

    def listed() -> list[str]:
        inbox_command(SafeConsole(), as_json=True)
        every = json.loads(capsys.readouterr().out)
        return [one["release_id"] for one in every if "release_id" in one]

    assert release_named(state, short) == release
    assert release_named(state, short[:7]) is None, "which could be the beginning of a code"
    said = inbox()
    assert f"release {release}  waiting, 3 documents, 12 units" in said
    assert f"Waits for SG_1 and SG_2: `cutter approve {short} --key KEY`." in said
    assert said.index(f"release {release}") < said.index("law-1")
    assert listed() == [str(release)]
    status_command(SafeConsole(soft_wrap=True), None, as_json=False)
    assert f"release {release}  waiting" in capsys.readouterr().out
    approve(knowledge, release)
    assert f"Approved: `cutter corpus go {short}` until" in inbox()
    assert corpus_status_command(SafeConsole(), short, as_json=True) == 0
    capsys.readouterr()

    write_law(corpus, "law-2.md", LAW + "And more.\n")
    other = UUID(plan(corpus, capsys)["release"]["release_id"])
    assert listed() == [str(other)], "of the first one a document was planned anew"
    beside = state / "releases" / f"{str(other)[:8]}-0000-5000-8000-000000000000"
    beside.mkdir()
    (beside / "manifest.jsonl").write_text("not one")
    assert listed() == [str(other)]
    with pytest.raises(BadInput, match="could mean"):
        release_named(state, str(other)[:8])


def test_two_people_sign_once_and_each_document_is_cut_under_one_backup_and_proved(
    knowledge: Knowledge, release: UUID, tmp_path: Path, go: Go, capsys: pytest.CaptureFixture[str]
) -> None:
    state, console = knowledge.home / "state", SafeConsole(stderr=True, soft_wrap=True)
    with knowledge.database.connect() as admin:
        for person, gate in (("Cara", Gate.SG_1), ("Dan", Gate.SG_2)):
            key = tmp_path / person
            save_private_key(key)
            public = load_private_key(key).public_key
            register_approver(admin, person, public, [gate], timedelta(days=9), "administrator")
    assert release_named(state, str(release)) == release
    assert release_named(state, "law-1") is None
    for person in ("Cara", "Dan"):
        approve_release_command(
            console,
            release,
            Approving(key=tmp_path / person, submitter="operator"),
            Unlocking(None, yes=True),
        )
    said = capsys.readouterr().err
    assert said.count("law-2") == 2
    assert kept_release(state, release).root in said
    found = go(release)
    assert (found["status"], set(steps(found).values())) == (0, {"done"})
    assert "Running 3 documents" in found["said"]
    assert count(knowledge, "cut_permit WHERE used_at IS NOT NULL") == 3
    assert len(list((knowledge.home / "backups").glob("*.gpg"))) == 1
    assert (
        count(
            knowledge,
            "(SELECT DISTINCT result FROM cut_phase_journal WHERE phase = 'pre_write_backup') b",
        )
        == 1
    )
    bundles = list((knowledge.home / "runs").glob("*/evidence-0001"))
    assert len(bundles) == 3
    for bundle in bundles:
        assert not [one for one in verify_folder(bundle).checks if one.outcome is Outcome.FAILS]
        assert "release" in json.loads((bundle / "approvals.jsonl").read_text())
    proof = tmp_path / "proof.json"
    cite_command(console, "law-2~art_1", proof, proof=True, as_json=False)
    assert json.loads(proof.read_text())["format"] == FORMAT_IN_RELEASE
    keys = [load_private_key(tmp_path / person).key_id for person in ("Cara", "Dan")]
    keys += [production_app().signer(principal).key_id for principal in Principal]
    command = [sys.executable, "-I", str(PROGRAM), str(proof)]
    done = subprocess.run([*command, *keys], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("law-2~art_1 is what Cara and Dan approved for ")
    assert subprocess.run([*command, *keys[1:]], capture_output=True, check=False).returncode == 1
    with knowledge.database.connect(Principal.VERIFY, autocommit=True) as conn:
        heads = knowledge.home / "state" / FILE_NAME
        assert audit_database(conn, read_fingerprint(conn), heads).findings == ()
    assert corpus_status_command(console, str(release), as_json=False) == 0
    assert "3 documents: 3 done" in capsys.readouterr().err
    with pytest.raises(Refused, match="is left to run"):
        go(release)


def test_processes_on_one_machine_share_it(knowledge: Knowledge, release: UUID, go: Go) -> None:
    approve(knowledge, release)
    found = go(release, workers=Workers(processes=2))
    assert (found["status"], set(steps(found).values())) == (0, {"done"})
    assert count(knowledge, "cut_permit WHERE used_at IS NOT NULL") == 3


def test_documents_of_a_release_come_back_to_a_new_home(
    knowledge: Knowledge, release: UUID, go: Go
) -> None:
    approve(knowledge, release)
    go(release)
    state = knowledge.home / "state"
    used = set((state / USED).read_text(encoding="utf-8").splitlines())
    cut = [one.change_set_id for one in status(production_app())]
    plans = {one.name for one in (state / "plans").glob("*.jsonl")}
    lose(knowledge)
    done = restore_home(production_app())
    assert (len(done.plans), done.not_kept, done.unfinished) == (3, (), ())
    assert {one.name for one in (state / "plans").glob("*.jsonl")} == plans
    assert set((state / USED).read_text(encoding="utf-8").splitlines()) == used
    for one in cut:
        bundle = make_evidence(production_app(), one)
        assert not [one for one in verify_folder(bundle).checks if one.outcome is Outcome.FAILS]


def test_nothing_runs_without_both_approvals_or_for_somebody_else(
    knowledge: Knowledge, release: UUID, go: Go
) -> None:
    with pytest.raises(ApprovalRefused, match="needs SG_1 and SG_2"):
        go(release)
    approve(knowledge, release)
    with pytest.raises(ApprovalRefused, match="was started by somebody"):
        go(release, actor="somebody")
    assert count(knowledge, "information_unit") == 0
    assert not list((knowledge.home / "backups").glob("*"))


def test_what_is_wrong_with_one_document_is_said_and_tried_again_alone(
    knowledge: Knowledge, release: UUID, go: Go
) -> None:
    approve(knowledge, release)
    state = knowledge.home / "state"
    effect = kept_release(state, release).effects[1]
    (kept,) = (state / "plans").glob(f"{effect.document_code}-{effect.plan_digest[:16]}*")
    content = kept.read_bytes()
    kept.write_bytes(content.replace(b"lamp", b"lump").replace(b"Article", b"Articel"))
    forget_plans()
    found = go(release)
    assert (found["status"], steps(found)["law-2"]) == (1, "failed")
    assert [steps(found)[code] for code in ("law-1", "law-3")] == ["done", "done"]
    assert "changed after it was made" in found["documents"][1]["next_step"]
    kept.write_bytes(content)
    with pytest.raises(Refused, match="is left to run"):
        go(release)
    again = go(release, again=True)
    assert "Trying again 1 document" in again["said"]
    assert (again["status"], set(steps(again).values())) == (0, {"done"})
    with pytest.raises(Refused, match="has failed or was refused"):
        go(release, again=True)


def test_a_halt_stops_the_rest_and_a_new_approval_goes_on_where_it_was(
    knowledge: Knowledge, release: UUID, go: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(knowledge, release)
    ran: list[int] = []

    def halted_after_one(app: Any, run: Any, place: int) -> Any:
        if ran:
            halt_everything(production_app(), "the wrong corpus", "Ann")
        ran.append(place)
        return run_document(app, run, place)

    monkeypatch.setattr("tasks.corpus.running.run_document", halted_after_one)
    with pytest.raises(ProductionExecutionNotAuthorized):
        go(release)
    assert ran == [0, 1]
    assert count(knowledge, "(SELECT DISTINCT document_code FROM information_unit) u") == 1
    monkeypatch.setattr("tasks.corpus.running.run_document", run_document)
    with pytest.raises(Refused, match="halted"):
        go(release)
    with knowledge.database.connect(autocommit=True) as admin:
        admin.execute("SELECT cutter.fn_halt_lift('Ann', 'looked at it')")
    with pytest.raises(ApprovalRefused, match="used before"):
        go(release)
    approve(knowledge, release)
    found = go(release)
    assert (found["status"], set(steps(found).values())) == (0, {"done"})
    assert len(kept_release_approvals(knowledge.home / "state", release)) == 2


def test_a_plan_that_is_not_the_releases_is_not_run(
    knowledge: Knowledge, corpus: Path, release: UUID, go: Go, capsys: pytest.CaptureFixture[str]
) -> None:
    """The document has changed since: what was approved is run all the same, and nothing else."""
    approve(knowledge, release)
    write_law(corpus, "law-1.md", LAW + "And more.\n")
    found = go(release)
    assert (found["status"], steps(found)["law-1"]) == (0, "done")
    with knowledge.database.connect() as admin:
        assert not scalar(admin, "SELECT count(*) FROM unit_version WHERE body LIKE '%And more.%'")
