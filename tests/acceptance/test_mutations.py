"""The acceptance run can fail: break the product in one place a scenario, and that scenario goes
red, and no other.

Each mutation is what a careless change could do. What has to hit two rows stands apart, with the
reason.
"""

from __future__ import annotations

import dataclasses
import logging
import socket
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest

import adapters.postgres.connection.session as session_module
import adapters.postgres.connection.writing as writing_module
import adapters.postgres.ledger.steps as ledger_module
import adapters.postgres.phases.cut as live_module
import adapters.postgres.verify.verifier as verify_module
import blocks.settings as settings_module
from adapters.acceptance.run import run_scenarios
from adapters.acceptance.secrecy import Secrets
from adapters.acceptance.server import IsolatedServer, isolated_server
from adapters.acceptance.target import AcceptanceTarget, prepared_target
from adapters.acceptance.witness import Listener, Witness, watching
from adapters.postgres.connection.errors import REFUSALS
from adapters.postgres.connection.identity import Identity
from adapters.postgres.connection.session import PostgresConnections
from adapters.postgres.connection.sqlstate import TABLE, Action
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.writing import Row, Unwritten, unwritten
from adapters.postgres.ledger.writer import LedgerWriter
from adapters.postgres.phases import journal
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from blocks.settings import load_settings
from domain.change_set import CutContext
from domain.errors import CutterError, PrincipalCapabilityError
from domain.ledger.signed import AffectedRow
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.ports import Credentials
from domain.reports.acceptance import SCENARIOS, AcceptanceOptions
from domain.results import IUCreateResult, MarkResult
from domain.switch import SwitchState
from tests.support.postgres import wanted_major

pytestmark = pytest.mark.slow

Patch = pytest.MonkeyPatch
Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def server() -> Iterator[IsolatedServer]:
    """One isolated server for all of them; each run has a database and roles of its own."""
    with isolated_server(AcceptanceOptions(major=wanted_major())) as running:
        yield running


def red_rows(
    server: IsolatedServer,
    spoil: Callable[[AcceptanceTarget], object] = lambda _: None,
    only: Collection[str] = tuple(SCENARIOS),
) -> dict[str, str]:
    """The evidence of each red row of a run, after `spoil` has done its work on the target."""
    witness = Witness()
    with watching(witness), prepared_target(server, AcceptanceOptions()) as target:
        spoil(target)
        rows, _ = run_scenarios(target, witness, lambda _: None, load_settings, only=only)
    assert [row.key for row in rows] == list(only)
    return {row.key: row.evidence for row in rows if not row.passed}


def connects_when_built(patch: Patch) -> None:
    """S1: the connection provider opens a connection as soon as it is made."""
    plain = PostgresConnections.__init__

    def eager(self: PostgresConnections, endpoint: Any, credentials: Any, **more: Any) -> None:
        plain(self, endpoint, credentials, **more)
        with suppress(CutterError):
            session_module.open_connection(endpoint, credentials(Principal.EXEC), "eager").close()

    patch.setattr(PostgresConnections, "__init__", eager)


def guesses_the_host(patch: Patch) -> None:
    """S2: a missing host is taken to be this machine."""
    plain = settings_module._required

    def guessing(key: str, value: str | None, hint: str = "") -> str:
        return "127.0.0.1" if key == "DOT_CUTTER_DB_HOST" and not value else plain(key, value, hint)

    patch.setattr(settings_module, "_required", guessing)


def takes_any_database(patch: Patch) -> None:
    """S3: the role is asserted, the database is not."""

    def role_only(self: PostgresConnections, identity: Identity, principal: Principal) -> None:
        if identity.role != self._roles[principal]:
            raise PrincipalCapabilityError("another role")

    patch.setattr(PostgresConnections, "_assert_identity", role_only)


def forgets_what_an_entry_rests_on(patch: Patch) -> None:
    """S4: MARK does not write the dependency."""
    instead = "SELECT %(entry_id)s, %(kind)s, %(reference)s"
    patch.setattr(
        writing_module,
        "statement",
        lambda name: instead if name == "entry_depends" else statement(name),
    )


def reviews_and_does_more(patch: Patch) -> None:
    """S5: the step to reviewed writes what is no part of it."""
    plain = ledger_module.moving

    def silent(ctx: CutContext, entry_id: Any, old: str, new: str, payload: str) -> Any:
        rows = plain(ctx, entry_id, old, new, payload)
        more = {"entry_id": entry_id, "kind": "source_text", "reference": "x"}
        return (*rows, Row("entry_depends", more)) if new == "reviewed" else rows

    patch.setattr(ledger_module, "moving", silent)


def writes_in_another_name(patch: Patch) -> None:
    """S6: the units are created in the name of somebody who did not act."""
    plain = live_module._create_units

    def anonymous(conn: Connection, ctx: CutContext, rows: Any) -> Any:
        return plain(conn, dataclasses.replace(ctx, actor="somebody"), rows)

    patch.setattr(live_module, "_create_units", anonymous)


def trusts_instead_of_recomputing(patch: Patch) -> None:
    """S7: the verifier takes hashes from the plan instead of from what is stored."""

    def trusting(conn: Connection, recorded: Any, plan: CutPlan) -> tuple[list[AffectedRow], str]:
        keys = {
            "change_set_id": recorded.change_set_id,
            "envelope_id": recorded.envelope_id,
            "document_code": plan.document_code,
        }
        stored = list(verify_module.stored_units(conn, keys, len(plan.rows)))
        rows = [
            AffectedRow(
                row.seq,
                row.canonical_address,
                unit.unit_id,
                unit.version_id,
                row.title_sha256,
                row.body_sha256,
            )
            for row, unit in zip(plan.rows, stored, strict=True)
        ]
        return rows, plan.text_sha256

    patch.setattr(verify_module, "_recompute", trusting)


def takes_any_role(patch: Patch) -> None:
    """S8: the database is asserted, the role is not."""
    plain = PostgresConnections._assert_identity

    def database_only(self: PostgresConnections, identity: Identity, principal: Principal) -> None:
        role = self._roles[principal]
        plain(
            self,
            Identity(role, *(getattr(identity, name) for name in list(Identity.__slots__)[1:])),
            principal,
        )

    patch.setattr(PostgresConnections, "_assert_identity", database_only)


def retries_what_is_denied(patch: Patch) -> None:
    """S9: a denied privilege is taken for something that passes."""
    patch.setitem(TABLE, "42501", Action.RETRY)


def never_asks_the_journal(patch: Patch) -> None:
    """S10: a phase does not look whether it has been done before."""

    def forgetful(
        self: Any,
        ctx: CutContext,
        phase: Phase,
        codec: Any,
        work: Any,
        ahead: Any = (),
        isolation: Any = psycopg.IsolationLevel.READ_COMMITTED,
    ) -> Any:
        def body(conn: Connection) -> Any:
            last = unwritten(work(conn, journal.read(conn, ctx)))
            answer = codec.dump_python(last.result, mode="json")
            return Unwritten(last.result, (*last.rows, journal.row(ctx, phase, answer)))

        return self._transactions.run(ctx, phase, isolation, body)

    patch.setattr(ProductionLiveExecutionAdapter, "_journaled", forgetful)


def commits_early(patch: Patch) -> None:
    """S11: the units are committed before the phase is on record."""
    plain = ProductionLiveExecutionAdapter.cut_leg_a

    def in_two(self: Any, ctx: CutContext, plan: CutPlan) -> list[IUCreateResult]:
        run, phase, level = (
            self._transactions.run,
            Phase.CUT_LEG_A,
            psycopg.IsolationLevel.READ_COMMITTED,
        )
        if self._switch.read().state is not SwitchState.LIVE or run(
            ctx, phase, level, lambda conn: journal.find(conn, ctx, phase)
        ):
            return plain(self, ctx, plan)
        created, digest = run(
            ctx, phase, level, lambda conn: live_module._create_units(conn, ctx, plan.rows)
        )
        summary = {"created": len(created), "units_sha256": digest}
        run(ctx, phase, level, lambda _conn: Unwritten(None, (journal.row(ctx, phase, summary),)))
        return list(created)

    patch.setattr(ProductionLiveExecutionAdapter, "cut_leg_a", in_two)


def executes_something_else(patch: Patch) -> None:
    """S12: MARK executes a statement that is none of the four."""
    plain = LedgerWriter.mark

    def curious(
        self: LedgerWriter, conn: Connection, ctx: CutContext, plan: CutPlan
    ) -> Unwritten[MarkResult]:
        conn.execute("SHOW server_version")
        return plain(self, conn, ctx, plan)

    patch.setattr(LedgerWriter, "mark", curious)


def logs_the_password(patch: Patch) -> None:
    """V: the password of each connection goes into the log."""
    plain = session_module.open_connection

    def talkative(endpoint: Any, login: Credentials, *more: Any) -> Connection:
        logging.getLogger("adapters.postgres.connection.session").info(
            "connecting as %s with %s", login.user, login.password.get_secret_value()
        )
        return plain(endpoint, login, *more)

    patch.setattr(session_module, "open_connection", talkative)


MUTATIONS: dict[str, Callable[[Patch], None]] = {
    "S1": connects_when_built,
    "S2": guesses_the_host,
    "S3": takes_any_database,
    "S4": forgets_what_an_entry_rests_on,
    "S5": reviews_and_does_more,
    "S6": writes_in_another_name,
    "S7": trusts_instead_of_recomputing,
    "S8": takes_any_role,
    "S9": retries_what_is_denied,
    "S10": never_asks_the_journal,
    "S11": commits_early,
    "S12": executes_something_else,
    "V": logs_the_password,
}

SOME = ("S4", "S5", "S6", "S9", "S12", "V")
"""Enough rows for what only V, S9 or S12 can see, in half the time."""


def test_there_is_one_for_each_row() -> None:
    assert list(MUTATIONS) == list(SCENARIOS)


def test_unbroken_every_row_is_green(server: IsolatedServer) -> None:
    assert red_rows(server) == {}


@pytest.mark.parametrize("row", list(MUTATIONS))
def test_a_mutation_turns_its_own_row_red_and_no_other(
    server: IsolatedServer, monkeypatch: Patch, row: str
) -> None:
    MUTATIONS[row](monkeypatch)
    found = red_rows(server)
    assert list(found) == [row], found


def spoiled_with(words: str) -> Callable[[AcceptanceTarget], None]:
    """Change the database as an administrator."""

    def spoil(target: AcceptanceTarget) -> None:
        with target.admin() as admin:
            admin.execute(words.encode())

    return spoil


@pytest.mark.parametrize(
    ("words", "red", "says"),
    [
        # Nobody uses these rights, so only the comparison of sets can see them.
        ("GRANT SELECT ON unit_version TO PUBLIC", ["V"], "PUBLIC"),
        (
            "REVOKE SELECT ON cutter.cutter_schema FROM cutter_verify",
            ["V"],
            "cutter_schema",
        ),
        (
            "ALTER TABLE cutter.cut_change_set DISABLE TRIGGER legal_step",
            ["V"],
            "trigger cutter.cut_change_set.legal_step",
        ),
        # Two rows each, and rightly: the scenario feels what the look at the whole sees.
        (
            "GRANT INSERT ON cutter.verify_result TO cutter_exec",
            ["S9", "V"],
            "verify_result",
        ),
        (
            "DROP TRIGGER never_truncated ON cutter.sweep_log",
            ["S12", "V"],
            "trigger cutter.sweep_log.never_truncated",
        ),
        (
            "GRANT DELETE ON cutter.sweep_log TO cutter_exec",
            ["S12", "V"],
            "DELETE on table cutter.sweep_log",
        ),
    ],
)
def test_a_spoiled_database_is_found(
    server: IsolatedServer, words: str, red: list[str], says: str
) -> None:
    found = red_rows(server, spoiled_with(words), SOME)
    assert list(found) == red, found
    assert says in found["V"]


def test_a_writer_that_tries_to_delete_is_found(server: IsolatedServer, monkeypatch: Patch) -> None:
    """The server refuses it, and the writer hides that."""
    plain = LedgerWriter.mark

    def tidy(
        self: LedgerWriter, conn: Connection, ctx: CutContext, plan: CutPlan
    ) -> Unwritten[MarkResult]:
        with suppress(psycopg.Error), conn.transaction():
            conn.execute("DELETE FROM sweep_log")
        return plain(self, conn, ctx, plan)

    monkeypatch.setattr(LedgerWriter, "mark", tidy)
    assert red_rows(server, only=SOME) == {"S12": "the adapter executed ['DELETE']"}


def test_a_refusal_to_delete_that_has_lost_its_name_is_found(
    server: IsolatedServer, monkeypatch: Patch
) -> None:
    monkeypatch.delitem(REFUSALS, "IU002")
    found = red_rows(server, only=SOME)
    assert list(found) == ["S12"]
    assert found["S12"].endswith("gave DatabaseUnsuitable (IU002)")


def test_a_password_on_the_screen_or_in_a_file_is_found(
    server: IsolatedServer, monkeypatch: Patch
) -> None:
    def show(target: AcceptanceTarget) -> None:
        secret = target.credentials(Principal.VERIFY).password.get_secret_value()
        (target.server.work / "notes.txt").write_text(f"verify: {secret}")

    assert red_rows(server, show, SOME) == {
        "V": "secrets in files: the password of cutter_verify in acceptance/notes.txt"
    }
    (server.work / "notes.txt").unlink()
    plain = LedgerWriter.mark

    def printing(
        self: LedgerWriter, conn: Connection, ctx: CutContext, plan: CutPlan
    ) -> Unwritten[MarkResult]:
        sys.stdout.write(conn.info.password)
        return plain(self, conn, ctx, plan)

    monkeypatch.setattr(LedgerWriter, "mark", printing)
    assert red_rows(server, only=SOME) == {
        "V": "the output or the report holds ['the password of cutter_exec']"
    }


def test_a_log_that_masks_nothing_is_found(server: IsolatedServer, monkeypatch: Patch) -> None:
    monkeypatch.setattr(Secrets, "redact", lambda _, text: text)
    assert red_rows(server, only=SOME) == {"V": "the log does not mask secrets"}


@pytest.mark.parametrize("by_driver", [True, False])
def test_a_word_with_another_server_is_found(
    server: IsolatedServer, monkeypatch: Patch, by_driver: bool
) -> None:
    plain = LedgerWriter.review
    with Listener() as other:

        def chatty(self: LedgerWriter, conn: Connection, ctx: CutContext, plan: CutPlan) -> Any:
            if by_driver:
                with suppress(psycopg.Error):
                    psycopg.connect(
                        host="127.0.0.1", port=other.port, user="x", password="y", connect_timeout=2
                    )
            else:
                socket.create_connection(("127.0.0.1", other.port)).close()
            return plain(self, conn, ctx, plan)

        monkeypatch.setattr(LedgerWriter, "review", chatty)
        found = red_rows(server, only=SOME)
    assert list(found) == ["V"], found
    assert f"('127.0.0.1', {other.port})" in found["V"]
