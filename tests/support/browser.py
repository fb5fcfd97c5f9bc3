"""A real Chromium, and Prefect's UI as a person uses it in one."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from playwright.sync_api import Browser, Locator, Page, Response, expect, sync_playwright

PICTURES: Final = "CUTTER_PICTURES"
"""The environment's word for the folder that the pictures go to, such as docs/pictures; else they
go with the test.
"""
MOST_BYTES: Final = 200_000
PATIENCE: Final = 90_000.0
"""Milliseconds to wait for what a page shall show: on a busy machine a worker needs long to take a
run and do it.
"""
STILL: Final = 3
MOST_LOOKS: Final = 20
BETWEEN_LOOKS: Final = 500.0
"""Milliseconds.

What looks the same this many times has been drawn; who draws for longer is taken as it is.
"""
DESK: Final = (1280, 900)
PHONE: Final = (390, 844)

_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # what Chromium wants for itself is not found either
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def chromium() -> str | None:
    """The path of the machine's Chromium, or None."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


@contextlib.contextmanager
def running_browser(net_log: Path) -> Iterator[Browser]:
    """Chromium while the block runs, without any name but the loopback's.

    Each connection that it tries goes to `net_log`.
    """
    alone = ("--no-sandbox",) if os.geteuid() == 0 else ()  # its sandbox does not work for root
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        arguments = [*_ARGUMENTS, *alone, f"--log-net-log={net_log}"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def hosts_of(urls: Iterable[str]) -> set[str]:
    """The machines that addresses name.

    What a page makes up for itself (`data:`, `blob:`) is nobody's.

    >>> sorted(hosts_of(["http://127.0.0.1:4200/api", "https://example.org/x", "data:image/png;base64,AA"]))
    ['127.0.0.1', 'example.org']
    """
    return {
        urlsplit(url).hostname or "" for url in urls if urlsplit(url).scheme not in ("data", "blob")
    }


def hosts_reached(net_log: Path) -> set[str]:
    """The addresses to which a browser that has ended tried to connect, for a page or on its own
    errands.
    """
    log = json.loads(net_log.read_text(encoding="utf-8"))
    connecting = log["constants"]["logEventTypes"]["TCP_CONNECT_ATTEMPT"]
    tried = [
        event["params"]["address"]
        for event in log["events"]
        if event["type"] == connecting and "params" in event
    ]
    return {address.rpartition(":")[0] for address in tried if ":" in address}


@dataclass(frozen=True, slots=True)
class Ui:
    """Prefect's UI in one page of a browser, from the login on."""

    page: Page
    address: str
    pictures: Path
    asked: list[str] = field(default_factory=list)
    """The address of every request that the page has made."""

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))

    def sign_in(self, login: str) -> None:
        """Give the login that the first page asks for."""
        self.page.goto(self.address)
        self.page.get_by_placeholder("admin:pass").fill(login)
        self.page.get_by_role("button", name="Login").click()
        self.page.wait_for_url("**/dashboard")
        self.page.goto(
            self.address
        )  # without the complaints of what asked before there was a login

    def open_deployment(self, name: str) -> None:
        """The page of a deployment, by way of the menu and the list."""
        self.page.locator(".p-context-sidebar").get_by_text("Deployments", exact=True).click()
        self.page.get_by_role("link", name=name, exact=True).click()
        expect(self.page.get_by_text("Deployment ID")).to_be_visible()
        expect(self.page.get_by_role("link", name="cutter", exact=True).first).to_be_visible()

    def open_form(self, name: str) -> None:
        """The form of a custom run."""
        self._choose(name, "Custom run")
        expect(self.page.get_by_role("button", name="Submit")).to_be_visible()

    def field(self, label: str) -> Locator:
        """The text field with a label in a form."""
        labelled = self.page.locator(".schema-form-property__label", has_text=label)
        return (
            self.page.locator(".schema-form-property").filter(has=labelled).last.locator("textarea")
        )

    def fill(self, label: str, text: str) -> None:
        """Fill a field, and leave it at its beginning."""
        self.field(label).fill(text)
        self.field(label).press("Control+Home")

    def submit(self) -> UUID:
        """Submit the form, which accepts it; the page of the run is open then."""
        return self._started_by(self.page.get_by_role("button", name="Submit").click)

    def run_as_it_is(self, name: str) -> UUID:
        """Start a deployment with its own parameters, none of which has to be said, so nothing is
        asked; the page of the run is open then.
        """
        return self._started_by(lambda: self._choose(name, "Quick run"))

    def open_run(self, run: UUID) -> None:
        """The page of a run."""
        self.page.goto(f"{self.address}/runs/flow-run/{run}")

    def watch_until(self, state: str) -> None:
        """Look at a run's page until it shows the state; a failure if that takes too long."""
        expect(self._state).to_have_text(state)

    def retry(self) -> None:
        """Press Retry on the run whose page is open, and say that it is meant.

        It is waiting to begin again then.
        """
        self.page.get_by_role("button", name="Retry").click()
        self.page.locator(".p-modal").get_by_role("button", name="Retry").click()
        expect(self._state).not_to_have_text("Completed")

    def open_artifact(self, run: UUID, key: str) -> str:
        """Open an artifact of a run by its card; what the page shows."""
        self.open_run(run)
        self.page.get_by_text("Artifacts", exact=True).click()
        self.page.locator("a", has_text=re.compile(re.escape(key))).first.click()
        return self._artifact(key)

    def open_newest_artifact(self, key: str) -> str:
        """Open the newest artifact of a key by the list of them all; what the page shows."""
        self.page.goto(f"{self.address}/artifacts/key/{key}")
        self.page.locator('a[href*="/artifacts/artifact/"]').first.click()
        return self._artifact(key)

    def take_picture(self, name: str) -> Path:
        """A picture of what can be seen once nothing moves any more, small enough for the
        documents.
        """
        path = self.pictures / f"{name}.png"
        seen: list[bytes] = []
        while len(seen) < STILL or (len(set(seen[-STILL:])) > 1 and len(seen) < MOST_LOOKS):
            seen.append(self.page.screenshot(path=path, animations="disabled"))
            self.page.wait_for_timeout(BETWEEN_LOOKS)
        assert path.stat().st_size < MOST_BYTES, f"{name} is too large for the documents"
        return path

    @property
    def _state(self) -> Locator:
        return self.page.locator(".state-badge").first

    def _choose(self, name: str, way: str) -> None:
        self.open_deployment(name)
        self.page.get_by_role("button", name="Run", exact=True).click()
        self.page.get_by_text(way).click()

    def _started_by(self, done: Callable[[], None]) -> UUID:
        with self.page.expect_response(_starts_a_run) as answer:
            done()
        run = UUID(answer.value.json()["id"])
        self.open_run(run)
        return run

    def _artifact(self, key: str) -> str:
        self.page.wait_for_url("**/artifacts/artifact/*")
        expect(self.page.get_by_text("Show raw data")).to_be_visible()
        expect(self.page.get_by_text(key).first).to_be_visible()
        return self.page.locator("body").inner_text()


def _starts_a_run(response: Response) -> bool:
    return response.url.endswith("/create_flow_run")
