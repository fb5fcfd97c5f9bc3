"""VERIFY can fail: whatever is changed between leg B and verify, by whomever, is found and named,
and nothing is enacted.
"""

# statements are put together from this file's own words
from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from adapters.keys.signing import Ed25519Signer, new_private_key
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.session import PostgresConnections
from domain.change_set import CutContext
from domain.errors import (
    PrincipalCapabilityError,
    ProductionExecutionNotAuthorized,
    StopInvariantFailed,
)
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.ports import Credentials
from tests.support.live import (
    MUTATION_SURFACE,
    LiveBench,
    live_bench,
    row_hashes,
    run_phases,
    scalar,
)
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, fresh_database
from tests.support.tamper import guards_off, tamper

TABLES = (*MUTATION_SURFACE, "cutter.principal_key")


@dataclasses.dataclass
class Recorded:
    """A cut that leg B has recorded and nobody has verified yet."""

    bench: LiveBench
    ctx: CutContext
    plan: CutPlan


@pytest.fixture(scope="module")
def once(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    with fresh_database(cluster) as database:
        bench, plan = live_bench(database, tmp_path_factory.mktemp("verify")), made_plan(12)
        ctx = bench.context(plan)
        run_phases(bench.adapter, ctx, plan, until=Phase.LEG_B_RECORD)
        _copy_rows(bench, "CREATE TABLE {kept} AS TABLE {table}", first="CREATE SCHEMA kept")
        yield Recorded(bench, ctx, plan)


@pytest.fixture
def recorded(once: Recorded) -> Iterator[Recorded]:
    """The same cut for every test; what a test changes is put back."""
    yield once
    _copy_rows(once.bench, "DELETE FROM {table}; INSERT INTO {table} TABLE {kept}")


def _copy_rows(bench: LiveBench, how: str, first: str = "") -> None:
    with guards_off(bench.database) as admin:
        if first:
            admin.execute(first.encode())
        for table in TABLES:
            kept = sql.Identifier("kept", table.partition(".")[2])
            admin.execute(sql.SQL(how).format(kept=kept, table=relation(table)))


def refused(recorded: Recorded) -> str:
    """Verify must stop, leave everything as it is, and let nothing be enacted; its sentence."""
    bench, before = recorded.bench, row_hashes(recorded.bench.database)
    adapter = bench.new_adapter()
    with pytest.raises(StopInvariantFailed) as stop:
        adapter.write_verify(recorded.ctx, recorded.plan)
    with pytest.raises(
        StopInvariantFailed, match=r"write_verify of change set .* is not on record"
    ):
        adapter.lifecycle_enact(recorded.ctx, recorded.plan)
    assert row_hashes(bench.database) == before
    assert adapter.verify_result_count_for(recorded.ctx.change_set_id) == 0
    assert str(stop.value).endswith("Nothing was enacted.")
    return str(stop.value)


UNIT = "canonical_address = 'test.law~art_7'"
VERSION = f"id = (SELECT current_version_id FROM information_unit WHERE {UNIT})"
ROW = f"unit_id = (SELECT id FROM information_unit WHERE {UNIT})"
OTHER = "(SELECT id FROM information_unit WHERE canonical_address = 'test.law~art_8')"

UNIT_TAMPERINGS = {
    f"UPDATE unit_version SET body = body || ' ' WHERE {VERSION}": "has another body",
    (
        f"UPDATE unit_version SET body = upper(body), body_sha256 = sha256(convert_to(upper(body), "
        f"'UTF8')) WHERE {VERSION}"
    ): ("has another body"),
    f"UPDATE unit_version SET title = 'Article VII' WHERE {VERSION}": "has another title",
    f"UPDATE unit_version SET body_sha256 = sha256('') WHERE {VERSION}": "body hash on record",
    f"UPDATE information_unit SET parent_id = NULL WHERE {UNIT}": "has another parent",
    f"UPDATE information_unit SET parent_id = {OTHER} WHERE {UNIT}": "has another parent",
    f"UPDATE information_unit SET unit_kind = 'section' WHERE {UNIT}": "has another kind",
    f"UPDATE information_unit SET section_type = 'annex' WHERE {UNIT}": "has another section type",
    (f"UPDATE information_unit SET publication_type = 'decree' WHERE {UNIT}"): (
        "has another publication type"
    ),
    f"UPDATE information_unit SET owner_ref = 'somebody' WHERE {UNIT}": "has another owner",
    (f"UPDATE information_unit SET document_code = 'other.law' WHERE {UNIT}"): (
        "belongs to another document"
    ),
    (f"UPDATE information_unit SET lifecycle = 'enacted' WHERE {UNIT}"): (
        "is not a draft at the version that was written"
    ),
    (f"UPDATE information_unit SET current_version_id = gen_random_uuid() WHERE {UNIT}"): (
        "is not a draft at the version"
    ),
    (f"UPDATE unit_version SET unit_id = {OTHER}, version_no = 2 WHERE {VERSION}"): (
        "is not a draft at the version"
    ),
    ("UPDATE manifest_unit_block SET seq = 999 WHERE canonical_address = 'test.law~art_7'"): (
        "another place in the manifest"
    ),
    (
        "UPDATE manifest_unit_block SET start_char = start_char + 1 WHERE canonical_address = "
        "'test.law~art_7'"
    ): ("another place in the manifest"),
    (
        "UPDATE manifest_unit_block SET end_char = end_char + 1 WHERE canonical_address = "
        "'test.law~art_7'"
    ): ("another place in the manifest"),
    (
        "UPDATE manifest_unit_block SET body_sha256 = sha256('') WHERE canonical_address = "
        "'test.law~art_7'"
    ): ("body hash on record"),
    (
        "UPDATE manifest_unit_block SET title_sha256 = sha256('') WHERE canonical_address = "
        "'test.law~art_7'"
    ): ("title hash in the manifest"),
}


@pytest.mark.parametrize(("statement", "fault"), UNIT_TAMPERINGS.items())
def test_a_unit_that_was_changed_is_named(recorded: Recorded, statement: str, fault: str) -> None:
    assert tamper(recorded.bench.database, statement) == 1
    sentence = refused(recorded)
    assert "test.law~art_7" in sentence
    assert fault in sentence


LEDGER_TAMPERINGS = {
    # What is missing or beyond
    f"DELETE FROM information_unit WHERE {UNIT}": "part at test.law~art_12|art_7",
    f"DELETE FROM unit_version WHERE {VERSION}": "art_7",
    f"DELETE FROM cut_change_set_affected_row WHERE {ROW}": "the ledger (13, 14)",
    "INSERT INTO cut_change_set_affected_row SELECT change_set_id, 15, gen_random_uuid(), "
    "version_id, action"
    " FROM cut_change_set_affected_row LIMIT 1": "the ledger (15, 14)",
    ("DELETE FROM manifest_unit_block WHERE canonical_address = 'test.law~art_7'"): (
        "the ledger (14, 13)"
    ),
    "UPDATE cut_change_set SET unit_count = 13": "the change set 13",
    # Order
    f"UPDATE cut_change_set_affected_row SET seq = 999 WHERE {ROW}": "is not in its place",
    # The stretches that belong to no unit
    (
        "UPDATE manifest_unit_block SET gap_text = 'Somebody else, this law is given. ' WHERE "
        "gap_text IS NOT NULL"
    ): ("the gap at"),
    "DELETE FROM manifest_unit_block WHERE gap_text IS NOT NULL": "the gap at",
    "INSERT INTO manifest_unit_block (envelope_id, start_char, end_char, gap_text)"
    " SELECT envelope_id, 90000, 90001, 'x' FROM manifest_envelope": "the gap at character 90000",
    "UPDATE manifest_envelope SET text_sha256 = repeat('0', 64)": "do not rebuild the source text",
    "UPDATE manifest_envelope SET plan_digest = repeat('0', 64)": "another plan or target",
    # The change set and its signature
    "UPDATE cut_change_set SET plan_digest = repeat('0', 64)": "another plan or target",
    "UPDATE cut_change_set SET target = 'another:1@2'": "another plan or target",
    "UPDATE cut_change_set SET document_code = 'other.law'": "not on record as it was run",
    "UPDATE cut_change_set SET attempt = 2": "not on record as it was run",
    "UPDATE cut_change_set SET actor = 'somebody'": "not on record as it was run",
    "UPDATE cut_change_set SET rows_sha256 = repeat('0', 64)": "not on record as it was run",
    "UPDATE cut_change_set SET decision_id = gen_random_uuid()": "signature does not cover",
    (
        "UPDATE dot_pair_signature SET signature = set_byte(signature, 9, 9 # get_byte(signature, "
        "9))"
    ): ("signature does not cover"),
    "UPDATE dot_pair_signature SET payload_sha256 = repeat('0', 64)": "signature does not cover",
    (
        "UPDATE dot_pair_signature SET key_id = (SELECT key_id FROM principal_key WHERE principal "
        "= 'cutter_verify')"
    ): ("not on record with a registered"),
    "DELETE FROM dot_pair_signature": "not on record with a registered",
    "UPDATE dot_pair_signature SET half = 'verifier'": "not on record with a registered",
    "DELETE FROM cut_change_set": "not on record with a registered",
}
ANY_OF = "|"


@pytest.mark.parametrize(("statement", "fault"), LEDGER_TAMPERINGS.items())
def test_a_ledger_that_was_changed_is_found(recorded: Recorded, statement: str, fault: str) -> None:
    assert tamper(recorded.bench.database, statement) >= 1
    sentence = refused(recorded)
    assert any(part in sentence for part in fault.split(ANY_OF)), sentence


def test_a_fault_at_the_first_of_many_units_ends_what_the_server_still_sends(
    cluster: Cluster, tmp_path: Path
) -> None:
    long = made_plan(300, body="Article {n}. " + "A sentence of a very long law. " * 600 + "\n")
    with fresh_database(cluster) as database:
        bench = live_bench(database, tmp_path)
        own = Recorded(bench, bench.context(long), long)
        run_phases(bench.adapter, own.ctx, long, until=Phase.LEG_B_RECORD)
        tamper(database, "UPDATE unit_version SET title = 'Other' WHERE title = 'Article 1'")
        assert "has another title" in refused(own)


def test_two_rows_that_traded_places_in_the_manifest_are_found(recorded: Recorded) -> None:
    swap = (
        "UPDATE manifest_unit_block SET seq = CASE seq WHEN 5 THEN 6 ELSE 5 END WHERE seq IN (5, 6)"
    )
    assert tamper(recorded.bench.database, swap) == 2
    assert "has another place in the manifest" in refused(recorded)


def test_a_swapped_public_key_is_found_even_with_a_signature_to_match(recorded: Recorded) -> None:
    """Somebody with every right in the database signs the same bytes with a key of his own, in the
    registered one's place.
    """
    bench, forger = recorded.bench, Ed25519Signer(new_private_key())
    with guards_off(bench.database) as admin:
        admin.execute("ALTER TABLE principal_key DROP CONSTRAINT principal_key_names_itself")
        admin.execute(
            "UPDATE principal_key SET public_key = %s WHERE principal = 'cutter_exec'",
            (forger.public_key,),
        )
    try:
        assert "public key is not the one that was registered" in refused(recorded)
    finally:
        with guards_off(bench.database) as admin:
            admin.execute(
                "UPDATE principal_key SET public_key = %s WHERE principal = 'cutter_exec'",
                (bench.executor.public_key,),
            )
            admin.execute(
                "ALTER TABLE principal_key ADD CONSTRAINT principal_key_names_itself"
                " CHECK (key_id = encode(sha256(public_key), 'hex'))"
            )


def test_another_plan_than_the_one_that_was_cut_is_refused(recorded: Recorded) -> None:
    other = made_plan(12, body="Another text of article {n}, as printed.\n")
    with pytest.raises(StopInvariantFailed, match="not the plan of this change set"):
        recorded.bench.adapter.write_verify(recorded.ctx, other)
    elsewhere = dataclasses.replace(recorded.ctx, plan_digest=other.plan_digest)
    with pytest.raises(ProductionExecutionNotAuthorized, match="its permit is for another plan"):
        recorded.bench.adapter.write_verify(elsewhere, other)
    with pytest.raises(StopInvariantFailed, match="on record for another plan"):
        recorded.bench.adapter.leg_b_record(elsewhere, other)


def test_after_all_that_the_untouched_cut_still_verifies(recorded: Recorded) -> None:
    assert (
        recorded.bench.new_adapter().write_verify(recorded.ctx, recorded.plan).status
        == "verified_complete"
    )
    with recorded.bench.database.connect() as admin:
        assert scalar(admin, "SELECT verified_by FROM verify_result") == "cutter_verify"


def test_verify_never_runs_as_the_executor(recorded: Recorded) -> None:
    """Given the executor's login for the verifier, the connection is refused before any of the
    phase's SQL.
    """
    bench = recorded.bench

    def always_the_executor(principal: Principal) -> Credentials:
        return bench.database.credentials(Principal.EXEC)

    bench.connections, kept = (
        PostgresConnections(bench.database.endpoint, always_the_executor, target=bench.target),
        bench.connections,
    )
    before = row_hashes(bench.database)
    try:
        with pytest.raises(PrincipalCapabilityError, match="is cutter_exec, not cutter_verify"):
            bench.new_adapter().write_verify(recorded.ctx, recorded.plan)
    finally:
        bench.connections = kept
    assert row_hashes(bench.database) == before


def test_without_the_identity_check_the_server_would_still_refuse(recorded: Recorded) -> None:
    """The second wall: with the assertion taken out, the executor meets the guards and missing
    grants.
    """
    bench = recorded.bench

    def always_the_executor(principal: Principal) -> Credentials:
        return bench.database.credentials(Principal.EXEC)

    roles = {Principal.EXEC: "cutter_exec", Principal.VERIFY: "cutter_exec"}
    bench.connections, kept = (
        PostgresConnections(
            bench.database.endpoint, always_the_executor, target=bench.target, roles=roles
        ),
        bench.connections,
    )
    try:
        with pytest.raises(PrincipalCapabilityError) as stop:
            bench.new_adapter().write_verify(recorded.ctx, recorded.plan)
    finally:
        bench.connections = kept
    assert stop.value.sqlstate == "IU004"
