"""Leg A of a revision: units that are added, new versions, versions without text, and lineage."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from psycopg.rows import class_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_all
from adapters.postgres.connection.statements import statement
from adapters.postgres.permits.permit import require_permitted
from adapters.postgres.phases.journal import JournalRow
from adapters.postgres.record.documents import may_restate
from domain.change_set import CutContext
from domain.digests import records_sha256
from domain.errors import PhaseStop, StopInvariantFailed
from domain.ledger.signed import AffectedRow
from domain.phases import Phase
from domain.plan.cut_plan import CutplanRow
from domain.results import IUCreateResult
from domain.revision.plan import ACTIONS, Act, RevisionPlan, RevisionStep

ROWS_A_STATEMENT: Final = 1000
DERIVED: Final = "derived"
RESTATED: Final = "restated"
_STATEMENTS: Final = (
    (Act.CREATE, "revise_add"),
    (Act.REVISE, "revise_units"),
    (Act.REPEAL, "revise_repeal"),
)
"""Added units first, in the order of the text: each later step may name them as its parent."""


def write_steps(conn: Connection, ctx: CutContext, plan: RevisionPlan) -> list[IUCreateResult]:
    """Write every step of a revision, all or nothing; an answer a step, in their order.

    Raises `PhaseStop` for a unit that was refused, `StopInvariantFailed` for one without an answer.
    """
    written: dict[str, IUCreateResult] = {}
    for act, name in _STATEMENTS:
        steps = [step for step in plan.steps if step.act is act]
        for at in range(0, len(steps), ROWS_A_STATEMENT):
            for one in _written(conn, ctx, name, act, steps[at : at + ROWS_A_STATEMENT]):
                written[one.canonical_address] = one
    if len(written) != len(plan.steps):
        raise StopInvariantFailed(
            f"{len(written)} of {len(plan.steps)} units were answered for; no unit was written."
        )
    if may_restate(conn):  # an address that comes again may have been left with another owner
        _restate(conn, ctx, plan.steps, written)
    _derive(conn, ctx, plan.steps, written)
    return [written[step.address] for step in plan.steps]


def units_sha256(written: Iterable[IUCreateResult | AffectedRow]) -> str:
    """The digest of which units and versions leg A wrote, as its row in the journal has it."""
    return records_sha256(
        (one.canonical_address, str(one.unit_id), str(one.version_id)) for one in written
    )


def replayed_steps(
    conn: Connection, ctx: CutContext, plan: RevisionPlan, recorded: JournalRow
) -> list[IUCreateResult]:
    """What leg A answered before, by the ledger's rows, or before there are any by what waits.

    Raises `StopInvariantFailed` if that is not what its journal has on record.
    """
    found = read_all(conn, IUCreateResult, "revise_replayed", {"change_set_id": ctx.change_set_id})
    if not found:
        found = [
            IUCreateResult(
                row.canonical_address,
                step.action,
                uuid.UUID(row.unit_id),
                uuid.UUID(row.version_id),
            )
            for step, row in zip(plan.steps, written_rows(conn, plan), strict=False)
        ]
    if recorded.result != leg_a_answer(found):
        raise StopInvariantFailed(
            f"The versions of change set {ctx.change_set_id} are not those that it wrote; look "
            f"with `cutter status`.",
            phase=Phase.CUT_LEG_A,
        )
    return found


def leg_a_answer(written: Sequence[IUCreateResult | AffectedRow]) -> dict[str, object]:
    """What the journal keeps of leg A."""
    return {"written": len(written), "units_sha256": units_sha256(written)}


def written_rows(conn: Connection, plan: RevisionPlan) -> list[AffectedRow]:
    """What leg A wrote, as rows of the change set, hashed from what is stored."""
    keys = {
        "seq": [step.seq for step in plan.steps],
        "address": [step.address for step in plan.steps],
        "action": [step.action for step in plan.steps],
    }
    return read_all(conn, AffectedRow, "revise_rows", keys)


def _written(
    conn: Connection, ctx: CutContext, name: str, act: Act, steps: Sequence[RevisionStep]
) -> list[IUCreateResult]:
    with conn.cursor(row_factory=class_row(IUCreateResult)) as cursor:
        answers = cursor.execute(statement(name), {"actor": ctx.actor, **_columns(steps)})
        results = answers.fetchall()
    for one in results:
        require_permitted(ctx, one.status)
        if one.status != ACTIONS[act]:
            raise PhaseStop(
                f"Unit {one.canonical_address} was refused with the status {one.status!r}; no "
                f"unit was written.",
                phase=Phase.CUT_LEG_A,
            )
    return results


def _columns(steps: Sequence[RevisionStep]) -> dict[str, list[object]]:
    def of(pick: Callable[[CutplanRow], object]) -> list[object]:
        return [None if step.row is None else pick(step.row) for step in steps]

    return {
        "address": [step.address for step in steps],
        "title": of(lambda row: row.title),
        "body": of(lambda row: row.body),
        "unit_kind": of(lambda row: row.unit_kind),
        "section_type": of(lambda row: row.section_type),
        "publication_type": of(lambda row: row.publication_type),
        "owner_ref": of(lambda row: row.owner_ref),
        "parent_ref": of(lambda row: row.parent_ref),
        "in_force_from": [step.in_force_from for step in steps],
    }


def _restate(
    conn: Connection,
    ctx: CutContext,
    steps: Sequence[RevisionStep],
    written: dict[str, IUCreateResult],
) -> None:
    """Give new versions the publication type and the owner of the new text, where they differ."""
    revised = [step for step in steps if step.act is Act.REVISE]
    keys = {
        "version_id": [written[step.address].version_id for step in revised],
        "actor": ctx.actor,
        **_columns(revised),
    }
    for address, status in conn.execute(statement("revise_restate"), keys).fetchall():
        require_permitted(ctx, status)
        if status != RESTATED:
            raise PhaseStop(
                f"Unit {address} kept its type and owner, with the status {status!r}; no unit was "
                f"written.",
                phase=Phase.CUT_LEG_A,
            )


def _derive(
    conn: Connection,
    ctx: CutContext,
    steps: Sequence[RevisionStep],
    written: dict[str, IUCreateResult],
) -> None:
    versions: list[uuid.UUID] = []
    addresses: list[str] = []
    for step in steps:
        for address in step.derived_from:
            versions.append(written[step.address].version_id)
            addresses.append(address)
    if not versions:
        return
    keys = {"version_id": versions, "address": addresses, "actor": ctx.actor}
    for address, status in conn.execute(statement("revise_derive"), keys).fetchall():
        require_permitted(ctx, status)
        if status != DERIVED:
            raise PhaseStop(
                f"That text came from {address} was refused with the status {status!r}; no unit "
                f"was written.",
                phase=Phase.CUT_LEG_A,
            )
