"""Everything that an approval's signature will cover, as an approver is shown it: at a command line
and in a browser alike.
"""

from __future__ import annotations

from domain.approval.approvals import ApprovalStatement
from domain.approval.short_code import short_code
from domain.approval.signing_request import Known, title_of
from domain.phases import Kind
from domain.reading.doubts import doubt_in_words
from domain.runs.run_plan import RunPlan, changes_of


def covered(statement: ApprovalStatement, plan: RunPlan, known: Known) -> list[tuple[str, str]]:
    """What is signed, and what is known of it, as names and texts. Nothing is made printable."""
    return [
        ("approver", statement.approver),
        ("submitter", statement.submitter),
        ("document", f"{statement.document_code}  {title_of(plan)}"),
        ("to happen", _to_happen(statement)),
        ("change set", f"{statement.change_set_id}, attempt {statement.attempt}"),
        ("plan digest", statement.plan_digest),
        *_of_a_revision(statement, plan),
        *([("published as", said)] if (said := statement.publication_type) else []),
        ("effect digest", statement.effect_digest),
        ("units' root", statement.units_root or "none"),
        ("target", statement.target),
        ("doubts", ", ".join(map(doubt_in_words, statement.doubts)) or "none"),
        ("by telephone", short_code(statement.effect)),
        ("backup key", statement.backup_key or "none is set"),
        ("dry run", known.dry_run),
        ("rehearsal", known.rehearsal),
        (
            "review page",
            f"SHA-256 {known.review_sha256}"
            if known.review_sha256
            else "none is kept with the run",
        ),
        ("approve by", f"{statement.approve_by:%Y-%m-%d %H:%M:%S} UTC"),
        ("execute by", f"{statement.execute_by:%Y-%m-%d %H:%M:%S} UTC"),
    ]


def _to_happen(statement: ApprovalStatement) -> str:
    units = _units(statement.units)
    if statement.kind is Kind.REVISION:
        return f"revise {units}: {', '.join(statement.changes)}"
    return f"{'add' if statement.kind is Kind.CUT else 'withdraw'} {units}"


def _of_a_revision(statement: ApprovalStatement, plan: RunPlan) -> list[tuple[str, str]]:
    """What is signed of a revision besides; nothing for other kinds."""
    if statement.kind is not Kind.REVISION:
        return []
    return [
        ("base digest", statement.base_digest),
        ("in force", ", ".join(map(_day_in_words, statement.dates))),
        ("changes", ", ".join(changes_of(plan))),
    ]


def _day_in_words(signed: str) -> str:
    day, count = signed.split()
    return f"{_units(int(count))} from {'a day not known' if day == 'unknown' else day}"


def _units(number: int) -> str:
    return f"{number:,} unit{'' if number == 1 else 's'}"
