"""Passwords and signing keys by command, and two homes on one Prefect server."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretBytes, SecretStr

from adapters.home.layout import ENV_FILE, make_home, owner_of_home
from adapters.keys.signing import Ed25519Signer, new_private_key
from blocks.secrets import (
    SecretCredentials,
    load_signing_key,
    register_secret,
    register_signing_key,
)
from blocks.settings import load_settings
from blocks.stored import VARIABLE
from cli.home import principals
from cli.home.whose import Login, Signer
from cli.terminal import SafeConsole
from domain.errors import BadInput, ConfigMismatch, ConfigMissing
from domain.phases import Principal
from domain.ports import Credentials
from domain.switch import SwitchState
from tasks.app import production_app
from tests.support.knowledge import Knowledge
from tests.support.prefect import forget_blocks

pytestmark = pytest.mark.prefect
CONSOLE = SafeConsole(soft_wrap=True)


@pytest.fixture
def prefixed(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> str:
    """A home whose blocks have a name of their own, and nothing in them."""
    monkeypatch.setenv("CUTTER_BLOCKS", "cutter-0a1b")
    forget_blocks("cutter-0a1b-exec", "cutter-0a1b-exec-signing-key")
    return "cutter-0a1b"


def password_file(folder: Path, password: str) -> Path:
    path = folder / "password"
    path.write_text(password + "\n")
    return path


def test_a_password_is_stored_from_a_file_in_this_homes_block(
    prefixed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load = SecretCredentials(load_settings())
    with pytest.raises(ConfigMissing, match="cutter secrets set exec"):
        load(Principal.EXEC)
    principals.set_command(CONSOLE, Login.EXEC, password_file(tmp_path, "of this home"))
    assert load(Principal.EXEC).password.get_secret_value() == "of this home"
    said = capsys.readouterr().out
    assert "cutter-0a1b-exec" in said
    assert "of this home" not in said
    with pytest.raises(BadInput, match="empty password"):
        principals.set_command(CONSOLE, Login.EXEC, password_file(tmp_path, ""))


def test_two_homes_on_one_server_keep_their_own_secrets(
    prefixed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_secret(Principal.EXEC, Credentials("cutter_exec", SecretStr("one")), prefixed)
    register_secret(Principal.EXEC, Credentials("cutter_exec", SecretStr("two")), "cutter-9f")
    pem = new_private_key()
    register_signing_key(Principal.EXEC, SecretBytes(pem), prefixed)
    register_signing_key(Principal.EXEC, SecretBytes(new_private_key()), "cutter-9f")
    settings = load_settings()
    assert SecretCredentials(settings)(Principal.EXEC).password.get_secret_value() == "one"
    found = load_signing_key(Principal.EXEC, settings)
    assert found is not None
    assert found.get_secret_value() == pem
    forget_blocks("cutter-9f-exec", "cutter-9f-exec-signing-key")


def test_two_homes_on_one_server_have_a_switch_each(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().switch_variable == VARIABLE
    until, one, other = datetime.now(UTC) + timedelta(minutes=5), uuid.uuid4(), uuid.uuid4()
    switches = {}
    for prefix, change_set in (("cutter-0a1b", one), ("cutter-9f", other)):
        monkeypatch.setenv("CUTTER_BLOCKS", prefix)
        switches[prefix] = production_app().switch
        switches[prefix].arm(SwitchState.LIVE, change_set, until, "Ada", "a test")
    assert [switch.read().change_set_id for switch in switches.values()] == [one, other]
    assert switches["cutter-9f"].disarm("enough")
    assert [switch.read().state for switch in switches.values()] == [
        SwitchState.LIVE,
        SwitchState.OFF,
    ]
    assert switches["cutter-0a1b"].disarm("enough")


def test_each_new_home_has_a_prefix_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUTTER_BLOCKS", raising=False)
    found = set()
    for name in ("one", "two"):
        make_home(tmp_path / name, owner_of_home(None))
        assert "CUTTER_BLOCKS=cutter-" in (tmp_path / name / ENV_FILE).read_text()
        found.add(load_settings(tmp_path / name).block_prefix)
    assert len(found) == 2
    monkeypatch.setenv("CUTTER_BLOCKS", "Not a name")
    with pytest.raises(ConfigMismatch, match="CUTTER_BLOCKS"):
        _ = load_settings(tmp_path / "one").block_prefix


@pytest.mark.slow
def test_a_key_is_made_registered_replaced_and_retired_by_command(
    knowledge: Knowledge, prefixed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = knowledge.database.admin
    as_admin: Any = {
        "admin": admin.user,
        "password_file": password_file(tmp_path, admin.password.get_secret_value()),
    }
    register_secret(Principal.VERIFY, knowledge.database.credentials(Principal.VERIFY), prefixed)
    public = tmp_path / "exec.pub"
    principals.make_command(CONSOLE, Signer.EXEC, public, replace=False)
    assert public.read_text().startswith("ssh-ed25519 ")
    with pytest.raises(BadInput, match="--replace"):
        principals.make_command(CONSOLE, Signer.EXEC, None, replace=False)
    principals.register_command(CONSOLE, Signer.EXEC, public, **as_admin)
    first = stored_key()
    assert counting(capsys) == {first}

    principals.make_command(CONSOLE, Signer.EXEC, None, replace=True)
    principals.register_command(CONSOLE, Signer.EXEC, None, **as_admin)
    second = stored_key()
    assert second != first
    assert counting(capsys) == {second}

    principals.retire_command(CONSOLE, second[:10], **as_admin)
    assert counting(capsys) == set()
    with pytest.raises(BadInput, match="names no key that counts"):
        principals.retire_command(CONSOLE, second[:10], **as_admin)


def stored_key() -> str:
    pem = load_signing_key(Principal.EXEC, load_settings())
    assert pem is not None
    return Ed25519Signer(pem.get_secret_value()).key_id


def counting(capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The executor's keys that count, as `cutter key list --json` says."""
    capsys.readouterr()
    principals.list_command(CONSOLE, as_json=True)
    return {
        key["key_id"]
        for key in json.loads(capsys.readouterr().out)
        if key["principal"] == "cutter_exec" and key["retired_at"] is None
    }
