"""Whatever happens to a connection: who calls a function of adapters/postgres meets an error of
`domain.errors`, and nothing of the driver's.
"""

from __future__ import annotations

import hashlib
import pickle
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from adapters.postgres.adopting import apply
from adapters.postgres.backups import proof as backup_proof
from adapters.postgres.connection.errors import driver_error, translated
from adapters.postgres.connection.identity import read_fingerprint, read_identity, server_version
from adapters.postgres.connection.session import administrator, connected, read_only
from adapters.postgres.permits import approvers, permit
from adapters.postgres.record import audit, bundle_records, chain_heads, documents, status
from adapters.postgres.rehearsal import proof
from adapters.postgres.reverting import plan as revert_plan
from adapters.postgres.schema import doctor, install, keys, owner, upgrade
from domain.approval.approvals import Gate
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
from tests.support.approvers import new_signer
from tests.support.plans import context, made_plan
from tests.support.postgres import Connection, Database
from tests.unit.test_translation import OFFERED

KEY = uuid.UUID(int=1)
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
        (permit.halt, lambda c: permit.halt(c, "Ann", "smoke")),
        (permit.halts_in_force, permit.halts_in_force),
        (permit.lift_halt, lambda c: permit.lift_halt(c, "Ann", "no smoke")),
        (permit.open_permit, lambda c: permit.open_permit(c, [], NOTHING, "Ann")),
        (permit.registry, permit.registry),
        (audit.audit_database, lambda c: audit.audit_database(c, target, heads)),
        (chain_heads.keep_heads, lambda c: chain_heads.keep_heads(c, heads)),
        (chain_heads.compare_heads, lambda c: chain_heads.compare_heads(c, heads)),
        (chain_heads.heads_now, chain_heads.heads_now),
        (documents.stored_document, lambda c: documents.stored_document(c, "x")),
        (documents.standing_units, lambda c: documents.standing_units(c, "x")),
        (documents.standing_gaps, lambda c: documents.standing_gaps(c, "x")),
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
        (install.restrict_database, lambda c: install.restrict_database(c, "kb")),
    ]
    return {(function.__module__, function.__name__): call for function, call in found}


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
