"""Releases on disk, `state/releases/ID/manifest.jsonl`, with their approvals; and what was found
of each document of a corpus, `state/corpora/KEY.json`, so that what has not changed is not planned
again.

A manifest is a head and a change set a line. It is read back only if it still is the release that
its folder names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from adapters.files import keep_bytes, read_plain
from domain.approval.approvals import Effect
from domain.errors import ApprovalRefused, BadInput, ConfigMismatch
from domain.release.approval import GATES, SignedRelease, parse_release_envelope
from domain.release.looked import Looked
from domain.release.manifest import FORMAT, Release, release_id_from
from domain.reports.proposal import SHORTEST_ID, Proposal

MANIFEST: Final = "manifest.jsonl"
PAGE: Final = "review.html"
_EFFECT: Final = TypeAdapter(Effect)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was found of a document, the hash of all that it depends on, and its proposal."""

    mark: str
    looked: Looked
    proposal: Proposal | None = None


_KEPT: Final = TypeAdapter(dict[str, Kept])


def folder_of_release(state: Path, release_id: UUID) -> Path:
    """Where a release is kept; it may not exist yet."""
    return state / "releases" / str(release_id)


def release_is_kept(state: Path, release_id: UUID) -> bool:
    """Whether a release's manifest is there; what it holds is looked at when it is read."""
    return (folder_of_release(state, release_id) / MANIFEST).exists()


def kept_releases(state: Path) -> list[UUID]:
    """The ids of all releases that are kept, in their order."""
    found = []
    for path in (state / "releases").glob(f"*/{MANIFEST}"):
        with suppress(ValueError):
            found.append(UUID(path.parent.name))
    return sorted(found)


def count_said(state: Path, release_id: UUID) -> int:
    """How many documents the head of a kept manifest says, without reading them; 0 for no head."""
    try:
        with (folder_of_release(state, release_id) / MANIFEST).open(encoding="utf-8") as lines:
            return int(json.loads(lines.readline())["count"])
    except (OSError, ValueError, TypeError, KeyError):
        return 0


def release_named(state: Path, name: str | None) -> UUID | None:
    """The release that an id means, or the beginning of one that is long enough; None for anything
    else.

    Raises `BadInput`, listing what it could mean, for a beginning of several.
    """
    folded = (name or "").lower()
    if len(folded) < SHORTEST_ID:
        return None
    meant = [one for one in kept_releases(state) if str(one).startswith(folded)]
    if len(meant) > 1:
        could_be = ", ".join(map(str, meant))
        raise BadInput(f"{name} could mean {could_be}; name one of them whole.")
    return meant[0] if meant else None


def require_release(state: Path, name: str) -> UUID:
    """The same, where a release has to be meant. Raises `BadInput`."""
    found = release_named(state, name)
    return release_id_from(name) if found is None else found


def keep_release(state: Path, release: Release) -> Path:
    """Keep a manifest; its path. Raises `BadInput` if it can not be written."""
    path = folder_of_release(state, release.release_id) / MANIFEST
    head = {
        "format": FORMAT,
        "target": release.target,
        "count": release.count,
        "root": release.root,
    }
    lines = [json.dumps(head), *(_EFFECT.dump_json(one).decode() for one in release.effects)]
    keep_bytes(path, "".join(f"{line}\n" for line in lines).encode())
    return path


def kept_release(state: Path, release_id: UUID) -> Release:
    """The release of an id.

    Raises `BadInput` if there is none, `ConfigMismatch` if it was damaged or changed.
    """
    path = folder_of_release(state, release_id) / MANIFEST
    try:
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        release = Release(tuple(map(_EFFECT.validate_json, lines)))
        said = json.loads(head)
        exact = (said["root"], said["count"]) == (release.root, release.count)
    except FileNotFoundError:
        raise BadInput(f"No release {release_id} is kept here; plan the corpus.") from None
    except (OSError, ValueError, ValidationError, TypeError, KeyError, BadInput):
        exact, release = False, None
    if release is None or not exact or release.release_id != release_id:
        raise ConfigMismatch(f"{path} was changed after it was made; plan the corpus again.")
    return release


def keep_release_approval(state: Path, approval: SignedRelease, *, beside: bool = False) -> Path:
    """Keep a signed approval of a release; the file's path. `beside` as in
    `adapters.home.approvals.keep_approval`. Raises `BadInput`.
    """
    said = approval.statement
    name = f"{said.gate}-{approval.key_id[:16]}" if beside else f"{said.gate}"
    path = folder_of_release(state, said.release_id) / f"{name}.json"
    keep_bytes(path, f"{approval.envelope()}\n".encode())
    if beside:  # of each key the last one counts, for whichever gate
        for other in path.parent.glob("SG_*.json"):
            with suppress(OSError, UnicodeDecodeError, ApprovalRefused):
                if other != path and (
                    parse_release_envelope(read_plain(other)).key_id == approval.key_id
                ):
                    other.unlink()
    return path


def kept_release_approvals(state: Path, release_id: UUID) -> list[SignedRelease]:
    """The approvals that are kept for a release, in the order of their gates.

    Raises `BadInput` or `ApprovalRefused` for one that can not be read.
    """
    found = []
    folder = folder_of_release(state, release_id)
    for path in (one for gate in sorted(GATES) for one in sorted(folder.glob(f"{gate}*.json"))):
        try:
            found.append(parse_release_envelope(read_plain(path)))
        except (OSError, UnicodeDecodeError):
            raise BadInput(
                f"The approval {path} can not be read; sign it again with `cutter approve`."
            ) from None
    return found


def keep_looked(state: Path, key: str, kept: Mapping[str, Kept]) -> None:
    """Keep what was found, by source. Raises `BadInput` if it can not be written."""
    keep_bytes(_corpus_path(state, key), _KEPT.dump_json(dict(kept), indent=1))


def kept_looked(state: Path, key: str) -> dict[str, Kept]:
    """What was found before; nothing if the corpus is new, or the file is of another version."""
    try:
        return _KEPT.validate_json(read_plain(_corpus_path(state, key)))
    except (OSError, UnicodeDecodeError, ValidationError):
        return {}


def _corpus_path(state: Path, key: str) -> Path:
    return state / "corpora" / f"{key}.json"
