"""Hold requirements.lock to what pyproject.toml asks for, and the licence report to the lock.

`python -m supply.lock` needs no network: it fails for a requirement that the lock does not have in
a version that fits, for a package that the lock names as asked for and nobody asks for, for one
without a hash, and for a report of other packages or versions.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT: Final = Path(__file__).resolve().parents[1]
LOCK: Final = PROJECT / "requirements.lock"
REPORT: Final = PROJECT / "supply" / "licences.md"

_PIN: Final = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)")
_OURS: Final = re.compile(r"#\s*(?:via\s+)?iu-cutter \(pyproject\.toml\)")
_ROW: Final = re.compile(r"\| ([a-z0-9-]+) \| (\d\S*) \|")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of the lock: its version, whether pyproject.toml asks for it, how many hashes."""

    version: str
    asked_for: bool
    hashes: int


def pins(lock: str) -> dict[str, Pin]:
    r"""Every package of a lock by its canonical name.

    >>> pins("A_b==1 \\\n    --hash=sha256:0\n    # via iu-cutter (pyproject.toml)\n")
    {'a-b': Pin(version='1', asked_for=True, hashes=1)}
    """
    found: dict[str, Pin] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock):
        if pin := _PIN.match(block):
            asked_for = _OURS.search(block) is not None
            hashes = block.count("--hash=sha256:")
            found[canonicalize_name(pin[1])] = Pin(pin[2], asked_for, hashes)
    return found


def requirements(project: Mapping[str, object]) -> list[Requirement]:
    """What a pyproject.toml asks for, to run, with every extra, and to develop."""
    table = project["project"]
    assert isinstance(table, dict)  # noqa: S101  # hatchling refuses any other
    extras = table["optional-dependencies"].values()
    words = [*table["dependencies"], *(word for extra in extras for word in extra)]
    return [Requirement(word) for word in words]


def faults(asked: Sequence[Requirement], locked: Mapping[str, Pin]) -> Iterator[str]:
    """What of a lock is not what is asked for, in sentences.

    >>> list(faults([Requirement("a>=2")], {"a": Pin("1", True, 1)}))
    ['a>=2 is asked for, and a 1 is locked.']
    """
    for one in asked:
        pin = locked.get(canonicalize_name(one.name))
        if pin is None:
            yield f"{one} is asked for, and it is not locked."
        elif not one.specifier.contains(Version(pin.version), prereleases=True):
            yield f"{one} is asked for, and {one.name} {pin.version} is locked."
        elif not pin.asked_for:
            yield f"{one} is asked for, and the lock has it for others only."
    wanted = {canonicalize_name(one.name) for one in asked}
    for name, pin in sorted(locked.items()):
        if pin.asked_for and name not in wanted:
            yield f"{name} {pin.version} is locked as asked for, and nobody asks for it."
        if not pin.hashes:
            yield f"{name} {pin.version} is locked without a hash."


def reported(report: str) -> dict[str, str]:
    """Names and versions in a licence report."""
    return dict(_ROW.findall(report))


def main() -> int:
    """Say what is wrong; 1 if anything is."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = pins(LOCK.read_text(encoding="utf-8"))
    found = list(faults(requirements(project), locked))
    if found:
        found.append("Compile requirements.lock anew: `make lock`.")
    versions = {name: pin.version for name, pin in locked.items()}
    if reported(REPORT.read_text(encoding="utf-8")) != versions:
        found.append("supply/licences.md is of other packages than requirements.lock: `make lock`.")
    for one in found:
        print(one, file=sys.stderr)  # noqa: T201  # what a person reads
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
