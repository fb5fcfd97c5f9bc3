"""A Docker engine of our own: on a socket of its own, gone with all it held when the block ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

SECONDS = 60.0


class NoEngine(Exception):
    """No engine can run here. The message says why."""


def require_here() -> None:
    """Raises `NoEngine` unless this machine has what an engine and its image need."""
    if os.geteuid() != 0:
        raise NoEngine("only root may start a Docker engine")
    for program, package in (("dockerd", "docker.io"), ("debootstrap", "debootstrap")):
        if shutil.which(program, path=_path()) is None:
            raise NoEngine(f"{program} is not installed; on Debian: apt-get install {package}")


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


@contextlib.contextmanager
def running_engine(folder: Path) -> Iterator[Mapping[str, str]]:
    """The environment that names the engine, while it runs below `folder`.

    Raises `NoEngine` with the engine's last word if it does not answer.
    """
    socket, log = folder / "docker.sock", folder / "dockerd.log"
    environment = {
        **os.environ,
        "PATH": _path(),
        "DOCKER_HOST": f"unix://{socket}",
        "TESTCONTAINERS_RYUK_DISABLED": "true",  # what removes abandoned containers has no image here
    }
    command = ("dockerd", "--host", f"unix://{socket}", "--pidfile", folder / "dockerd.pid")
    places = ("--data-root", folder / "data", "--exec-root", folder / "exec")
    with log.open("wb") as words:
        engine = subprocess.Popen(
            [*command, *places], env=environment, stdout=words, stderr=subprocess.STDOUT
        )
    try:
        _until_it_answers(engine, environment, log)
        yield environment
    finally:
        engine.terminate()
        try:
            engine.wait(SECONDS)
        except subprocess.TimeoutExpired:
            engine.kill()


def _until_it_answers(
    engine: subprocess.Popen[bytes], environment: Mapping[str, str], log: Path
) -> None:
    end = time.monotonic() + SECONDS
    while engine.poll() is None and time.monotonic() < end:
        asked = subprocess.run(
            ("docker", "info"), env=environment, capture_output=True, check=False
        )
        if asked.returncode == 0:
            return
        time.sleep(0.2)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise NoEngine(f"dockerd does not answer: {said[-1] if said else 'it said nothing'}")
