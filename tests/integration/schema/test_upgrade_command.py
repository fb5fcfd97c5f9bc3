"""`cutter db upgrade` as an administrator runs it: asked, told what comes first, done, done already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.postgres.schema.catalog import SCHEMA_VERSION
from adapters.postgres.schema.install import installed_version
from domain.phases import Principal
from tests.support.command import Done, cutter
from tests.support.postgres import Cluster, Database
from tests.support.releases import RELEASED, released_database

HALT = "SELECT public.fn_halt('operator', 'an upgrade'), public.fn_permits_revoke('operator', 'x')"


def runs(database: Database, folder: Path, *arguments: str) -> Done:
    """The command in a home whose settings name this database."""
    at, login = database.endpoint, database.cluster.server.admin
    password = folder / "password"
    password.write_text(login.password.get_secret_value())
    password.chmod(0o600)
    return cutter(
        *("db", "upgrade", *arguments, "--admin", login.user, "--password-file", str(password)),
        home=folder / "home",
        environment={
            "DOT_CUTTER_DB_HOST": at.host,
            "DOT_CUTTER_DB_PORT": str(at.port),
            "DOT_CUTTER_DB_NAME": at.database,
            "DOT_CUTTER_DB_SSLMODE": at.sslmode,
            "CUTTER_REQUIRE_RESTORE_PROOF": "off",
        },
    )


def answer(done: Done, status: int = 0) -> dict[str, Any]:
    assert done.returncode == status, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("version", RELEASED)
def test_an_upgrade_is_walked_in_json(cluster: Cluster, tmp_path: Path, version: int) -> None:
    with released_database(cluster, version) as old:
        plan = answer(runs(old, tmp_path, "--plan", "--json"), status=1)
        assert (plan["installed"], plan["wanted"]) == (version, SCHEMA_VERSION)
        assert [step["name"][:4] for step in plan["steps"]] == [
            f"{one:04}" for one in range(version + 1, SCHEMA_VERSION + 1)
        ]
        assert "run `cutter halt`" in plan["obstacles"][0]
        refused = runs(old, tmp_path, "--apply", "--json")
        assert (refused.returncode != 0, "Not everything is halted" in refused.stderr) == (
            True,
            True,
        )

        with old.connect(Principal.EXEC, autocommit=True) as conn:
            conn.execute(HALT)
        assert answer(runs(old, tmp_path, "--plan", "--json"))["obstacles"] == []
        with old.connect() as admin:
            assert installed_version(admin) == version, "a plan changes nothing"

        done = answer(runs(old, tmp_path, "--apply", "--json"))
        assert done["plan"]["wanted"] == SCHEMA_VERSION
        assert done["rows"] > 0
        with old.connect() as admin:
            assert installed_version(admin) == SCHEMA_VERSION
        assert answer(runs(old, tmp_path, "--plan", "--json"))["steps"] == []


@pytest.mark.slow
def test_the_same_in_words(cluster: Cluster, tmp_path: Path) -> None:
    with released_database(cluster, RELEASED[0]) as old:
        with old.connect(Principal.EXEC, autocommit=True) as conn:
            conn.execute(HALT)
        asked = runs(old, tmp_path)
        assert (asked.returncode, "Nothing stands in the way" in asked.stdout) == (0, True)
        done = runs(old, tmp_path, "--apply")
        assert f"The schema has version {SCHEMA_VERSION} now" in done.stdout
        again = runs(old, tmp_path, "--apply")
        assert "there is nothing to do" in again.stdout
