"""A knowledge base that cutter did not make, from the first look to taking cutter out again, by the
commands that an operator types.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from psycopg import sql

from adapters.home.layout import set_values
from adapters.keys.gpg import stop_agents
from adapters.postgres.adopting.apply import REVERT
from adapters.postgres.connection.names import relation
from tests.support.command import Done, cutter
from tests.support.postgres import Server, bare_server
from tests.support.site import Site, site

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(900)]

LAW = """# The law of rivers

## Chapter 1. General

### Article 1. Scope

This law is for rivers.

### Article 2. Words

“River” means what flows.

## Chapter 2. Duties

### Article 3. Banks

Banks are kept.
"""
UNITS = 6
UNIT_TABLES = {
    "shared": ("public.information_unit", "public.unit_version"),
    "archive": ("archive.piece", "archive.piece_text"),
    "register": ("Register.Unit", "Register.Wording"),
    "single": ("public.provision",),
}
WITH_LOGINS = ("shared",)
"""Models on whose server the principals were before cutter was."""


@dataclass(frozen=True)
class Operator:
    """A person with a home of their own, at the commands."""

    home: Path
    api: str
    site: Site

    def runs(self, *arguments: str, status: int = 0) -> Done:
        done = cutter(*arguments, home=self.home, environment={"PREFECT_API_URL": self.api})
        assert done.returncode == status, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done

    def says(self, *arguments: str, status: int = 0) -> str:
        done = self.runs(*arguments, status=status)
        return " ".join((done.stdout + done.stderr).split())

    def file(self, name: str, text: str) -> str:
        path = self.home.parent / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    @property
    def admin(self) -> tuple[str, ...]:
        login = self.site.server.admin
        password = self.file("admin", login.password.get_secret_value())
        return ("--admin", login.user, "--password-file", password)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with bare_server() as made:
        yield made


@pytest.fixture
def operator(server: Server, api: str, model: str) -> Iterator[Operator]:
    folder = Path(tempfile.mkdtemp(prefix="iuc-op-"))
    with site(server, model) as made:
        yield Operator(folder / "home", api, made)
    stop_agents(folder / "home" / "gnupg")
    shutil.rmtree(folder)


def named(operator: Operator) -> None:
    """The settings of a home, as a person writes them into `cutter.env`."""
    operator.runs("init")
    at = operator.site.server
    set_values(
        operator.home / "cutter.env",
        {
            "DOT_CUTTER_DB_HOST": at.host,
            "DOT_CUTTER_DB_PORT": str(at.port),
            "DOT_CUTTER_DB_NAME": operator.site.name,
            "DOT_CUTTER_DB_SSLMODE": "disable",
            "DOT_CUTTER_EXEC_DB_USER": "cutter_exec",
            "DOT_CUTTER_VERIFY_DB_USER": "cutter_verify",
        },
    )


def approver_keys(operator: Operator) -> dict[str, str]:
    """Two people's key files, registered for what each may sign."""
    keys = {}
    for person, gates in {"Ann": ("SG_1", "SG_3"), "Ben": ("SG_2",)}.items():
        private = Ed25519PrivateKey.generate()
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        keys[person] = operator.file(person, pem.decode())
        known = operator.file(f"{person}.pub", public.decode())
        may = [word for gate in gates for word in ("--gate", gate)]
        operator.runs("approver", "add", person, "--key", known, *may, *operator.admin)
    return keys


@pytest.mark.parametrize("model", sorted(UNIT_TABLES))
def test_a_law_is_cut_into_a_base_that_was_there_and_cutter_goes_again(
    operator: Operator, model: str
) -> None:
    site, unit_tables = operator.site, UNIT_TABLES[model]
    others, catalog, everything = site.rows(*unit_tables), site.catalog(), site.rows()
    standing = there(site, unit_tables)

    named(operator)
    if model in WITH_LOGINS:
        stored(operator, "verify", "verify-of-the-site")
        assert operator.says("doctor", status=3).endswith("Next: cutter db adopt --plan")

    adopted(operator)
    assert site.rows() == everything
    if model in WITH_LOGINS:
        logins_kept(operator)
    else:
        operator.runs("db", "init", "--adopt-roles", *operator.admin)
    assert "Registered as the target" in operator.says("doctor", "--register")
    assert "keeps the contract" in operator.says("conform")
    proof = json.loads(operator.runs("prove", "--json").stdout)
    assert [check["passed"] for check in proof["checks"]] == [True] * 11
    operator.runs("backup", "make")
    assert "Proven" in operator.says("backup", "verify")

    keys = approver_keys(operator)
    law = operator.file("law.md", LAW)
    operator.runs("propose", law, "--rehearse", "--yes")
    for person in ("Ann", "Ben"):
        operator.runs("approve", "law", "--key", keys[person], "--yes")
    operator.runs("go", "law")
    assert f"enacted, {UNITS} units" in operator.says("status")
    assert "Everything is as it was signed" in operator.says("audit")
    assert lifecycles(site, "law") == {"enacted": UNITS}
    no_revision(operator, law)

    change_set = json.loads(operator.runs("revert", "law", "--json").stdout)["change_set_id"]
    for person in ("Ann", "Ben"):
        operator.runs("approve", "--revert", "law", "--key", keys[person], "--yes")
    operator.runs("switch", "arm", change_set, "--reason", "a test")
    operator.runs("revert", "law", "--live")
    assert "Everything is as it was signed" in operator.says("audit")
    assert lifecycles(site, "law") == {"withdrawn": UNITS}
    assert site.rows(*unit_tables) == others
    assert standing <= there(site, unit_tables)

    if model == "shared":
        corrected(operator, keys)
    with site.connect() as admin, admin.transaction():
        admin.execute((operator.home / "adopt" / REVERT).read_bytes())
    assert site.catalog() == catalog
    assert site.rows(*unit_tables) == others
    assert standing <= there(site, unit_tables)


def corrected(operator: Operator, keys: dict[str, str]) -> None:
    """Somebody else changes a unit that was there, a person who may says that it is right, and it
    is changed back.
    """
    was = rewritten(operator.site, "corrected")
    assert "charter~art_7" in operator.says("audit", status=4)
    accept = ("adopted", "accept", "--reason", "a misprint", "--yes", "--key")
    assert "SG_3" in operator.says(*accept, keys["Ben"], status=3)
    assert "charter~art_7" in operator.says("audit", status=4)
    said = operator.says(*accept, keys["Ann"])
    assert "charter~art_7" in said
    assert "1 unit accepted" in said
    assert "Everything is as it was signed" in operator.says("audit")
    rewritten(operator.site, was)
    assert "charter~art_7" in operator.says("audit", status=4)


def rewritten(site: Site, body: str) -> str:
    """Give a unit another body, as another application does; the one that it had."""
    with site.connect() as admin:
        admin.execute("SET session_replication_role = replica")
        query = "SELECT body FROM unit_version WHERE title = 'Article 7'"
        ((was,),) = admin.execute(query).fetchall()
        admin.execute("UPDATE unit_version SET body = %s WHERE title = 'Article 7'", (body,))
    return str(was)


def no_revision(operator: Operator, law: str) -> None:
    """A new version is refused in one sentence before anybody is asked to sign it."""
    operator.file("law.md", LAW.replace("are kept", "are mown"))
    said = operator.says("propose", law, "--yes", status=3)
    assert "has no functions that write versions" in said
    assert "Not proposed" in said
    operator.file("law.md", LAW)


def stored(operator: Operator, whose: str, password: str) -> None:
    operator.runs("secrets", "set", whose, "--password-file", operator.file(whose, password))


def logins_kept(operator: Operator) -> None:
    """What the guide says where the principals keep the passwords that they have."""
    with operator.site.connect() as admin:
        admin.execute("ALTER ROLE cutter_rehearse PASSWORD 'new-for-cutter'")
    stored(operator, "exec", "exec-of-the-site")
    stored(operator, "rehearse", "new-for-cutter")
    for whose in ("exec", "verify"):
        operator.runs("key", "make", whose)
        operator.runs("key", "register", whose, *operator.admin)


def adopted(operator: Operator) -> None:
    """Planned, which changes nothing, and applied as the plan has said."""
    before = operator.site.catalog(), operator.site.rows()
    said = operator.says("db", "adopt", "--plan", *operator.admin)
    assert (operator.site.catalog(), operator.site.rows()) == before
    digest = re.search(r"--digest ([0-9a-f]{64})", said)
    assert digest is not None
    apply = ("db", "adopt", "--apply", "--digest", digest[1])
    assert "Make a backup" in operator.says(*apply, *operator.admin, status=2)
    backup = operator.file("site.dump", "made by the means that the site has")
    assert "adopted as they are" in operator.says(*apply, "--backup", backup, *operator.admin)


def lifecycles(site: Site, code: str) -> dict[str, int]:
    """How many units of a document the port shows in each lifecycle."""
    with site.connect() as admin:
        rows = admin.execute(
            "SELECT lifecycle, count(*) FROM cutter.iu_unit WHERE document_code = %s GROUP BY 1",
            (code,),
        ).fetchall()
    return dict(rows)


def there(site: Site, tables: tuple[str, ...]) -> set[str]:
    """Every row of the units' tables."""
    with site.connect() as admin:
        return {
            text
            for table in tables
            for (text,) in admin.execute(
                sql.SQL("SELECT t::text FROM {} t").format(relation(table))
            )
        }
