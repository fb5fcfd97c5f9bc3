"""`prefect.yaml` says what the flows allow, and nothing of this machine; its forms can be filled in
by a person.
"""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.utilities.schema_tools import is_valid_schema, validate

from adapters.planning import plan_document
from blocks.approval_form import Approval
from blocks.deployed import (
    POOL,
    PROJECT,
    TABLE,
    allowed_deployments,
    deployments,
    refuse_other_parameters,
)
from domain.approval.approvals import Gate
from domain.approval.request import cut_effect
from domain.errors import ConfigMismatch, Refused
from domain.phases import Mode
from domain.reading.options import AS_IT_IS, ReadingOptions
from service.automations import LIVE_TAG
from service.deploy import fixed_fields, with_paused
from tests.support.approvers import Approvers
from tests.support.plans import context, made_plan

TARGETS: dict[str, dict[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))[
    "definitions"
]["targets"]
NAMED = {one["name"]: one for one in deployments()}
PINNED = sorted(name for name, allowed in allowed_deployments().items() if allowed.document)
FORMS = sorted(
    {one["entrypoint"] for one in deployments()}
    & {"flows.halt.halt", "flows.status_check.status_check"}
)
FORMS += [
    "flows.cut.cut_document",
    "flows.cut.cut_live",
    "flows.dry_run.dry_run",
    "flows.rehearse.rehearse_document",
]
FORMS += [
    "flows.revert.revert_change_set",
    "flows.accept.accept",
    "flows.restore_drill.restore_drill",
    "flows.add_target.add_target",
    "flows.target.cut_target",
    "flows.target.watch_target",
    "flows.cut_release.cut_release",
    "flows.cut_release.cut_release_worker",
]
EDITS = {
    "code": "another.code",
    "profile": "en",
    "granularity": "sub",
    "publication_type": "policy",
    "owner_ref": "somebody",
}


def flow_of(entrypoint: str) -> Flow[..., Any]:
    """The flow that an entrypoint names."""
    module, _, name = entrypoint.rpartition(".")
    found = getattr(importlib.import_module(module), name)
    assert isinstance(found, Flow)
    return found


def form_of(entrypoint: str) -> dict[str, Any]:
    """The form of a flow as Prefect's UI is given it."""
    return flow_of(entrypoint).parameters.model_dump()


@pytest.fixture(scope="module")
def approval() -> Approval:
    """A well-formed approval; of what does not matter here."""
    plan = made_plan()
    signed = Approvers().sign(cut_effect(context(plan, Mode.LIVE), plan), datetime.now(UTC))
    by_gate = {one.statement.gate: one.envelope() for one in signed}
    return Approval(sg_1=by_gate[Gate.SG_1], sg_2=by_gate[Gate.SG_2])


@pytest.fixture
def deployed_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make Prefect say that the run is one of this deployment."""

    def say(name: str) -> None:
        monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__NAME", name)

    return say


def test_each_target_has_a_scheduled_dry_run_and_a_live_run() -> None:
    assert TARGETS
    for slug, target in TARGETS.items():
        watch, live = NAMED[f"dry-run-{slug}"], NAMED[f"live-{slug}"]
        assert watch["parameters"] == live["parameters"] == target
        assert watch["schedules"]
        assert not live.get("schedules"), "nothing writes by itself"
        assert (watch["entrypoint"], live["entrypoint"]) == (
            "flows.dry_run.dry_run",
            "flows.cut.cut_live",
        )


def test_what_may_write_is_tagged_for_the_automation_and_is_never_scheduled() -> None:
    for one in deployments():
        writes = one["entrypoint"] in (
            "flows.cut.cut_document",
            "flows.cut.cut_live",
            "flows.revert.revert_change_set",
            "flows.cut_release.cut_release",
            "flows.cut_release.cut_release_worker",
        )
        assert (LIVE_TAG in one["tags"]) == writes, one["name"]
        assert not (writes and one.get("schedules"))
        assert "LIVE" not in (one.get("parameters") or {}).values()


def test_each_deployment_runs_alone_in_our_pool() -> None:
    for one in deployments():
        assert one["work_pool"]["name"] == POOL
        assert one["work_pool"]["job_variables"]["stream_output"] is False
        assert one["enforce_parameter_schema"] is True
        several = one["name"] in ("halt", "release-worker")
        assert several or one["concurrency_limit"]["limit"] == 1


def test_entrypoints_are_modules_with_that_flow_and_defaults_fit_their_form() -> None:
    for one in deployments():
        form = flow_of(one["entrypoint"]).parameters.model_dump_for_openapi()
        is_valid_schema(form, preprocess=False)
        assert not list(validate(one.get("parameters") or {}, form, ignore_required=True))


def test_the_documents_are_there_and_can_be_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    for target in TARGETS.values():
        reading = {key: value for key, value in target.items() if key != "document"}
        assert plan_document(target["document"], ReadingOptions(**reading)).rows


def test_what_the_table_says_is_allowed() -> None:
    for name, one in NAMED.items():
        if (allowed := allowed_deployments().get(name)) is not None and allowed.document:
            reading = {key: value for key, value in one["parameters"].items() if key != "document"}
            for mode in allowed.modes:
                refuse_other_parameters(
                    name, one["parameters"]["document"], mode, ReadingOptions(**reading)
                )


@pytest.mark.parametrize("name", PINNED)
@pytest.mark.parametrize("edited", ["document", *dict(AS_IT_IS.items())])
def test_every_edited_parameter_is_refused(
    name: str, edited: str, approval: Approval, deployed_as: Callable[[str], None]
) -> None:
    deployed_as(name)
    one = NAMED[name]
    parameters = dict(one["parameters"]) | {edited: EDITS.get(edited, "/etc/hostname")}
    if one["entrypoint"] == "flows.cut.cut_live":
        parameters["approval"] = approval
    with pytest.raises(Refused, match=f"The deployment {name} .*{parameters[edited]}"):
        flow_of(one["entrypoint"]).fn(**parameters)


def test_a_deployment_may_not_do_what_another_is_for(
    approval: Approval, deployed_as: Callable[[str], None]
) -> None:
    target = next(iter(TARGETS.values()))
    slug = next(iter(TARGETS))
    deployed_as(f"dry-run-{slug}")
    with pytest.raises(Refused, match="may not run LIVE"):
        flow_of("flows.cut.cut_live").fn(**target, approval=approval)
    deployed_as(f"live-{slug}")
    with pytest.raises(Refused, match="may not run DRYRUN"):
        flow_of("flows.cut.cut_document").fn(**target)
    deployed_as("cut")
    with pytest.raises(Refused, match="may not run REHEARSE"):
        flow_of("flows.rehearse.rehearse_document").fn(**target)
    deployed_as("somebody-elses")
    with pytest.raises(Refused, match="not known"):
        flow_of("flows.dry_run.dry_run").fn(**target)


@pytest.mark.parametrize("entrypoint", FORMS)
def test_a_form_has_labels_and_help(entrypoint: str) -> None:
    form = form_of(entrypoint)
    for name, field in form["properties"].items():
        label = field.get("title") or form["definitions"][field["$ref"].rpartition("/")[2]]["title"]
        assert label[0].isupper(), name
        assert "_" not in label or label.startswith("SG_")
        assert len(field["description"]) > 15, name


@pytest.mark.parametrize("entrypoint", FORMS)
def test_a_form_has_no_field_that_may_be_left_out_by_a_toggle(entrypoint: str) -> None:
    assert "anyOf" not in str(form_of(entrypoint)["properties"])
    assert "null" not in str(form_of(entrypoint))


def test_what_the_table_fixes_is_not_asked_for() -> None:
    asked = {
        name: set(form_of(NAMED[name]["entrypoint"])["properties"]) - set(fixed_fields(NAMED[name]))
        for name in NAMED
    }
    assert asked["live-safe-target"] == {"approval", "attempt", "accept_doubts"}
    assert asked["dry-run-safe-target"] == {"new_baseline"}
    assert {"document", "code", "mode"} <= asked["cut"], "any document may be cut by it"
    assert "mode" in asked["revert"]


def test_the_form_of_a_live_run_takes_an_approval_with_two_labelled_parts_and_needs_none() -> None:
    form = form_of("flows.cut.cut_live")
    assert form["required"] == ["document"]
    assert form["properties"]["approval"]["$ref"] == "#/definitions/Approval"
    assert form["properties"]["approval"]["default"] == {"sg_1": "", "sg_2": ""}
    parts = form["definitions"]["Approval"]
    assert "required" not in parts
    for name, gate in (("sg_1", "SG_1"), ("sg_2", "SG_2")):
        assert parts["properties"][name]["title"].startswith(f"{gate}: the approval that")
        assert "cutter approve" in parts["properties"][name]["description"]
    mode = form_of("flows.cut.cut_document")["properties"]["mode"]
    assert "writes nothing" in mode["description"]


@pytest.mark.parametrize(
    ("entrypoint", "given"),
    [
        ("flows.cut.cut_live", {}),
        ("flows.cut.cut_live", {"document": "a.md", "approval": {"sg_1": 1}}),
        ("flows.cut.cut_live", {"document": "a.md", "approval": "one line"}),
        ("flows.cut.cut_document", {"document": "a.md", "mode": "SURE"}),
        ("flows.cut.cut_document", {"document": "a.md", "granularity": "deep"}),
        ("flows.cut.cut_document", {"document": "a.md", "attempt": 0}),
        ("flows.cut.cut_document", {"document": ""}),
        ("flows.revert.revert_change_set", {}),
        ("flows.revert.revert_change_set", {"change_set": "the last one"}),
        ("flows.revert.revert_change_set", {"change_set": str(uuid.UUID(int=1)), "mode": "SURE"}),
        ("flows.revert.revert_change_set", {"change_set": str(uuid.UUID(int=1)), "attempt": 0}),
        ("flows.accept.accept", {"pg_major": 17}),
        ("flows.accept.accept", {"backup": 7}),
        ("flows.accept.accept", {"forbid": ["production"]}),
        ("flows.restore_drill.restore_drill", {"backup": "/etc/passwd"}),
        ("flows.restore_drill.restore_drill", {"fresh": "soon"}),
        ("flows.halt.halt", {"reason": ""}),
        ("flows.halt.halt", {}),
    ],
)
def test_the_form_itself_refuses_what_can_not_be(entrypoint: str, given: dict[str, Any]) -> None:
    assert validate(
        given, flow_of(entrypoint).parameters.model_dump_for_openapi(), raise_on_error=False
    )


@pytest.mark.parametrize(
    ("entrypoint", "given"),
    [
        (
            "flows.revert.revert_change_set",
            {"change_set": str(uuid.UUID(int=1)), "mode": "REHEARSE", "attempt": 2},
        ),
        (
            "flows.revert.revert_change_set",
            {"change_set": str(uuid.UUID(int=1)), "approval": {}, "actor": ""},
        ),
        ("flows.cut.cut_live", {"document": "a.md"}),
        ("flows.cut.cut_live", {"document": "a.md", "approval": {"sg_1": "x"}}),
        (
            "flows.accept.accept",
            {"pg_major": 18, "backup": "/backups/one", "forbid": ["kb:16384@7300000000000000001"]},
        ),
        ("flows.accept.accept", {"backup": "", "forbid": []}),
        (
            "flows.restore_drill.restore_drill",
            {"backup": "20260101T000000Z-by-hand.pgdump.zst.gpg", "fresh": False},
        ),
        ("flows.restore_drill.restore_drill", {"backup": ""}),
    ],
)
def test_the_form_takes_what_can_be(entrypoint: str, given: dict[str, Any]) -> None:
    assert not validate(
        given, flow_of(entrypoint).parameters.model_dump_for_openapi(), raise_on_error=False
    )


def test_what_is_pasted_in_the_wrong_place_is_named(approval: Approval) -> None:
    with pytest.raises(ValueError, match="approval for SG_2, and SG_1 is asked for"):
        Approval(sg_1=approval.sg_2, sg_2=approval.sg_1)
    with pytest.raises(ValueError, match="1 validation error"):
        Approval(sg_1="not one", sg_2=approval.sg_2)


def test_what_was_not_pasted_is_no_approval(approval: Approval) -> None:
    assert Approval().signed() == Approval(sg_1=" \n").signed() == []
    (one,) = Approval(sg_2=approval.sg_2).signed()
    assert one.statement.gate is Gate.SG_2


def test_a_paused_deployment_stays_paused_in_what_is_deployed() -> None:
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    made = with_paused(table, frozenset({"cut"}), frozenset({("restore-drill", "nightly")}))[
        "deployments"
    ]
    assert [one["name"] for one in made if one.get("paused")] == ["cut"]
    off = [
        (one["name"], each["slug"])
        for one in made
        for each in one.get("schedules") or ()
        if each.get("active") is False
    ]
    assert off == [("restore-drill", "nightly")]


def test_a_table_that_can_not_be_read_allows_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "prefect.yaml"
    for text in ("deployments: 7\n", "name: x\n", "{"):
        broken.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigMismatch, match="can not be read as a table"):
            deployments(broken)


def test_a_drill_is_scheduled_and_makes_the_backup_that_it_proves() -> None:
    drill = NAMED["restore-drill"]
    assert drill["schedules"]
    assert drill["parameters"] == {"fresh": True}


def test_it_names_no_path_of_a_machine_and_no_secret() -> None:
    text = TABLE.read_text(encoding="utf-8")
    for word in ("/home/", "/root", "/work", "/usr/", "prefect.blocks", "password", "http"):
        assert word not in text
