"""The image and the compose file of `deploy/docker`, for real: everything comes up, a knowledge base
is made, a document is planned and tried, and the verifier answers.

The image is built on a Debian base made here, from wheels that pip has fetched here: neither a
registry of images nor, inside the build, a network is asked.
"""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.containers.engine import NoEngine
from tests.containers.image import debian_base

PROJECT = Path(__file__).parents[2]
IMAGE = "iu-cutter"
BASE = "iu-cutter-python"
INSIDE = "python3,python3-venv,gnupg,ca-certificates"
SECRETS = ("postgres-password", "prefect-store-password", "prefect-login")
USER = 10001
_OF_EARLIER = re.compile(
    r"^(\S+==\S+) ; python_full_version < '3\.11\.\d+'( \\\n(?:    .*\n)+)", re.MULTILINE
)
"""What pip would not fetch here and needs there: Debian's Python may be an earlier one of a minor."""
LEFT_OUT = (".git", ".venv", ".cutter", "site", "__pycache__", "secrets", ".*_cache", ".hypothesis")


def smoke(folder: Path, environment: Mapping[str, str], postgres: str) -> int:
    """Build, start, use and stop it all below `folder`; how many steps went wrong.

    Raises `NoEngine` where there is no compose program, or the image can not be built.
    """
    compose = _program(environment)
    _build(folder, environment)
    place = folder / "compose"
    place.mkdir()
    shutil.copy(PROJECT / "deploy" / "docker" / "compose.yaml", place)
    (place / "secrets").mkdir()
    for name in SECRETS:
        value = secrets.token_hex(16)
        path = place / "secrets" / name
        path.write_text(f"cutter:{value}" if name == "prefect-login" else value, encoding="utf-8")
        path.chmod(0o444)  # of the engine's bind mounts; the official image reads its own as root
    wanted = {**environment, "CUTTER_IMAGE": IMAGE, "CUTTER_POSTGRES_IMAGE": postgres}
    run = _Compose((*compose, "-p", "cutter-smoke"), place, wanted)
    try:
        return _steps(run)
    finally:
        run("down", "--volumes", "--timeout", "20")


class _Compose:
    """Runs the compose program in one folder, and says what went wrong."""

    def __init__(
        self, program: tuple[str, ...], place: Path, environment: Mapping[str, str]
    ) -> None:
        self._program, self._place, self._environment = program, place, environment
        self.failed = 0

    def __call__(self, *arguments: str, says: str = "", given: str = "") -> str:
        """Run one command; what it printed."""
        done = subprocess.run(
            (*self._program, *arguments),
            cwd=self._place,
            env=self._environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        said = done.stdout + done.stderr
        good = done.returncode == 0 and says in said
        print(f"{'ok  ' if good else 'FAIL'} compose {' '.join(arguments)}", flush=True)
        if not good:
            self.failed += 1
            print(said[-3000:], flush=True)
        return said


def _steps(run: _Compose) -> int:
    password = ("--password-file", "/run/secrets/postgres-password")
    cutter = ("run", "--rm", "-T", "setup", "cutter")
    run("up", "-d", "postgres", "prefect-store", "prefect")
    run(*cutter, "init", says="Next")
    run(*cutter, "db", "init", "--admin", "postgres", *password, says="Registered target")
    run("up", "-d", "worker")
    run(*cutter, "doctor", "--json")
    run(*cutter, "cut", "/opt/cutter/documents/safe-target.md", says="nothing was written")
    run("exec", "-T", "worker", "/entry.sh", "prefect", "deployment", "ls", says="safe-target")
    _verifier_apart(run, cutter, password)
    shown = run("exec", "-T", "worker", "sh", "-c", "tr '\\0' '\\n' </proc/1/environ")
    if re.search(r"AUTH_STRING|CONNECTION_URL|postgres-password", shown):
        run.failed += 1
        print("FAIL the worker's environment names a secret, or where one lies", flush=True)
    return run.failed


def _verifier_apart(run: _Compose, cutter: tuple[str, ...], password: tuple[str, ...]) -> None:
    """Give the verifier a home, a password and a key of its own, and start it."""
    apart = ("run", "--rm", "-T", "verifier", "cutter")
    own = secrets.token_hex(16)
    run("exec", "-T", "postgres", "psql", "-h", "/run/postgresql", "-U", "postgres", "-d",
        "knowledge", "-c", f"ALTER ROLE cutter_verify PASSWORD '{own}'", says="ALTER ROLE")  # fmt: skip
    run(*apart, "init", says="Next")
    run("run", "--rm", "-T", "verifier", "sh", "-c",
        "umask 077; cat >/tmp/p; cutter secrets set verify --to-file --password-file /tmp/p",
        given=own, says="password")  # fmt: skip
    made = run("run", "--rm", "-T", "verifier", "sh", "-c",
               "cutter key make verify --to-file --public /tmp/v.pub >&2; cat /tmp/v.pub")  # fmt: skip
    public = re.search(r"^ssh-ed25519 \S+.*$", made, re.MULTILINE)
    register = "cat >/tmp/v.pub; cutter key register verify --public /tmp/v.pub --admin postgres"
    run("run", "--rm", "-T", "setup", "sh", "-c", f"{register} {' '.join(password)}",
        given=public[0] if public else "", says="counts now")  # fmt: skip
    run(*apart, "doctor", "--register")
    run("up", "-d", "verifier")
    run("exec", "-T", "verifier", "sh", "-c",
        "for i in $(seq 60); do cutter verifier --check && exit 0; sleep 1; done; exit 1")  # fmt: skip


def _program(environment: Mapping[str, str]) -> tuple[str, ...]:
    for program in (("docker", "compose"), ("docker-compose",)):
        try:
            found = subprocess.run(
                (*program, "version"), env=environment, capture_output=True, check=False
            )
        except FileNotFoundError:
            continue
        if found.returncode == 0:
            return program
    raise NoEngine("there is no compose program; on Debian: apt-get install docker-compose")


def _build(folder: Path, environment: Mapping[str, str]) -> None:
    """The image, from the project as it is here."""
    debian_base(folder, environment, BASE, INSIDE)
    context = folder / "project"
    shutil.copytree(PROJECT, context, ignore=shutil.ignore_patterns(*LEFT_OUT))
    wheels = context / "deploy" / "docker" / "wheels"
    earlier = folder / "earlier.lock"
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    earlier.write_text("".join(map("".join, _OF_EARLIER.findall(lock))), encoding="utf-8")
    for one in (PROJECT / "pip.lock", PROJECT / "requirements.lock", earlier):
        _run(
            (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes",
             "-r", one, "-d", wheels)
        )  # fmt: skip
    _run(
        ("docker", "build", "--quiet", "--file", "deploy/docker/Dockerfile", "--tag", IMAGE,
         "--build-arg", f"BASE={BASE}", "--build-arg", "PIP_NO_INDEX=1",
         "--build-arg", "PIP_FIND_LINKS=/opt/cutter/deploy/docker/wheels", "."),
        context, environment,
    )  # fmt: skip
    shutil.rmtree(context)


def _run(
    command: tuple[str | Path, ...],
    place: Path = PROJECT,
    environment: Mapping[str, str] | None = None,
) -> None:
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        raise NoEngine(f"{command[0]} failed: {said[-1] if said else done.returncode}")
