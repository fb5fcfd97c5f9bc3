"""The effect digest of a revision: what the tables hold after it, without ids and times.

As `domain.plan.effect` for a cut: dry run, rehearsal and live run must have the same, and the
database computes it in `sql/effect.sql`. Each address that the revision concerns has a record with
its state and the day from which that is in force; then come the lineage, and the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.digests import records_sha256, text_sha256
from domain.phases import Lifecycle
from domain.plan.effect import FORMAT, entry_records, manifest_records, seal_records
from domain.revision.dates import said
from domain.revision.plan import Act, RevisionPlan, RevisionStep


def planned_revision_effect(plan: RevisionPlan) -> str:
    """The effect digest that a revision must have if it is carried out exactly."""
    return revision_effect(plan, plan.steps, plan.text_sha256)


def revision_effect(plan: RevisionPlan, steps: Sequence[RevisionStep], source_sha256: str) -> str:
    """The effect digest of a finished revision that has written these steps, and whose whole text
    the verifier has rebuilt with this hash.
    """
    return records_sha256((*_unit_records(steps), *_ledger_records(plan, steps, source_sha256)))


def _unit_records(steps: Sequence[RevisionStep]) -> Iterator[tuple[str, ...]]:
    yield (FORMAT,)
    for step in steps:
        yield _unit_record(step)
    lineage = sorted((step.address, origin) for step in steps for origin in step.derived_from)
    for address, origin in lineage:
        yield ("lineage", address, origin)


def _unit_record(step: RevisionStep) -> tuple[str, ...]:
    row = step.row
    placed = (
        ("", "", "", "", "")
        if row is None
        else (
            row.unit_kind,
            row.section_type,
            row.publication_type,
            text_sha256(row.owner_ref),
            row.parent_ref or "",
        )
    )
    *words, parent = placed
    return (
        "unit",
        str(step.seq),
        step.action,
        step.address,
        *words,
        step.title_sha256,
        step.body_sha256,
        parent,
        Lifecycle.ENACTED.value,
        "repealed" if step.act is Act.REPEAL else "text",
        said(step.in_force_from),
    )


def _ledger_records(
    plan: RevisionPlan, steps: Sequence[RevisionStep], source_sha256: str
) -> Iterator[tuple[str, ...]]:
    code, digest = plan.document_code, plan.plan_digest
    yield from entry_records(code, digest)
    yield ("source", plan.text_sha256)
    yield ("base", plan.base_digest)
    if plan.retitled:
        yield ("title", plan.retitled)
    yield (
        "sweep",
        plan.text_sha256,
        str(plan.text_chars),
        str(len(plan.rows)),
        str(len(plan.gaps)),
    )
    yield from manifest_records(digest, plan.text_sha256, plan.blocks, plan.gaps)
    yield from seal_records(code, digest, len(steps), source_sha256)
