"""A plan from what is stored, however much has been enacted since: a text is the versions that the
change set wrote, and for what it left alone those of the one that it revises, and so on down.

What people have judged of a revision is in no table, only its digests are. So it is computed anew
as planning does, and counts only if it has the digests that were approved.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import NamedTuple

from adapters.likeness import RapidLikeness
from adapters.postgres.apart.plan_record import PlanHead, cut_plan_of, plan_head, require_approved
from adapters.postgres.apart.revision_record import beside_of
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_all, read_value, read_values
from adapters.postgres.verify.steps import verification_failed
from domain.change_set import CutContext
from domain.errors import BadInput, PlanRefused
from domain.plan.cut_plan import CutPlan, CutplanRow
from domain.revision.compare import compare
from domain.revision.dates import Dates
from domain.revision.plan import RevisionPlan, digest_of_revision
from domain.revision.units import Version, VersionUnit, version_of


class _Unit(NamedTuple):
    """A unit at the version that it stood at; `seq` is None for one that stood as repealed."""

    seq: int | None
    canonical_address: str
    title: str
    body: str
    unit_kind: str
    section_type: str
    publication_type: str
    owner_ref: str
    parent_ref: str | None
    start: int
    end: int
    version_no: int

    @property
    def row(self) -> CutplanRow:
        """The unit as a plan has it."""
        return CutplanRow(
            self.seq or 0,
            self.canonical_address,
            self.title,
            self.body,
            self.unit_kind,
            self.section_type,
            self.publication_type,
            self.owner_ref,
            self.parent_ref,
            "",
            "",
            self.start,
            self.end,
        )

    @property
    def unit(self) -> VersionUnit:
        """The unit as a comparison has it."""
        return VersionUnit(
            self.canonical_address,
            self.title,
            self.body,
            self.unit_kind,
            self.parent_ref,
            version_no=self.version_no,
            section_type=self.section_type,
            publication_type=self.publication_type,
            owner_ref=self.owner_ref,
        )


def cut_as_enacted(conn: Connection, ctx: CutContext) -> CutPlan:
    """The plan of a cut. Raises `StopInvariantFailed` unless it is the one that was approved."""
    head = plan_head(conn, ctx.change_set_id)
    units = _units(conn, ctx.change_set_id, head)
    plan = cut_plan_of(conn, ctx, head, _rows(units), head.file_sha256)
    require_approved(ctx, plan.plan_digest)
    return plan


def revision_as_enacted(conn: Connection, ctx: CutContext) -> RevisionPlan:
    """The plan of a revision, with its comparison computed anew and the one day of its steps.

    Raises `StopInvariantFailed` if what is stored is not what was approved; or naming what was
    judged and is in no table: matches that a person has settled, dates with sources of their own,
    an amending act.
    """
    head = plan_head(conn, ctx.change_set_id)
    reason = beside_of(ctx, head)
    rows = _rows(_units(conn, ctx.change_set_id, head))
    plan = cut_plan_of(conn, ctx, head, rows, reason.file)
    try:
        old = _base(conn, ctx)
        require_approved(ctx, digest_of_revision(old.base_digest, plan.plan_digest, reason.digests))
        comparison = compare(old, version_of(plan), RapidLikeness())
        days = read_values(conn, date, "enacted_days", {"change_set_id": ctx.change_set_id})
        revision = RevisionPlan(plan, comparison, Dates(days[0] if days else None))
    except (BadInput, PlanRefused) as fault:
        raise verification_failed(f"what is stored is no revision ({fault})") from None
    if revision.plan_digest != ctx.plan_digest:
        raise verification_failed(_lost(revision, reason.digests))
    return revision


def _lost(rebuilt: RevisionPlan, beside: tuple[str, ...]) -> str:
    """Which of the judged parts of a revision is not what is computed anew."""
    ours = rebuilt.beside
    lost = [
        words
        for words, gone in (
            ("which unit a person said became which", ours[0] != beside[0]),
            ("from when each unit is in force, and who says so", ours[1] != beside[1]),
            ("the amending act's claims", len(beside) > len(ours)),
        )
        if gone
    ]
    return (
        f"its text, its base and what it wrote are on record as approved, but of "
        f"{' and '.join(lost) or 'the rest'} the database keeps a digest alone"
    )


def _base(conn: Connection, ctx: CutContext) -> Version:
    """What stood before a revision. Raises `StopInvariantFailed` if that is not on record."""
    keys = {"change_set_id": ctx.change_set_id}
    before = read_value(conn, uuid.UUID, "enacted_revises", keys)
    if before is None:
        raise verification_failed(f"what change set {ctx.change_set_id} revises is not on record")
    head = plan_head(conn, before)
    units = _units(conn, before, head)
    return Version(
        ctx.document_code,
        f"the knowledge base ({ctx.document_code})",
        tuple(one.unit for one in units if one.seq is not None),
        tuple(read_values(conn, str, "gaps_of_manifest", {"envelope_id": head.envelope_id})),
        tuple(sorted((u.canonical_address, u.version_no) for u in units if u.seq is None)),
        head.text_sha256,
        head.title,
    )


def _units(conn: Connection, change_set_id: uuid.UUID, head: PlanHead) -> list[_Unit]:
    keys = {"change_set_id": change_set_id, "envelope_id": head.envelope_id}
    return read_all(conn, _Unit, "enacted_text", keys)


def _rows(units: list[_Unit]) -> list[CutplanRow]:
    return [one.row for one in units if one.seq is not None]
