"""What the database itself refuses about reverts, whatever the program does."""

# statements are put together from this file's own words
from __future__ import annotations

import threading
import uuid
from typing import Any

import psycopg
import pytest

from domain.change_set import CutContext
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.support.live import LiveBench, row_hashes, run_phases, scalar
from tests.support.permits import released
from tests.support.plans import made_plan
from tests.support.reverts import (
    ONE,
    reverted,
)
from tests.support.tamper import planted_entry, tamper

pytestmark = pytest.mark.slow


def withdraw(conn: psycopg.Connection[Any], **changes: str) -> str:
    """Call the function for the first article of a revert that is reviewed; its status."""
    arguments = {
        "unit": "u.id",
        "version": "u.current_version_id",
        "lifecycle": "u.lifecycle",
        "decision": "(SELECT d.decision_id FROM review_decision d JOIN manifest_envelope m USING "
        "(envelope_id)"
        " JOIN decision_backlog_entry e USING (entry_id) WHERE e.kind = 'revert')",
        "actor": "'operator'",
        "address": "test.law~art_1",
    } | changes
    call = (
        f"SELECT public.fn_iu_withdraw({arguments['unit']}, {arguments['version']}, "
        f"{arguments['lifecycle']},"
        f" {arguments['decision']}, {arguments['actor']}) FROM information_unit u"
        f" WHERE u.canonical_address = '{arguments['address']}'"
    )
    return str(scalar(conn, call))


NOT_WITHDRAWN = {
    "no actor": ({"actor": "' '"}, "actor: empty"),
    "an unknown unit": ({"unit": "gen_random_uuid()"}, "unit: unknown"),
    "no decision": ({"decision": "NULL"}, "review_decision: no reviewed revert"),
    "the cut's own decision": (
        {
            "decision": "(SELECT d.decision_id FROM review_decision d JOIN manifest_envelope m USING "
            ""
            ""
            ""
            ""
            ""
            ""
            ""
            "(envelope_id)"
            " JOIN decision_backlog_entry e USING (entry_id) WHERE e.kind = 'cut')"
        },
        "review_decision: no reviewed revert",
    ),
    "another version": ({"version": "gen_random_uuid()"}, "version: another is in force"),
    "another lifecycle": ({"lifecycle": "'draft'"}, "lifecycle: enacted"),
    "a parent before its children": ({"address": "test.law~chp_1"}, "children: test.law~art_1"),
}


@pytest.mark.parametrize("how", NOT_WITHDRAWN)
def test_the_function_refuses_by_status_and_writes_nothing(
    bench: LiveBench, cut: CutContext, how: str
) -> None:
    changes, status = NOT_WITHDRAWN[how]
    reverted(bench, cut.change_set_id, until=Phase.REVIEW)
    before = row_hashes(bench.database)
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        assert withdraw(conn, **changes).startswith(status)
        assert row_hashes(bench.database) == before
        assert withdraw(conn) == "withdrawn"
        assert withdraw(conn) == "lifecycle: withdrawn already"
        assert scalar(conn, "SELECT current_setting('app.canonical_writer', true)") == ""


@pytest.mark.parametrize(
    "statement",
    [
        (
            "UPDATE cut_permit SET revoked_at = now(), revoked_by = 'x', revoke_reason = 'x' WHERE "
            "kind = 'revert'"
        ),
        "UPDATE cut_permit SET execute_by = opened_at - interval '1 day' WHERE kind = 'revert'",
        "UPDATE cut_permit SET kind = 'cut' WHERE kind = 'revert'",
        "UPDATE cut_permit SET plan_digest = repeat('0', 64) WHERE kind = 'revert'",
        "UPDATE cut_permit SET used_at = now() WHERE kind = 'revert'",
    ],
)
def test_the_function_wants_an_open_permit_of_a_revert(
    bench: LiveBench, cut: CutContext, statement: str
) -> None:
    reverted(bench, cut.change_set_id, until=Phase.REVIEW)
    tamper(bench.database, statement)
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        assert withdraw(conn) == "permit: none is open for this revert"


@pytest.mark.parametrize("until", [Phase.MARK, Phase.LEG_B_RECORD])
def test_the_function_wants_a_reviewed_revert(
    bench: LiveBench, cut: CutContext, until: Phase
) -> None:
    reverted(bench, cut.change_set_id, until=until)
    tamper(bench.database, f"UPDATE information_unit SET lifecycle = 'enacted' WHERE id = {ONE}")
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        assert withdraw(conn).startswith("review_decision: no reviewed revert")


def test_the_function_withdraws_no_unit_of_another_document(
    bench: LiveBench, cut: CutContext
) -> None:
    other = made_plan(2, code="other.law")
    run_phases(bench.adapter, bench.context(other), other)
    reverted(bench, cut.change_set_id, until=Phase.REVIEW)
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        assert withdraw(conn, address="other.law~art_1").startswith(
            "review_decision: no reviewed revert"
        )


def test_the_verifier_can_not_withdraw(bench: LiveBench, cut: CutContext) -> None:
    reverted(bench, cut.change_set_id, until=Phase.REVIEW)
    with (
        bench.database.connect(Principal.VERIFY, autocommit=True) as conn,
        pytest.raises(psycopg.Error) as refusal,
    ):
        withdraw(conn)
    assert refusal.value.sqlstate == "42501"


@pytest.mark.parametrize("until", [None, Phase.MARK, Phase.WRITE_VERIFY])
def test_nothing_becomes_reverted_without_a_finished_revert(
    bench: LiveBench, cut: CutContext, until: Phase | None
) -> None:
    if until:
        reverted(bench, cut.change_set_id, until=until)
    with (
        bench.database.connect(Principal.EXEC, autocommit=True) as conn,
        pytest.raises(psycopg.Error) as refusal,
    ):
        conn.execute("UPDATE decision_backlog_entry SET status = 'reverted' WHERE kind = 'cut'")
    assert refusal.value.sqlstate == "IU003"


NAMES = (
    "INSERT INTO decision_backlog_dependency SELECT r.entry_id, 'reverts', c.entry_id::text"
    " FROM decision_backlog_entry r, decision_backlog_entry c WHERE r.kind = %s AND r.attempt "
    "= 1 AND c.change_set_id = %s"
)


def named(bench: LiveBench, kind: str, reverts: uuid.UUID) -> None:
    """Let the executor name what the first entry of this kind reverts; the server must refuse."""
    with (
        bench.database.connect(Principal.EXEC, autocommit=True) as conn,
        pytest.raises(psycopg.Error) as refusal,
    ):
        conn.execute(NAMES.encode(), (kind, reverts))
    assert refusal.value.sqlstate == "IU003"


def test_a_finished_revert_reverts_nothing_more(
    bench: LiveBench, cut: CutContext, plan: CutPlan
) -> None:
    """Naming one more entry in its dependencies would let an executor call a living cut
    reverted.
    """
    reverted(bench, cut.change_set_id)
    again = bench.context(plan, attempt=2)
    run_phases(bench.adapter, again, plan)
    tamper(bench.database, "DELETE FROM decision_backlog_dependency WHERE kind = 'reverts'")
    named(bench, "revert", again.change_set_id)


def test_a_revert_rests_on_one_cut_only(bench: LiveBench, cut: CutContext) -> None:
    reverted(bench, cut.change_set_id, until=Phase.MARK)
    entry = planted_entry(bench.database, "enacted")
    with bench.database.connect() as admin:
        planted = scalar(
            admin, "SELECT change_set_id FROM decision_backlog_entry WHERE entry_id = %s", entry
        )
    tamper(
        bench.database,
        "INSERT INTO cut_phase_journal VALUES (%s, 'cut_leg_a', repeat('0', 64), '{}', 'x')",
        planted,
    )
    named(bench, "revert", planted)


def test_a_cut_reverts_nothing(bench: LiveBench, cut: CutContext) -> None:
    other = made_plan(1, code="other.law")
    ctx = bench.context(other)
    run_phases(bench.adapter, ctx, other, until=Phase.MARK)
    named(bench, "cut", cut.change_set_id)


def test_a_revert_is_of_its_own_document(bench: LiveBench, cut: CutContext) -> None:
    reverted(bench, cut.change_set_id, until=Phase.MARK)
    other = made_plan(1, code="other.law")
    ctx = bench.context(other)
    run_phases(bench.adapter, ctx, other)
    tamper(bench.database, "DELETE FROM decision_backlog_dependency WHERE kind = 'reverts'")
    named(bench, "revert", ctx.change_set_id)


@pytest.mark.parametrize(
    "column", ["lifecycle = 'withdrawn'", "current_version_id = current_version_id"]
)
def test_units_are_withdrawn_by_the_function_only(
    bench: LiveBench, cut: CutContext, column: str
) -> None:
    with bench.database.connect() as admin, pytest.raises(psycopg.Error) as refusal:
        admin.execute(f"UPDATE information_unit SET {column}".encode())
    assert refusal.value.sqlstate == "IU001"


@pytest.fixture(autouse=True)
def _another_document(bench: LiveBench) -> None:
    """What the tests write of another document is written under a permit of its own."""
    released(bench.database, "other.law", uuid.UUID(int=9))


CHILD = (
    "SELECT status FROM public.fn_iu_create('other.law~art_1', 'Other', 'Text.', 'operator', "
    "'article', 'body', 'law',"
    " 'registry', 'test.law~art_1')"
)


@pytest.mark.parametrize("child_first", [True, False])
def test_a_child_in_another_document_and_a_withdrawal_never_pass_each_other(
    bench: LiveBench, cut: CutContext, child_first: bool
) -> None:
    reverted(bench, cut.change_set_id, until=Phase.REVIEW)
    steps = [lambda conn: str(scalar(conn, CHILD)), withdraw]
    first, second = steps if child_first else reversed(steps)
    said: list[str] = []
    with (
        bench.database.connect(Principal.EXEC, autocommit=True) as one,
        bench.database.connect(Principal.EXEC, autocommit=True) as other,
    ):
        waiting = threading.Thread(target=lambda: said.append(second(other)))
        with one.transaction():
            assert first(one) in ("created", "withdrawn")
            waiting.start()
            waiting.join(0.5)
            assert not said, "the second one waits for the first"
        waiting.join(60)
    assert said == [
        "children: other.law~art_1" if child_first else "parent_ref: unknown test.law~art_1"
    ]
