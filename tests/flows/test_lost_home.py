"""A home that is gone: what the database alone gives back, and that work goes on with it."""

from __future__ import annotations

import contextlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from adapters.evidence.collect import bundles_of
from adapters.evidence.verify import verify_folder
from adapters.home.approvals import keep_approval
from adapters.home.chain_heads import FILE_NAME, read
from adapters.home.layout import ENV_FILE, make_home, owner_of_home, set_values
from adapters.home.plans import forget_plans
from adapters.home.target import registered_target
from adapters.home.used_approvals import FILE_NAME as USED
from cli.control.restore import home_command
from cli.terminal import SafeConsole
from domain.approval.approvals import Gate
from domain.errors import BadInput, ConfigMissing, PlanRefused, StopInvariantFailed
from domain.evidence.bundle import Verdict
from domain.phases import Kind, Mode, Phase
from domain.reading.options import ReadingOptions
from flows.cut import run_cut
from flows.revert import run_revert
from tasks.app import production_app
from tasks.records.evidence import audit, make_evidence
from tasks.records.knowledge_base import standing_version, status
from tasks.records.proposals import change_set_named
from tasks.records.requests import request_for_revert
from tasks.records.restores import restore_home
from tests.flows.test_gone_back import go_back
from tests.flows.test_revision_flow import (
    CODE,
    NEW,
    OLD,
    cut,
    go,
    propose,
    reading,
    sign,
    subject,
    written,
)
from tests.support.knowledge import Knowledge
from tests.support.live import scalar
from tests.support.prefect import arm

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


def lose(knowledge: Knowledge) -> None:
    """The home is gone, and a new one is made in its place."""
    shutil.rmtree(knowledge.home)
    forget_plans()
    make_home(knowledge.home, owner_of_home(None))
    # Its secrets are stored again under the names that the old one had.
    set_values(knowledge.home / ENV_FILE, {"CUTTER_BLOCKS": "cutter"})


def stop_before(monkeypatch: pytest.MonkeyPatch, wanted: Phase) -> None:
    def stopping(phase: Phase, *rest: object) -> object:
        from tasks.dispatch import dispatch

        if phase is wanted:
            raise StopInvariantFailed("the host is gone", phase=phase)
        return dispatch(phase, *rest)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr("tasks.run.dispatch", stopping)


def test_a_new_home_gets_what_the_database_knows_and_takes_a_cut_back(
    knowledge: Knowledge, law: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = knowledge.live_run(law).change_set_id
    state = knowledge.home / "state"
    target, heads = registered_target(state), read(state / FILE_NAME)
    used = set((state / USED).read_text(encoding="utf-8").splitlines())
    plan = next((state / "plans").glob("*.jsonl")).name
    lose(knowledge)
    with pytest.raises(ConfigMissing, match="target"):
        request_for_revert(production_app(), str(cut))

    home_command(SafeConsole(), as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["target"], said["not_kept"], said["unfinished"]) == (str(target), [], [])
    assert (said["chains"], said["used_approvals"], len(said["plans"])) == (1, 2, 1)
    assert registered_target(state) == target
    assert set(read(state / FILE_NAME)) <= set(heads)
    assert set((state / USED).read_text(encoding="utf-8").splitlines()) == used
    assert [one.name for one in (state / "plans").glob("*.jsonl")] == [plan]
    assert [one.change_set_id for one in status(production_app())] == [cut]
    assert audit(production_app()).findings == ()
    assert verify_folder(make_evidence(production_app(), cut)).verdict is Verdict.PROVED
    assert len(bundles_of(knowledge.home / "runs", cut)) == 1

    request = request_for_revert(production_app(), str(cut))
    assert request.effect.kind is Kind.REVERT
    for gate in (Gate.SG_3, Gate.SG_2):
        keep_approval(
            request.state,
            knowledge.approvers.sign_one(
                request.effect, gate, datetime.now(UTC), submitter=request.submitter
            ),
        )
    arm(request.effect.change_set_id)
    run_revert(str(cut), Mode.LIVE)
    with knowledge.database.connect() as admin:
        lifecycles = "SELECT string_agg(DISTINCT lifecycle, ',') FROM public.information_unit"
        assert scalar(admin, lifecycles) == "withdrawn"


def test_an_unfinished_run_is_named_and_finished_from_the_new_home(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_set = knowledge.arm_for(law)
    with monkeypatch.context() as patch:
        stop_before(patch, Phase.WRITE_VERIFY)
        with pytest.raises(StopInvariantFailed):
            run_cut(law, Mode.LIVE)
    lose(knowledge)
    done = restore_home(production_app())
    (unfinished,) = done.unfinished
    assert unfinished.startswith(str(change_set))
    assert "Torn" in unfinished
    arm(change_set)
    outcome = run_cut(law, Mode.LIVE)
    assert [phase.phase for phase in outcome.phases if not phase.replayed][-2:] == [
        Phase.WRITE_VERIFY,
        Phase.LIFECYCLE_ENACT,
    ]


def test_a_home_that_knows_something_is_a_witness_and_is_not_overwritten(
    knowledge: Knowledge, law: str
) -> None:
    """Else who puts an older copy back would only have to run this."""
    knowledge.live_run(law)
    go_back(knowledge)
    for missing in ("", "target.json", FILE_NAME):  # either of the two is a witness by itself
        with contextlib.ExitStack() as stack:
            if missing:
                known = knowledge.home / "state" / missing
                aside = known.rename(known.with_suffix(".aside"))
                stack.callback(aside.rename, known)
            with pytest.raises(BadInput, match="is not lost"):
                restore_home(production_app())


def test_a_history_that_does_not_hold_in_itself_is_not_taken_for_the_truth(
    knowledge: Knowledge, law: str
) -> None:
    knowledge.live_run(law)
    with knowledge.database.connect() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE decision_backlog_history SET actor = 'm' WHERE chain_no = 2")
    lose(knowledge)
    with pytest.raises(StopInvariantFailed, match="is broken at step 2"):
        restore_home(production_app())
    assert registered_target(knowledge.home / "state") is None


def revise(knowledge: Knowledge, document: str, options: ReadingOptions, *doubts: str) -> UUID:
    assert propose(document, options, doubts) == 0
    sign(knowledge, subject(knowledge).request(), Gate.SG_1, Gate.SG_2)
    go()
    return change_set_named(production_app(), CODE)


def test_revisions_come_back_each_on_the_base_that_stood_then(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    """Of three one rests on the other, and the last gives what it leaves alone another owner."""
    document, app, state = written(tmp_path, OLD), production_app(), knowledge.home / "state"
    cut(knowledge, document)
    whole = change_set_named(app, CODE)
    written(tmp_path, NEW)
    first = revise(knowledge, document, reading(in_force_from="2027-01-01"))
    written(tmp_path, OLD | {"4a": "A net that is found belongs to whoever knots its last mesh."})
    second = revise(knowledge, document, ReadingOptions(code=CODE))  # article 4 stands again
    third = revise(knowledge, document, ReadingOptions(code=CODE, owner_ref="the port"))
    plans = {one.name for one in (state / "plans").glob("*.jsonl")}
    lose(knowledge)

    done = restore_home(app)
    assert (done.not_kept, len(done.plans)) == ((), 4)
    assert {one.name for one in (state / "plans").glob("*.jsonl")} == plans
    for one in (whole, first, second, third):
        assert verify_folder(make_evidence(app, one)).verdict is Verdict.PROVED
    assert audit(app).findings == ()


def test_what_people_said_of_a_revision_is_named_where_the_database_has_a_digest_alone(
    knowledge: Knowledge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document, app = written(tmp_path, OLD), production_app()
    cut(knowledge, document)
    before = standing_version(app, CODE).digest
    written(tmp_path, NEW)
    dates, act = tmp_path / "dates.csv", tmp_path / "act.md"
    dates.write_text("art_2, 2027-07-01, Gazette 12\n", encoding="utf-8")
    act.write_text('1. In article 2, for "twelve" substitute "fourteen".\n', encoding="utf-8")
    judged = reading(
        in_force_from="2027-01-01",
        dates=str(dates),
        amended_by=str(act),
        matches=("art_4=art_3a",),
    )
    revision = revise(knowledge, document, judged, "act-disagrees")
    capsys.readouterr()
    lose(knowledge)
    home_command(SafeConsole(soft_wrap=True))
    said = capsys.readouterr().out
    assert "1 plan." in said
    assert "no evidence of a change set can be made anew" in said
    (gone,) = [line for line in said.splitlines() if line.startswith("  no plan of ")]
    gone = gone.removeprefix("  no plan of ")
    assert gone.startswith(str(revision))
    for part in ("which unit a person said", "from when each unit", "the amending act's claims"):
        assert part in gone
    with pytest.raises(PlanRefused, match="can not be read back"):
        make_evidence(app, revision)
    request = request_for_revert(app, str(revision))
    sign(knowledge, request, Gate.SG_3, Gate.SG_2)
    arm(request.effect.change_set_id)
    run_revert(str(revision), Mode.LIVE)
    assert standing_version(app, CODE).digest == before
