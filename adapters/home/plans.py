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

from adapters.files import make_folder, not_written, whole_or_nothing
from domain.errors import PlanRefused
from domain.plan.cut_plan import CutPlan, CutplanRow, Gap, TargetDocument
from domain.reading.doubts import AccountedPart, Doubt, LineAccount, UnexplainedLine
from domain.reading.marks import PlanWarning
from domain.reports.run import PlanHandle

FORMAT: Final = "iu-cutter plan 1"
CACHED_PLANS: Final = 2
_cache: OrderedDict[PlanHandle, CutPlan] = OrderedDict()


def save_plan(plan: CutPlan, state: Path) -> PlanHandle:
    """Keep a plan below `state/plans`, readable by its owner only.

    Raises `BadInput` if the folder can not be written.
    """
    folder = state / "plans"
    path = folder / f"{plan.document_code}-{plan.plan_digest[:16]}.jsonl"
    try:
        make_folder(folder)
        with whole_or_nothing(path) as file:
            file.writelines(line.encode() for line in _lines(plan))
    except OSError as error:
        raise not_written(path, error) from None
    handle = PlanHandle(plan.document_code, plan.plan_digest, str(path))
    _remember(handle, plan)
    return handle


def load_plan(handle: PlanHandle) -> CutPlan:
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


def find_plan(state: Path, document_code: str, plan_digest: str) -> CutPlan:
    """The plan that is kept under this digest below `state/plans`.

    Raises `PlanRefused` if it is gone, damaged or changed.
    """
    path = state / "plans" / f"{document_code}-{plan_digest[:16]}.jsonl"
    return load_plan(PlanHandle(document_code, plan_digest, str(path)))


def forget_plans() -> None:
    """Empty this process's memory of plans, so that the next one is read from disk."""
    _cache.clear()


def _remember(handle: PlanHandle, plan: CutPlan) -> None:
    _cache[handle] = plan
    while len(_cache) > CACHED_PLANS:
        _cache.popitem(last=False)


def _lines(plan: CutPlan) -> Iterator[str]:
    head = {
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
    encode = json.JSONEncoder(ensure_ascii=False).encode
    yield encode(head) + "\n"
    for row in plan.rows:
        yield encode(row) + "\n"
    for gap in plan.gaps:
        yield encode(gap) + "\n"


def _read(lines: list[str]) -> CutPlan:
    head: dict[str, Any] = json.loads(lines[0])
    if head.pop("format") != FORMAT:
        raise ValueError(FORMAT)
    document = TargetDocument(**head.pop("document"))
    warnings = tuple(PlanWarning(*warning) for warning in head.pop("warnings"))
    doubts = tuple(Doubt(*doubt) for doubt in head.pop("doubts", ()))
    parts, unexplained = head.pop("account", ((), ()))
    account = LineAccount(
        tuple(AccountedPart(*part) for part in parts),
        tuple(UnexplainedLine(*line) for line in unexplained),
    )
    end = 1 + head.pop("rows")
    rows = tuple(CutplanRow(*json.loads(line)) for line in lines[1:end])
    gaps = tuple(Gap(*json.loads(line)) for line in lines[end:])
    return CutPlan(
        document=document,
        rows=rows,
        gaps=gaps,
        warnings=warnings,
        doubts=doubts,
        account=account,
        **head,
    )
