"""A home that an operator has configured is started, and never prepared anew."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console

from adapters.home.layout import ENV_FILE
from adapters.home.target import registered_target
from adapters.postgres.server.embedded import EmbeddedServer
from blocks.settings import load_settings
from cli.records.database import prepare
from cli.services import home_settings, require_knowledge_base
from domain.errors import ConfigMismatch, HomeNotReady
from service.up import down, prepare_if_new
from tests.support.postgres import server_folder
from tests.support.service import wait_for

CONFIGURED = """\
DOT_CUTTER_DB_HOST=db.example
DOT_CUTTER_DB_PORT=5433
DOT_CUTTER_DB_NAME=directus
DOT_CUTTER_DB_SSLMODE=disable
"""

NOWHERE = EmbeddedServer("127.0.0.1", 1, "postgres", SecretStr("x"), Path("/"), Path("/"), 16)


@pytest.fixture
def configured() -> Iterator[Path]:
    """A home whose settings name a database that is not registered yet."""
    with server_folder() as folder:
        folder.chmod(0o755)
        home = folder / "home"
        home.mkdir(mode=0o711)
        (home / ENV_FILE).write_text(CONFIGURED)
        yield home


@pytest.mark.parametrize("line", CONFIGURED.splitlines())
def test_one_setting_that_names_a_database_is_enough(tmp_path: Path, line: str) -> None:
    (tmp_path / ENV_FILE).write_text(line)
    assert not prepare_if_new(load_settings(tmp_path), NOWHERE)


@pytest.mark.parametrize("line", [*CONFIGURED.splitlines(), "DOT_CUTTER_DB_SERVICE=kb"])
def test_a_command_asks_the_database_that_one_setting_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """Also where nothing but a service of libpq's service file is named."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (tmp_path / ENV_FILE).write_text(line)
    require_knowledge_base(load_settings(tmp_path))
    (tmp_path / ENV_FILE).write_text("")
    with pytest.raises(HomeNotReady):
        require_knowledge_base(load_settings(tmp_path))


def test_db_init_embedded_refuses_a_home_that_names_another_database(
    configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTTER_HOME", str(configured))
    assert home_settings().names_a_database
    with pytest.raises(ConfigMismatch, match=r"directus on db\.example:5433"):
        prepare(Console(), NOWHERE, None)
    assert (configured / ENV_FILE).read_text() == CONFIGURED


@pytest.mark.prefect
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_up_without_a_worker_leaves_settings_and_target_as_they_are(configured: Path) -> None:
    """What the unit `cutter-server.service` runs."""
    output = configured.parent / "up.out"
    with output.open("wb") as out:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "up", "--no-worker"],
            stdout=out,
            stderr=out,
            env=os.environ | {"CUTTER_HOME": str(configured)},
        )
    try:
        wait_for(lambda: "Ctrl-C" in output.read_text() or keeper.poll() is not None)
        assert "is not registered as the target yet" in output.read_text()
        assert (configured / ENV_FILE).read_text() == CONFIGURED
        assert registered_target(configured / "state") is None
    finally:
        keeper.send_signal(signal.SIGTERM)
        keeper.wait(60)
        down(configured)
