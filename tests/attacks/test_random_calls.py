"""Calls at random by each login alone: whatever it does, the law stands as it was, the record is
whole, and an honest cut goes through afterwards.
"""

from __future__ import annotations

import json
import os
import random
import uuid
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from domain.ledger.privileges import READER, REHEARSE
from domain.phases import Phase, Principal
from tests.support.live import LiveBench, row_hashes, run_phases, scalar
from tests.support.many import Many
from tests.support.plans import made_plan
from tests.support.postgres import Connection
from tests.support.revising import cut_first, revised
from tests.support.revisions import FIRST, harbour_plan, new_texts

KEPT = (
    "public.information_unit",
    "public.unit_version",
    "public.unit_lineage",
    "cutter.decision_backlog_entry",
    "cutter.decision_backlog_history",
    "cutter.cut_change_set",
    "cutter.cut_phase_journal",
    "cutter.verify_result",
)
"""What no login alone may change while nothing is approved."""

ALSO_KEPT = (
    "cutter.approval_policy",
    "cutter.cleared",
    "cutter.release_permit",
    "cutter.release_approval",
)
"""The same of what lets something be approved or cleared."""

LOOKED_UP = {
    "unit": "SELECT id FROM information_unit",
    "version": "SELECT id FROM unit_version",
    "address": "SELECT canonical_address FROM information_unit",
    "decision": "SELECT decision_id FROM review_decision",
    "entry": "SELECT entry_id FROM decision_backlog_entry",
    "envelope": "SELECT envelope_id FROM manifest_envelope",
    "change_set": "SELECT change_set_id FROM cut_change_set",
    "permit": "SELECT permit_id FROM cut_permit",
    "release": "SELECT release_permit_id FROM cutter.release_permit",
    "approver": "SELECT key_id FROM cutter.approver_key",
    "half": "SELECT signature_id FROM dot_pair_signature",
    "key": "SELECT key_id FROM principal_key",
    "code": "SELECT document_code FROM decision_backlog_entry",
}

CALLS = (
    "SELECT cutter.fn_permit_open({uuid}, ARRAY[{payload}, {payload}], ARRAY[{bytes}, {bytes}])",
    "SELECT cutter.fn_permit_confirm({permit})",
    "SELECT cutter.fn_permit_fence({change_set}, {phase}, {digest}, false)",
    "SELECT cutter.fn_halt_lift('mallory', 'x')",
    "SELECT cutter.fn_halt_clear()",
    "SELECT fn_iu_create({address} || {text}, 't', 'b', 'm', 'article', 'body', 'law', 'o', NULL)",
    "SELECT fn_iu_create({code} || '~x', 't', 'b', 'm', 'article', 'body', 'law', 'o', {address})",
    "SELECT fn_iu_enact({address}, {decision}, 'mallory')",
    "SELECT fn_iu_withdraw({unit}, {version}, 'enacted', {decision}, 'mallory')",
    "SELECT fn_iu_add({address} || {text}, 't', 'b', 'm', 'article', 'body', 'law', 'o', NULL, NULL)",
    (
        "SELECT fn_iu_revise({address}, {version}, 't', 'b', 'mallory', 'article', 'body', NULL,"
        " current_date)"
    ),
    "SELECT fn_iu_repeal({address}, {version}, 'mallory', NULL)",
    "SELECT fn_iu_derive({version}, {version}, 'mallory')",
    "SELECT fn_iu_enact_version({version}, {decision}, 'mallory')",
    "SELECT fn_iu_restore({version}, {decision}, 'mallory')",
    (
        "SELECT fn_iu_create_batch(ARRAY[{address} || {text}, {code} || '~x'], ARRAY['t', 't'],"
        " ARRAY['b', 'b'], 'm', ARRAY['article', 'article'], ARRAY['body', 'body'],"
        " ARRAY['law', 'law'], ARRAY['o', 'o'], ARRAY[NULL, {address}])"
    ),
    (
        "SELECT cutter.fn_iu_create_batch(ARRAY[{code} || '~x'], ARRAY['t'], ARRAY['b'], 'm',"
        " ARRAY['article'], ARRAY['body'], ARRAY['law'], ARRAY['o'], ARRAY[NULL])"
    ),
    (
        "SELECT fn_iu_creates_all(ARRAY[{address}], ARRAY['t'], ARRAY['b'], 'm', ARRAY['article'],"
        " ARRAY['body'], ARRAY['law'], ARRAY['o'], ARRAY[NULL])"
    ),
    "SELECT fn_iu_enact_batch(ARRAY[{address}, {address}], {decision}, 'mallory')",
    "SELECT cutter.fn_iu_enact_batch(ARRAY[{address}], {decision}, 'mallory')",
    (
        "SELECT fn_iu_new_version({address}, {version}, 'text', 't', 'b', 'mallory', 'article',"
        " 'body', NULL, current_date)"
    ),
    (
        "SELECT cutter.fn_iu_revise({address}, {version}, 't', 'b', 'mallory', 'article', 'body',"
        " NULL, current_date)"
    ),
    "SELECT cutter.fn_iu_repeal({address}, {version}, 'mallory', NULL)",
    "SELECT cutter.fn_iu_derive({version}, {version}, 'mallory')",
    "SELECT cutter.fn_iu_enact_version({version}, {decision}, 'mallory')",
    "SELECT cutter.fn_iu_restore({version}, {decision}, 'mallory')",
    "SELECT fn_iu_restate({version}, 'law', 'mallory', 'mallory')",
    "SELECT cutter.fn_iu_restate({version}, 'law', 'mallory', 'mallory')",
    "SELECT cutter.fn_iu_at({address}, current_date, now())",
    "SELECT cutter.fn_iu_document_at({code}, current_date, now())",
    "SELECT cutter.fn_iu_history({address})",
    "SELECT cutter.fn_iu_lineage({address})",
    "SELECT cutter.fn_unit_change_told()",
    "UPDATE cutter.v_unit SET title = 'x'",
    "DELETE FROM cutter.v_unit_change",
    "SELECT pg_notify('cutter_unit_change', {code})",
    "SELECT lo_from_bytea(0, {bytes})",
    "CREATE TEMP TABLE information_unit AS SELECT * FROM public.information_unit",
    "SET search_path = pg_temp, public, cutter",
    "INSERT INTO unit_lineage VALUES ({version}, {version})",
    "SELECT set_config('app.canonical_writer', 'fn_iu_enact', false)",
    "SELECT set_config('app.canonical_writer', 'fn_iu_revise', false)",
    "UPDATE information_unit SET lifecycle = 'withdrawn' WHERE id = {unit}",
    "UPDATE unit_version SET body = 'x' WHERE id = {version}",
    "DELETE FROM information_unit",
    "TRUNCATE cutter.cut_permit",
    "UPDATE cutter.cut_permit SET confirmed_at = now(), execute_by = now() + interval '1 day'",
    "UPDATE decision_backlog_entry SET status = {status}",
    "UPDATE cut_change_set SET status = 'verified_complete', verifier_signature_id = {half}",
    (
        "INSERT INTO decision_backlog_entry (entry_id, change_set_id, document_code, plan_digest,"
        " attempt, kind, opened_by) VALUES ({uuid}, {uuid}, {code}, {digest}, 1, {kind}, 'm')"
    ),
    (
        "INSERT INTO decision_backlog_history (document_code, entry_id, from_status, to_status, actor,"
        " payload_sha256) VALUES ({code}, {entry}, {status}, {status}, 'm', {digest})"
    ),
    "INSERT INTO decision_backlog_dependency VALUES ({entry}, 'reverts', {entry}::text)",
    (
        "INSERT INTO dot_pair_signature VALUES ({uuid}, {change_set}, {side}, {key}, {digest},"
        " {bytes}, now())"
    ),
    (
        "INSERT INTO verify_result (change_set_id, verdict, expected_units, found_units,"
        " source_sha256, verifier_signature_id) VALUES ({change_set}, 'verified', 1, 1, {digest},"
        " {half})"
    ),
    (
        "INSERT INTO cut_phase_journal (change_set_id, phase, plan_digest, result, actor)"
        " VALUES ({change_set}, {phase}, {digest}, '{{}}', 'm')"
    ),
    (
        "INSERT INTO cutter.approver_key (key_id, person, public_key, gates, valid_until,"
        " registered_by) VALUES ({digest}, 'm', {bytes}, '{{SG_1}}', now() + interval '1 h', 'm')"
    ),
    "SELECT cutter.fn_release_open({uuid}, ARRAY[{payload}, {payload}], ARRAY[{bytes}, {bytes}])",
    (
        "SELECT cutter.fn_release_place_open({uuid}, {release}, 0, ARRAY[{code}, {kind}, {change_set},"
        " '1', {digest}, {digest}, '', 'kb:1@2', '1', {digest}, '', '', '', 'law'], ARRAY[]::bytea[])"
    ),
    (
        "INSERT INTO cutter.release_permit VALUES ({uuid}, {uuid}, {digest}, 1, 'm', now(),"
        " now() + interval '1 day')"
    ),
    (
        "INSERT INTO cutter.release_approval VALUES (left({digest}, 32), {release}, 'SG_1', 'Ann',"
        " {approver}, {payload}, {bytes})"
    ),
    "INSERT INTO cutter.release_place VALUES ({release}, 0, {permit}, '{{}}', '{{}}')",
    (
        "INSERT INTO cutter.release_work (release_permit_id, place, document_code, change_set_id)"
        " VALUES ({release}, 0, {code}, {change_set})"
    ),
    (
        "UPDATE cutter.release_work SET state = 'running', holder = 'm', claims = 1,"
        " held_until = now() + interval '1 day'"
    ),
    "UPDATE cutter.release_work SET state = 'done', holder = NULL, held_until = NULL",
    "UPDATE cutter.release_work SET change_set_id = {change_set}",
    "DELETE FROM cutter.release_work",
    "INSERT INTO cutter.release_backup (release_permit_id, result) VALUES ({release}, '{{}}')",
    "SELECT cutter.fn_document_clear({code}, 'mallory', 'x')",
    (
        "INSERT INTO cutter.cleared (clearing_id, kind, subject, document_code, was, cleared_by, reason)"
        " VALUES ({uuid}, 'change_set', {change_set}, {code}, 'marked', 'm', 'x')"
    ),
    "SELECT cutter.fn_policy_set({payload}, {approver}, {bytes})",
    "INSERT INTO cutter.approval_policy VALUES ({digest}, {payload}, {approver}, {bytes}, 'm', now())",
    "UPDATE cutter.approval_policy SET installed_at = 'infinity'",
    "SET ROLE cutter_owner",
    "SET ROLE cutter_exec",
    "SET ROLE cutter_verify",
    "SET ROLE cutter_read",
    "SET session_replication_role = replica",
    "ALTER TABLE information_unit DISABLE TRIGGER ALL",
    "CREATE FUNCTION public.fn_iu_create() RETURNS int LANGUAGE sql RETURN 1",
    "GRANT cutter_owner TO cutter_exec",
)


class Thief:
    """One stolen login, its connection and its dice."""

    def __init__(self, conn: Connection, dice: random.Random, known: dict[str, list[Any]]) -> None:
        self._conn, self._dice, self._known = conn, dice, known

    def sequence(self) -> None:
        """Some calls in one transaction, each in a savepoint, then COMMIT or ROLLBACK."""
        self._conn.execute("BEGIN")
        for _ in range(self._dice.randint(1, 6)):
            with suppress(psycopg.Error), self._conn.transaction():
                self._conn.execute(self._call().encode())
        with suppress(psycopg.Error):
            self._conn.execute("COMMIT" if self._dice.random() < 0.8 else "ROLLBACK")
        self._conn.execute("RESET ALL")
        self._conn.execute("RESET ROLE")

    def _call(self) -> str:
        return self._dice.choice(CALLS).format_map(_Words(self._dice, self._known))


class _Words(dict[str, str]):
    """A literal for each name in a call."""

    def __init__(self, dice: random.Random, known: dict[str, list[Any]]) -> None:
        super().__init__()
        self._dice, self._known = dice, known

    def __missing__(self, name: str) -> str:
        dice = self._dice
        if name in LOOKED_UP:
            return f"'{dice.choice(self._known[name])}'"
        made = {
            "uuid": lambda: f"'{uuid.UUID(int=dice.getrandbits(128))}'",
            "digest": lambda: f"'{dice.getrandbits(256):064x}'",
            "bytes": lambda: f"'\\x{dice.getrandbits(512):0128x}'::bytea",
            "text": lambda: f"'{dice.choice(('', 'x', '__para_1'))}'",
            "phase": lambda: f"'{dice.choice(list(Phase))}'",
            "status": lambda: f"'{dice.choice(STATUSES)}'",
            "kind": lambda: f"'{dice.choice(('cut', 'revision', 'revert'))}'",
            "side": lambda: f"'{dice.choice(('executor', 'verifier'))}'",
            "payload": self._payload,
        }
        return made[name]()

    def _payload(self) -> str:
        statement = {
            "gate": self._dice.choice(("SG_1", "SG_2", "SG_3")),
            "kind": self._dice.choice(("cut", "revision", "revert")),
            "change_set_id": str(self._dice.choice(self._known["change_set"])),
            "document_code": self._dice.choice(self._known["code"]),
        }
        return f"convert_to('{json.dumps(statement)}', 'UTF8')"


STATUSES = ("marked", "reviewed", "cut_applied", "verified_complete", "enacted", "superseded")


def kept(bench: LiveBench) -> dict[str, object]:
    """Row hashes of what may not change."""
    hashes = row_hashes(bench.database)
    rows = "SELECT coalesce(array_agg(t::text ORDER BY t::text), '{{}}') FROM {} t"
    with bench.database.connect() as admin:
        also = {table: scalar(admin, rows.format(table)) for table in ALSO_KEPT}
    return {table: hashes[table] for table in KEPT} | also


MANY = int(os.environ.get("CUTTER_TEST_SEQUENCES", "3400"))
"""`make attacks` asks for 10,000 by each login."""


@pytest.mark.one_quick
@pytest.mark.parametrize(
    "sequences", [200, pytest.param(MANY, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])]
)
@pytest.mark.parametrize("login", [*Principal, REHEARSE, READER])
def test_no_sequence_of_calls_by_one_login_changes_the_law(
    bench: LiveBench, login: str, sequences: int
) -> None:
    database = bench.database
    cut_first(bench, harbour_plan(FIRST))
    revised(bench, harbour_plan(new_texts()))
    Many.of(bench, 3).approve()
    with database.connect() as admin:
        known = {
            name: [row[0] for row in admin.execute(query.encode()).fetchall()]
            for name, query in LOOKED_UP.items()
        }
    before = kept(bench)
    cluster = database.cluster
    others = {REHEARSE: cluster.rehearsal, READER: cluster.reader}
    who = others.get(login) or cluster.logins[Principal(login)]
    with cluster.server.connect(database.name, who) as stolen:
        dice = random.Random(f"{login} {sequences}")  # noqa: S311  # dice, no secret
        thief = Thief(stolen, dice, known)
        for number in range(sequences):
            thief.sequence()
            if number % 100 == 0:
                assert kept(bench) == before
    assert kept(bench) == before
    plan = made_plan(2, code="honest.law")
    answers = run_phases(bench.adapter, bench.context(plan), plan)
    assert answers[Phase.LIFECYCLE_ENACT].lifecycle == "enacted"
