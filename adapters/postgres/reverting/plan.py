"""The plan of a revert, read from the ledger and the units, and what stands in its way.

Read-only, as either principal.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import kwargs_row, scalar_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all, read_one
from adapters.postgres.connection.statements import statement
from adapters.postgres.ledger.steps import entry_of
from adapters.postgres.phases.journal import JournalRow
from domain.approval.approvals import Effect
from domain.approval.request import revert_effect
from domain.change_set import CutContext, TargetFingerprint
from domain.digests import records_sha256
from domain.errors import BadInput, RevertRefused
from domain.phases import Mode, Phase
from domain.plan.revert import (
    REVERTED,
    RevertFault,
    RevertPlan,
    RevertUnit,
    require_revertible,
    revert_context,
)

LEFT_AS = {"enacted": "enacted"}
"""Where a change set left its units, by where its entry stands; anything before `enacted` left
drafts.
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

    Raises `BadInput` if it is not on record, and `RevertRefused` if it is no cut, has written
    nothing, or its units are not those that its journal has on record.
    """
    entry = read_one(conn, _Entry, "revert_entry", {"change_set_id": change_set_id})
    if entry is None:
        raise BadInput(
            f"Change set {change_set_id} is not on record in this knowledge base; `cutter "
            f"status` lists them."
        )
    if entry.kind != "cut":
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
    units = _units(conn, entry)
    written = records_sha256(
        (u.canonical_address, str(u.unit_id), str(u.version_id)) for u in reversed(units)
    )
    if written != entry.units_sha256:
        raise RevertRefused(
            f"The units of change set {change_set_id} are not those that it wrote, by its "
            f"journal; `cutter audit` names them."
        )
    return RevertPlan(
        document_code=entry.document_code,
        title=entry.title,
        reverts=change_set_id,
        entry_id=entry.entry_id,
        status=entry.stood,
        attempt=entry.attempt,
        text_sha256=entry.text_sha256,
        units=units,
    )


def _units(conn: Connection, entry: _Entry) -> tuple[RevertUnit, ...]:
    keys = {
        "change_set_id": entry.change_set_id,
        "entry_id": entry.entry_id,
        "envelope_id": entry.envelope_id,
        "document_code": entry.document_code,
    }
    lifecycle = LEFT_AS.get(entry.stood, "draft")
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
