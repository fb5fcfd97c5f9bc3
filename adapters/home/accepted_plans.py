"""The plan that was accepted last for a document, read in one way: what a dry run compares today's
plan with.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.files import keep_bytes
from domain.errors import ConfigMismatch
from domain.plan.cut_plan import CutPlan
from domain.reading.options import ReadingOptions

FOLDER: Final = "baselines"
"""Its name in homes since the first release; what lies in it are accepted plans."""


@dataclass(frozen=True, slots=True)
class AcceptedPlan:
    """An accepted plan: its digest, the hash of each unit by address, and who accepted it and
    when.
    """

    plan_digest: str
    units: Mapping[str, str]
    accepted_by: str
    accepted_at: str


def accepted_now(plan: CutPlan, accepted_by: str) -> AcceptedPlan:
    """A plan, accepted now."""
    return AcceptedPlan(
        plan.plan_digest,
        _hashes(plan),
        accepted_by,
        datetime.now(UTC).isoformat(timespec="seconds"),
    )


def accepted_plan_path(state: Path, document: str, reading: ReadingOptions) -> Path:
    """The file for a document read in one way.

    The document's code is not in it: that it changes is one thing to be seen.

    >>> accepted_plan_path(Path("state"), "laws/a law.md", ReadingOptions()).name[:9]
    'a-law-md-'
    """
    known = json.dumps(
        [document, {name: value for name, value in sorted(reading.items()) if value is not None}]
    )
    short = re.sub(r"[^a-z0-9]+", "-", Path(document).name.lower()).strip("-")
    return state / FOLDER / f"{short}-{hashlib.sha256(known.encode()).hexdigest()[:16]}.json"


def keep_accepted_plan(path: Path, accepted: AcceptedPlan) -> None:
    """Replace the accepted plan. Raises `BadInput` if it can not be written."""
    keep_bytes(path, (json.dumps(asdict(accepted), indent=1, ensure_ascii=False) + "\n").encode())


def kept_accepted_plan(path: Path) -> AcceptedPlan | None:
    """The plan that was accepted last, or None. Raises `ConfigMismatch` if the file is damaged."""
    try:
        found = AcceptedPlan(**json.loads(path.read_text(encoding="utf-8")))
        return AcceptedPlan(
            str(found.plan_digest),
            dict(found.units),
            str(found.accepted_by),
            str(found.accepted_at),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        raise ConfigMismatch(
            f"{path} holds no plan; look at the document, and accept its plan with --new-baseline."
        ) from None


def plan_change(accepted: AcceptedPlan, plan: CutPlan) -> str | None:
    """What is other than it was accepted, in words; None if the plan is the same."""
    if accepted.plan_digest == plan.plan_digest:
        return None
    old, new = accepted.units, _hashes(plan)
    added, gone = [one for one in new if one not in old], [one for one in old if one not in new]
    changed = [one for one in new if one in old and old[one] != new[one]]
    counts = f"{len(added)} units added, {len(gone)} gone, {len(changed)} changed"
    first = next(iter([*gone, *added, *changed]), None)
    return (
        f"{counts}, the first of them {first}"
        if first
        else "the text between its units, or how they stand in it, has changed"
    )


def _hashes(plan: CutPlan) -> dict[str, str]:
    """By address: everything of a unit but where it stands in the text, which a change before it
    moves.
    """
    kept = (
        "title",
        "body",
        "unit_kind",
        "section_type",
        "publication_type",
        "owner_ref",
        "parent_ref",
    )
    return {
        row.canonical_address: hashlib.sha256(
            json.dumps([getattr(row, name) for name in kept]).encode()
        ).hexdigest()
        for row in plan.rows
    }
