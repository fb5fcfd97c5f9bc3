"""Permits, asked for as a program would that checks nothing before it does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any, Final

from domain.approval.approvals import SignedApproval
from tests.support.live import scalar
from tests.support.plans import made_plan
from tests.support.postgres import Connection, Database

PLAN: Final = made_plan(2)
UNSIGNED: Final = (bytes(64), bytes(64))
"""The database can not check a signature; only its length."""


def opened(
    conn: Connection, payloads: Sequence[bytes | None], signatures: Sequence[bytes] = UNSIGNED
) -> str:
    """What the function itself answers."""
    call = "SELECT cutter.fn_permit_open(%s, %s, %s)"
    return str(scalar(conn, call, uuid.uuid4(), list(payloads), list(signatures)))


def edited(
    pair: Sequence[SignedApproval], number: int | None = None, **changes: object
) -> list[bytes]:
    """The pair's payloads with some fields set otherwise, in one of them or in both; None takes a
    field out.
    """
    contents = [json.loads(approval.payload) for approval in pair]
    for at, content in enumerate(contents):
        if number in (None, at):
            content.update(changes)
            for name in [name for name, value in changes.items() if value is None]:
                del content[name]
    return [json.dumps(content).encode() for content in contents]


def released(
    database: Database,
    code: str = "test.law",
    change_set: uuid.UUID = uuid.UUID(int=7),
    plan_digest: str = "0" * 64,
) -> None:
    """A confirmed permit for a document, put there by an administrator: what the unit's functions
    and the ledger ask for, when they are called by themselves.
    """
    with database.connect() as admin:
        admin.execute(
            "INSERT INTO cut_permit (permit_id, change_set_id, kind, document_code, plan_digest, "
            "effect_digest, submitter, opened_at, confirmed_at, execute_by) VALUES "
            "(gen_random_uuid(), %s, 'cut', %s, %s, repeat('0', 64), 'x', now(), now(), "
            "now() + interval '1 hour')",
            (change_set, code, plan_digest),
        )


def permits(database: Database) -> list[tuple[Any, ...]]:
    """Each permit's change set, whether it was used, and why it was revoked."""
    with database.connect() as admin:
        return admin.execute(
            "SELECT change_set_id, used_at IS NOT NULL, revoke_reason FROM cut_permit ORDER BY opened_at"
        ).fetchall()
