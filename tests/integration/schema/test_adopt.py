"""Let into a knowledge base that cutter did not make: planned as a folder, applied by digest, cut in,
and taken out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.home.conformed import keep_conformed
from adapters.postgres.adopting.apply import ADOPT, FOUND, MAPPING, REVERT, adopt, plan_adoption
from adapters.postgres.backups.manifest import read_manifest
from adapters.postgres.record.audit import audit_database
from adapters.postgres.rehearsal.conform import conform
from adapters.postgres.rehearsal.proof import read_surface
from adapters.postgres.schema.doctor import compare_with_reference, foreign_port
from adapters.postgres.schema.provision import provision
from domain.errors import (
    AdoptionRefused,
    BadInput,
    CheckFailed,
    ConfigMismatch,
    DatabaseUnsuitable,
    RolesInUse,
)
from domain.ledger.drift import Severity
from domain.ledger.mapping import parse, render
from domain.phases import Phase, Principal
from domain.ports import Credentials, Endpoint
from tasks.gates import refuse_unfit
from tests.support.approved import as_verifier, cut
from tests.support.backups import BackupBench
from tests.support.debian import debian_server, needs_debian
from tests.support.keys import keyring
from tests.support.live import LiveBench, live_bench, scalar
from tests.support.plans import made_plan
from tests.support.postgres import Server, bare_server
from tests.support.rehearsals import connector
from tests.support.reverts import reverted
from tests.support.site import NAME, Site, site

UNITS = {"shared": 158, "archive": 12, "register": 9, "single": 5}
UNIT_TABLES = ("public.information_unit", "public.unit_version")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with bare_server() as made:
        yield made


@pytest.fixture
def shared(server: Server) -> Iterator[Site]:
    with site(server, "shared") as made:
        yield made


def adopted(one: Site, folder: Path) -> int:
    """Plan and apply; how many units were there."""
    with one.connect() as admin:
        planned = plan_adoption(admin, folder)
        return adopt(admin, folder, planned.digest)


def not_kept(bench: LiveBench) -> dict[str, str]:
    report = conform(connector(bench))
    return {one.clause.key: one.seen for one in report.found if not one.kept}


@pytest.mark.one_quick
@pytest.mark.parametrize("model", sorted(UNITS))
def test_every_model_is_adopted_and_keeps_the_contract(
    server: Server, tmp_path: Path, model: str
) -> None:
    with site(server, model) as made:
        rows = made.rows()
        assert adopted(made, tmp_path / "adopt") == UNITS[model]
        assert made.rows() == rows, "units and everything else stay as they are"
        bench = live_bench(made.database(), tmp_path)
        kept = not_kept(bench)
        assert kept.keys() <= {"again", "locks"}, kept
        assert made.rows() == rows
        with made.connect() as admin:
            shown = scalar(admin, "SELECT count(*) FROM cutter.iu_unit WHERE title <> ''")
            assert shown == UNITS[model]
            fails = [
                one.message
                for one in compare_with_reference(admin)
                if one.severity is Severity.FAILS
            ]
            assert fails == []


@pytest.mark.one_quick
@pytest.mark.parametrize("model", sorted(UNITS))
def test_taking_it_out_brings_the_catalog_back_exactly(
    server: Server, tmp_path: Path, model: str
) -> None:
    with site(server, model) as made:
        before, rows = made.catalog(), made.rows()
        adopted(made, tmp_path)
        assert made.catalog() != before
        with made.connect() as admin, admin.transaction():
            admin.execute((tmp_path / REVERT).read_bytes())
        assert made.catalog() == before
        assert made.rows() == rows


@pytest.mark.parametrize(
    "before",
    [
        "CREATE ROLE cutter_rehearse LOGIN; GRANT cutter_exec, cutter_verify TO cutter_rehearse",
        "GRANT UPDATE (lifecycle_status), INSERT ON information_unit TO cutter_exec",
        "GRANT SELECT, UPDATE ON unit_version TO cutter_exec WITH GRANT OPTION",
        """REVOKE ALL ON unit_version FROM cutter_exec; CREATE ROLE other_writers;
        GRANT INSERT ON unit_version TO other_writers; GRANT other_writers TO cutter_exec""",
    ],
)
def test_what_the_roles_had_before_is_what_they_have_when_it_is_out_again(
    server: Server, tmp_path: Path, before: str
) -> None:
    """A membership that another database of the server needs, and grants of every kind."""
    with site(server, "shared") as made:
        with made.connect() as admin:
            admin.execute(("SET search_path = public;" + before).encode())
        catalog = made.catalog()
        adopted(made, tmp_path)
        with made.connect() as admin, admin.transaction():
            admin.execute((tmp_path / REVERT).read_bytes())
        assert made.catalog() == catalog


def test_a_law_is_cut_beside_the_units_that_are_there_and_reverted(
    shared: Site, tmp_path: Path
) -> None:
    others = shared.rows(*UNIT_TABLES)
    adopted(shared, tmp_path / "adopt")
    bench = live_bench(shared.database(), tmp_path)
    with shared.connect() as admin:
        there = admin.execute(
            "SELECT t::text FROM information_unit t WHERE canonical_address LIKE 'charter~%'"
            " UNION ALL SELECT v::text FROM unit_version v ORDER BY 1"
        ).fetchall()
    plan = made_plan(12, body="Điều {n}: “như in”.\r\n")
    ctx = cut(bench, plan)
    with as_verifier(bench) as conn:
        assert scalar(conn, "SELECT count(*) FROM cutter.iu_unit WHERE lifecycle = 'enacted'") == 14
        kinds = conn.execute(
            "SELECT DISTINCT unit_kind, section_type FROM cutter.iu_unit"
            " WHERE document_code = 'test.law' ORDER BY 1"
        ).fetchall()
        assert kinds == [("article", "body"), ("chapter", "container")], "cutter's own words"
    reverted(bench, ctx.change_set_id)
    with shared.connect() as admin:
        statuses = admin.execute(
            "SELECT lifecycle_status, count(*) FROM information_unit GROUP BY 1 ORDER BY 1"
        ).fetchall()
        assert statuses == [("draft", 158), ("retired", 14)]
        now = admin.execute(
            "SELECT t::text FROM information_unit t WHERE canonical_address LIKE 'charter~%'"
            " UNION ALL SELECT v::text FROM unit_version v JOIN information_unit u ON u.id = unit_id"
            " WHERE canonical_address LIKE 'charter~%' ORDER BY 1"
        ).fetchall()
        assert now == there
    assert shared.rows(*UNIT_TABLES) == others
    assert cut(bench, made_plan(2, code="other.law"), until=Phase.CUT_LEG_A)


def test_a_live_run_asks_whether_the_functions_as_they_are_now_conform(
    shared: Site, tmp_path: Path
) -> None:
    adopted(shared, tmp_path / "adopt")
    bench = live_bench(shared.database(), tmp_path)
    with as_verifier(bench) as conn:
        port = foreign_port(conn)
    assert port
    ctx = bench.context(made_plan(1))
    state = tmp_path / "state"
    with pytest.raises(DatabaseUnsuitable, match="run `cutter conform`"):
        refuse_unfit(bench.connections, ctx, state)
    keep_conformed(state, bench.target, port)
    refuse_unfit(bench.connections, ctx, state)
    with shared.connect() as admin:
        admin.execute(
            "CREATE OR REPLACE FUNCTION public.word_of(axis text, word text) RETURNS text"
            " LANGUAGE sql STABLE AS 'SELECT word'"
        )
    with pytest.raises(DatabaseUnsuitable, match="were changed since"):
        refuse_unfit(bench.connections, ctx, state)


OF_A_TYPE = (
    "; ALTER TABLE public.provision ALTER lifecycle DROP DEFAULT,"
    " ALTER lifecycle TYPE public.stage USING {}::public.stage"
)


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            "CREATE TYPE public.stage AS ENUM ('DRAFT', 'IN_FORCE', 'Retired')"
            + OF_A_TYPE.format("CASE lifecycle WHEN 'draft' THEN 'DRAFT' ELSE 'IN_FORCE' END"),
            ("DRAFT", "IN_FORCE", "Retired"),
        ),
        (
            "CREATE TYPE public.stage AS ENUM ('draft', 'enacted', 'gone')"
            + OF_A_TYPE.format("lifecycle"),
            ("draft", "enacted", "gone"),
        ),
        (
            "ALTER TABLE public.provision ADD CHECK (lifecycle IN ('draft', 'enacted', 'repealed'))",
            ("draft", "enacted", "repealed"),
        ),
        (
            "CREATE DOMAIN public.stage AS text CHECK (VALUE IN ('pending', 'enacted', 'draft',"
            " 'superseded'))" + OF_A_TYPE.format("lifecycle"),
            ("draft", "enacted", "superseded"),
        ),
        (
            "UPDATE public.provision SET lifecycle = 'Archived' WHERE address LIKE '%1'",
            ("draft", "enacted", "Archived"),
        ),
        ("SELECT 1", ("draft", "enacted", "retired")),
    ],
)
def test_the_words_for_how_far_a_unit_is_are_the_sites_own(
    server: Server, tmp_path: Path, change: str, words: tuple[str, str, str]
) -> None:
    with site(server, "single") as one:
        with one.connect() as admin:
            admin.execute(change.encode())
        with one.connect() as admin:
            plan_adoption(admin, tmp_path)
    found = parse((tmp_path / MAPPING).read_text(encoding="utf-8"))
    assert (found.draft, found.enacted, found.withdraw.lifecycle) == words


def test_a_column_that_has_no_known_name_is_asked_for_in_a_mapping_that_is_kept(
    server: Server, tmp_path: Path
) -> None:
    with site(server, "single") as one:
        with one.connect() as admin:
            admin.execute("ALTER TABLE public.provision RENAME address TO known_as")
            admin.execute("ALTER TABLE public.provision RENAME section TO part_of_it")
        asked = (
            r"^address = 'canonical_address' of \[units\], as public.provision has only id, "
            r"known_as, .*; section_type = 'section_type' of .*; section_type of \[create\], which "
            r"says no word for any of cutter's: the database has it otherwise. "
            r"Correct .*mapping.toml, and run this again.$"
        )
        for _ in range(2):
            with one.connect() as admin, pytest.raises(DatabaseUnsuitable, match=asked):
                plan_adoption(admin, tmp_path)
        text = (tmp_path / MAPPING).read_text(encoding="utf-8")
        assert not (tmp_path / ADOPT).exists()
        for was, now in (
            ('address = "canonical_address"', 'address = "known_as"'),
            ('section_type = "section_type"', 'section_type = "part_of_it"'),
            ("section_type = {  }", 'section_type = { "*" = "body" }'),
        ):
            assert was in text
            text = text.replace(was, now)
        (tmp_path / MAPPING).write_text(text, encoding="utf-8")
        with one.connect() as admin:
            assert plan_adoption(admin, tmp_path).units == UNITS["single"]


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE unit_version SET body = 'x'", "has another body"),
        ("UPDATE unit_version SET title = 'x'", "has another title"),
        ("UPDATE information_unit SET lifecycle_status = 'enacted'", "is enacted, and was draft"),
        ("UPDATE information_unit SET canonical_address = 'a~b'", "has another address"),
        ("UPDATE information_unit SET id = gen_random_uuid()", "and is gone"),
    ],
)
def test_a_unit_that_was_there_and_is_changed_outside_is_noticed(
    shared: Site, tmp_path: Path, change: str, says: str
) -> None:
    adopted(shared, tmp_path / "adopt")
    bench = live_bench(shared.database(), tmp_path)
    heads = tmp_path / "heads"
    with as_verifier(bench) as conn:
        assert audit_database(conn, bench.target, heads).findings == ()
    of = "canonical_address" if "information_unit" in change else "title"
    one = {"canonical_address": "charter~art_7", "title": "Article 7"}[of]
    with shared.connect() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(f"{change} WHERE {of} = %s".encode(), (one,))
    with as_verifier(bench) as conn:
        found = audit_database(conn, bench.target, heads).findings
    assert says in found[-1].message
    assert found[-1].subject == "charter~art_7"


def test_a_proof_looks_at_the_units_and_at_nothing_of_others(shared: Site, tmp_path: Path) -> None:
    adopted(shared, tmp_path / "adopt")
    bench = live_bench(shared.database(), tmp_path)
    before = read_surface(bench.connections)
    assert set(UNIT_TABLES) | {"cutter.iu_word", "cutter.cut_permit"} <= before.tables.keys()
    with shared.connect() as admin:
        admin.execute("INSERT INTO portal_account (email) VALUES ('new@example.org')")
        admin.execute("UPDATE portal_page SET html = ''")
        before.require_equal(read_surface(bench.connections), "Changed")
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE unit_version SET body = body || ' ' WHERE title = 'Article 7'")
    with pytest.raises(CheckFailed, match=re.escape("public.unit_version")):
        before.require_equal(read_surface(bench.connections), "Changed")


@pytest.mark.slow
def test_a_backup_covers_cutter_and_the_units_and_nothing_of_others(
    shared: Site, tmp_path: Path
) -> None:
    with shared.connect() as admin:
        admin.execute('CREATE TABLE public."odd ""name" (secret text)')
    adopted(shared, tmp_path / "adopt")
    bench = live_bench(shared.database(), tmp_path)
    cut(bench, made_plan(2))
    with keyring() as ring:
        backups = BackupBench(bench.database, bench, ring, tmp_path / "backups")
        made = Path(backups.back_up().path)
        tables = read_manifest(made)[0].tables
        assert {name for name in tables if not name.startswith("cutter.")} == set(UNIT_TABLES)
        assert tables["public.information_unit"].rows == 158 + 3
        report = backups.drill().prove(made)
    assert report.findings == ()
    assert report.proven


@pytest.mark.slow
@needs_debian
def test_a_neighbours_extension_stops_neither_backup_nor_proof(tmp_path: Path) -> None:
    """The server of the drill has no extension at all."""
    with (
        debian_server("--encoding=UTF8", "--locale=C.UTF-8") as (server, _),
        site(server, "shared") as made,
    ):
        with made.connect() as admin:
            admin.execute("CREATE EXTENSION pg_trgm SCHEMA public")
            admin.execute("CREATE EXTENSION hstore SCHEMA public")
            admin.execute("ALTER TABLE portal_page ADD COLUMN words hstore")
            admin.execute("CREATE INDEX near ON portal_page USING gin (html gin_trgm_ops)")
            admin.execute("CREATE VIEW portal_words AS SELECT words -> 'a' AS a FROM portal_page")
        adopted(made, tmp_path / "adopt")
        bench = live_bench(made.database(), tmp_path)
        with keyring() as ring:
            backups = BackupBench(bench.database, bench, ring, tmp_path / "backups")
            report = backups.drill().prove(Path(backups.back_up().path))
        assert report.findings == ()
        assert report.proven


def test_the_mapping_is_a_file_that_a_person_can_correct(shared: Site, tmp_path: Path) -> None:
    with shared.connect() as admin:
        first = plan_adoption(admin, tmp_path)
        written = (tmp_path / MAPPING).read_text(encoding="utf-8")
        assert render(parse(written)) == written
        corrected = written.replace('lifecycle = "retired"', 'lifecycle = "superseded"')
        assert corrected != written
        (tmp_path / MAPPING).write_text(corrected, encoding="utf-8")
        second = plan_adoption(admin, tmp_path)
        assert second.digest != first.digest
        assert (tmp_path / MAPPING).read_text(encoding="utf-8") == corrected
        assert "'superseded'" in (tmp_path / ADOPT).read_text(encoding="utf-8")
        found = (tmp_path / FOUND).read_text(encoding="utf-8")
        assert "158 units in public.information_unit" in found
        assert "there already: cutter_exec, cutter_verify\n" in found
        assert "left alone: public.cut_change_set, " in found
        assert scalar(admin, "SELECT to_regnamespace('cutter')") is None, "nothing was changed"


def test_exactly_the_file_that_was_read_is_run(shared: Site, tmp_path: Path) -> None:
    before = shared.catalog()
    with shared.connect() as admin:
        planned = plan_adoption(admin, tmp_path)
        with (tmp_path / ADOPT).open("a") as file:
            file.write("GRANT ALL ON public.portal_account TO cutter_exec;\n")
        with pytest.raises(ConfigMismatch, match="was to be run; read it again"):
            adopt(admin, tmp_path, planned.digest)
        with pytest.raises(BadInput, match="make it with `cutter db adopt --plan`"):
            adopt(admin, tmp_path / "nowhere", planned.digest)
    assert shared.catalog() == before


def test_what_does_not_lead_to_what_cutter_needs_leaves_nothing(
    shared: Site, tmp_path: Path
) -> None:
    before = shared.catalog()
    with shared.connect() as admin:
        plan_adoption(admin, tmp_path)
        text = (tmp_path / ADOPT).read_text(encoding="utf-8")
        for worse, says in (
            ("GRANT DELETE ON cutter.sweep_log TO cutter_exec;", "cutter_exec has DELETE"),
            ("DROP TRIGGER append_only ON cutter.sweep_log;", "append_only is missing"),
            ("SELECT 1 / 0;", "22012"),
        ):
            (tmp_path / ADOPT).write_text(text + worse, encoding="utf-8")
            digest = sha256((tmp_path / ADOPT).read_bytes()).hexdigest()
            with pytest.raises(AdoptionRefused, match=says):
                adopt(admin, tmp_path, digest)
    assert shared.catalog() == before


def test_it_is_let_in_once(shared: Site, tmp_path: Path) -> None:
    adopted(shared, tmp_path)
    with (
        shared.connect() as admin,
        pytest.raises(AdoptionRefused, match="has a schema of cutter's already"),
    ):
        plan_adoption(admin, tmp_path)


def test_logins_that_the_site_had_get_new_passwords_only_if_that_is_said(
    shared: Site, tmp_path: Path
) -> None:
    """Whoever is let in by name: there every role of ours has a grant in the very database."""
    with shared.connect() as admin:
        admin.execute(f"REVOKE CONNECT ON DATABASE {NAME} FROM PUBLIC".encode())
        admin.execute(f"GRANT CONNECT ON DATABASE {NAME} TO cutter_exec, cutter_verify".encode())
    adopted(shared, tmp_path)
    at = Endpoint(shared.server.host, shared.server.port, NAME, sslmode="disable")
    with pytest.raises(RolesInUse, match=r"cutter_exec, cutter_verify, .*--adopt-roles"):
        provision(at, shared.server.admin)
    as_ever = Credentials("cutter_exec", SecretStr("exec-of-the-site"))
    shared.server.connect(NAME, as_ever).close()
    made = provision(at, shared.server.admin, adopt_roles=True)
    shared.server.connect(NAME, made.logins[Principal.EXEC]).close()


def test_a_database_without_units_has_no_mapping(server: Server, tmp_path: Path) -> None:
    with (
        server.connect() as admin,
        pytest.raises(DatabaseUnsuitable, match="none holds units"),
    ):
        plan_adoption(admin, tmp_path)


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("public.fn_iu_create", "public.nope", "the function public.nope of [create]"),
        ("public.fn_iu_create", "public.fn_iu_enact", "as it does not take nine texts"),
        (', "change_set"]', "]", "as it does not take address, actor, decision"),
        ('answer = "json"\ncreated', 'answer = "record"\ncreated', "answers with jsonb"),
        ("reads = [", 'reads = ["public.nope", ', "the table public.nope of reads"),
        ('owner = "owner_ref"', 'owner = "owner_ref.x"', "as owner_ref is text and has no keys"),
        ("section_type = {", "section_type = {} #", "which says no word for any of cutter's"),
        ('number = "version_seq"', 'number = "title"', "as it is text and no number"),
        ('version = "version_anchor_ref"', 'version = "owner_ref"', "is text and has to be uuid"),
    ],
)
def test_a_mapping_that_the_database_has_otherwise_leads_to_no_sql(
    shared: Site, tmp_path: Path, was: str, now: str, says: str
) -> None:
    with shared.connect() as admin:
        plan_adoption(admin, tmp_path)
        (tmp_path / ADOPT).unlink()
        text = (tmp_path / MAPPING).read_text(encoding="utf-8")
        assert was in text
        (tmp_path / MAPPING).write_text(text.replace(was, now, 1), encoding="utf-8")
        with pytest.raises(DatabaseUnsuitable, match=re.escape(says)):
            plan_adoption(admin, tmp_path)
        assert not (tmp_path / ADOPT).exists()


def test_a_word_that_the_lifecycle_can_not_hold_leads_to_no_sql(
    server: Server, tmp_path: Path
) -> None:
    with site(server, "register") as one, one.connect() as admin:
        plan_adoption(admin, tmp_path)
        text = (tmp_path / MAPPING).read_text(encoding="utf-8")
        found = parse(text).withdraw.lifecycle
        wrong = text.replace(f'[withdraw]\nlifecycle = "{found}"', '[withdraw]\nlifecycle = "mist"')
        assert wrong != text
        (tmp_path / MAPPING).write_text(wrong, encoding="utf-8")
        with pytest.raises(DatabaseUnsuitable, match="holds no such word"):
            plan_adoption(admin, tmp_path)


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('table = "public.information_unit"', 'table = "information_unit"'), "schema in front"),
        (('key = "id"', 'key = "id; DROP"'), "neither a column"),
        (('answer = "json"', 'answer = "xml"'), "answers with one of"),
        (('"change_set"', '"moon"'), "moon: enact knows"),
        (("format", "formal"), "does not begin with format"),
        (("[units]", "[unit"), "not TOML"),
        (('owner = "owner_ref"\n', ""), "lacks something"),
        (('draft = "draft"\n', 'draft = "draft"\nmore = 1\n'), "has more, which is not known"),
        (('draft = "draft"', "draft = 3"), "draft = 3 of the mapping has to be a text"),
        (('draft = "draft"', 'draft = "retired"'), "are three words, and not retired, enacted"),
        (('lifecycle = "retired"', 'lifecycle = ""'), "lifecycle = '' of the mapping"),
        (('reads = ["', 'reads = "'), "not TOML"),
        (("reads = [", "reads = 'public.vocab' #"), "has to be a list of texts"),
        (("unit_kind = {", 'unit_kind = "law" #'), "has to be a table of words"),
        (("publication_type = {", 'publication_type = { "*" = 1 } #'), "has to be a table of"),
        (('key = "id"', 'key = "profile.id"'), "has to be a column, and no key of JSON"),
        (
            ('lifecycle = "lifecycle_status"', 'lifecycle = "identity_profile.state"'),
            "has to be a column, and no key of JSON",
        ),
    ],
)
def test_a_mapping_that_is_none_is_refused_in_one_sentence(
    shared: Site, tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    with shared.connect() as admin:
        plan_adoption(admin, tmp_path)
        text = (tmp_path / MAPPING).read_text(encoding="utf-8")
        assert change[0] in text
        (tmp_path / MAPPING).write_text(text.replace(*change, 1), encoding="utf-8")
        with pytest.raises(BadInput, match=re.escape(says)):
            plan_adoption(admin, tmp_path)
