"""Plans on disk: written whole or not at all, read back only if the content still has the digest
that the handle names.

One JSON value a line: the head, then every row, then every gap. Rows are lists in the order of
their fields, which is smaller and faster than objects: 100,000 rows take about a second each way.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from adapters.files import make_folder, not_written, whole_or_nothing
from domain.errors import PlanRefused
from domain.plan.cut_plan import CutPlan, CutplanRow, Gap, TargetDocument
from domain.reading.doubts import AccountedPart, Doubt, LineAccount, UnexplainedLine
from domain.reading.marks import PlanWarning
from domain.reports.run import PlanHandle
from domain.revision.plan import RevisionPlan
from domain.runs.run_plan import DocumentPlan, RevisionHead

FORMAT: Final = "iu-cutter plan 1"
REVISION: Final = "iu-cutter revision plan 1"
CACHED_PLANS: Final = 2
_REVISION_HEAD: Final = TypeAdapter(RevisionHead)
_cache: OrderedDict[PlanHandle, DocumentPlan] = OrderedDict()


def save_plan(plan: DocumentPlan, state: Path) -> PlanHandle:
    """Keep a plan below `state/plans`, readable by its owner only.

    Raises `BadInput` if the folder can not be written.
    """
    path = plan_path(state, plan.document_code, plan.plan_digest)
    try:
        make_folder(path.parent)
        with whole_or_nothing(path) as file:
            file.writelines(line.encode() for line in _lines(plan))
    except OSError as error:
        raise not_written(path, error) from None
    handle = PlanHandle(plan.document_code, plan.plan_digest, str(path))
    _remember(handle, plan)
    return handle


def load_plan(handle: PlanHandle) -> DocumentPlan:
    """The plan that a handle names.

    Raises `PlanRefused` if the file is gone, damaged or changed: it is never used then.
    """
    if handle in _cache:
        _cache.move_to_end(handle)
        return _cache[handle]
    try:
        with Path(handle.path).open(encoding="utf-8") as file:
            plan = _read(list(file))
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        raise PlanRefused(
            f"The plan {handle.path} can not be read back; plan the document again."
        ) from None
    if (plan.document_code, plan.plan_digest) != (handle.document_code, handle.plan_digest):
        raise PlanRefused(
            f"The plan {handle.path} was changed after it was made; plan the document again."
        )
    _remember(handle, plan)
    return plan


def find_plan(state: Path, document_code: str, plan_digest: str) -> DocumentPlan:
    """The plan that is kept under this digest below `state/plans`.

    Raises `PlanRefused` if it is gone, damaged or changed.
    """
    path = plan_path(state, document_code, plan_digest)
    return load_plan(PlanHandle(document_code, plan_digest, str(path)))


def plan_is_kept(state: Path, document_code: str, plan_digest: str) -> bool:
    """Whether a plan's file is there; what it holds is looked at when it is read."""
    return plan_path(state, document_code, plan_digest).exists()


def plan_path(state: Path, document_code: str, plan_digest: str) -> Path:
    """Where a plan is kept; it may not exist yet."""
    return state / "plans" / f"{document_code}-{plan_digest[:16]}.jsonl"


def forget_plans() -> None:
    """Empty this process's memory of plans, so that the next one is read from disk."""
    _cache.clear()


def _remember(handle: PlanHandle, plan: DocumentPlan) -> None:
    _cache[handle] = plan
    while len(_cache) > CACHED_PLANS:
        _cache.popitem(last=False)


def _lines(plan: DocumentPlan) -> Iterator[str]:
    head = _revision_head(plan) if isinstance(plan, RevisionPlan) else _head(plan)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    yield encode(head) + "\n"
    for row in plan.rows:
        yield encode(row) + "\n"
    for gap in plan.gaps:
        yield encode(gap) + "\n"


def _revision_head(plan: RevisionPlan) -> dict[str, Any]:
    head = _REVISION_HEAD.dump_python(RevisionHead.of(plan), mode="json")
    return {"format": REVISION, "head": head, "rows": len(plan.rows)}


def _head(plan: CutPlan) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "document": asdict(plan.document),
        "source_name": plan.source_name,
        "reader": plan.reader,
        "profile": plan.profile,
        "granularity": plan.granularity,
        "text_sha256": plan.text_sha256,
        "text_chars": plan.text_chars,
        "file_sha256": plan.file_sha256,
        "rows": len(plan.rows),
        "warnings": [[w.code, w.line, w.reason] for w in plan.warnings],
        "doubts": [[d.code, d.line, d.reason] for d in plan.doubts],
        "account": [plan.account.parts, plan.account.unexplained],
    }


def _read(lines: list[str]) -> DocumentPlan:
    head: dict[str, Any] = json.loads(lines[0])
    rows, gaps = _rows_and_gaps(lines, head.pop("rows"))
    form = head.pop("format")
    if form == REVISION:
        return _REVISION_HEAD.validate_python(head["head"]).plan(rows, gaps)
    if form != FORMAT:
        raise ValueError(FORMAT)
    return _read_cut(head, rows, gaps)


def _rows_and_gaps(lines: list[str], rows: int) -> tuple[tuple[CutplanRow, ...], tuple[Gap, ...]]:
    end = 1 + rows
    return (
        tuple(CutplanRow(*json.loads(line)) for line in lines[1:end]),
        tuple(Gap(*json.loads(line)) for line in lines[end:]),
    )


def _read_cut(head: dict[str, Any], rows: tuple[CutplanRow, ...], gaps: tuple[Gap, ...]) -> CutPlan:
    document = TargetDocument(**head.pop("document"))
    warnings = tuple(PlanWarning(*warning) for warning in head.pop("warnings"))
    doubts = tuple(Doubt(*doubt) for doubt in head.pop("doubts", ()))
    parts, unexplained = head.pop("account", ((), ()))
    account = LineAccount(
        tuple(AccountedPart(*part) for part in parts),
        tuple(UnexplainedLine(*line) for line in unexplained),
    )
    return CutPlan(
        document=document,
        rows=rows,
        gaps=gaps,
        warnings=warnings,
        doubts=doubts,
        account=account,
        **head,
    )
