"""How a command and the service are ended: by signals in good order, and by a part that has died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from adapters.files import write_plain
from domain.errors import ServiceEnded
from service import up
from service.files import ServiceFiles
from service.prefect_server import is_alive
from service.up import Part, stay
from tests.support.command import waiting_command

LOG = Path("worker.log")


def caught(pid: int, kind: str) -> set[int]:
    """The signals that a process catches (SigCgt) or ignores (SigIgn), as Linux says."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    mask = int(next(line for line in lines if line.startswith(kind)).split()[1], 16)
    return {number for number in range(1, 65) if mask >> (number - 1) & 1}


needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_command_is_ended_by_each_signal_with_one_sentence(number: signal.Signals) -> None:
    process = waiting_command()
    process.send_signal(number)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130, said
    assert said.startswith("cutter: Interrupted.")
    assert "Traceback" not in said


@needs_proc
def test_a_hang_up_that_the_caller_ignores_stays_ignored() -> None:
    process = waiting_command("sh", "-c", 'trap "" HUP; exec "$@"', "sh")
    assert signal.SIGHUP in caught(process.pid, "SigIgn")
    process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert process.poll() is None
    process.kill()
    process.communicate()


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "_LOOK_EVERY", 0.01)


def test_the_service_stays_until_it_is_told_to_end() -> None:
    ended = threading.Event()
    threading.Timer(0.1, ended.set).start()
    stay([Part("worker", LOG, lambda: True)], ended)
    stay([Part("worker", LOG, lambda: False)], ended)  # told already


def test_a_part_that_ends_by_itself_is_named_with_its_log() -> None:
    parts = [Part("Prefect server", Path("server.log"), lambda: True)]
    with pytest.raises(ServiceEnded, match=r"The worker has ended by itself.*worker\.log"):
        stay([*parts, Part("worker", LOG, lambda: False)], threading.Event())


def test_a_part_that_is_back_at_the_second_look_has_not_ended() -> None:
    answers, ended = iter([False, True]), threading.Event()

    def runs() -> bool:
        answer = next(answers, None)
        if answer is None:
            ended.set()
        return answer is not False

    stay([Part("PostgreSQL", LOG, runs)], ended)


def test_a_process_that_has_ended_and_was_not_waited_for_does_not_run(tmp_path: Path) -> None:
    files = ServiceFiles(tmp_path)
    files.prepare()
    assert not is_alive(tmp_path, "worker")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        write_plain(files.process_note("worker"), f"{process.pid} {os.getpid()}")
        assert is_alive(tmp_path, "worker")
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not is_alive(tmp_path, "worker")
