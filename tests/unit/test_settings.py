"""Settings: every missing key is named, wrong ones are refused, and importing them stays light."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from blocks.settings import SERVICE_HOME, CutterSettings, default_home, load_settings
from domain.errors import ConfigMismatch, ConfigMissing
from domain.phases import Principal
from domain.ports import Endpoint

ALL = {
    "DOT_CUTTER_DB_HOST": "db.example",
    "DOT_CUTTER_DB_PORT": "5433",
    "DOT_CUTTER_DB_NAME": "knowledge",
    "DOT_CUTTER_DB_SSLMODE": "verify-full",
    "DOT_CUTTER_EXEC_DB_USER": "cutter_exec",
    "DOT_CUTTER_VERIFY_DB_USER": "cutter_verify",
    "BACKUP_GPG_FPR": "AB" * 20,
}


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Everything set, in a home of the test's own."""
    monkeypatch.setenv("CUTTER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CUTTER_GNUPG_HOME", raising=False)
    for key, value in ALL.items():
        monkeypatch.setenv(key, value)
    return monkeypatch


def test_what_is_set_is_read(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.endpoint() == Endpoint("db.example", 5433, "knowledge", "verify-full")
    assert settings.user_of(Principal.EXEC) == "cutter_exec"
    assert settings.user_of(Principal.VERIFY) == "cutter_verify"
    assert settings.backup_fingerprint() == "AB" * 20
    home = tmp_path / "home"
    assert (settings.runs, settings.state, settings.backups) == (
        home / "runs",
        home / "state",
        home / "backups",
    )
    settings.require_live()
    assert not home.exists(), "reading settings created the home"


@pytest.mark.parametrize("value", [None, "", "  "])
@pytest.mark.parametrize("key", ALL)
def test_a_missing_key_is_named(
    environment: pytest.MonkeyPatch, key: str, value: str | None
) -> None:
    environment.delenv(key) if value is None else environment.setenv(key, value)
    settings = load_settings()
    with pytest.raises(ConfigMissing) as refused:
        settings.require_live()
    assert refused.value.key == key
    assert key in str(refused.value)


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "5432.0", "٥٤٣٢"])
def test_a_wrong_port_is_refused(environment: pytest.MonkeyPatch, port: str) -> None:
    environment.setenv("DOT_CUTTER_DB_PORT", port)
    with pytest.raises(ConfigMismatch, match="DOT_CUTTER_DB_PORT"):
        load_settings().endpoint()


def test_an_unknown_sslmode_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DOT_CUTTER_DB_SSLMODE", "yes")
    with pytest.raises(ConfigMismatch, match="verify-full"):
        load_settings().endpoint()


def test_who_writes_may_not_verify(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DOT_CUTTER_VERIFY_DB_USER", "cutter_exec")
    with pytest.raises(ConfigMismatch, match="same user"):
        load_settings().user_of(Principal.EXEC)


@pytest.mark.parametrize("name", ["EXEC", "VERIFY"])
def test_a_login_of_another_name_is_refused_before_anything_is_asked(
    environment: pytest.MonkeyPatch, name: str
) -> None:
    environment.setenv(f"DOT_CUTTER_{name}_DB_USER", "app one")
    with pytest.raises(ConfigMismatch, match=f"{name}_DB_USER is 'app one', and this login is al"):
        load_settings().user_of(Principal.EXEC)


def test_the_file_in_the_home_fills_in_and_the_environment_wins(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for key in ALL:
        environment.delenv(key)
    home = tmp_path / "home"
    home.mkdir()
    (home / "cutter.env").write_text(
        "".join(f"{key}={value}\n" for key, value in ALL.items()) + f"CUTTER_HOME={tmp_path}\n"
    )
    environment.setenv("DOT_CUTTER_DB_NAME", "another")
    settings = load_settings()
    assert settings.home == home
    assert settings.endpoint() == Endpoint("db.example", 5433, "another", "verify-full")


SERVICES = """
# comments stay comments
[kb]
host=far.example
port=6432
dbname=kb # 1
sslmode=verify-full
sslrootcert=/etc/ssl/kb.crt
sslnegotiation=direct
user=somebody
[other]
host=elsewhere
"""


def service_file(environment: pytest.MonkeyPatch, folder: Path, text: str = SERVICES) -> Path:
    """Nothing but the service is set, and where it is written down."""
    for key in ("HOST", "PORT", "NAME", "SSLMODE"):
        environment.delenv(f"DOT_CUTTER_DB_{key}")
    path = folder / "services"
    path.write_text(text)
    environment.setenv("PGSERVICEFILE", str(path))
    environment.setenv("DOT_CUTTER_DB_SERVICE", "kb")
    return path


def test_a_service_says_what_the_settings_do_not(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service_file(environment, tmp_path)
    there = Endpoint(
        "far.example",
        6432,
        "kb # 1",
        "verify-full",
        sslrootcert="/etc/ssl/kb.crt",
        sslnegotiation="direct",
    )
    assert load_settings().endpoint() == there
    environment.setenv("DOT_CUTTER_DB_HOST", "near.example")
    assert load_settings().endpoint() == replace(there, host="near.example")
    # Who logs in is never the service's to say: there are two principals.
    assert load_settings().user_of(Principal.EXEC) == "cutter_exec"


def test_the_systems_service_file_counts_where_the_users_has_none(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = service_file(environment, tmp_path)
    path.rename(tmp_path / "pg_service.conf")
    with pytest.raises(ConfigMismatch, match=r"DOT_CUTTER_DB_SERVICE is 'kb', and no such service"):
        load_settings().endpoint()
    environment.setenv("PGSYSCONFDIR", str(tmp_path))
    assert load_settings().endpoint().host == "far.example"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[other]\nhost=x\n", "no such service"),
        ("host=x without a section\n", "can not be read as one"),
        ("[kb]\nhost=x\nport=1\ndbname=d\nsslmode=sure\n", "SSLMODE is 'sure'"),
        ("[kb]\nhost=x\nport=1\ndbname=d\nsslmode=require\nsslnegotiation=soon\n", "is 'soon'"),
    ],
)
def test_a_service_that_does_not_serve_is_refused(
    environment: pytest.MonkeyPatch, tmp_path: Path, text: str, why: str
) -> None:
    service_file(environment, tmp_path, text)
    with pytest.raises(ConfigMismatch, match=why):
        load_settings().endpoint()


def test_what_neither_says_is_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    service_file(environment, tmp_path, "[kb]\nhost=x\n")
    with pytest.raises(ConfigMissing, match="DOT_CUTTER_DB_PORT"):
        load_settings().endpoint()


def test_a_home_can_be_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert load_settings(tmp_path / "other").state == tmp_path / "other" / "state"


@pytest.mark.parametrize(
    ("environ", "home"),
    [
        (
            {"CUTTER_HOME": "/a", "STATE_DIRECTORY": "/var/lib/cutter", "XDG_DATA_HOME": "/b"},
            Path("/a"),
        ),
        (
            {"STATE_DIRECTORY": "/var/lib/other:/var/lib/cutter", "XDG_DATA_HOME": "/b"},
            SERVICE_HOME,
        ),
        ({"STATE_DIRECTORY": "/var/lib/other", "XDG_DATA_HOME": "/b"}, Path("/b/cutter")),
        ({"XDG_DATA_HOME": "relative"}, Path.home() / ".local/share/cutter"),
        ({}, Path.home() / ".local/share/cutter"),
    ],
)
def test_where_the_home_is(environ: dict[str, str], home: Path) -> None:
    assert default_home(environ) == home


def test_settings_can_not_be_changed(environment: pytest.MonkeyPatch) -> None:
    change: Callable[[CutterSettings, str, str], None] = setattr
    with pytest.raises(FrozenInstanceError):
        change(load_settings(), "db_host", "elsewhere")


def test_importing_them_does_not_import_prefect() -> None:
    code = "import sys, blocks.settings; print('prefect' in sys.modules, 'psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
