"""Targets from Prefect's UI: asked for there, signed by SG_3, and run by what was signed alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectNotFound

from adapters.home.signed_statements import TARGETS, keep_signed, kept_signed
from adapters.keys.approvers import ApproverSigner
from blocks.approval_form import Approval
from blocks.deployed import CLOSED_POOL, POOL
from blocks.in_process import in_process
from cli.control.target import list_command
from cli.terminal import SafeConsole
from domain.approval.approvals import Gate
from domain.approval.dsse import Envelope
from domain.approval.targets import PAYLOAD_TYPE, Target, statement
from domain.errors import ApprovalRefused, BadInput, ConfigMismatch, Refused
from domain.phases import Mode
from domain.reading.options import ReadingOptions
from flows.add_target import add_target
from flows.target import cut_target, deploy_target, retract_target, watch_target
from tasks.app import production_app
from tasks.targets import REQUESTS, accept_target, asked_for, remove_target, signed_targets
from tests.support.approvers import new_signer
from tests.support.knowledge import Knowledge
from tests.support.prefect import arm, write_law

pytestmark = [pytest.mark.prefect, pytest.mark.slow]
NAME = "water-act"


@pytest.fixture
def law(tmp_path: Path) -> str:
    return str(write_law(tmp_path))


@pytest.fixture
def deployed_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make Prefect say that the run is one of this deployment."""

    def say(name: str) -> None:
        monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__NAME", name)

    return say


@pytest.fixture
def pool(api: str) -> Iterator[None]:
    """The work pool that `cutter deploy` makes."""
    with get_client(sync_client=True) as client:
        client.create_work_pool(
            WorkPoolCreate(name=POOL, type="process", base_job_template=dict(CLOSED_POOL))
        )
        yield
        client.delete_work_pool(POOL)


def ask(document: str, name: str = NAME, **more: Any) -> str:
    with in_process():
        said: str = add_target(name, document, **more)
        return said


def ann(knowledge: Knowledge) -> ApproverSigner:
    return knowledge.approvers.keys[Gate.SG_3]


def signed(knowledge: Knowledge, document: str) -> Target:
    """A target that was asked for and signed."""
    ask(document)
    (target,) = asked_for(production_app())
    accept_target(production_app(), ann(knowledge), target)
    return target


def deployment(name: str) -> Any:
    """The deployment of that name, or None."""
    with get_client(sync_client=True) as client:
        try:
            return client.read_deployment_by_name(name)
        except ObjectNotFound:
            return None


def test_a_target_is_asked_for_signed_and_run_by_what_was_signed(
    knowledge: Knowledge, law: str, deployed_as: Callable[[str], None]
) -> None:
    said = ask(law)
    assert f"cutter target accept {NAME}" in said
    deployed_as(f"dry-run-{NAME}")
    with in_process(), pytest.raises(Refused, match="No target water-act is signed"):
        watch_target()

    (target,) = asked_for(production_app())
    done = accept_target(production_app(), ann(knowledge), target)
    assert (done.person, done.target) == ("Ann", Target(NAME, law))
    assert asked_for(production_app()) == []
    with in_process():
        outcome = watch_target(new_baseline=True)
    assert outcome.document == law


def test_its_live_run_needs_two_approvals_as_every_one_and_finds_them_in_the_home(
    knowledge: Knowledge, law: str, deployed_as: Callable[[str], None]
) -> None:
    signed(knowledge, law)
    change_set = knowledge.arm_for(law)
    deployed_as(f"live-{NAME}")
    files = sorted((knowledge.home / "state" / "approvals" / str(change_set)).glob("SG_*.json"))
    texts = [path.read_text("utf-8") for path in files]
    for path in files:
        path.unlink()
    with in_process(), pytest.raises(ApprovalRefused, match="a live cut needs SG_1 and SG_2"):
        cut_target()
    arm(change_set)
    with in_process(), pytest.raises(ApprovalRefused, match="one approval each for SG_1 and"):
        cut_target(Approval(sg_1=texts[0]))
    arm(change_set)
    files[1].write_text(texts[1], "utf-8")
    with in_process():
        outcome = cut_target(Approval(sg_1=texts[0]))
    assert outcome.mode is Mode.LIVE
    assert not knowledge_is_armed()


def knowledge_is_armed() -> bool:
    return production_app().switch.read().change_set_id is not None


def test_both_deployments_are_made_and_ask_for_nothing_that_is_fixed(
    knowledge: Knowledge, law: str, pool: None
) -> None:
    app, target = production_app(), signed(knowledge, law)
    assert deploy_target(app, target) == (f"dry-run-{NAME}", f"live-{NAME}")
    watch = deployment(f"watch_target/dry-run-{NAME}")
    live = deployment(f"cut_target/live-{NAME}")
    assert [one.schedule.cron for one in watch.schedules] == ["15 2 * * *"]
    assert live.schedules == []
    assert "cutter-live" in live.tags
    assert set(live.parameter_openapi_schema["properties"]) == {"approval", "attempt"}
    assert set(watch.parameter_openapi_schema["properties"]) == {"new_baseline"}
    assert "anyOf" not in json.dumps(
        [live.parameter_openapi_schema, watch.parameter_openapi_schema]
    )

    with get_client(sync_client=True) as client:
        client.update_deployment_schedule(watch.id, watch.schedules[0].id, active=False)
    deploy_target(app, target)
    again = deployment(f"watch_target/dry-run-{NAME}")
    assert [one.active for one in again.schedules] == [False], "what is paused stays so"
    assert "in place" in ask(law), "asked for again as it was signed, it only gets its deployments"

    remove_target(app, ann(knowledge), NAME)
    retract_target(NAME)
    retract_target(NAME)
    assert deployment(f"cut_target/live-{NAME}") is None
    assert deployment(f"watch_target/dry-run-{NAME}") is None


def test_only_sg_3_signs_and_only_what_was_shown(knowledge: Knowledge, law: str) -> None:
    app = production_app()
    ask(law)
    (target,) = asked_for(app)
    for other in (new_signer(), knowledge.approvers.keys[Gate.SG_2]):
        with pytest.raises(ApprovalRefused, match="may not sign for SG_3"):
            accept_target(app, other, target)
    request = app.settings.state / REQUESTS / f"{NAME}.json"
    request.write_text(request.read_text(encoding="utf-8").replace("15 2", "16 2"), "utf-8")
    with pytest.raises(BadInput, match="was changed since it was shown"):
        accept_target(app, ann(knowledge), target)
    assert signed_targets(app) == {}


def forged(knowledge: Knowledge, law: str) -> dict[str, Envelope]:
    """Statements that must not count, by what is wrong with them."""
    app, target = production_app(), Target(NAME, law)
    now = datetime.now(UTC)
    here = str(knowledge_target(app))
    right = statement(here, "Ann", now, target, None)
    good = ann(knowledge).envelope(PAYLOAD_TYPE, right)
    other = statement(here, "Ann", now, Target(NAME, f"{law}.other"), None)
    return {
        "nobody's key": new_signer().envelope(PAYLOAD_TYPE, right),
        "a key for another gate": knowledge.approvers.keys[Gate.SG_2].envelope(PAYLOAD_TYPE, right),
        "another database": ann(knowledge).envelope(
            PAYLOAD_TYPE, statement("other:1@1", "Ann", now, target, None)
        ),
        "another kind of statement": ann(knowledge).envelope(f"{PAYLOAD_TYPE}0", right),
        "a key that did not count yet": ann(knowledge).envelope(
            PAYLOAD_TYPE, statement(here, "Ann", now - timedelta(days=9), target, None)
        ),
        "what was signed is another": Envelope(
            good.payload_type,
            ann(knowledge).envelope(PAYLOAD_TYPE, other).payload,
            good.key_id,
            good.signature,
        ),
    }


def knowledge_target(app: Any) -> object:
    from adapters.home.target import require_target

    return require_target(app.settings.state)


@pytest.mark.parametrize(
    "what",
    [
        "nobody's key",
        "a key for another gate",
        "another database",
        "another kind of statement",
        "a key that did not count yet",
        "what was signed is another",
    ],
)
def test_what_was_not_signed_by_sg_3_for_this_database_lets_nothing_run(
    knowledge: Knowledge, law: str, what: str, deployed_as: Callable[[str], None]
) -> None:
    app = production_app()
    keep_signed(app.settings.state / TARGETS, forged(knowledge, law)[what], datetime.now(UTC))
    assert len(kept_signed(app.settings.state / TARGETS)) == 1
    assert signed_targets(app) == {}
    deployed_as(f"dry-run-{NAME}")
    with in_process(), pytest.raises(Refused, match="No target water-act is signed"):
        watch_target()


def test_a_removed_target_is_refused_whatever_deployment_is_left(
    knowledge: Knowledge, law: str, deployed_as: Callable[[str], None]
) -> None:
    app = production_app()
    signed(knowledge, law)
    remove_target(app, ann(knowledge), NAME)
    deployed_as(f"dry-run-{NAME}")
    with in_process(), pytest.raises(Refused, match="No target water-act is signed"):
        watch_target()
    with pytest.raises(BadInput, match="No target 'water-act' is signed"):
        remove_target(app, ann(knowledge), NAME)


def test_a_removed_target_does_not_come_back_when_its_removal_is_taken_away(
    knowledge: Knowledge, law: str, deployed_as: Callable[[str], None]
) -> None:
    app = production_app()
    signed(knowledge, law)
    remove_target(app, ann(knowledge), NAME)
    ask(law, name="second")
    accept_target(app, ann(knowledge), asked_for(app)[0])
    _, removal, _ = sorted((app.settings.state / TARGETS).iterdir())
    text = removal.read_text("utf-8")
    again = text.replace(text[-60:-50], text[-50:-40])  # a removal that nobody has signed
    for left in (None, again):
        removal.unlink() if left is None else removal.write_text(left, "utf-8")
        for name in (NAME, "second"):
            deployed_as(f"dry-run-{name}")
            with in_process(), pytest.raises(ConfigMismatch, match="is missing: the one before"):
                watch_target()
        with pytest.raises(ConfigMismatch, match="is missing"):
            remove_target(app, ann(knowledge), "second")
    removal.write_text(text, "utf-8")
    assert {name for name, one in signed_targets(app).items() if one.target} == {"second"}


def test_a_deployment_of_another_kind_or_none_runs_nothing(
    knowledge: Knowledge, law: str, deployed_as: Callable[[str], None]
) -> None:
    signed(knowledge, law)
    for name in (f"live-{NAME}", NAME, "dry-run-"):
        deployed_as(name)
        with in_process(), pytest.raises(Refused):
            watch_target()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"schedule": "every night"}, "is no schedule"),
        ({"publication_type": "song"}, "is no publication type"),
        ({"name": "safe-target"}, "has .*safe-target already"),
        ({"name": "../up"}, "can not be a target's"),
    ],
)
def test_what_can_not_be_a_target_is_not_even_asked_for(
    knowledge: Knowledge, law: str, more: dict[str, Any], says: str
) -> None:
    given = {"name": NAME, "document": law, **more}
    with in_process(), pytest.raises(BadInput, match=says):
        add_target(**given)
    assert asked_for(production_app()) == []


def test_the_list_shows_what_is_signed_and_what_waits(
    knowledge: Knowledge, law: str, capsys: pytest.CaptureFixture[str]
) -> None:
    list_command(SafeConsole(soft_wrap=True), as_json=False)
    assert "No target is signed or asked for" in capsys.readouterr().out
    signed(knowledge, law)
    with in_process():
        add_target("second", law, code="xx.2", granularity="sub")
    list_command(SafeConsole(soft_wrap=True), as_json=False)
    shown = capsys.readouterr().out
    assert f"{NAME}  signed by Ann" in shown
    assert "second  waits" in shown
    assert "code xx.2, granularity sub" in shown
    list_command(SafeConsole(soft_wrap=True), as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["signed"][0]["target"]["document"] == law
    assert found["waiting"][0]["reading"] == {"code": "xx.2", "granularity": "sub"}
    assert ReadingOptions("xx.2", granularity="sub") == asked_for(production_app())[0].reading
