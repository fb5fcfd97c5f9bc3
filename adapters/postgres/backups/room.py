"""Room on the disk, looked at before a long piece of work and not when it has failed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from domain.errors import CutterError


def require_room(
    folder: Path, needed: int, what: str, error: Callable[[str], CutterError], hint: str
) -> None:
    """Raises what `error` makes where the disk of `folder` has fewer bytes left than are needed.

    A folder that is not there yet is looked at where it will be made.
    """
    place = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    left = shutil.disk_usage(place).free
    if left < needed:
        raise error(
            f"{what} needs about {megabytes(needed)} in {os.fspath(folder)}, where "
            f"{megabytes(left)} are left. {hint}"
        )


def megabytes(octets: int) -> str:
    """A size for a person.

    >>> megabytes(1_500_000), megabytes(10)
    ('1.5 MB', '0.1 MB')
    """
    return f"{max(octets / 1_000_000, 0.1):,.1f} MB"
