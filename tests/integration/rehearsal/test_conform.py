"""The contract of the port, tried on the reference implementation and on ones that break it, each in
one way: the clause that is broken says so, and nothing stays.
"""

from __future__ import annotations

import pytest

from adapters.postgres.rehearsal.conform import conform
from domain.ledger.contract import CLAUSES, ConformReport, Found
from tests.support.live import LiveBench, row_hashes
from tests.support.rehearsals import connector

SIGNATURE = (
    "cutter.fn_iu_create(canonical_address text, title text, body text, actor text, unit_kind text,"
    " section_type text, publication_type text, owner_ref text, parent_ref text DEFAULT NULL,"
    " OUT status text, OUT unit_id uuid, OUT version_id uuid) RETURNS record LANGUAGE plpgsql"
)


def tried(bench: LiveBench) -> ConformReport:
    """The report, and proof that nothing was written."""
    before = row_hashes(bench.database)
    report = conform(connector(bench))
    assert row_hashes(bench.database) == before
    return report


def not_kept(report: ConformReport) -> dict[str, Found]:
    return {one.clause.key: one for one in report.found if not one.kept}


def changed(bench: LiveBench, *statements: str) -> dict[str, Found]:
    with bench.database.connect(autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())
    report = tried(bench)
    broken = not_kept(report)
    assert report.conforms is not any(one.clause.needed for one in broken.values())
    return broken


def create(**changes: str) -> str:
    """The port's function with some arguments replaced by other expressions."""
    names = "canonical_address title body actor unit_kind section_type publication_type owner_ref"
    given = ", ".join(changes.get(name, name) for name in [*names.split(), "parent_ref"])
    return (
        f"CREATE OR REPLACE FUNCTION {SIGNATURE} AS $$ #variable_conflict use_variable\n"
        f"BEGIN SELECT f.status, f.unit_id, f.version_id INTO status, unit_id, version_id"
        f" FROM public.fn_iu_create({given}) AS f; {changes.get('then', '')} END $$"
    )


def test_the_reference_keeps_every_clause_and_each_says_what_it_saw(bench: LiveBench) -> None:
    report = tried(bench)
    assert not_kept(report) == {}
    assert report.conforms
    assert [one.clause for one in report.found] == list(CLAUSES)
    assert all(one.seen for one in report.found)


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("statement", "keys"),
    [
        (create(body="btrim(body)"), {"created"}),
        (create(body="normalize(body, NFC)"), {"created"}),
        (create(body="coalesce(body, '')"), {"body"}),
        (create(actor="coalesce(nullif(btrim(actor), ''), 'x')"), {"actor"}),
        (create(title="coalesce(nullif(btrim(title), ''), 'x')"), {"title"}),
        (create(section_type="coalesce(section_type, 'body')"), {"section_type"}),
        (create(unit_kind="coalesce(unit_kind, 'article')"), {"unit_kind"}),
        (create(publication_type="'law'"), {"publication_type"}),
        (create(parent_ref="NULL"), {"created", "parent"}),
        (
            create(then="status := 'created';"),
            {
                *("canonical_address", "title", "body", "actor", "unit_kind", "section_type"),
                *("publication_type", "taken", "parent"),
            },
        ),
        (create(then="PERFORM nextval('public.steps');"), {"sequences"}),
        (
            create(then="PERFORM pg_advisory_xact_lock(hashtextextended(canonical_address, 7));"),
            {"locks"},
        ),
        ("ALTER FUNCTION cutter.fn_iu_create SECURITY DEFINER", {"search_path"}),
        ("GRANT UPDATE (body) ON public.unit_version TO cutter_exec", {"sole_writer"}),
        ("DROP FUNCTION cutter.fn_iu_withdraw", {"functions", "search_path", "withdrawn", "again"}),
        (
            (
                "CREATE OR REPLACE FUNCTION cutter.fn_enact_check(canonical_address text,"
                " review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)"
                " LANGUAGE sql AS $$ SELECT NULL, u.unit_id FROM cutter.iu_unit u"
                " WHERE u.canonical_address = $1 $$"
            ),
            {"enacted", "withdrawn", "again"},
        ),
        (
            (
                "CREATE OR REPLACE FUNCTION cutter.fn_withdraw_check(unit_id uuid, version_id uuid,"
                " lifecycle text, review_decision_id uuid, actor text, OUT status text)"
                " LANGUAGE sql AS $$ SELECT NULL $$"
            ),
            {"withdrawn", "again"},
        ),
    ],
)
def test_a_function_that_does_not_keep_a_clause_is_named_with_the_call_that_shows_it(
    bench: LiveBench, statement: str, keys: set[str]
) -> None:
    with bench.database.connect(autocommit=True) as admin:
        admin.execute("CREATE SEQUENCE public.steps")
        admin.execute("GRANT ALL ON public.steps TO cutter_exec")
    broken = changed(bench, statement)
    assert broken.keys() == keys, broken
    for found in broken.values():
        assert found.seen
        assert found.call or found.clause.key in ("created", "withdrawn", "again"), found


def test_locks_say_what_a_large_code_of_law_would_take(bench: LiveBench) -> None:
    lock = "PERFORM pg_advisory_xact_lock(hashtextextended(canonical_address, 7));"
    found = changed(bench, create(then=lock))["locks"]
    assert "12,000 would take 12,000, and the server has room for" in found.seen
    assert not found.clause.needed, "smaller documents can be cut"


def test_without_a_registered_key_it_says_so(bench: LiveBench) -> None:
    with bench.database.connect(autocommit=True) as admin:
        admin.execute("UPDATE principal_key SET retired_at = now() WHERE principal = 'cutter_exec'")
    assert "No key that counts is registered" in not_kept(tried(bench))["enacted"].seen
