"""How plans and results are shown to a person or a program."""

from __future__ import annotations

from dataclasses import asdict

from domain.cut_plan import CutPlan


def plan_object(plan: CutPlan) -> dict[str, object]:
    """A plan as one JSON-ready object: rows and gaps partition the text."""
    return {
        "document_code": plan.document_code,
        "reader": plan.reader,
        "profile": plan.profile,
        "granularity": plan.granularity,
        "plan_digest": plan.plan_digest,
        "text_sha256": plan.text_sha256,
        "rows": [asdict(row) for row in plan.rows],
        "gaps": [asdict(gap) for gap in plan.gaps],
        "warnings": [asdict(warning) for warning in plan.warnings],
    }
