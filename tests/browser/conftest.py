"""One home with everything up, one browser that is signed in, and the story that the tests look
at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from adapters.postgres.server.embedded import server_status
from adapters.postgres.server.places import embedded_folder
from blocks.deployed import PROJECT, deployments
from cli.services import QUIET
from domain.approval.approvals import Gate
from domain.ports import Credentials
from service.files import ServiceFiles
from service.prepare import KNOWLEDGE_BASE
from tests.browser.people import People, change_set_of
from tests.support.browser import DESK, PICTURES, Ui, hosts_of, hosts_reached, running_browser
from tests.support.postgres import Cluster, Database, Server
from tests.support.service import Service, running_service

DOCUMENT = "documents/safe-target.md"
LIVE = "live-safe-target"
LOOPBACK = {"127.0.0.1"}


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was started in the browser and has completed, and its change set."""

    id: UUID
    change_set: UUID


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A home with everything up, which the commands of this process use too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [
            name
            for name in os.environ
            if name.startswith(("PREFECT_", "DOT_CUTTER_", "CUTTER_HOME"))
        ]:
            patch.delenv(name)
        for name, value in QUIET.items():
            patch.setenv(name, value)
        patch.chdir(PROJECT)
        with running_service() as up:
            patch.setenv("CUTTER_HOME", str(up.home))
            yield up


@pytest.fixture(scope="module")
def knowledge(service: Service) -> Database:
    """The home's knowledge base, for its administrator's eyes."""
    found = server_status(embedded_folder(service.home))
    assert found is not None
    admin = Credentials(found.superuser, found.password)
    return Database(
        Cluster(Server(found.host, found.port, admin, sslmode="disable"), "", {}, admin, admin),
        KNOWLEDGE_BASE,
    )


@pytest.fixture(scope="module")
def people(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """Two registered approvers and an operator."""
    there = People(tmp_path_factory.mktemp("keys"))
    there.register_approvers()
    yield there
    there.thread.shutdown()


@pytest.fixture(scope="module")
def proof(people: People) -> Future[str]:
    """A backup that is being proven meanwhile."""
    return people.begin_to_prove_a_backup()


@pytest.fixture(scope="module")
def browser(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, which has reached nothing but this machine by the end."""
    net_log = tmp_path_factory.mktemp("browser") / "net.json"
    with running_browser(net_log) as running:
        yield running
    assert hosts_reached(net_log) == LOOPBACK


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: with the test, or where CUTTER_PICTURES says."""
    folder = (
        Path(os.environ[PICTURES])
        if PICTURES in os.environ
        else tmp_path_factory.mktemp("pictures")
    )
    return PROJECT / folder


@pytest.fixture(scope="module")
def ui(service: Service, browser: Browser, pictures: Path) -> Iterator[Ui]:
    """Prefect's UI, signed in. By the end its pages have asked for nothing from another machine."""
    width, height = DESK
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        found = Ui(context.new_page(), service.record.ui_url, pictures)
        found.sign_in(ServiceFiles(service.home).secret("login"))
        yield found
        assert hosts_of(found.asked) == LOOPBACK


@pytest.fixture(scope="module")
def dry_run(ui: Ui, proof: Future[str]) -> UUID:
    """A dry run that was started in the browser and has completed, while a backup is being
    proven.
    """
    run = ui.run_as_it_is("dry-run-safe-target")
    ui.watch_until("Completed")
    return run


@pytest.fixture(scope="module")
def approvals(people: People, dry_run: UUID) -> dict[Gate, str]:
    """What `cutter approve` has printed for each of the two approvers."""
    return {gate: people.approve(DOCUMENT, gate) for gate in (Gate.SG_1, Gate.SG_2)}


@pytest.fixture(scope="module")
def live_run(ui: Ui, people: People, proof: Future[str], approvals: dict[Gate, str]) -> Run:
    """A live run that was started with the form and watched until it had completed.

    The form needs nothing: what both approvers have signed is found in the home.
    """
    proof.result()
    change_set = change_set_of(approvals[Gate.SG_1])
    people.arm(change_set)
    ui.open_deployment(LIVE)
    ui.page.get_by_text("Description", exact=True).click()
    (description,) = (one["description"] for one in deployments() if one["name"] == LIVE)
    expect(ui.page.get_by_text(description)).to_be_visible()
    ui.take_picture("deployment")
    ui.open_form(LIVE)
    ui.take_picture("form")
    run = ui.submit()
    ui.watch_until("Completed")
    return Run(run, change_set)


def file_of(uri: str) -> Path:
    """The file that a `file:` address names."""
    return Path(unquote(urlsplit(uri).path))
