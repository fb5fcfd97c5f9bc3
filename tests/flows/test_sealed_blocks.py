"""What Prefect's API gives of a home's secrets is sealed for a key that lies in the home."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from pydantic import SecretBytes, SecretStr

from adapters.keys.signing import Ed25519Signer, new_private_key
from blocks.sealing import Seal
from blocks.secrets import (
    BLOCK_TYPE,
    SecretCredentials,
    load_signing_key,
    plain_blocks,
    register_rehearsal_login,
    register_secret,
    register_signing_key,
    rehearsal_login,
    seal_block,
)
from blocks.settings import CutterSettings, load_settings
from domain.errors import ConfigMismatch, ConfigMissing
from domain.phases import Principal
from domain.ports import Credentials
from tasks.credentials import seal_of
from tests.support.prefect import forget_blocks

pytestmark = pytest.mark.prefect
CANARY = "canary-77b0-never-to-be-seen"
PREFIX = "cutter-5ea1"


@pytest.fixture
def settings(home: Path, api: str, monkeypatch: pytest.MonkeyPatch) -> CutterSettings:
    """A home with blocks of its own."""
    monkeypatch.setenv("PREFECT_API_URL", api)
    monkeypatch.setenv("DOT_CUTTER_EXEC_DB_USER", "cutter_exec")
    monkeypatch.setenv("DOT_CUTTER_VERIFY_DB_USER", "cutter_verify")
    monkeypatch.setenv("CUTTER_BLOCKS", PREFIX)
    return load_settings()


def answered(block: str) -> str:
    """All that the API says of a block to who asks for its secrets."""
    with get_client(sync_client=True) as client:
        found = client.read_block_document_by_name(block, BLOCK_TYPE, include_secrets=True)
    return found.model_dump_json()


def stored(settings: CutterSettings) -> bytes:
    """Every secret of a home, sealed; the executor's signing key."""
    pem = new_private_key()
    login = Credentials("cutter_rehearse", SecretStr(CANARY))
    register_rehearsal_login(login, PREFIX, seal_of(settings, "rehearse"))
    for role, principal in (("exec", Principal.EXEC), ("verify", Principal.VERIFY)):
        credentials = Credentials(principal.value, SecretStr(CANARY))
        register_secret(principal, credentials, PREFIX, seal_of(settings, role))
        register_signing_key(principal, SecretBytes(pem), PREFIX, seal_of(settings, role))
    return pem


def test_the_api_answers_with_ciphertext_and_the_home_with_the_value(
    settings: CutterSettings,
) -> None:
    pem = stored(settings)
    line = pem.decode().splitlines()[1]
    for block in (f"{PREFIX}-exec", f"{PREFIX}-exec-signing-key", f"{PREFIX}-rehearse"):
        said = answered(block)
        assert "iu-cutter sealed 1" in said
        assert CANARY not in said
        assert line not in said
        assert "PRIVATE KEY" not in said
    assert SecretCredentials(settings)(Principal.VERIFY).password.get_secret_value() == CANARY
    assert rehearsal_login(settings).password.get_secret_value() == CANARY
    found = load_signing_key(Principal.EXEC, settings)
    assert found is not None
    assert Ed25519Signer(found.get_secret_value()).key_id == Ed25519Signer(pem).key_id
    assert plain_blocks(PREFIX) == []
    key = settings.sealing_key("exec")
    assert (key.stat().st_mode & 0o777, key.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.slow
def test_plain_text_still_works_is_named_and_sealed_by_command(settings: CutterSettings) -> None:
    forget_blocks(*(f"{PREFIX}-{name}" for name in ("verify", "verify-signing-key", "rehearse")))
    register_secret(Principal.EXEC, Credentials("cutter_exec", SecretStr(CANARY)), PREFIX)
    register_signing_key(Principal.EXEC, SecretBytes(new_private_key()), PREFIX)
    load = SecretCredentials(settings)
    assert load(Principal.EXEC).password.get_secret_value() == CANARY
    assert plain_blocks(PREFIX) == [f"{PREFIX}-exec", f"{PREFIX}-exec-signing-key"]
    for block in plain_blocks(PREFIX):
        assert seal_block(block, seal_of(settings, "exec"))
        assert not seal_block(block, seal_of(settings, "exec"))
    assert plain_blocks(PREFIX) == []
    assert CANARY not in answered(f"{PREFIX}-exec")
    assert load(Principal.EXEC).password.get_secret_value() == CANARY
    assert load_signing_key(Principal.EXEC, settings) is not None


def test_a_key_file_that_is_missing_another_or_readable_is_one_sentence(
    settings: CutterSettings,
) -> None:
    stored(settings)
    load, key = SecretCredentials(settings), settings.sealing_key("exec")
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(ConfigMissing, match=r"The key that opens .*copy it here"):
        load(Principal.EXEC)
    seal_of(settings, "exec")  # another key
    with pytest.raises(ConfigMismatch, match="is not the one that the Secret block"):
        load(Principal.EXEC)
    key.write_bytes(b"no key\n")
    with pytest.raises(ConfigMismatch, match="holds no sealing key"):
        load(Principal.EXEC)
    key.write_bytes(kept)
    key.chmod(0o644)
    with pytest.raises(ConfigMismatch, match="others could read it"):
        load(Principal.EXEC)
    key.chmod(0o600)
    assert load(Principal.EXEC).password.get_secret_value() == CANARY


def test_a_value_that_was_changed_or_moved_to_another_block_is_refused() -> None:
    seal = Seal(bytes(32))
    sealed = seal.seal("a", {"user": "u"})
    assert seal.open("a", sealed) == {"user": "u"}
    assert CANARY not in repr(seal)
    assert sealed["box"] != seal.seal("a", {"user": "u"})["box"]
    for block, found in (
        ("b", sealed),
        ("a", {**sealed, "box": sealed["box"][:-8] + "AAAAAAA="}),
        ("a", {**sealed, "box": "?"}),
        ("a", {"sealed": sealed["sealed"]}),
    ):
        with pytest.raises(ConfigMismatch, match="was changed, or sealed for another block"):
            seal.open(block, found)
