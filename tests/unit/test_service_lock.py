"""That of two `up`s of one home, or two workers, one is refused before it starts anything; and that
`up` makes no knowledge base where somebody has named or registered one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.home.layout import ENV_FILE, set_values
from adapters.home.target import register_target
from adapters.postgres.server.embedded import EmbeddedServer
from blocks.settings import load_settings
from domain.change_set import TargetFingerprint
from domain.errors import ConfigMismatch
from domain.ports import Credentials, Endpoint
from service import up
from service.files import ServiceFiles
from service.up import down, status

HOLDER = """\
import sys
from pathlib import Path
from service.files import ServiceFiles
from service.up import _only_one
files = ServiceFiles(Path(sys.argv[1]))
files.prepare()
with _only_one(files, sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""
"""A process that keeps the service up as `up` does, with nothing in it."""


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `up` has begun to start, of which nothing is started."""
    begun: list[str] = []

    def begin(what: str) -> object:
        def begun_with(*_: object) -> None:
            begun.append(what)
            raise InterruptedError(what)

        return begun_with

    for name in ("embedded_server", "_answering_server"):
        monkeypatch.setattr(up, name, begin(name))
    return begun


def holding(home: Path, what: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(home), what]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize("end", [signal.SIGKILL, None])
def test_of_two_ups_of_one_home_the_second_starts_nothing_until_the_first_has_ended(
    tmp_path: Path, started: list[str], end: signal.Signals | None
) -> None:
    settings = load_settings(tmp_path)
    with holding(tmp_path, "up") as first:
        assert status(tmp_path).kept_up_by == first.pid
        with pytest.raises(ConfigMismatch, match=r"The service of .* is up already"):
            up.up(settings, print)
        assert started == []
        assert status(tmp_path).kept_up_by == first.pid, "who was refused has left his number"
        if end:
            first.send_signal(end)  # the kernel gives the lock back
    assert status(tmp_path).kept_up_by is None
    with pytest.raises(InterruptedError):
        up.up(settings, print)
    assert started == ["embedded_server"]
    assert status(tmp_path).kept_up_by is None


def test_of_two_workers_of_one_home_the_second_is_refused(
    tmp_path: Path, started: list[str]
) -> None:
    with holding(tmp_path, "worker"), pytest.raises(ConfigMismatch, match="The worker of"):
        up.work(tmp_path, print)
    assert started == []


def test_a_worker_of_its_own_is_not_in_the_way_of_the_service(
    tmp_path: Path, started: list[str]
) -> None:
    with holding(tmp_path, "up"), pytest.raises(InterruptedError):
        up.work(tmp_path, print)
    assert started == ["_answering_server"]


def test_another_home_is_not_in_the_way(tmp_path: Path, started: list[str]) -> None:
    with holding(tmp_path / "one", "up"), pytest.raises(InterruptedError):
        up.up(load_settings(tmp_path / "two"), print)


def test_the_number_in_a_lock_that_nobody_holds_is_not_ended(tmp_path: Path) -> None:
    """Else `down` would end whatever process has that number by now."""
    files = ServiceFiles(tmp_path)
    files.prepare()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        (files.folder / "up.lock").write_text(f"{bystander.pid}", encoding="ascii")
        assert status(tmp_path).kept_up_by is None
        assert not down(tmp_path)
        assert bystander.poll() is None
        bystander.communicate(b"\n")


def test_a_longer_number_that_was_there_before_is_gone(tmp_path: Path) -> None:
    files = ServiceFiles(tmp_path)
    files.prepare()
    (files.folder / "up.lock").write_text("123456789012345678901", encoding="ascii")
    with holding(tmp_path, "up") as first:
        assert status(tmp_path).kept_up_by == first.pid


def test_a_lock_that_is_a_link_is_not_written_through(tmp_path: Path, started: list[str]) -> None:
    files = ServiceFiles(tmp_path)
    files.prepare()
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="ascii")
    os.symlink(victim, files.folder / "up.lock")
    with pytest.raises(ConfigMismatch, match="is no plain file"):
        up.up(load_settings(tmp_path), print)
    assert (victim.read_text(encoding="ascii"), started) == ("mine", [])


@pytest.mark.parametrize("known", ["named", "registered"])
def test_no_knowledge_base_is_made_where_one_is_named_or_registered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    made: list[tuple[Endpoint, Credentials]] = []
    monkeypatch.setattr(up, "prepare_home", lambda _, where, who: made.append((where, who)))
    server = EmbeddedServer.__new__(EmbeddedServer)  # nothing of it may be asked for
    if known == "named":
        set_values(tmp_path / ENV_FILE, {"DOT_CUTTER_DB_NAME": "ours"})
    settings = load_settings(tmp_path)
    if known == "registered":
        register_target(settings.state, TargetFingerprint("ours", 1, 2))
    assert not up.prepare_if_new(settings, server)
    assert made == []
