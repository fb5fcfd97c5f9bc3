"""Put the deployments of `prefect.yaml` on a server, with its automations, and leave paused what a
person has paused.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectNotFound, PrefectException

from adapters.files import open_plain
from blocks.deployed import CLOSED_POOL, POOL, PROJECT, TABLE
from domain.errors import OrchestratorUnavailable
from domain.reading.options import AS_IT_IS
from service.automations import keep_automations


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is on the server now: deployments by name, and the schedules, as `DEPLOYMENT/SLUG`, that
    were left paused.
    """

    names: tuple[str, ...]
    paused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Paused:
    """What a person has paused: whole deployments by name, and schedules by deployment and slug."""

    deployments: frozenset[str]
    schedules: frozenset[tuple[str, str]]


def deploy(environment: Mapping[str, str], log: Path, table_file: Path = TABLE) -> Deployed:
    """Create or update everything on the server of Prefect's settings in this process.

    `environment` gives child processes the same server. Runs work in the folder of the table, so
    documents are named from there. Raises `OrchestratorUnavailable` naming the
    log.
    """
    with _answering(), get_client(sync_client=True) as client:
        paused = _paused(client)
        _make_pool(client)
        table = with_paused(
            yaml.safe_load(table_file.read_text(encoding="utf-8")),
            paused.deployments,
            paused.schedules,
        )
        with TemporaryDirectory() as folder:
            path = Path(folder) / "prefect.yaml"
            path.write_text(yaml.safe_dump(table, sort_keys=False), encoding="utf-8")
            run_logged(
                environment,
                log,
                "prefect",
                "--no-prompt",
                "deploy",
                "--all",
                "--prefect-file",
                str(path),
                folder=table_file.parent,
            )
        _ask_for_nothing_fixed(client, table["deployments"])
        keep_automations(client)
    names = tuple(str(one["name"]) for one in table["deployments"])
    return Deployed(
        names, tuple(sorted(f"{name}/{slug}" for name, slug in paused.schedules if name in names))
    )


def with_paused(
    table: dict[str, Any], deployments: frozenset[str], schedules: frozenset[tuple[str, str]]
) -> dict[str, Any]:
    """The table with what is paused written into it: there is no moment in which a redeploy starts
    it again.

    >>> one = {"name": "watch", "schedules": [{"slug": "often"}]}
    >>> made = with_paused({"deployments": [one]}, frozenset(), frozenset({("watch", "often")}))
    >>> made["deployments"][0]["schedules"]
    [{'slug': 'often', 'active': False}]
    """

    def deployment(one: dict[str, Any]) -> dict[str, Any]:
        made = {**one, "paused": True} if one["name"] in deployments else dict(one)
        if one.get("schedules"):
            made["schedules"] = [
                {**each, "active": False}
                if (one["name"], each["slug"]) in schedules
                else dict(each)
                for each in one["schedules"]
            ]
        return made

    return {**table, "deployments": [deployment(one) for one in table["deployments"]]}


def fixed_fields(deployment: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of a deployment's form that its table fixes: what it reads and how, where it is
    for one document. A run with other values is refused, so nobody is asked for them.

    >>> fixed_fields({"parameters": {"document": "a.md"}})[:2], fixed_fields({})
    (('document', 'code'), ())
    """
    if "document" not in (deployment.get("parameters") or {}):
        return ()
    return ("document", *dict(AS_IT_IS.items()))


def _ask_for_nothing_fixed(client: SyncPrefectClient, table: Sequence[Mapping[str, Any]]) -> None:
    fixed = {one["name"]: fields for one in table if (fields := fixed_fields(one))}
    for found in client.read_deployments():
        form = dict(found.parameter_openapi_schema or {})
        if found.name not in fixed or not form:
            continue
        without = fixed[found.name]
        form["properties"] = {
            name: field for name, field in form["properties"].items() if name not in without
        }
        form["required"] = [name for name in form.get("required", ()) if name not in without]
        client.update_deployment(found.id, DeploymentUpdate(parameter_openapi_schema=form))


def run_logged(
    environment: Mapping[str, str],
    log: Path,
    module: str,
    *arguments: str,
    folder: Path = PROJECT,
) -> None:
    """Run a Python program to its end in a folder, the project's if none is given.

    Raises `OrchestratorUnavailable` with where its output is.
    """
    with open(open_plain(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab") as out:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=folder,
            env={**environment, "PWD": str(folder)},
            check=False,
        )
    if done.returncode:
        raise OrchestratorUnavailable(
            f"`{' '.join((module, *arguments))}` failed. Its reasons are in {log}."
        )


def _paused(client: SyncPrefectClient) -> _Paused:
    found = client.read_deployments()
    return _Paused(
        frozenset(one.name for one in found if one.paused),
        frozenset(
            (one.name, each.slug)
            for one in found
            for each in one.schedules
            if each.slug and not each.active
        ),
    )


def _make_pool(client: SyncPrefectClient) -> None:
    """The pool, with the template that lets no run bring a command of its own.

    One that is there keeps what a person has set beside, such as a pause.
    """
    template = dict(CLOSED_POOL)
    try:
        there = client.read_work_pool(POOL)
    except ObjectNotFound:
        client.create_work_pool(
            WorkPoolCreate(name=POOL, type="process", base_job_template=template)
        )
    else:
        if there.base_job_template != template:
            client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template))


@contextlib.contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, PrefectException) as error:
        raise OrchestratorUnavailable(
            f"The Prefect server did not take the deployments ({type(error).__name__}); check "
            f"`cutter status` and deploy again."
        ) from None
