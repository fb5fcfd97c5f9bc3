"""Write the licence report: every package of requirements.lock, as it says of itself.

`python -m supply.licences` reads what is installed and keeps `supply/licences.md`. A package that
is not installed here, because it is for another system, is taken from `ELSEWHERE`; one that does
not say its licence is named, and nothing is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from supply.lock import LOCK, REPORT, pins

ELSEWHERE: Final = {
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
    "pywin32": "PSF-2.0",
    "pywin32-ctypes": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
    "whenever": "MIT",
}
"""Of packages for other systems, and of those whose metadata name none: from their sources."""

_LONGEST: Final = 80  # characters; what is longer is the licence's text
_HEAD: Final = """\
# Licences

Every package that `requirements.lock` names, for running and for developing iu-cutter, and the
licence that the package itself declares. Made by `make lock`; `make lint` fails if it is not of the
lock's packages and versions.

| package | version | licence |
| --- | --- | --- |
"""


def licence_of(name: str) -> str | None:
    """What an installed package declares: SPDX expression, else short text, else classifiers.

    None if it is not installed, or says nothing.
    """
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    expression, text = (
        str((said.get_all(field) or [""])[0]).strip() for field in ("License-Expression", "License")
    )
    if expression:
        return expression
    classifiers = [
        one.rpartition(" :: ")[2]
        for one in said.get_all("Classifier") or []
        if one.startswith("License :: ") and one != "License :: OSI Approved"
    ]
    if text and len(text) <= _LONGEST and "\n" not in text and text != "UNKNOWN":
        return text
    return " and ".join(classifiers) or None


def rows() -> Iterator[tuple[str, str, str | None]]:
    """Name, version and licence of each package of the lock."""
    for name, pin in sorted(pins(LOCK.read_text(encoding="utf-8")).items()):
        yield name, pin.version, licence_of(name) or ELSEWHERE.get(name)


def main() -> int:
    """Write the report; 1, and nothing written, if a licence is not known."""
    found = list(rows())
    if unknown := [name for name, _, licence in found if licence is None]:
        words = f"No licence is known of {', '.join(unknown)}: look, and add it to ELSEWHERE."
        print(words, file=sys.stderr)  # noqa: T201  # what a person reads
        return 1
    lines = "".join(f"| {name} | {version} | {licence} |\n" for name, version, licence in found)
    REPORT.write_text(_HEAD + lines, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
