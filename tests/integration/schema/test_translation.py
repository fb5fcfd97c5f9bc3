"""Whatever happens to a connection: who calls a function of adapters/postgres meets an error of
`domain.errors`, and nothing of the driver's.
"""

from __future__ import annotations

import hashlib
import pickle
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from adapters.postgres.adopting import apply
from adapters.postgres.apart import asking, from_record
from adapters.postgres.backups import proof as backup_proof
from adapters.postgres.connection.errors import driver_error, translated
from adapters.postgres.connection.identity import read_fingerprint, read_identity, server_version
from adapters.postgres.connection.session import administrator, connected, read_only
from adapters.postgres.permits import approvers, clearing, permit, policies, releases, work
from adapters.postgres.record import (
    audit,
    bundle_records,
    chain_heads,
    documents,
    status,
)
from adapters.postgres.rehearsal import proof
from adapters.postgres.reverting import plan as revert_plan
from adapters.postgres.revising import base
from adapters.postgres.schema import doctor, install, keys, owner, upgrade
from adapters.postgres.units import reader
from adapters.postgres.units.reader import PostgresUnits
from domain.approval.approvals import Gate
from domain.approval.signed_policy import SignedPolicy
from domain.change_set import SIMULATED_TARGET
from domain.errors import (
    AppendOnlyViolation,
    CutterError,
    DatabaseUnavailable,
    DatabaseUnsuitable,
    PhaseStop,
    PrincipalCapabilityError,
)
from domain.phases import Principal
from domain.release.approval import Place, ReleaseRoot
from domain.results import BackupResult
from tests.support.approvers import Approvers, new_signer
from tests.support.many import sign_release
from tests.support.plans import context, made_plan
from tests.support.postgres import Connection, Database
from tests.support.revisions import made_revision
from tests.unit.test_release import release
from tests.unit.test_translation import OFFERED

KEY = uuid.UUID(int=1)
NOW = datetime(2026, 11, 2, tzinfo=UTC)
NOTHING: Any = None  # never looked at: the database is asked before
FAULT = "22012"


def adoption_file(folder: Path) -> str:
    """A file to adopt by, and its SHA-256."""
    (folder / "adopt.sql").write_bytes(b"SELECT 1")
    return hashlib.sha256(b"SELECT 1").hexdigest()


def calls(folder: Path) -> dict[tuple[str, str], Callable[[Connection], object]]:
    """One call of each function that is offered over a connection."""
    target, heads = SIMULATED_TARGET, folder / "heads"
    found: list[tuple[Any, Callable[[Connection], object]]] = [
        (backup_proof.backups_on_record, lambda c: backup_proof.backups_on_record(c, target)),
        (
            backup_proof.require_restore_proof,
            lambda c: backup_proof.require_restore_proof(c, target, 1),
        ),
        (read_fingerprint, read_fingerprint),
        (read_identity, read_identity),
        (server_version, server_version),
        (
            approvers.register_approver,
            lambda c: approvers.register_approver(
                c, "Ann", new_signer().public_key, [Gate.SG_1], timedelta(days=1), "x"
            ),
        ),
        (approvers.retire_approver, lambda c: approvers.retire_approver(c, "k")),
        (permit.clock, permit.clock),
        (permit.confirm_permit, lambda c: permit.confirm_permit(c, context(made_plan()), NOTHING)),
        (permit.find_permit, lambda c: permit.find_permit(c, KEY)),
        (
            permit.permit_asked_ahead,
            lambda c: permit.permit_asked_ahead(c, KEY).__enter__(),  # left at once
        ),
        (permit.halt, lambda c: permit.halt(c, "Ann", "smoke")),
        (permit.halts_in_force, permit.halts_in_force),
        (
            clearing.clear_document,
            lambda c: clearing.clear_document(c, "a.law", "Ann", "planted", apply=False),
        ),
        (permit.lift_halt, lambda c: permit.lift_halt(c, "Ann", "no smoke")),
        (permit.open_permit, lambda c: permit.open_permit(c, [], NOTHING, "Ann")),
        (permit.registry, permit.registry),
        (policies.policy_on_record, lambda c: policies.policy_on_record(c, NOW)),
        (policies.policy_at, lambda c: policies.policy_at(c, NOW, "here", {})),
        (
            policies.install_policy,
            lambda c: policies.install_policy(c, SignedPolicy(b"{}", "k", bytes(64))),
        ),
        *release_calls(),
        (permit.used_nonces, permit.used_nonces),
        (
            from_record.plan_on_record,
            lambda c: from_record.plan_on_record(c, context(made_plan())),
        ),
        (audit.audit_database, lambda c: audit.audit_database(c, target, heads)),
        (audit.adopted_changes, audit.adopted_changes),
        (chain_heads.keep_heads, lambda c: chain_heads.keep_heads(c, heads)),
        (chain_heads.compare_heads, lambda c: chain_heads.compare_heads(c, heads)),
        (chain_heads.heads_now, chain_heads.heads_now),
        (documents.stored_document, lambda c: documents.stored_document(c, "x")),
        (documents.standing_units, lambda c: documents.standing_units(c, "x")),
        (documents.standing_gaps, lambda c: documents.standing_gaps(c, "x")),
        (documents.may_revise, documents.may_revise),
        (documents.may_restate, documents.may_restate),
        (asking.verifier_is_there, lambda c: asking.verifier_is_there(c, "cutter_verify")),
        (documents.standing_text, lambda c: documents.standing_text(c, "x")),
        (documents.documents_alike, lambda c: documents.documents_alike(c, "x", "X", "0")),
        (documents.standing_digest, lambda c: documents.standing_digest(c, "x")),
        (base.require_base_stands, lambda c: base.require_base_stands(c, made_revision())),
        (base.read_base, lambda c: base.read_base(c, made_revision())),
        (base.require_standing, lambda c: base.require_standing(c, "x")),
        (bundle_records.context_on_record, lambda c: bundle_records.context_on_record(c, KEY)),
        (bundle_records.read_records, lambda c: bundle_records.read_records(c, KEY, "x")),
        (bundle_records.reverted_by, lambda c: bundle_records.reverted_by(c, KEY)),
        (status.change_sets, status.change_sets),
        (revert_plan.read_revert_plan, lambda c: revert_plan.read_revert_plan(c, KEY)),
        (
            revert_plan.revert_request,
            lambda c: revert_plan.revert_request(c, KEY, target=target, actor="x"),
        ),
        (doctor.catalog_digest, doctor.catalog_digest),
        (doctor.foreign_port, doctor.foreign_port),
        (doctor.compare_with_port, doctor.compare_with_port),
        (doctor.may_read, lambda conn: doctor.may_read(conn, "cutter.cut_halt")),
        (doctor.compare_with_reference, doctor.compare_with_reference),
        (install.create_schema, install.create_schema),
        (apply.plan_adoption, lambda c: apply.plan_adoption(c, folder)),
        (apply.adopt, lambda c: apply.adopt(c, folder, adoption_file(folder))),
        (upgrade.plan_upgrade, lambda c: upgrade.plan_upgrade(c, 1)),
        (upgrade.upgrade, lambda c: upgrade.upgrade(c, 1)),
        (keys.registered_keys, keys.registered_keys),
        (install.register_key, lambda c: install.register_key(c, "cutter_exec", b"k" * 32)),
        (
            install.retire_other_keys,
            lambda c: install.retire_other_keys(c, "cutter_exec", "k"),
        ),
        (owner.owner_lent, lambda c: entered(owner.owner_lent(c))),
        (keys.retire_key, lambda c: keys.retire_key(c, "k")),
        (reader.units_of_one_moment, lambda c: read_out(reader.units_of_one_moment(c, "x"))),
        (install.restrict_database, lambda c: install.restrict_database(c, "kb")),
    ]
    return {(function.__module__, function.__name__): call for function, call in found}


def release_calls() -> list[tuple[Any, Callable[[Connection], object]]]:
    """The same for releases: what is judged before the database is asked, counts."""
    people, now, whole = Approvers(), datetime.now(UTC), release(1)
    root, state = ReleaseRoot.of(whole), work.WorkState.DONE
    signed, keys = sign_release(people, root, now), people.registry(now)
    made = BackupResult("p", 1, "0" * 64, "F" * 40, now, "16")
    place = Place(root, 0, ())
    return [
        (releases.find_release_permit, lambda c: releases.find_release_permit(c, KEY)),
        (
            releases.open_release,
            lambda c: releases.open_release(c, signed, root, "operator", keys, now),
        ),
        (
            releases.open_place,
            lambda c: releases.open_place(c, KEY, whole.effects[0], place),
        ),
        (work.add_work, lambda c: work.add_work(c, KEY, whole)),
        (work.claim_next, lambda c: work.claim_next(c, KEY, "x", 1.0)),
        (work.unended, lambda c: work.unended(c, KEY)),
        (work.hold, lambda c: work.hold(c, KEY, 0, "x", 1.0)),
        (work.end_claim, lambda c: work.end_claim(c, KEY, 0, "x", state)),
        (work.work_again, lambda c: work.work_again(c, KEY)),
        (work.work_of, lambda c: work.work_of(c, KEY)),
        (work.elapsed_of, lambda c: work.elapsed_of(c, KEY)),
        (work.lock_backup, lambda c: work.lock_backup(c, KEY)),
        (work.backup_of, lambda c: work.backup_of(c, KEY)),
        (work.record_backup, lambda c: work.record_backup(c, KEY, made)),
    ]


def read_out(block: AbstractContextManager[PostgresUnits]) -> None:
    """What is read in the block."""
    with block as units:
        units.documents()


def entered(block: AbstractContextManager[None]) -> None:
    """A block that is entered and left."""
    with block:
        pass


def test_every_function_that_is_offered_is_called_here(tmp_path: Path) -> None:
    assert OFFERED - calls(tmp_path).keys() == set()


def closed(conn: Connection, _database: Database) -> None:
    conn.close()


def ended(conn: Connection, database: Database) -> None:
    """By an administrator, while the client knows nothing of it."""
    with database.connect(autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", (conn.info.backend_pid,))


def faulty(conn: Connection, _database: Database) -> None:
    """The server answers every statement with an error."""

    class Faulty(psycopg.Cursor[Any]):
        def execute(self, *_: Any, **__: Any) -> Self:
            return super().execute("SELECT 1 / (random() * 0)::integer")

    conn.cursor_factory = Faulty


CODES = {
    closed: (None,),
    ended: ("57P01", None),  # after the last words of the server there is no code
    faulty: (FAULT,),
}
BREAKS = tuple(CODES)


@pytest.fixture
def breaking(database: Database) -> Iterator[Callable[..., Connection]]:
    made: list[Connection] = []

    def connection(how: Callable[[Connection, Database], None]) -> Connection:
        conn = database.connect(autocommit=True)
        made.append(conn)
        how(conn, database)
        return conn

    yield connection
    for conn in made:
        conn.close()


@pytest.mark.slow
@pytest.mark.parametrize("how", BREAKS)
def test_over_a_connection_that_breaks_only_our_own_errors_are_seen(
    breaking: Callable[..., Connection], tmp_path: Path, how: Callable[..., None]
) -> None:
    for (module, name), call in calls(tmp_path).items():
        if name == "server_version" and how is not closed:
            continue  # known since the session began: nothing is asked
        with pytest.raises(CutterError) as error:
            call(breaking(how))
        assert error.value.sqlstate in CODES[how], name
        assert "division" not in str(error.value), f"the server's words are in {module}.{name}"


class Lending:
    """Fulfils both kinds of provider with a connection that breaks."""

    def __init__(self, make: Callable[..., Connection], how: Callable[..., None]) -> None:
        self._make = make
        self._how = how

    def connect(self, _principal: Principal = Principal.EXEC) -> Connection:
        return self._make(self._how)


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize(
    "check",
    [
        proof.principals_connect,
        proof.create_keeps_its_contract,
        proof.verify_path_is_valid,
        proof.read_surface,
        proof.nothing_is_missing,
    ],
)
def test_so_it_is_for_a_check_that_opens_its_connection_itself(
    breaking: Callable[..., Connection], check: Callable[[Any], object], how: Callable[..., None]
) -> None:
    with pytest.raises(CutterError):
        check(Lending(breaking, how))


def test_a_block_over_a_connection_translates_what_the_caller_does_in_it(
    database: Database, breaking: Callable[..., Connection]
) -> None:
    lender = Lending(breaking, lambda *_: None)
    with (
        pytest.raises(PhaseStop, match="Counting stopped with 22012"),
        connected(lender, Principal.EXEC, "Counting", PhaseStop) as conn,
    ):
        conn.execute("SELECT 1/0")
    assert conn.closed
    with (
        pytest.raises(DatabaseUnsuitable, match="stopped with 25006: the server is read-only"),
        read_only(lender) as conn,
        conn.transaction(),
    ):
        conn.execute("CREATE TABLE t ()")
    assert conn.closed
    with (
        pytest.raises(DatabaseUnavailable, match="stopped with 22012: call somebody"),
        administrator(
            database.endpoint, database.admin, "Counting", DatabaseUnavailable, hint="call somebody"
        ) as conn,
    ):
        conn.execute("SELECT 1/0")
    assert conn.closed


# --- the names that operators know -----------------------------------------------------------


def test_what_operators_know_by_name_arrives_by_name(database: Database) -> None:
    known: tuple[tuple[Principal | None, str, type[CutterError], str], ...] = (
        (Principal.EXEC, "DELETE FROM sweep_log", PrincipalCapabilityError, "42501"),
        (Principal.VERIFY, "TRUNCATE unit_version", PrincipalCapabilityError, "42501"),
        (None, "TRUNCATE sweep_log", AppendOnlyViolation, "IU002"),
        (Principal.EXEC, "SELECT 1/0", PhaseStop, FAULT),
    )
    for principal, words, kind, code in known:
        with (
            closing(database.connect(principal, autocommit=True)) as conn,
            pytest.raises(kind) as error,
            translated("Trying", PhaseStop),
        ):
            conn.execute(words.encode())
        assert (type(error.value), error.value.sqlstate) == (kind, code)
        assert str(error.value).startswith(f"Trying stopped with {code}: ")


def test_who_looks_at_the_code_can_ask_for_the_drivers_error(database: Database) -> None:
    with closing(database.connect(autocommit=True)) as conn:
        conn.execute("SET statement_timeout = '20ms'")
        with pytest.raises(DatabaseUnsuitable, match="57014") as raised, translated("Sleeping"):
            conn.execute("SELECT pg_sleep(5)")
        assert not conn.closed
    assert isinstance(driver_error(raised.value), psycopg.errors.QueryCanceled)
    assert driver_error(pickle.loads(pickle.dumps(raised.value))) is None  # noqa: S301  # our own


def test_an_error_that_our_code_raised_knows_better_than_the_driver() -> None:
    def opened() -> None:
        try:
            raise psycopg.errors.UniqueViolation
        except psycopg.Error:
            raise PhaseStop("A nonce is used up.") from None

    with pytest.raises(PhaseStop) as raised:
        opened()
    assert driver_error(raised.value) is None
