"""S8, S9 and S12: what the adapter and the server refuse."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import psycopg
from psycopg import IsolationLevel, sql

from adapters.acceptance.fixture import Fixture, ScenarioFailed, expect
from adapters.acceptance.serverlog import logged_statements
from adapters.acceptance.statements import ALLOWED, TRANSACTION_CONTROL, count_kinds
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.session import open_connection
from adapters.postgres.connection.sqlstate import Action, classify
from adapters.postgres.connection.statements import statement
from adapters.postgres.phases.transactions import LiveTransactions
from domain.errors import AppendOnlyViolation, CutterError, PrincipalCapabilityError
from domain.ledger.privileges import EXEC, LEDGER_TABLES, expected_grants
from domain.phases import Phase, Principal
from domain.ports import Credentials

NEVER_EMPTIED: Final = (*LEDGER_TABLES, "public.information_unit", "public.unit_version")
NOT_THROUGH_THE_WRITER: Final = "IU001"
"""The code of the guard of the units' tables, which lets their sole writer alone change them."""


def s8_principal_mismatch(fixture: Fixture) -> str:
    """S8: with the two logins exchanged, no phase gets as far as a statement of its own."""
    exchanged = {Principal.EXEC: Principal.VERIFY, Principal.VERIFY: Principal.EXEC}

    def wrong_login(principal: Principal) -> Credentials:
        return fixture.target.credentials(exchanged[principal])

    adapter, before = (
        fixture.new_adapter(fixture.provider(credentials=wrong_login)),
        fixture.row_hashes(),
    )
    phases = [phase for phase in Phase if phase is not Phase.PRE_WRITE_BACKUP]
    for phase in phases:
        at = len(fixture.statements.executed)
        try:
            fixture.call(adapter, phase, fixture.ctx, fixture.plan)
        except PrincipalCapabilityError:
            asked = [one.text for one in fixture.statements.executed[at:]]
            expect(
                asked == [statement("session_begin")],
                f"{phase} executed {len(asked)} statements as another principal",
            )
        else:
            raise ScenarioFailed(f"{phase} ran as another principal")
    expect(before == fixture.row_hashes(), "rows have changed")
    return (
        f"logins exchanged: {len(phases)} phases refused by PrincipalCapabilityError after "
        f"SELECT current_user; no row changed"
    )


def s9_denied_insert(fixture: Fixture) -> str:
    """S9: an INSERT that the matrix denies is refused by the server, tried once, and takes what
    came before it along.
    """
    expect(
        not any(
            g.name == "cutter.verify_result" and g.privilege == "INSERT"
            for g in expected_grants()
            if g.role == EXEC
        ),
        "granted",
    )
    before, tries, codes = fixture.row_hashes(), 0, list[Any]()

    def work(conn: Connection) -> None:
        nonlocal tries
        tries += 1
        entry = fixture.state()["entry_id"]
        conn.execute(
            statement("entry_depends"),
            {"entry_id": entry, "kind": "supersedes", "reference": "acceptance S9"},
        )
        try:
            conn.execute(statement("verify_record"), _verify_row(fixture))
        except psycopg.Error as error:
            codes.append((error.sqlstate, classify(error, connection_broken=False)))
            raise

    try:
        LiveTransactions(fixture.connections, longest_wait=0.05).run(
            fixture.ctx, Phase.LEG_B_RECORD, IsolationLevel.READ_COMMITTED, work
        )
    except PrincipalCapabilityError as stop:
        expect(stop.sqlstate == "42501", f"the phase stopped with {stop.sqlstate}, not 42501")
    except CutterError as stop:
        raise ScenarioFailed(f"the phase ended with {type(stop).__name__}") from None
    else:
        raise ScenarioFailed("the executor could insert a verify result")
    expect(codes == [("42501", Action.STOP)] and tries == 1, f"it was tried {tries} times: {codes}")
    expect(before == fixture.row_hashes(), "the rows of its transaction have stayed")
    return (
        "cutter_exec INSERT verify_result: 42501 from the server, classified stop, tried once, "
        "its transaction rolled back"
    )


def s12_statements(fixture: Fixture) -> str:
    """S12: what the adapter has executed so far, by its own cursors and by the server's log; and
    nothing can be taken away.
    """
    seen = count_kinds(one.text for one in fixture.statements.executed)
    expect(seen, "no statement was captured")
    expect(set(seen) <= ALLOWED, f"the adapter executed {sorted(set(seen) - ALLOWED)}")
    logged = _in_server_log(fixture)
    refused = _require_server_refuses(fixture)
    listed = ", ".join(f"{kind} {seen[kind]}" for kind in sorted(ALLOWED))
    return (
        f"{listed}; {logged}; {refused} tries to DELETE or TRUNCATE refused by the server, as "
        f"PrincipalCapabilityError to the principals, as AppendOnlyViolation to an administrator"
    )


def _verify_row(fixture: Fixture) -> dict[str, object]:
    signature = fixture.state()["executor_signature_id"]
    return {
        "change_set_id": fixture.ctx.change_set_id,
        "expected_units": 1,
        "found_units": 1,
        "source_sha256": fixture.plan.text_sha256,
        "verifier_signature_id": signature,
    }


def _in_server_log(fixture: Fixture) -> str:
    """The same from the server's log, where there is one: transaction control is the driver's, the
    backup's session its own.
    """
    log = fixture.target.server.statement_log
    if log is None:
        return "no server log to compare with"
    lines = logged_statements(log, fixture.admin, fixture.target.endpoint.database)
    mine = [
        text
        for login, application, text in lines
        if login in list(Principal) and not application.endswith(" backup")
    ]
    seen = count_kinds(mine)
    expect(
        set(seen) <= ALLOWED | TRANSACTION_CONTROL,
        f"the server saw {sorted(set(seen) - ALLOWED - TRANSACTION_CONTROL)}",
    )
    captured = count_kinds(
        one.text
        for one in fixture.statements.executed
        if one.reached and one.database == fixture.target.endpoint.database
    )
    logged = Counter({kind: number for kind, number in seen.items() if kind in ALLOWED})
    expect(logged == captured, f"the server saw {dict(logged)}, and the cursors {dict(captured)}")
    control = ", ".join(
        f"{kind} {seen[kind]}" for kind in sorted(TRANSACTION_CONTROL) if seen[kind]
    )
    return f"the server's log has the same {logged.total()} (and the driver's own: {control})"


def _require_server_refuses(fixture: Fixture) -> int:
    """DELETE and TRUNCATE of what is kept for ever: denied to the principals, refused to the
    administrator; how many tries.
    """
    tries, rows = 0, fixture.counts()
    for principal in (*Principal, None):
        with _plain_connection(fixture, principal) as conn:
            for table in NEVER_EMPTIED:
                for words in ("DELETE FROM {}", "TRUNCATE {} CASCADE"):
                    if principal is None and words.startswith("DELETE") and not rows[table]:
                        continue  # the guard is asked for each row
                    refusal = _refusal_of(conn, words, table)
                    expect(
                        _is_denied(refusal) if principal else _is_guarded(refusal),
                        f"{principal or 'the administrator'}: {words.format(table)} gave "
                        f"{_named(refusal)}",
                    )
                    tries += 1
    return tries


def _plain_connection(fixture: Fixture, principal: Principal | None) -> Connection:
    """A connection that the adapter has no part in, so that its statements are not counted as the
    adapter's.
    """
    login = (
        fixture.target.credentials(principal) if principal else fixture.target.server.administrator
    )
    return open_connection(fixture.target.endpoint, login, "acceptance")


def _refusal_of(conn: Connection, words: str, table: str) -> CutterError | None:
    """What the server's refusal arrives as, or None if it did not refuse. Nothing stays of it."""
    try:
        with translated(words.format(table)), conn.transaction(force_rollback=True):
            conn.execute(sql.SQL(words).format(relation(table)))
    except CutterError as error:
        return error
    return None


def _is_denied(refusal: CutterError | None) -> bool:
    return isinstance(refusal, PrincipalCapabilityError) and refusal.sqlstate == "42501"


def _is_guarded(refusal: CutterError | None) -> bool:
    return isinstance(refusal, AppendOnlyViolation) or (
        refusal is not None and refusal.sqlstate == NOT_THROUGH_THE_WRITER
    )


def _named(refusal: CutterError | None) -> str:
    return f"{type(refusal).__name__} ({refusal.sqlstate})" if refusal else "no refusal"
