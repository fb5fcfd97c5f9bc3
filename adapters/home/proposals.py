"""Proposals on disk: `state/proposals/CODE.json`, one for each document."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from adapters.files import keep_bytes
from domain.errors import ConfigMismatch
from domain.phases import Kind
from domain.reading.options import ReadingOptions, RevisingOptions
from domain.reports.proposal import Proposal

FOLDER: Final = "proposals"


def keep_proposal(state: Path, proposal: Proposal) -> Path:
    """Keep a proposal, replacing an older one of the same document; the file's path.

    Raises `BadInput` if it can not be written.
    """
    path = state / FOLDER / f"{proposal.code}.json"
    text = json.dumps(asdict(proposal), indent=1, ensure_ascii=False, default=str)
    keep_bytes(path, f"{text}\n".encode())
    return path


def kept_proposals(state: Path) -> list[Proposal]:
    """Every proposal of a home, by code. Raises `ConfigMismatch` naming a file that is damaged."""
    return [_read(path) for path in sorted((state / FOLDER).glob("*.json"))]


def kept_proposal(state: Path, code: str) -> Proposal | None:
    """The proposal of a document. Raises `ConfigMismatch` if its file is damaged."""
    path = state / FOLDER / f"{code}.json"
    return _read(path) if path.exists() else None


def _read(path: Path) -> Proposal:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        found["reading"] = _reading(found["reading"])
        found["kind"] = Kind(found.get("kind", Kind.CUT))
        found["changes"] = tuple(found.get("changes", ()))
        found["accepted"] = tuple(found.get("accepted", ()))
        found["change_set_id"] = UUID(found["change_set_id"])
        found["proposed_at"] = datetime.fromisoformat(found["proposed_at"])
        return Proposal(**found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise ConfigMismatch(
            f"{path} holds no proposal; remove it and propose the document again."
        ) from None


def _reading(found: dict[str, Any]) -> ReadingOptions:
    said: dict[str, Any] = found.pop("revising", {})
    said["matches"] = tuple(said.get("matches", ()))
    return ReadingOptions(**found, revising=RevisingOptions(**said))
