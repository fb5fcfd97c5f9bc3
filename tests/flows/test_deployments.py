"""`prefect.yaml` says what the flow allows, and nothing of this machine."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow

from adapters.planning import plan_document
from domain.phases import Mode
from flows.deployed import ALLOWED
from flows.service import POOL, PROJECT

CONFIG = Path(PROJECT / "prefect.yaml")


@pytest.fixture
def config() -> dict[str, Any]:
    """The file as Prefect reads it."""
    found: dict[str, Any] = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    return found


def test_each_deployment_is_known_and_allowed_its_own_parameters(config: dict[str, Any]) -> None:
    deployments = {one["name"]: one for one in config["deployments"]}
    assert set(deployments) == set(ALLOWED)
    for name, one in deployments.items():
        allowed, parameters = ALLOWED[name], one["parameters"]
        assert Mode(parameters["mode"]) is Mode.DRYRUN, "a deployment starts with a dry run"
        assert allowed.document in (None, parameters["document"])
        assert bool(one.get("schedules")) == (allowed.modes == {Mode.DRYRUN}), "only dry runs are scheduled"
        assert one["work_pool"]["name"] == POOL
        assert one["work_pool"]["job_variables"]["stream_output"] is False
        assert one["concurrency_limit"]["limit"] == 1


def test_entrypoints_are_modules_with_that_flow(config: dict[str, Any]) -> None:
    for one in config["deployments"]:
        module, _, name = one["entrypoint"].rpartition(".")
        assert isinstance(getattr(importlib.import_module(module), name), Flow)


def test_the_documents_are_there_and_can_be_cut(config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    for one in config["deployments"]:
        assert plan_document(one["parameters"]["document"]).rows


def test_it_names_no_path_of_a_machine_and_no_secret() -> None:
    text = CONFIG.read_text(encoding="utf-8")
    for word in ("/home/", "/root", "/work", "/usr/", "prefect.blocks", "password", "http"):
        assert word not in text
