"""The audit of a knowledge base: what a superuser changes behind the guards' back is found and
named, by its own rule.
"""

# statements are put together from this file's own words
from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.evidence.collect import keep_evidence
from adapters.evidence.heads import sealed_heads
from adapters.home import chain_heads
from adapters.keys.signing import Ed25519Signer, new_private_key
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.record.audit import NAMED, audit_database
from adapters.postgres.record.chain_heads import keep_heads
from domain.evidence.audit import AuditReport
from domain.phases import Phase, Principal
from tests.support.approved import cut
from tests.support.live import live_bench, row_hashes
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, Connection, Database, fresh_database
from tests.support.tamper import guards_off, tamper


@dataclass(frozen=True, slots=True)
class Case:
    """A knowledge base to audit, and the heads of its chains outside."""

    database: Database
    heads: Path

    @contextlib.contextmanager
    def as_verifier(self) -> Iterator[Connection]:
        """The verifier's connection, idle and in autocommit."""
        with contextlib.closing(self.database.connect(Principal.VERIFY, autocommit=True)) as conn:
            yield conn

    def keep(self) -> None:
        """Keep the heads, as a live run does when it has ended."""
        with self.as_verifier() as conn:
            keep_heads(conn, self.heads)

    def audit(self) -> AuditReport:
        """Audit it."""
        with self.as_verifier() as conn:
            return audit_database(conn, read_fingerprint(conn), self.heads)


@pytest.fixture(scope="module")
def prepared(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two finished cuts, a superseded decision and a run that was torn after its units were
    written: a template of it.
    """
    with fresh_database(cluster) as database:
        made = live_bench(database, tmp_path_factory.mktemp("prepared"))
        cut(made, made_plan(5), until=Phase.REVIEW)
        cut(made, made_plan(12))
        cut(made, made_plan(3, code="other.law"))
        cut(made, made_plan(3, code="torn.law"), until=Phase.CUT_LEG_A)
        yield replace(cluster, template=database.name)


@pytest.fixture
def case(prepared: Cluster, tmp_path: Path) -> Iterator[Case]:
    """A copy of the prepared knowledge base for one test, its heads kept."""
    with fresh_database(prepared) as database:
        made = Case(database, tmp_path / "state" / chain_heads.FILE_NAME)
        made.keep()
        yield made


def rules(report: AuditReport) -> set[str]:
    return {finding.rule for finding in report.findings}


def test_an_untouched_knowledge_base_has_no_findings(case: Case) -> None:
    before = row_hashes(case.database)
    report = case.audit()
    assert report.findings == ()
    assert report.exit_status == 0
    assert (report.chains, report.links, report.heads_on_file, report.change_sets) == (3, 15, 3, 4)
    assert report.units == 14 + 4
    assert {principal: len(keys) for principal, keys in report.keys.items()} == {
        "cutter_exec": 1,
        "cutter_verify": 1,
    }
    assert row_hashes(case.database) == before


@pytest.mark.parametrize("until", list(Phase))
def test_no_stage_of_a_run_is_taken_for_tampering(
    database: Database, tmp_path: Path, until: Phase
) -> None:
    bench, case = live_bench(database, tmp_path), Case(database, tmp_path / "heads")
    cut(bench, made_plan(2), until=until)
    assert rules(case.audit()) == ({"head"} if until is Phase.LIFECYCLE_ENACT else set())
    case.keep()
    assert case.audit().findings == ()


def test_an_empty_knowledge_base_has_no_findings(database: Database, tmp_path: Path) -> None:
    assert Case(database, tmp_path / "heads").audit().findings == ()


class Tamper(NamedTuple):
    """What is done to the database, the rules that find it, and a word of the message."""

    statement: str
    rules: set[str]
    says: str


ONE_UNIT = "(SELECT id FROM information_unit WHERE canonical_address = 'test.law~art_2')"
OF_TEST = (
    "(SELECT change_set_id FROM decision_backlog_entry WHERE document_code = 'test.law' AND "
    "status = 'enacted')"
)
ENTRY_OF_TEST = (
    "(SELECT entry_id FROM decision_backlog_entry WHERE document_code = 'test.law' AND status "
    ""
    "= 'enacted')"
)

TAMPERS: dict[str, Tamper] = {
    "a body": Tamper(
        f"UPDATE unit_version SET body = body || ' ' WHERE unit_id = {ONE_UNIT}",
        {"unit", "rows", "effect"},
        "test.law~art_2 has another body",
    ),
    "a body and the hash beside it": Tamper(
        "UPDATE unit_version SET body = body || ' ', body_sha256 = sha256(convert_to(body || ' "
        "', 'UTF8'))"
        f" WHERE unit_id = {ONE_UNIT}",
        {"unit", "rows", "effect"},
        "test.law~art_2 has another body",
    ),
    "a body and every hash of it": Tamper(
        "WITH v AS (UPDATE unit_version SET body = 'x', body_sha256 = sha256('x') WHERE unit_id = "
        + ONE_UNIT
        + ")"
        " UPDATE manifest_unit_block SET body_sha256 = sha256('x') WHERE canonical_address = "
        "'test.law~art_2'",
        {"rows", "effect"},
        "rows that are not the 14 that were signed",
    ),
    "a title": Tamper(
        f"UPDATE unit_version SET title = 'x' WHERE unit_id = {ONE_UNIT}",
        {"unit", "rows", "effect"},
        "test.law~art_2 has another title",
    ),
    "the hash beside a body": Tamper(
        f"UPDATE unit_version SET body_sha256 = sha256('x') WHERE unit_id = {ONE_UNIT}",
        {"unit"},
        "hash beside its body",
    ),
    "an address": Tamper(
        "UPDATE information_unit SET canonical_address = 'test.law~art_99' WHERE "
        "canonical_address = 'test.law~art_2'",
        {"unit", "rows", "effect"},
        "test.law~art_99 has another address",
    ),
    "a kind": Tamper(
        f"UPDATE information_unit SET unit_kind = 'section' WHERE id = {ONE_UNIT}",
        {"effect"},
        "another effect",
    ),
    "a parent": Tamper(
        f"UPDATE information_unit SET parent_id = NULL WHERE id = {ONE_UNIT}",
        {"effect"},
        "another effect",
    ),
    "an owner": Tamper(
        f"UPDATE information_unit SET owner_ref = 'x' WHERE id = {ONE_UNIT}",
        {"effect"},
        "another effect",
    ),
    "a lifecycle": Tamper(
        f"UPDATE information_unit SET lifecycle = 'withdrawn' WHERE id = {ONE_UNIT}",
        {"unit", "effect"},
        "test.law~art_2 is withdrawn, and the ledger says enacted",
    ),
    "a draft that is enacted": Tamper(
        "UPDATE information_unit SET lifecycle = 'enacted' WHERE document_code = 'torn.law'",
        {"unit"},
        "torn.law~art_1 is accounted for by no change set",
    ),
    "a unit less": Tamper(
        f"DELETE FROM information_unit WHERE id = {ONE_UNIT}", {"unit", "rows", "effect"}, "is gone"
    ),
    "a version less": Tamper(
        f"DELETE FROM unit_version WHERE unit_id = {ONE_UNIT}",
        {"unit", "rows", "effect"},
        "test.law~art_2 is gone",
    ),
    "a version more, put in force": Tamper(
        "WITH v AS (INSERT INTO unit_version (id, unit_id, version_no, title, body, "
        "body_sha256, actor) SELECT"
        " gen_random_uuid(), id, 2, 'Article 2', 'x', sha256('x'), 'x' FROM information_unit"
        " WHERE canonical_address = 'test.law~art_2' RETURNING id, unit_id)"
        " UPDATE information_unit u SET current_version_id = v.id FROM v WHERE u.id = v.unit_id",
        {"unit"},
        "stands at another version",
    ),
    "a version more": Tamper(
        "INSERT INTO unit_version (id, unit_id, version_no, title, body, body_sha256, actor) SELECT"
        " gen_random_uuid(), id, 2, 'Article 2', 'x', sha256('x'), 'x' FROM information_unit"
        " WHERE canonical_address = 'test.law~art_2'",
        {"unit"},
        "has a version 2 that no change set accounts for",
    ),
    "a unit more": Tamper(
        "WITH u AS (INSERT INTO information_unit (id, canonical_address, document_code, "
        "unit_kind, section_type,"
        " publication_type, owner_ref, lifecycle, current_version_id, created_by) VALUES "
        "(gen_random_uuid(),"
        " 'test.law~art_77', 'test.law', 'article', 'body', 'law', 'x', 'enacted', "
        "gen_random_uuid(), 'x') RETURNING id,"
        " current_version_id) INSERT INTO unit_version (id, unit_id, version_no, title, body, "
        "body_sha256, actor)"
        " SELECT current_version_id, id, 1, 'x', 'x', sha256('x'), 'x' FROM u",
        {"unit"},
        "test.law~art_77 is accounted for by no change set",
    ),
    "an affected row less": Tamper(
        f"DELETE FROM cut_change_set_affected_row WHERE seq = 3 AND change_set_id = {OF_TEST}",
        {"unit", "rows", "effect"},
        "is accounted for by no change set",
    ),
    "an affected row of another unit": Tamper(
        f"UPDATE cut_change_set_affected_row SET unit_id = gen_random_uuid() WHERE seq = 3 AND "
        f"change_set_id = {OF_TEST}",
        {"unit", "rows", "effect"},
        "is gone",
    ),
    "the record's actor": Tamper(
        f"UPDATE cut_change_set SET actor = 'somebody' WHERE change_set_id = {OF_TEST}",
        {"signature"},
        "signature of the executor that does not cover",
    ),
    "the record's target": Tamper(
        f"UPDATE cut_change_set SET target = 'elsewhere:1@2' WHERE change_set_id = {OF_TEST}",
        {"signature", "record", "approvals"},
        "an id that its target",
    ),
    "the record's plan": Tamper(
        f"UPDATE cut_change_set SET plan_digest = repeat('1', 64) WHERE change_set_id = {OF_TEST}",
        {"signature", "record", "approvals", "effect"},
        "for another entry, document, plan or attempt",
    ),
    "the record's count": Tamper(
        f"UPDATE cut_change_set SET unit_count = 13 WHERE change_set_id = {OF_TEST}",
        {"signature", "rows", "approvals", "effect", "verification"},
        "are not the 13 that were signed",
    ),
    "the record is gone": Tamper(
        f"DELETE FROM cut_change_set WHERE change_set_id = {OF_TEST}",
        {"record"},
        "the change set itself is not on record",
    ),
    "the executor's signature": Tamper(
        f"UPDATE dot_pair_signature SET signature = sha512('x') WHERE half = 'executor' AND "
        f"change_set_id = {OF_TEST}",
        {"signature"},
        "a signature of the executor that does not cover",
    ),
    "the verifier's signature": Tamper(
        f"UPDATE dot_pair_signature SET signature = sha512('x') WHERE half = 'verifier' AND "
        f"change_set_id = {OF_TEST}",
        {"signature"},
        "a signature of the verifier that does not cover",
    ),
    "the hash of what was signed": Tamper(
        f"UPDATE dot_pair_signature SET payload_sha256 = repeat('1', 64) WHERE half = "
        f"'verifier' AND change_set_id = {OF_TEST}",
        {"signature"},
        "a signature of the verifier that does not cover",
    ),
    "the verifier's half is gone": Tamper(
        f"DELETE FROM dot_pair_signature WHERE half = 'verifier' AND change_set_id = {OF_TEST}",
        {"signature", "effect"},
        "is not signed by the verifier",
    ),
    "the executor's half is gone": Tamper(
        f"DELETE FROM dot_pair_signature WHERE half = 'executor' AND change_set_id = {OF_TEST}",
        {"signature", "effect"},
        "is not signed by the executor",
    ),
    "a key of the other principal": Tamper(
        "UPDATE principal_key SET principal = 'cutter_exec' WHERE principal = 'cutter_verify'",
        {"signature", "effect"},
        "by a key that was not registered for cutter_verify",
    ),
    "a key that had been retired": Tamper(
        "UPDATE principal_key SET retired_at = now() - interval '1 day' WHERE principal = "
        "'cutter_exec'",
        {"signature"},
        "by a key that was not registered for cutter_exec",
    ),
    "the verification is gone": Tamper(
        f"DELETE FROM verify_result WHERE change_set_id = {OF_TEST}",
        {"verification", "signature", "effect"},
        "no verification is on record",
    ),
    "another source text verified": Tamper(
        f"UPDATE verify_result SET source_sha256 = repeat('1', 64) WHERE change_set_id = {OF_TEST}",
        {"signature", "effect"},
        "a signature of the verifier that does not cover",
    ),
    "verified by the executor": Tamper(
        f"UPDATE verify_result SET verified_by = 'cutter_exec' WHERE change_set_id = {OF_TEST}",
        {"verification", "effect"},
        "not of all its units by the verifier",
    ),
    "a phase less": Tamper(
        f"DELETE FROM cut_phase_journal WHERE phase = 'review' AND change_set_id = {OF_TEST}",
        {"journal", "effect"},
        "review is not in its journal",
    ),
    "the enacted effect": Tamper(
        "UPDATE cut_phase_journal SET result = jsonb_set(result, '{effect_digest}', "
        "to_jsonb(repeat('1', 64)))"
        f" WHERE phase = 'lifecycle_enact' AND change_set_id = {OF_TEST}",
        {"effect", "approvals"},
        "another effect in the tables",
    ),
    "the approved effect": Tamper(
        f"UPDATE cut_permit SET effect_digest = repeat('1', 64) WHERE change_set_id = {OF_TEST}",
        {"approvals"},
        "approves another effect digest",
    ),
    "no permit": Tamper(
        f"UPDATE cut_permit SET used_at = NULL WHERE change_set_id = {OF_TEST}",
        {"approvals"},
        "no permit was used",
    ),
    "an approval less": Tamper(
        "DELETE FROM cut_approval a USING cut_permit p WHERE p.permit_id = a.permit_id AND "
        "a.gate = 'SG_2'"
        f" AND p.change_set_id = {OF_TEST}",
        {"approvals"},
        "needs one approval each",
    ),
    "an approval's signature": Tamper(
        "UPDATE cut_approval a SET signature = sha512('x') FROM cut_permit p WHERE p.permit_id "
        "= a.permit_id"
        f" AND a.gate = 'SG_1' AND p.change_set_id = {OF_TEST}",
        {"approvals"},
        "does not cover",
    ),
    "an approval's bytes": Tamper(
        "UPDATE cut_approval a SET payload = payload || '\\x20' FROM cut_permit p WHERE "
        "p.permit_id = a.permit_id"
        f" AND a.gate = 'SG_1' AND p.change_set_id = {OF_TEST}",
        {"approvals"},
        "canonical form",
    ),
    "an approver's key": Tamper(
        "ALTER TABLE approver_key DROP CONSTRAINT approver_key_names_itself; UPDATE "
        "approver_key SET public_key = sha256('x')",
        {"approvals"},
        "is not the one that its id names",
    ),
    "an approver's gates": Tamper(
        "UPDATE approver_key SET gates = '{SG_3}'", {"approvals"}, "only"
    ),
    "an entry's status": Tamper(
        f"UPDATE decision_backlog_entry SET status = 'verified_complete' WHERE entry_id = "
        f"{ENTRY_OF_TEST}",
        {"status", "unit"},
        "stands at verified_complete, and its history ends at enacted",
    ),
    "an entry's plan": Tamper(
        f"UPDATE decision_backlog_entry SET plan_digest = repeat('1', 64) WHERE entry_id = "
        f"{ENTRY_OF_TEST}",
        {"record", "effect"},
        "for another entry, document, plan or attempt",
    ),
    "an entry is gone": Tamper(
        f"DELETE FROM decision_backlog_entry WHERE entry_id = {ENTRY_OF_TEST}",
        {"stray"},
        "tells of a backlog entry that is not there",
    ),
    "a link's actor": Tamper(
        "UPDATE decision_backlog_history SET actor = 'x' WHERE document_code = 'test.law' AND "
        "chain_no = 2",
        {"history"},
        "The history of test.law is broken at step 2",
    ),
    "the end of a chain": Tamper(
        "DELETE FROM decision_backlog_history WHERE document_code = 'other.law' AND to_status "
        "= 'enacted'",
        {"history", "status", "effect"},
        "The history of other.law was cut off: 4 steps are left of the 5 on file",
    ),
    "a whole document": Tamper(
        "WITH h AS (DELETE FROM decision_backlog_history WHERE document_code = 'torn.law'), e "
        "AS (DELETE FROM"
        " decision_backlog_entry WHERE document_code = 'torn.law'), j AS (DELETE FROM "
        "cut_phase_journal WHERE"
        " phase <> 'pre_write_backup' AND change_set_id NOT IN (SELECT change_set_id FROM "
        "cut_change_set))"
        " DELETE FROM information_unit WHERE document_code = 'torn.law'",
        {"history"},
        "The history of torn.law was cut off: 0 steps are left of the 2 on file",
    ),
}


@pytest.mark.parametrize("what", TAMPERS)
def test_what_a_superuser_changes_is_found_and_named(case: Case, what: str) -> None:
    change = TAMPERS[what]
    tamper(case.database, change.statement)
    report = case.audit()
    assert report.exit_status == 4
    assert rules(report) == change.rules, [finding.message for finding in report.findings]
    assert any(change.says in finding.message for finding in report.findings), [
        f.message for f in report.findings
    ]


def test_whatever_an_entry_that_is_gone_has_left_behind_is_found(case: Case) -> None:
    tamper(case.database, f"DELETE FROM decision_backlog_entry WHERE entry_id = {ENTRY_OF_TEST}")
    kinds = {
        finding.message.split(" of ")[0]
        for finding in case.audit().findings
        if finding.rule == "stray"
    }
    assert kinds == {"The history", "The change set", "The journal"}


def test_a_history_that_was_rewritten_whole_is_found_by_the_heads_outside(case: Case) -> None:
    with guards_off(case.database) as admin:
        admin.execute(
            "UPDATE decision_backlog_history SET recorded_at = recorded_at - interval '1 day'"
        )
        for number in range(1, 9):
            admin.execute(
                "UPDATE decision_backlog_history h SET previous_sha256 = coalesce((SELECT "
                "b.row_sha256"
                " FROM decision_backlog_history b WHERE b.document_code = h.document_code AND "
                "b.chain_no = h.chain_no - 1),"
                " repeat('0', 64)) WHERE h.chain_no = %s",
                (number,),
            )
            admin.execute(
                "UPDATE decision_backlog_history h SET row_sha256 = "
                "cutter.fn_history_sha256(h) WHERE h.chain_no = %s",
                (number,),
            )
    report = case.audit()
    assert [finding.message for finding in report.findings] == [
        f"The history of {code} was rewritten: step {number} is not the one on file."
        for code, number in (("other.law", 5), ("test.law", 8), ("torn.law", 2))
    ]


def test_without_the_file_outside_the_audit_does_not_say_that_all_is_well(case: Case) -> None:
    case.heads.unlink()
    report = case.audit()
    assert [finding.subject for finding in report.findings if finding.rule == "head"] == [
        "other.law",
        "test.law",
    ]
    assert (rules(report), report.heads_on_file) == ({"head"}, 0)


def test_the_heads_in_sealed_bundles_count_too(database: Database, tmp_path: Path) -> None:
    """Somebody rewrites the history and takes the file away; the bundle of the run still
    remembers.
    """
    bench, runs, nowhere = live_bench(database, tmp_path), tmp_path / "runs", tmp_path / "nowhere"
    case, plan = Case(database, nowhere), made_plan(3)
    ctx = cut(bench, plan)
    with case.as_verifier() as conn:
        folder = keep_evidence(conn, runs, ctx, plan, bench.executor)
        assert audit_database(conn, bench.target, nowhere, sealed_heads(runs)).findings == ()
    tamper(database, "DELETE FROM decision_backlog_history WHERE to_status = 'enacted'")
    with case.as_verifier() as conn:
        found = audit_database(conn, bench.target, nowhere, sealed_heads(runs)).findings
    assert (
        found[0].message
        == "The history of test.law was cut off: 4 steps are left of the 5 on file."
    )
    head = (folder / "chain-head.json").read_bytes()
    for damaged in (head.replace(b'"chain_no":5', b'"chain_no":4'), b"", head + b" "):
        (folder / "chain-head.json").write_bytes(damaged)
        assert sealed_heads(runs) == []
    (folder / "manifest.json").unlink()
    assert sealed_heads(runs) == []


def test_a_line_less_in_the_file_is_found(case: Case) -> None:
    lines = case.heads.read_text(encoding="utf-8").splitlines(keepends=True)
    case.heads.write_text(
        "".join(line for line in lines if "other.law" not in line), encoding="utf-8"
    )
    assert [finding.subject for finding in case.audit().findings] == ["other.law"]


def test_one_key_for_both_halves_is_found(case: Case) -> None:
    """A signer who has become both principals leaves signatures that are right, and one key under
    them.
    """
    both = Ed25519Signer(new_private_key())
    with guards_off(case.database) as admin:
        admin.execute("ALTER TABLE principal_key DROP CONSTRAINT principal_key_pkey CASCADE")
        for principal in ("cutter_exec", "cutter_verify"):
            admin.execute(
                "INSERT INTO principal_key (key_id, principal, public_key, registered_at)"
                " VALUES (%s, %s, %s, now() - interval '1 day')",
                (both.key_id, principal, both.public_key),
            )
        admin.execute("UPDATE dot_pair_signature SET key_id = %s", (both.key_id,))
    messages = [finding.message for finding in case.audit().findings]
    assert any("both halves signed with one key" in message for message in messages)


def test_many_faults_of_one_kind_are_counted(database: Database, tmp_path: Path) -> None:
    case = Case(database, tmp_path / "heads")
    cut(live_bench(database, tmp_path), made_plan(200))
    case.keep()
    tamper(database, "UPDATE unit_version SET body = body || ' '")
    found = [finding.message for finding in case.audit().findings if finding.rule == "unit"]
    assert len(found) == NAMED + 1
    assert found[-1] == "And 120 more units like these."


def test_heads_of_another_database_in_the_file_are_left_alone(
    case: Case, prepared: Cluster
) -> None:
    """One home may have had two targets: each is compared with its own heads only."""
    with fresh_database(prepared) as database:
        other = Case(database, case.heads)
        other.keep()
        assert (case.audit().findings, other.audit().findings) == ((), ())
        tamper(
            database,
            "UPDATE decision_backlog_history SET actor = 'x' WHERE document_code = 'other.law'",
        )
        assert (rules(case.audit()), rules(other.audit())) == (set(), {"history"})
