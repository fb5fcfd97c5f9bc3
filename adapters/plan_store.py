"""Where the plans and manifests of releases travel between machines: an address that fsspec knows.

What comes from there is taken for nothing: a plan is read back under its digest, and a manifest
under its release's id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from adapters.files import keep_bytes
from adapters.home.plans import plan_path
from adapters.releases import MANIFEST, folder_of_release
from domain.errors import BadInput
from domain.release.manifest import Release

CHANGE = "check CUTTER_PLAN_STORE, and that it can be reached from here"


@dataclass(frozen=True, slots=True)
class PlanStore:
    """The store at an address; None keeps everything in the home, for workers of one home."""

    address: str | None = None

    def put(self, state: Path, release: Release) -> int:
        """Put a release's manifest and plans there, those that are not; how many were put.

        Raises `BadInput` if it can not be written to.
        """
        if self.address is None:
            return 0
        system, folder = _system(self.address)
        return sum(_put(system, folder, state, path) for path in _files(state, release))

    def get_manifest(self, state: Path, release_id: UUID) -> None:
        """Bring a release's manifest into the home, unless it is there. Raises `BadInput`."""
        self._get(state, folder_of_release(state, release_id) / MANIFEST)

    def get_plan(self, state: Path, document_code: str, plan_digest: str) -> None:
        """Bring a plan into the home, unless it is there. Raises `BadInput`."""
        self._get(state, plan_path(state, document_code, plan_digest))

    def _get(self, state: Path, path: Path) -> None:
        if self.address is None or path.exists():
            return
        system, folder = _system(self.address)
        try:
            with system.open(_place(folder, state, path), "rb") as file:
                content = file.read()
        except Exception as error:  # noqa: BLE001  # each system behind fsspec raises what it likes
            raise BadInput(
                f"{path.name} is not in the plan store ({type(error).__name__}); {CHANGE}."
            ) from None
        keep_bytes(path, content)


def _files(state: Path, release: Release) -> Iterable[Path]:
    """The plans first: a manifest that is there has all of its plans beside it."""
    for one in release.effects:
        yield plan_path(state, one.document_code, one.plan_digest)
    yield folder_of_release(state, release.release_id) / MANIFEST


def _put(system: Any, folder: str, state: Path, path: Path) -> bool:
    place = _place(folder, state, path)
    try:
        if system.exists(place):
            return False
        system.makedirs(place.rpartition("/")[0], exist_ok=True)
        with system.open(f"{place}.part", "wb") as out:
            out.write(path.read_bytes())
        system.mv(f"{place}.part", place)
    except Exception as error:  # noqa: BLE001  # as above
        raise BadInput(
            f"{path.name} could not be put into the plan store ({type(error).__name__}); {CHANGE}."
        ) from None
    return True


def _place(folder: str, state: Path, path: Path) -> str:
    return f"{folder.rstrip('/')}/{path.relative_to(state).as_posix()}"


def _system(address: str) -> tuple[Any, str]:
    import fsspec  # noqa: PLC0415  # only where a store is named

    try:
        system, folder = fsspec.core.url_to_fs(address)
    except Exception as error:  # noqa: BLE001  # as above
        raise BadInput(
            f"CUTTER_PLAN_STORE names {urlsplit(address).scheme or 'a place'} that can not be used "
            f"({type(error).__name__}); name a folder, or an address that fsspec knows."
        ) from None
    return system, str(folder)
