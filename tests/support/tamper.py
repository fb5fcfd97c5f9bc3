"""What only a superuser can do: change rows behind the guards' back.

For tests that the change is noticed.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

from domain.digests import text_sha256
from tests.support.postgres import Connection, Database


@contextlib.contextmanager
def guards_off(database: Database) -> Iterator[Connection]:
    """A superuser's transaction in which no ordinary trigger and no foreign key fires.

    Committed at the end.
    """
    with database.connect() as admin:
        admin.execute("SET LOCAL session_replication_role = replica")
        yield admin


def tamper(database: Database, statement: str, *parameters: object) -> int:
    """Run one statement with the guards off; how many rows it changed."""
    with guards_off(database) as admin:
        return admin.execute(statement.encode(), parameters or None).rowcount


def planted_entry(database: Database, status: str, code: str = "test.law") -> uuid.UUID:
    """A backlog entry that stands wherever the test wants it."""
    entry = uuid.uuid4()
    tamper(
        database,
        "INSERT INTO decision_backlog_entry (entry_id, change_set_id, document_code, "
        "plan_digest, attempt, status, opened_by)"
        " VALUES (%s, %s, %s, %s, 1, %s, 'operator')",
        entry,
        uuid.uuid4(),
        code,
        text_sha256(code),
        status,
    )
    return entry
