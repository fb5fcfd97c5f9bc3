"""PostgreSQL in a container, for real: an engine, an image, the acceptance run and tests on it;
then the compose file of `deploy/docker` with all its services.

Run it with `make containers`, as root on a Debian with docker.io and debootstrap. Where the engine
or the image can not be had it says so and ends with 0; with `--required` with 1. What else is given
goes to pytest, in place of the folders below.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.containers.compose import smoke
from tests.containers.engine import NoEngine, require_here, running_engine
from tests.containers.image import build_image

MAJOR = 16
TESTS = (
    "tests/contract",
    "tests/integration/permits",
    "tests/integration/backups/test_backup.py",
)


def main(arguments: Sequence[str]) -> int:
    """Run everything; the exit status."""
    required, chosen = "--required" in arguments, [a for a in arguments if a != "--required"]
    try:
        require_here()
        with tempfile.TemporaryDirectory(prefix="iu-cutter-engine-") as name:
            folder = Path(name)
            with running_engine(folder) as environment:
                image = build_image(folder, environment, MAJOR)
                print(f"{image} was built; the acceptance run and tests follow.", flush=True)
                status = _on(environment, chosen or TESTS)
                if chosen:
                    return status
                return max(status, _services(folder, environment, image, required=required))
    except NoEngine as why:
        print(f"No container engine, so nothing ran in a container: {why}.", flush=True)
        return int(required)


def _services(folder: Path, environment: Mapping[str, str], image: str, *, required: bool) -> int:
    """Try the compose file; the exit status."""
    try:
        return int(smoke(folder, environment, image) > 0)
    except NoEngine as why:
        print(f"The compose file was not tried: {why}.", flush=True)
        return int(required)


def _on(environment: Mapping[str, str], tests: Sequence[str]) -> int:
    python = sys.executable
    commands = (
        (str(Path(python).with_name("cutter")), "accept", "--container"),
        (python, "-m", "pytest", "-q", "-m", "not slow", *tests),
    )
    wanted = {**environment, "CUTTER_TEST_CONTAINER": "required"}
    return max(subprocess.run(one, env=wanted, check=False).returncode for one in commands)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
