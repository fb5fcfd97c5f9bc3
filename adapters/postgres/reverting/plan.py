"""The plan of a revert, read from the ledger and the units, and what stands in its way.

Read-only, as either principal.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import args_row, kwargs_row, scalar_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all, read_one, read_value
from adapters.postgres.connection.statements import statement
from adapters.postgres.ledger.steps import entry_of
from adapters.postgres.phases.journal import JournalRow
from domain.approval.approvals import Effect
from domain.approval.request import revert_effect
from domain.change_set import CutContext, TargetFingerprint
from domain.digests import records_sha256
from domain.errors import BadInput, RevertRefused
from domain.phases import EntryStatus, Kind, Mode, Phase
from domain.plan.cut_plan import Gap
from domain.plan.revert import (
    REVERTED,
    RevertFault,
    RevertPlan,
    RevertUnit,
    StandingBlock,
    require_revertible,
    revert_context,
)

ENACTED: Final = "enacted"
DRAFT: Final = "draft"
LEFT_AS = {ENACTED: ENACTED}
"""Where a change set left its units, by where its entry stands; anything before `enacted` left
drafts, and a revision also versions that nobody stands at.
"""


@dataclass(frozen=True, slots=True)
class _ForeignKey:
    """A column of somebody else's table that points at units, or at versions of units."""

    schema: str
    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True, slots=True)
class _Entry:
    entry_id: uuid.UUID
    change_set_id: uuid.UUID
    kind: str
    document_code: str
    title: str
    status: str
    attempt: int
    envelope_id: uuid.UUID | None
    text_sha256: str | None
    unit_blocks: int | None
    stood: str
    units_sha256: str | None


@translated("Planning a revert")
def read_revert_plan(conn: Connection, change_set_id: uuid.UUID) -> RevertPlan:
    """What a change set has written, as a plan to withdraw it: the same however far its revert has
    come.

    Raises `BadInput` if it is not on record, and `RevertRefused` if it is a revert, has written
    nothing, or its units are not those that its journal has on record.
    """
    entry = read_one(conn, _Entry, "revert_entry", {"change_set_id": change_set_id})
    if entry is None:
        raise BadInput(
            f"Change set {change_set_id} is not on record in this knowledge base; `cutter "
            f"status` lists them."
        )
    if entry.kind == Kind.REVERT:
        raise RevertRefused(
            f"Change set {change_set_id} is itself a revert; cut {entry.document_code} again "
            f"instead."
        )
    if entry.units_sha256 is None or entry.text_sha256 is None:
        raise RevertRefused(
            f"Change set {change_set_id} has written no unit, so there is nothing to revert. "
            f"Cut {entry.document_code} again with --attempt {entry.attempt + 1}: that "
            f"supersedes it."
        )
    units = _versions(conn, entry) if entry.kind == Kind.REVISION else _units(conn, entry)
    written = records_sha256(
        (u.canonical_address, str(u.unit_id), str(u.version_id)) for u in reversed(units)
    )
    if written != entry.units_sha256:
        raise RevertRefused(
            f"The units of change set {change_set_id} are not those that it wrote, by its "
            f"journal; `cutter audit` names them."
        )
    plan = RevertPlan(
        document_code=entry.document_code,
        title=entry.title,
        reverts=change_set_id,
        entry_id=entry.entry_id,
        status=entry.stood,
        attempt=entry.attempt,
        text_sha256=entry.text_sha256,
        units=units,
    )
    return _on_its_base(conn, plan) if entry.kind == Kind.REVISION else plan


@dataclass(frozen=True, slots=True)
class _Base:
    envelope_id: uuid.UUID
    text_sha256: str
    base_digest: str


def _on_its_base(conn: Connection, plan: RevertPlan) -> RevertPlan:
    """The revert of a revision, with the text that it brings back."""
    base = read_one(conn, _Base, "revert_base", {"entry_id": plan.entry_id})
    if base is None:
        raise RevertRefused(
            f"What change set {plan.reverts} revised is not on record; `cutter audit` says more."
        )
    keys = {"envelope_id": base.envelope_id}
    with conn.cursor(row_factory=args_row(Gap)) as cursor:
        gaps = tuple(cursor.execute(statement("verify_gaps"), keys))
    return replace(
        plan,
        text_sha256=base.text_sha256,
        stands=tuple(read_all(conn, StandingBlock, "revise_manifest", keys)),
        gaps=gaps,
        base_digest=base.base_digest,
    )


def _versions(conn: Connection, entry: _Entry) -> tuple[RevertUnit, ...]:
    """What a revision has written, the last step first."""
    keys = {
        "change_set_id": entry.change_set_id,
        "entry_id": entry.entry_id,
        "envelope_id": entry.envelope_id,
    }
    left = LEFT_AS.get(entry.stood, DRAFT)
    name = "revert_waiting" if entry.stood == EntryStatus.REVIEWED else "revert_versions"
    with conn.cursor(row_factory=kwargs_row(partial(RevertUnit, lifecycle=left))) as cursor:
        return tuple(cursor.execute(statement(name), keys))


def _units(conn: Connection, entry: _Entry) -> tuple[RevertUnit, ...]:
    keys = {
        "change_set_id": entry.change_set_id,
        "entry_id": entry.entry_id,
        "envelope_id": entry.envelope_id,
        "document_code": entry.document_code,
    }
    lifecycle = LEFT_AS.get(entry.stood, DRAFT)
    with conn.cursor(row_factory=kwargs_row(partial(RevertUnit, lifecycle=lifecycle))) as cursor:
        return tuple(cursor.execute(statement("revert_units"), keys))


def has_begun(conn: Connection, change_set_id: uuid.UUID) -> bool:
    """Whether a revert has withdrawn its units: from then on only finishing it helps."""
    keys = {"change_set_id": change_set_id, "phase": Phase.CUT_LEG_A.value}
    return read_one(conn, JournalRow, "journal_find", keys) is not None


def require_still_revertible(conn: Connection, plan: RevertPlan) -> None:
    """Raises `RevertRefused` naming the units that have changed, gained children or are referenced,
    or if it is reverted.
    """
    entry = entry_of(conn, plan.reverts)
    where = entry.status if entry else "nothing"
    if where == REVERTED:
        raise RevertRefused(f"Change set {plan.reverts} is reverted already. Nothing was written.")
    if where != plan.status:
        raise RevertRefused(
            f"Change set {plan.reverts} stands at {where}, not at {plan.status}. Nothing was "
            f"written."
        )
    later = read_value(conn, uuid.UUID, "revert_built_on", {"entry_id": plan.entry_id})
    if later is not None:
        raise RevertRefused(
            f"Change set {plan.reverts} is what the revision {later} rests on; take that back "
            f"first, or finish it. Nothing was written."
        )
    require_revertible(plan.reverts, revert_faults(conn, plan))


def revert_faults(conn: Connection, plan: RevertPlan) -> list[RevertFault]:
    """Why units of the plan can not be withdrawn as they stand now, by address."""
    keys = {**columns(plan), "reverts": plan.reverts, "document_code": plan.document_code}
    found = read_all(conn, RevertFault, "revert_faults", keys)
    return [*found, *_foreign_references(conn, plan)]


def columns(plan: RevertPlan) -> dict[str, list[Any]]:
    """The plan's units as arrays, in plan order."""
    names = {field.name for field in fields(RevertUnit)} - {"canonical_address"}
    found: dict[str, list[Any]] = {
        name: [getattr(unit, name) for unit in plan.units] for name in sorted(names)
    }
    return found | {"address": [unit.canonical_address for unit in plan.units]}


def _foreign_references(conn: Connection, plan: RevertPlan) -> Iterable[RevertFault]:
    """Rows of tables that are not of this schema and point at one of the units."""
    known = {unit.unit_id: unit for unit in plan.units}
    known |= {unit.version_id: unit for unit in plan.units}
    for pointer in read_all(conn, _ForeignKey, "revert_foreign_keys"):
        query = sql.SQL(statement("revert_referenced")).format(
            column=sql.Identifier(pointer.column),
            table=sql.Identifier(pointer.schema, pointer.table),
        )
        try:
            with conn.transaction(), conn.cursor(row_factory=scalar_row) as cursor:
                referenced = cursor.execute(query, {"keys": list(known)}).fetchall()
        except psycopg.errors.InsufficientPrivilege:
            raise RevertRefused(
                f"The table {pointer} points at units, and this principal may not read "
                f"it: whether it references one of "
                f"change set {plan.reverts} can not be known. Grant SELECT on it. Nothing was "
                f"written."
            ) from None
        for key in referenced:
            yield RevertFault(known[key].canonical_address, f"is referenced by {pointer}")


class RevertRequest(NamedTuple):
    """A revert that can be approved and run: context, plan, what is approved, and whether its units
    are withdrawn already.
    """

    ctx: CutContext
    plan: RevertPlan
    effect: Effect
    begun: bool


@translated("Planning a revert")
def revert_request(
    conn: Connection,
    reverts: uuid.UUID,
    *,
    target: TargetFingerprint,
    actor: str,
    mode: Mode = Mode.LIVE,
    attempt: int = 1,
) -> RevertRequest:
    """Plan the revert of a change set, and look for what is in its way unless it has begun.

    `conn` is either principal's.

    Raises `BadInput` or `RevertRefused`, naming the units.
    """
    plan = read_revert_plan(conn, reverts)
    ctx = revert_context(plan, mode, target, actor, attempt)
    begun = has_begun(conn, ctx.change_set_id)
    if not begun:
        require_still_revertible(conn, plan)
    return RevertRequest(ctx, plan, revert_effect(ctx, plan), begun)
