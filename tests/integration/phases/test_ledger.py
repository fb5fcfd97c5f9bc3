"""The governed ledger: append-only for everybody, legal steps only, each principal its own half."""

# statements are put together from this file's own words
from __future__ import annotations

import itertools
import uuid

import psycopg
import pytest

from adapters.keys.signing import Ed25519Signer, new_private_key, signature_is_valid
from adapters.postgres.ledger.steps import move_entry
from adapters.postgres.ledger.writer import LedgerWriter
from adapters.postgres.schema.install import register_key
from domain.digests import text_sha256
from domain.errors import PrincipalCapabilityError, StopInvariantFailed
from domain.ledger.privileges import LEDGER_TABLES, OWNER, PERMIT_TABLES
from domain.phases import Phase, Principal
from tests.support.live import LiveBench, row_hashes, run_phases, scalar
from tests.support.permits import released
from tests.support.plans import made_plan
from tests.support.postgres import Connection, Database
from tests.support.tamper import planted_entry, tamper

STATUSES = (
    "marked",
    "reviewed",
    "cut_applied",
    "verified_complete",
    "enacted",
    "superseded",
    "reverted",
)
LEGAL = {
    ("marked", "reviewed"),
    ("reviewed", "cut_applied"),
    ("cut_applied", "verified_complete"),
    ("verified_complete", "enacted"),
    ("marked", "superseded"),
    ("reviewed", "superseded"),
}
"""Steps that an entry can take by itself; to `reverted` only a finished revert of it leads
(test_revert_database.py).
"""
REVERTED = {
    (old, "reverted") for old in ("reviewed", "cut_applied", "verified_complete", "enacted")
}
DIGEST = text_sha256("")
CHANGES = {"cutter.decision_backlog_entry": "title = 'x'", "cutter.cut_change_set": "actor = 'x'"}
"""These two may change along their steps; anything else about them may not."""


@pytest.fixture
def whole(bench: LiveBench) -> LiveBench:
    """A bench with one cut, finished: a row in every table of the ledger."""
    plan = made_plan(3)
    run_phases(bench.adapter, bench.context(plan), plan)
    return bench


def refused(conn: Connection, code: str, statement: str, *parameters: object) -> str:
    """The statement must be refused with this code; the server's sentence."""
    with pytest.raises(psycopg.Error) as error, conn.transaction():
        conn.execute(statement.encode(), parameters or None)
    assert error.value.sqlstate == code, error.value
    return str(error.value)


@pytest.mark.parametrize("role", ["postgres", OWNER])
def test_no_row_of_the_ledger_can_be_changed_or_taken_away_by_superuser_or_owner(
    whole: LiveBench, role: str
) -> None:
    before = row_hashes(whole.database)
    with whole.database.connect(autocommit=True) as admin:
        if role == OWNER:
            admin.execute(f"SET ROLE {OWNER}".encode())
        for table in LEDGER_TABLES:
            first = scalar(
                admin,
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum = 1",
                table,
            )
            change = CHANGES.get(table, f"{first} = {first}")
            refused(admin, "IU002", f"UPDATE {table} SET {change}")
            refused(admin, "IU002", f"DELETE FROM {table}")
            refused(admin, "IU002", f"TRUNCATE {table} CASCADE")
    assert row_hashes(whole.database) == before


ENDS = {
    "approver_key": "retired_at = now()",
    "cut_permit": "revoked_at = now(), revoked_by = 'x', revoke_reason = 'x'",
    "cut_halt": "lifted_by = 'x', lift_reason = 'x', lifted_at = now()",
}
"""The one way in which a row of these ends, once."""

ELSE = {
    "approver_key": (
        "person = 'Carl'",
        "valid_until = valid_until + interval '1 day'",
        "gates = '{SG_1,SG_2,SG_3}'",
    ),
    "cut_permit": (
        "execute_by = execute_by + interval '1 day'",
        "effect_digest = repeat('0', 64)",
        "submitter = 'Carl'",
    ),
    "cut_halt": ("reason = 'none'", "halted_by = 'Carl'", "halt_no = halt_no + 1"),
}


@pytest.mark.parametrize("role", ["postgres", OWNER])
def test_approvers_permits_approvals_and_halts_are_kept_by_superuser_and_owner_too(
    bench: LiveBench, role: str
) -> None:
    bench.context(made_plan(1))
    with bench.database.connect(Principal.VERIFY, autocommit=True) as conn:
        conn.execute("SELECT cutter.fn_halt('operator', 'a test')")
    with bench.database.connect(autocommit=True) as admin:
        admin.execute(f"SET ROLE {role}".encode())
        for table in PERMIT_TABLES:
            if not {"release", "policy"} & set(
                table.partition(".")[2].split("_")
            ):  # by those alone
                assert scalar(admin, f"SELECT count(*) FROM {table}") > 0
                refused(admin, "IU002", f"DELETE FROM {table}")
            refused(admin, "IU002", f"TRUNCATE {table} CASCADE")
        refused(admin, "IU002", "UPDATE cut_approval SET signature = signature")
        for table, changes in ELSE.items():
            for change in changes:
                refused(admin, "IU002", f"UPDATE {table} SET {change}")
                refused(admin, "IU002", f"UPDATE {table} SET {change}, {ENDS[table]}")
            assert admin.execute(f"UPDATE {table} SET {ENDS[table]}".encode()).rowcount > 0
            refused(admin, "IU002", f"UPDATE {table} SET {ENDS[table]}")
            first = ENDS[table].partition(" ")[0]
            refused(admin, "IU002", f"UPDATE {table} SET {first} = NULL")


@pytest.mark.parametrize("principal", list(Principal))
@pytest.mark.parametrize("table", PERMIT_TABLES)
def test_no_principal_writes_approvers_permits_approvals_or_halts_but_by_the_functions(
    bench: LiveBench, principal: Principal, table: str
) -> None:
    bench.context(made_plan(1))
    with bench.database.connect(principal, autocommit=True) as conn:
        assert scalar(conn, f"SELECT count(*) FROM {table}") >= 0
        refused(conn, "42501", f"INSERT INTO {table} SELECT * FROM {table}")
        refused(conn, "42501", f"DELETE FROM {table}")
        if table in ENDS:
            refused(conn, "42501", f"UPDATE {table} SET {ENDS[table]}")


def test_a_permit_is_used_or_revoked_and_not_both(bench: LiveBench) -> None:
    bench.context(made_plan(1))
    with bench.database.connect(autocommit=True) as admin:
        refused(admin, "23514", f"UPDATE cut_permit SET used_at = now(), {ENDS['cut_permit']}")
        refused(admin, "23514", "UPDATE cut_permit SET revoked_at = now(), revoked_by = 'x'")
        admin.execute("UPDATE cut_permit SET used_at = now()")
        refused(admin, "IU002", f"UPDATE cut_permit SET {ENDS['cut_permit']}")


@pytest.mark.parametrize("table", ["information_unit", "unit_version"])
def test_units_are_written_by_the_canonical_writers_only(whole: LiveBench, table: str) -> None:
    with whole.database.connect(autocommit=True) as admin:
        for role in ("postgres", OWNER):
            admin.execute(f"SET ROLE {role}".encode())
            refused(admin, "IU001", f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1")
            refused(admin, "IU001", f"UPDATE {table} SET created_at = created_at")
            refused(admin, "IU001", f"DELETE FROM {table}")
            refused(admin, "IU001", f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("old", "new"), sorted(set(itertools.product(STATUSES, STATUSES)) - LEGAL - REVERTED)
)
def test_every_illegal_step_of_an_entry_is_refused(database: Database, old: str, new: str) -> None:
    entry = planted_entry(database, old)
    for principal in Principal:
        with database.connect(principal, autocommit=True) as conn:
            refused(
                conn,
                "IU003",
                "UPDATE decision_backlog_entry SET status = %s WHERE entry_id = %s",
                new,
                entry,
            )


@pytest.mark.parametrize(("old", "new"), sorted(REVERTED))
def test_nobody_calls_an_entry_reverted_without_a_revert_of_it(
    database: Database, old: str, new: str
) -> None:
    entry = planted_entry(database, old)
    for principal, code in ((Principal.EXEC, "IU003"), (Principal.VERIFY, "IU004")):
        with database.connect(principal, autocommit=True) as conn:
            refused(
                conn,
                code,
                "UPDATE decision_backlog_entry SET status = %s WHERE entry_id = %s",
                new,
                entry,
            )


@pytest.mark.parametrize(("old", "new"), sorted(LEGAL))
def test_a_legal_step_is_taken_by_its_own_principal_only(
    database: Database, old: str, new: str
) -> None:
    entry = planted_entry(database, old)
    released(database, code="test.law")
    its = Principal.VERIFY if new == "verified_complete" else Principal.EXEC
    step = "UPDATE decision_backlog_entry SET status = %s WHERE entry_id = %s"
    for principal in sorted(Principal, key=lambda p: p is its):
        with database.connect(principal, autocommit=True) as conn:
            if principal is its:
                assert conn.execute(step.encode(), (new, entry)).rowcount == 1
            else:
                refused(conn, "IU004", step, new, entry)


@pytest.mark.parametrize("status", STATUSES[1:])
def test_an_entry_can_not_begin_half_way(database: Database, status: str) -> None:
    with database.connect(Principal.EXEC, autocommit=True) as conn:
        refused(
            conn,
            "IU003",
            "INSERT INTO decision_backlog_entry (entry_id, change_set_id, document_code, "
            "plan_digest, attempt, status,"
            " opened_by) VALUES (gen_random_uuid(), gen_random_uuid(), 'x', %s, 1, %s, 'operator')",
            DIGEST,
            status,
        )


def test_a_step_is_compare_and_set(bench: LiveBench) -> None:
    plan = made_plan(1)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.MARK)
    with bench.connections.connect(Principal.EXEC) as conn:
        entry = uuid.UUID(str(scalar(conn, "SELECT entry_id FROM decision_backlog_entry")))
        with pytest.raises(StopInvariantFailed, match="does not stand at reviewed"):
            move_entry(conn, ctx, entry, "reviewed", "cut_applied", DIGEST)
        assert scalar(conn, "SELECT status FROM decision_backlog_entry") == "marked"
        assert scalar(conn, "SELECT count(*) FROM decision_backlog_history") == 1


def test_history_can_not_tell_a_step_that_was_not_taken(bench: LiveBench) -> None:
    plan = made_plan(1)
    run_phases(bench.adapter, bench.context(plan), plan, until=Phase.MARK)
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        refused(
            conn,
            "IU003",
            "INSERT INTO decision_backlog_history (document_code, entry_id, from_status, "
            "to_status, actor, payload_sha256)"
            " SELECT document_code, entry_id, 'reviewed', 'cut_applied', 'operator', %s FROM "
            "decision_backlog_entry",
            DIGEST,
        )


def test_each_principal_writes_only_its_own_half(whole: LiveBench) -> None:
    signature = (
        "INSERT INTO dot_pair_signature VALUES (gen_random_uuid(), gen_random_uuid(), %s, %s, "
        ""
        "%s, %s)"
    )
    journal = "INSERT INTO cut_phase_journal VALUES (gen_random_uuid(), %s, %s, '{}', 'x')"
    with whole.database.connect(Principal.EXEC, autocommit=True) as conn:
        refused(conn, "IU004", signature, "verifier", whole.verifier.key_id, DIGEST, bytes(64))
        refused(conn, "IU004", journal, "write_verify", DIGEST)
    with whole.database.connect(Principal.VERIFY, autocommit=True) as conn:
        refused(conn, "IU004", signature, "executor", whole.executor.key_id, DIGEST, bytes(64))
        refused(conn, "IU004", signature, "verifier", whole.executor.key_id, DIGEST, bytes(64))
        refused(conn, "IU004", journal, "lifecycle_enact", DIGEST)
    with whole.database.connect(autocommit=True) as admin:
        refused(admin, "IU004", "INSERT INTO verify_result SELECT gen_random_uuid(), 'verified', 1, 1, %s, "
            ""
            ""
            ""
            ""
            ""
            ""
            ""
            "signature_id"
                " FROM dot_pair_signature LIMIT 1", DIGEST)  # fmt: skip


def test_role_and_time_in_the_journal_are_the_servers(bench: LiveBench) -> None:
    ctx = bench.context(made_plan(1))
    with bench.database.connect(Principal.EXEC) as conn:
        conn.execute(
            "INSERT INTO cut_phase_journal VALUES (%s, 'pre_write_backup', %s, '{}', 'x', "
            "'cutter_verify', '2001-01-01')",
            (ctx.change_set_id, ctx.plan_digest),
        )
        assert scalar(conn, "SELECT principal FROM cut_phase_journal") == "cutter_exec"
        assert (
            scalar(conn, "SELECT recorded_at > now() - interval '1 minute' FROM cut_phase_journal")
            is True
        )


def test_an_executor_can_not_call_its_own_cut_verified(bench: LiveBench) -> None:
    plan = made_plan(2)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.CUT_LEG_A)
    ids = (
        "SELECT e.change_set_id, e.entry_id, m.envelope_id, d.decision_id, gen_random_uuid() "
        "FROM decision_backlog_entry e"
        " JOIN manifest_envelope m USING (entry_id) JOIN review_decision d USING (envelope_id)"
    )
    with bench.database.connect(Principal.EXEC) as conn:
        found = conn.execute(ids.encode()).fetchone()
        assert found is not None
        change_set, entry, envelope, decision, signature_id = found
        conn.execute(
            "INSERT INTO dot_pair_signature VALUES (%s, %s, 'executor', %s, %s, %s)",
            (signature_id, change_set, bench.executor.key_id, DIGEST, bytes(64)),
        )
        forged = (
            "INSERT INTO cut_change_set (change_set_id, entry_id, envelope_id, decision_id, "
            "document_code, plan_digest, target,"
            " attempt, unit_count, rows_sha256, actor, executor_signature_id, status, "
            "verifier_signature_id)"
            " VALUES (%s, %s, %s, %s, 'test.law', %s, 't', 1, 2, %s, 'x', %s, %s, %s)"
        )
        keys = (change_set, entry, envelope, decision, DIGEST, DIGEST, signature_id)
        refused(conn, "IU004", forged, *keys, "verified_complete", signature_id)
        other = (change_set, entry, envelope, uuid.uuid4(), DIGEST, DIGEST, signature_id)
        refused(conn, "IU003", forged, *other, "cut_applied", None)
        conn.execute(forged.encode(), (*keys, "cut_applied", None))
        refused(
            conn,
            "42501",
            "UPDATE cut_change_set SET status = 'verified_complete', verifier_signature_id = %s",
            signature_id,
        )
    with bench.database.connect(Principal.VERIFY) as conn:
        refused(
            conn,
            "IU004",
            "UPDATE cut_change_set SET status = 'verified_complete', verifier_signature_id = %s",
            signature_id,
        )
    with bench.database.connect(autocommit=True) as admin:
        refused(
            admin,
            "IU004",
            "UPDATE cut_change_set SET status = 'verified_complete', verifier_signature_id = %s",
            signature_id,
        )


def test_nothing_is_added_to_what_is_decided_or_verified(whole: LiveBench) -> None:
    released(whole.database)
    with whole.database.connect(Principal.EXEC, autocommit=True) as conn:
        refused(conn, "IU002", "INSERT INTO manifest_unit_block (envelope_id, start_char, end_char, "
            ""
            ""
            ""
            ""
            ""
            ""
            ""
            "gap_text)"
                " SELECT envelope_id, 90000, 90001, 'x' FROM manifest_envelope")  # fmt: skip
        conn.execute(
            "SELECT public.fn_iu_create('test.law~art_99', 't', 'b', 'x', 'article', 'body', "
            "'law', 'o')"
        )
        refused(conn, "IU002", "INSERT INTO cut_change_set_affected_row"
                " SELECT c.change_set_id, 99, u.id, u.current_version_id, 'created' FROM "
                "cut_change_set c, information_unit u"
                " WHERE u.canonical_address = 'test.law~art_99'")  # fmt: skip


def test_only_rows_that_were_counted_can_be_enacted(whole: LiveBench) -> None:
    """Even if a row beyond the verified ones got in, it could not be enacted."""
    released(whole.database)
    with whole.database.connect(Principal.EXEC, autocommit=True) as conn:
        conn.execute(
            "SELECT public.fn_iu_create('test.law~art_99', 't', 'b', 'x', 'article', 'body', "
            "'law', 'o')"
        )
        tamper(whole.database, "INSERT INTO cut_change_set_affected_row"
               " SELECT c.change_set_id, 99, u.id, u.current_version_id, 'created' FROM "
               "cut_change_set c, information_unit u"
               " WHERE u.canonical_address = 'test.law~art_99'")  # fmt: skip
        status = scalar(
            conn,
            (
                "SELECT f.status FROM review_decision d, public.fn_iu_enact('test.law~art_99', "
                "d.decision_id, 'x') AS f"
            ),
        )
    assert (
        status == "review_decision: no verified change set of this decision holds test.law~art_99"
    )


def test_the_verifier_checks_the_executors_half_and_the_pair_is_complete(whole: LiveBench) -> None:
    with whole.database.connect() as admin:
        halves = admin.execute(
            "SELECT s.half, k.public_key, s.signature, s.payload_sha256 FROM dot_pair_signature s"
            " JOIN principal_key k USING (key_id) ORDER BY s.half"
        ).fetchall()
        pair = admin.execute(
            "SELECT x.half, v.half FROM cut_change_set c JOIN dot_pair_signature x ON "
            "x.signature_id = c.executor_signature_id"
            " JOIN dot_pair_signature v ON v.signature_id = c.verifier_signature_id"
        ).fetchall()
    assert [half[0] for half in halves] == ["executor", "verifier"]
    assert pair == [("executor", "verifier")]
    assert [half[1] for half in halves] == [whole.executor.public_key, whole.verifier.public_key]
    assert not any(
        signature_is_valid(key, b"something else", signature) for _, key, signature, _ in halves
    )


def test_a_retired_key_is_refused_for_signing_and_for_verifying(bench: LiveBench) -> None:
    plan = made_plan(2)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.LEG_B_RECORD)
    retire = "UPDATE principal_key SET retired_at = now() WHERE key_id = %s"
    tamper(bench.database, retire, bench.executor.key_id)
    with pytest.raises(StopInvariantFailed, match="registered executor's signature"):
        bench.adapter.write_verify(ctx, plan)
    tamper(bench.database, "UPDATE principal_key SET retired_at = NULL")
    tamper(bench.database, retire, bench.verifier.key_id)
    with pytest.raises(PrincipalCapabilityError) as stop:
        bench.adapter.write_verify(ctx, plan)
    assert stop.value.sqlstate == "IU004"
    assert bench.adapter.verify_result_count_for(ctx.change_set_id) == 0


def test_a_key_that_nobody_registered_signs_nothing(bench: LiveBench) -> None:
    plan = made_plan(2)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=Phase.CUT_LEG_A)
    bench.executor = Ed25519Signer(new_private_key())
    with pytest.raises(PrincipalCapabilityError) as stop:
        bench.new_adapter().leg_b_record(ctx, plan)
    assert stop.value.sqlstate == "IU004"
    with bench.database.connect() as admin:
        register_key(
            admin, Principal.VERIFY, bench.executor.public_key
        )  # another principal's key is no better
    with pytest.raises(PrincipalCapabilityError, match="IU004"):
        bench.new_adapter().leg_b_record(ctx, plan)
    assert LedgerWriter(bench.executor) is not None


def test_a_key_is_registered_under_its_own_hash_only(database: Database) -> None:
    with database.connect() as admin:
        refused(
            admin,
            "23514",
            "INSERT INTO principal_key VALUES (%s, 'cutter_exec', %s)",
            DIGEST,
            bytes(32),
        )


def test_mark_and_review_run_twice_leave_one_of_each(bench: LiveBench) -> None:
    plan = made_plan(2)
    ctx = bench.context(plan)
    first = run_phases(bench.adapter, ctx, plan, until=Phase.REVIEW)
    before = row_hashes(bench.database)
    again = bench.new_adapter()
    assert run_phases(again, ctx, plan, until=Phase.REVIEW) == first
    assert row_hashes(bench.database) == before
    assert again.replayed == {Phase.PRE_WRITE_BACKUP, Phase.MARK, Phase.REVIEW}


def test_a_decision_without_units_gives_way_to_a_new_plan_and_can_not_write_any_more(
    bench: LiveBench,
) -> None:
    old, new = made_plan(2), made_plan(3)
    old_ctx = bench.context(old)
    run_phases(bench.adapter, old_ctx, old, until=Phase.REVIEW)
    new_ctx = bench.context(new)
    run_phases(bench.adapter, new_ctx, new, until=Phase.REVIEW)
    bench.switch.change_set_id = old_ctx.change_set_id
    with pytest.raises(StopInvariantFailed, match="stands at superseded, not at reviewed"):
        bench.adapter.cut_leg_a(old_ctx, old)
    bench.switch.change_set_id = new_ctx.change_set_id
    run_phases(bench.adapter, new_ctx, new)
    with bench.database.connect() as admin:
        statuses = admin.execute(
            "SELECT status FROM decision_backlog_entry ORDER BY opened_at"
        ).fetchall()
        assert statuses == [("superseded",), ("enacted",)]
        kinds = admin.execute(
            "SELECT kind, count(*) FROM decision_backlog_dependency GROUP BY kind ORDER BY kind"
        ).fetchall()
        assert kinds == [("source_text", 2), ("supersedes", 1)]
        assert scalar(admin, "SELECT count(*) FROM information_unit") == 4


def test_one_cut_of_a_document_at_a_time(bench: LiveBench) -> None:
    plan = made_plan(2)
    run_phases(bench.adapter, bench.context(plan), plan, until=Phase.CUT_LEG_A)
    other = made_plan(3)
    with pytest.raises(StopInvariantFailed, match="has written units and is not finished"):
        run_phases(bench.adapter, bench.context(other), other)
    third = uuid.uuid4()
    released(bench.database, "test.law", third, DIGEST)
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        refused(
            conn,
            "23505",
            "INSERT INTO decision_backlog_entry (entry_id, change_set_id, document_code, "
            "plan_digest, attempt, opened_by)"
            " VALUES (gen_random_uuid(), %s, 'test.law', %s, 1, 'operator')",
            third,
            DIGEST,
        )
    elsewhere = made_plan(2, code="other.law")
    run_phases(bench.adapter, bench.context(elsewhere), elsewhere)


def test_everything_in_the_schema_has_a_comment(database: Database) -> None:
    with database.connect() as admin:
        bare = admin.execute(
            """
            SELECT c.relname FROM pg_class c WHERE c.relnamespace IN ('cutter'::regnamespace, 'public'::regnamespace) AND c.relkind IN ('r', 'v')
               AND obj_description(c.oid, 'pg_class') IS NULL
            UNION ALL SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
             WHERE c.relnamespace IN ('cutter'::regnamespace, 'public'::regnamespace) AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped
               AND col_description(c.oid, a.attnum) IS NULL
            UNION ALL SELECT p.proname FROM pg_proc p WHERE p.pronamespace IN ('cutter'::regnamespace, 'public'::regnamespace)
               AND obj_description(p.oid, 'pg_proc') IS NULL
            """
        ).fetchall()
    assert bare == []
