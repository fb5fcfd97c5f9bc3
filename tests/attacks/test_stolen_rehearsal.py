"""The rehearsal's password: it may become either principal, and commits nothing that counts."""

from __future__ import annotations

import psycopg
import pytest

from domain.change_set import CutContext
from tests.support.live import LiveBench, row_hashes
from tests.support.postgres import Connection

PROOF = (
    "INSERT INTO restore_proof (proof_id, target, backup, backup_sha256, manifest_sha256, "
    "snapshot_at, verdict, findings, table_count, row_count, actor) VALUES (gen_random_uuid(), "
    "'t', 'x', repeat('a', 64), repeat('b', 64), now() - interval '1 s', 'proven', '{}', 24, 1, "
    "'mallory')"
)
UNIT = "SELECT public.fn_iu_create('a~b', 't', 'b', 'm', 'article', 'body', 'law', 'o', NULL)"
HALT = "SELECT cutter.fn_halt('mallory', 'x')"


@pytest.mark.parametrize(
    ("role", "call"), [("verify", PROOF), ("exec", UNIT), ("exec", HALT), ("verify", HALT)]
)
def test_what_it_writes_as_a_principal_can_not_be_committed(
    bench: LiveBench, cut: CutContext, steal_rehearsal: Connection, role: str, call: str
) -> None:
    before = row_hashes(bench.database)
    steal_rehearsal.execute("BEGIN")
    steal_rehearsal.execute(f"SET LOCAL ROLE cutter_{role}".encode())
    steal_rehearsal.execute(call.encode())
    with pytest.raises(psycopg.Error) as refused:
        steal_rehearsal.execute("COMMIT")
    assert refused.value.sqlstate == "IU005"
    assert row_hashes(bench.database) == before


def test_every_table_that_a_principal_may_write_marks_a_rehearsal(bench: LiveBench) -> None:
    """No table is left out: what has no mark could be committed."""
    with bench.database.connect() as admin:
        unmarked = admin.execute(
            """
            SELECT DISTINCT c.oid::regclass::text FROM pg_class c, unnest(ARRAY['cutter_exec',
              'cutter_verify']) AS r, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p
             WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text IN ('public', 'cutter')
               AND (has_table_privilege(r, c.oid, p)
                 OR p IN ('INSERT', 'UPDATE') AND has_any_column_privilege(r, c.oid, p))
               AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid
                 AND t.tgname IN ('rehearsal_mark', 'canonical_writer_only'))
            """
        ).fetchall()
    assert unmarked == []
