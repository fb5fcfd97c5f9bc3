"""Credentials and signing keys from Secret blocks: late, checked, and never in an error."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect.blocks.system import Secret
from pydantic import SecretBytes, SecretStr

from adapters.keys.signing import Ed25519Signer, new_private_key
from blocks.api import bounded_client
from blocks.secrets import (
    SecretCredentials,
    load_signing_key,
    register_secret,
    register_signing_key,
    signing_block,
)
from blocks.settings import CutterSettings, load_settings
from domain.errors import ConfigMismatch, ConfigMissing, CutterError, OrchestratorUnavailable
from domain.phases import Principal
from domain.ports import Credentials
from tests.support.prefect import no_api

pytestmark = pytest.mark.prefect
CANARY = "canary-5f1e-never-to-be-seen"


@pytest.fixture
def settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> CutterSettings:
    """Settings with both users."""
    monkeypatch.setenv("DOT_CUTTER_EXEC_DB_USER", "cutter_exec")
    monkeypatch.setenv("DOT_CUTTER_VERIFY_DB_USER", "cutter_verify")
    return load_settings()


def whole_text(error: BaseException) -> str:
    """An error as a log would show it, with everything chained to it and all its attributes."""
    return "".join(traceback.format_exception(error)) + repr(vars(error)) + repr(error.args)


def test_a_registered_login_comes_back(api: str, settings: CutterSettings) -> None:
    register_secret(Principal.EXEC, Credentials("cutter_exec", SecretStr("12345")))
    assert SecretCredentials(settings)(Principal.EXEC) == Credentials(
        "cutter_exec", SecretStr("12345")
    )
    register_secret(Principal.EXEC, Credentials("cutter_exec", SecretStr("null")))
    found = SecretCredentials(settings)(Principal.EXEC)
    assert found.password.get_secret_value() == "null"
    assert "null" not in repr(found)


def test_a_missing_block_is_named(api: str, settings: CutterSettings) -> None:
    with pytest.raises(ConfigMissing, match="cutter-verify"):
        SecretCredentials(settings)(Principal.VERIFY)


@pytest.mark.one_quick
@pytest.mark.parametrize(
    "value",
    [
        CANARY,
        {"user": "cutter_exec"},
        {"user": "root", "password": CANARY},
        {"user": "", "password": CANARY},
        [CANARY],
    ],
)
def test_a_wrong_block_is_refused_without_its_value(
    api: str, settings: CutterSettings, value: Any
) -> None:
    Secret(value=value).save("cutter-exec", overwrite=True)
    with pytest.raises(ConfigMismatch, match="cutter-exec") as refused:
        SecretCredentials(settings)(Principal.EXEC)
    assert CANARY not in whole_text(refused.value)


@pytest.mark.one_quick
@pytest.mark.parametrize(
    "use",
    [
        lambda settings: SecretCredentials(settings)(Principal.EXEC),
        lambda settings: load_signing_key(Principal.EXEC, settings),
        lambda _settings: register_secret(
            Principal.EXEC, Credentials("cutter_exec", SecretStr(CANARY))
        ),
        lambda _settings: register_signing_key(Principal.EXEC, SecretBytes(CANARY.encode())),
    ],
)
def test_no_api_is_one_sentence_without_a_value(
    settings: CutterSettings, use: Callable[[CutterSettings], object]
) -> None:
    with no_api(), pytest.raises(OrchestratorUnavailable, match="PREFECT_API_URL") as refused:
        use(settings)
    assert CANARY not in whole_text(refused.value)


def test_the_user_is_asked_for_before_the_secret(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOT_CUTTER_EXEC_DB_USER", raising=False)
    with no_api(), pytest.raises(ConfigMissing, match="DOT_CUTTER_EXEC_DB_USER"):
        SecretCredentials(load_settings())(Principal.EXEC)


def test_a_signing_key_comes_from_its_block(api: str, settings: CutterSettings) -> None:
    assert load_signing_key(Principal.VERIFY, settings) is None
    pem = new_private_key()
    register_signing_key(Principal.VERIFY, SecretBytes(pem))
    found = load_signing_key(Principal.VERIFY, settings)
    assert found is not None
    assert Ed25519Signer(found.get_secret_value()).key_id == Ed25519Signer(pem).key_id
    assert signing_block(Principal.VERIFY) == "cutter-verify-signing-key"


def test_a_signing_key_may_be_typed_into_the_form(api: str, settings: CutterSettings) -> None:
    pem = new_private_key()
    Secret(value=pem.decode()).save(signing_block(Principal.EXEC), overwrite=True)
    assert load_signing_key(Principal.EXEC, settings) == SecretBytes(pem)
    Secret(value=CANARY).save(signing_block(Principal.EXEC), overwrite=True)
    with pytest.raises(ConfigMismatch, match="no private key") as refused:
        load_signing_key(Principal.EXEC, settings)
    assert CANARY not in whole_text(refused.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o700, 0o666])
def test_a_key_file_that_others_could_read_is_refused(settings: CutterSettings, mode: int) -> None:
    path = settings.state / "keys" / "cutter_exec.pem"
    path.parent.mkdir(parents=True)
    path.write_bytes(new_private_key())
    path.chmod(mode)
    with no_api(), pytest.raises(ConfigMismatch, match="chmod 600") as refused:
        load_signing_key(Principal.EXEC, settings)
    assert isinstance(refused.value, CutterError)
    os.chmod(path, 0o600)
    with no_api():
        assert load_signing_key(Principal.EXEC, settings) == SecretBytes(path.read_bytes())


def test_the_api_shows_no_value_to_who_does_not_ask_for_secrets(
    api: str, settings: CutterSettings
) -> None:
    register_secret(Principal.EXEC, Credentials("cutter_exec", SecretStr(CANARY)))
    with bounded_client() as client:
        answer = client._client.post("/block_documents/filter", json={"limit": 200})
    assert answer.status_code == 200
    assert "cutter-exec" in answer.text
    assert CANARY not in answer.text
