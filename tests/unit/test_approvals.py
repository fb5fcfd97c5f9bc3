"""Approvals: one spelling of a statement, strict envelopes, and the key files that approvers really
have.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import shutil
import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from adapters.home.approvals import keep_approval, kept_approvals, read_approvals
from adapters.keys.approvers import load_private_key, new_nonce, signer_of
from adapters.keys.public_file import load_public_key
from adapters.keys.signing import new_private_key, signature_is_valid
from domain.approval import dsse
from domain.approval.approvals import (
    PAYLOAD_TYPE,
    ApprovalStatement,
    Effect,
    Gate,
    parse_envelope,
    parse_statement,
)
from domain.approval.people import same_person
from domain.approval.request import cut_effect, statement_for
from domain.errors import ApprovalRefused, BadInput, PassphraseNeeded
from domain.phases import Kind
from domain.plan.effect import planned_effect
from tests.support.approvers import Approvers
from tests.support.plans import context, made_plan

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
PASSPHRASE = SecretStr("correct horse")
EFFECT = Effect(
    kind=Kind.CUT,
    change_set_id=uuid.UUID(int=7),
    document_code="test.law",
    plan_digest="a" * 64,
    effect_digest="b" * 64,
    target="kb:5@77",
    attempt=1,
    units=3,
)


@pytest.fixture(scope="module")
def approvers() -> Approvers:
    return Approvers()


@pytest.fixture
def statement(approvers: Approvers) -> ApprovalStatement:
    return approvers.sign_one(EFFECT, Gate.SG_1, NOW).statement


# --- the statement
# -------------------------------------------------------------------------------------------------


def test_the_signed_bytes_are_sorted_json_without_white_space(statement: ApprovalStatement) -> None:
    written = statement.canonical_bytes()
    content = json.loads(written)
    assert list(content) == sorted(content)
    assert written == json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    assert content["format"] == "iu-cutter approval 1"
    assert (content["approve_by"], content["units"]) == ("2026-03-01T13:00:00Z", 3)
    assert parse_statement(written) == statement


def test_a_name_in_any_script_survives(statement: ApprovalStatement) -> None:
    named = dataclasses.replace(statement, approver="Nguyễn Ánh 阮")
    assert parse_statement(named.canonical_bytes()).approver == "Nguyễn Ánh 阮"
    assert "Nguyễn".encode() in named.canonical_bytes()


def test_a_name_that_does_not_show_is_named_and_nobody_is_accused(
    statement: ApprovalStatement,
) -> None:
    for hidden, says in (("\u200b", "U\\+200B"), ("\u034f", "U\\+034F"), ("\u3164", "U\\+3164")):
        for named in (
            dataclasses.replace(statement, approver=f"Ann{hidden}"),
            dataclasses.replace(statement, submitter=f"Ann{hidden}"),
        ):
            with pytest.raises(ApprovalRefused, match=f"a name in the approval holds {says}"):
                parse_statement(named.canonical_bytes())


def other_spellings(statement: ApprovalStatement) -> dict[str, bytes]:
    """The same statement, written otherwise."""
    written = statement.canonical_bytes()
    content: dict[str, Any] = json.loads(written)
    tight = (",", ":")
    return {
        "white space": json.dumps(content).encode(),
        "a line's end": written + b"\n",
        "a byte order mark": b"\xef\xbb\xbf" + written,
        "another order": json.dumps(dict(reversed(content.items())), separators=tight).encode(),
        "an escape": written.replace(b'"Ann"', b'"\\u0041nn"'),
        "a key twice": written.replace(b'{"approve_by"', b'{"units":3,"approve_by"'),
        "one key more": written[:-1] + b',"z":1}',
        "one key less": json.dumps(
            {k: v for k, v in content.items() if k != "backup_key"}, separators=tight
        ).encode(),
        "a number as a text": written.replace(b'"units":3', b'"units":"3"'),
        "a number with a fraction": written.replace(b'"units":3', b'"units":3.0'),
        "a truth for a number": written.replace(b'"attempt":1', b'"attempt":true'),
        "a UUID without dashes": written.replace(
            str(EFFECT.change_set_id).encode(), EFFECT.change_set_id.hex.encode()
        ),
        "a digest in capitals": written.replace(b"a" * 64, b"A" * 64),
        "a time with an offset": written.replace(b"13:00:00Z", b"13:00:00+00:00"),
        "a time with a space": written.replace(b"T13:00:00Z", b" 13:00:00Z"),
        "another encoding": written.decode().encode("utf-16"),
        "a list": b"[" + written + b"]",
        "not a number": written.replace(b'"units":3', b'"units":NaN'),
        "nested beyond reason": b"[" * 100_000,
        "nothing": b"",
    }


def test_a_statement_has_one_spelling(statement: ApprovalStatement) -> None:
    spellings = other_spellings(statement)
    assert statement.canonical_bytes() not in spellings.values()
    for name, written in spellings.items():
        with pytest.raises(ApprovalRefused, match="Nothing was written") as refused:
            parse_statement(written)
        assert refused.value.__cause__ is None, name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("units", 0),
        ("attempt", -1),
        ("plan_digest", "a" * 63),
        ("effect_digest", "g" * 64),
        ("key_id", ""),
        ("nonce", "a" * 31),
        ("nonce", "A" * 32),
        ("document_code", ""),
        ("target", ""),
        ("submitter", "  "),
        ("approver", ""),
        ("approver", "Ann\nLee"),
        ("approver", "Ann\u202eLee"),
        ("backup_key", "\x00"),
    ],
)
def test_a_statement_with_an_impossible_value_is_refused(
    statement: ApprovalStatement, field: str, value: Any
) -> None:
    odd = dataclasses.replace(statement, **{field: value})
    with pytest.raises(ApprovalRefused):
        parse_statement(odd.canonical_bytes())


def test_a_statement_of_another_format_says_so(statement: ApprovalStatement) -> None:
    other = statement.canonical_bytes().replace(b"approval 1", b"approval 2")
    with pytest.raises(ApprovalRefused, match="another format"):
        parse_statement(other)


def test_times_are_whole_seconds_and_the_run_may_not_end_before_the_approval(
    statement: ApprovalStatement,
) -> None:
    made = statement_for(
        EFFECT,
        Gate.SG_2,
        submitter="operator",
        approver="Ben",
        key_id="c" * 64,
        nonce=new_nonce(),
        backup_key="F" * 40,
        now=NOW + timedelta(microseconds=999_999),
        approve_within=timedelta(hours=2),
        execute_within=timedelta(hours=1),
    )
    assert (made.approve_by, made.execute_by) == (
        NOW + timedelta(hours=2),
        NOW + timedelta(hours=2),
    )
    assert parse_statement(made.canonical_bytes()) == made
    assert made.effect == EFFECT == statement.effect


def test_what_is_approved_of_a_cut_is_all_that_the_run_will_be(approvers: Approvers) -> None:
    plan = made_plan(2)
    ctx = context(plan)
    effect = cut_effect(ctx, plan)
    assert effect.change_set_id == ctx.change_set_id
    assert (effect.plan_digest, effect.effect_digest) == (plan.plan_digest, planned_effect(plan))
    assert (effect.target, effect.units, effect.attempt) == (str(ctx.target), len(plan.rows), 1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann Lee", "ann  lee ", True),
        ("Ann Lee", "ANN\tLEE", True),
        ("Straße", "STRASSE", True),
        ("Ａｎｎ", "Ann", True),
        ("Zoe\u0308", "Zo\u00eb", True),
        ("Ann", "Anna", False),
        ("Ann Lee", "AnnLee", False),
    ],
)
def test_one_person_in_two_spellings(one: str, other: str, same: bool) -> None:
    assert same_person(one, other) is same


# --- the envelope
# -------------------------------------------------------------------------------------------------


def test_an_envelope_travels_and_arrives(approvers: Approvers) -> None:
    signed = approvers.sign_one(EFFECT, Gate.SG_1, NOW)
    assert parse_envelope(signed.envelope()) == signed
    assert parse_envelope(f"\n  {signed.envelope()} \n") == signed, (
        "what pasting adds at the ends is no change"
    )
    assert "\n" not in signed.envelope()
    assert signature_is_valid(
        approvers.keys[Gate.SG_1].public_key, signed.signed_bytes, signed.signature
    )


def test_an_envelope_has_one_spelling_and_one_signature(approvers: Approvers) -> None:
    signed = approvers.sign_one(EFFECT, Gate.SG_1, NOW)
    text = signed.envelope()
    content = json.loads(text)
    signature = content["signatures"][0]
    sig, payload = signature["sig"], content["payload"]
    wrong: list[str] = [
        "",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        text[:-1],
        text + text,
        json.dumps(content),
        json.dumps(content, indent=1),
        text.replace('"payload"', '"payl\\u006fad"'),
        text.replace(PAYLOAD_TYPE, "application/vnd.in-toto+json"),
        text.replace(sig, sig.rstrip("=")),
        text.replace(sig, sig + "="),
        text.replace(sig, sig[:10] + "\\n" + sig[10:]),
        text.replace(sig, base64.urlsafe_b64encode(b"\xff" * 64).decode()),
        text.replace(payload, payload + "===="),
        json.dumps({**content, "signatures": []}, separators=(",", ":")),
        json.dumps({**content, "signatures": [signature, signature]}, separators=(",", ":")),
        json.dumps({**content, "signatures": [{**signature, "cert": ""}]}, separators=(",", ":")),
        json.dumps({**content, "more": 1}, separators=(",", ":")),
        json.dumps({**content, "payload": 7}, separators=(",", ":")),
        json.dumps({**content, "signatures": [{**signature, "keyid": 7}]}, separators=(",", ":")),
        text.replace('{"payloadType"', '{"payloadType":"x","payloadType"'),
    ]
    assert text not in wrong
    for spelling in wrong:
        with pytest.raises(ApprovalRefused):
            parse_envelope(spelling)


def test_unused_bits_of_base64_are_not_free() -> None:
    assert dsse.one_base64("QQ==") == b"A"
    for spelling in ("QR==", "QQ=", "QQ", "Q Q==", "QQ==\n", "QQ==QQ==", "Q_==", "é"):
        with pytest.raises(ValueError, match=r"Base64|spelling|ASCII"):
            dsse.one_base64(spelling)


def test_what_is_signed_names_its_kind() -> None:
    assert dsse.signed_bytes("a/b", b"xyz") == b"DSSEv1 3 a/b 3 xyz"
    assert dsse.signed_bytes("a", b"b 1 c") != dsse.signed_bytes("a 3 b", b"c")


# --- on disk
# -------------------------------------------------------------------------------------------------


def test_kept_approvals_are_those_of_their_change_set(approvers: Approvers, tmp_path: Path) -> None:
    one, other = approvers.sign(EFFECT, NOW)
    paths = [keep_approval(tmp_path, other), keep_approval(tmp_path, one)]
    assert kept_approvals(tmp_path, EFFECT.change_set_id) == [one, other]
    assert kept_approvals(tmp_path, uuid.UUID(int=8)) == []
    assert read_approvals(paths) == [other, one]
    again = approvers.sign_one(EFFECT, Gate.SG_1, NOW)
    keep_approval(tmp_path, again)
    assert kept_approvals(tmp_path, EFFECT.change_set_id) == [again, other], (
        "the later one for a gate counts"
    )
    with pytest.raises(BadInput, match="can not be read"):
        read_approvals([tmp_path / "none"])


# --- key files
# -------------------------------------------------------------------------------------------------


def ssh_key(folder: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    """A key that ssh-keygen has made, or the library where there is no ssh-keygen."""
    path = folder / f"id_{kind}"
    program = shutil.which("ssh-keygen")
    if program:
        command = [
            program,
            "-q",
            "-t",
            kind,
            "-N",
            passphrase,
            "-C",
            "ann@example",
            "-a",
            "4",
            "-f",
            str(path),
        ]
        subprocess.run(command, check=True, capture_output=True)
        return path
    makers: dict[str, Any] = {
        "ed25519": Ed25519PrivateKey.generate,
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
    }
    key = makers[kind]()
    hidden = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, hidden)
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    path.with_suffix(".pub").write_bytes(public)
    return path


@pytest.mark.parametrize("given", [None, SecretStr("needless")])
def test_an_openssh_key_signs_with_or_without_a_needless_passphrase(
    tmp_path: Path, given: SecretStr | None
) -> None:
    path = ssh_key(tmp_path)
    signer = load_private_key(path, given)
    assert signer.public_key == load_public_key(tmp_path / "id_ed25519.pub")
    assert signer.key_id == hashlib.sha256(signer.public_key).hexdigest()
    signed = signer.sign(Approvers().sign_one(EFFECT, Gate.SG_1, NOW).statement)
    assert signature_is_valid(signer.public_key, signed.signed_bytes, signed.signature)
    assert not signature_is_valid(signer.public_key, signed.payload, signed.signature), (
        "the kind is signed too"
    )


def test_an_encrypted_openssh_key_needs_its_passphrase(tmp_path: Path) -> None:
    path = ssh_key(tmp_path, passphrase=PASSPHRASE.get_secret_value())
    for none in (None, SecretStr("")):
        with pytest.raises(PassphraseNeeded, match="is encrypted; its passphrase is needed"):
            load_private_key(path, none)
    with pytest.raises(BadInput, match="the passphrase is wrong") as refused:
        load_private_key(path, SecretStr("wrong horse"))
    assert not isinstance(refused.value, PassphraseNeeded)
    assert "wrong horse" not in str(refused.value)
    assert load_private_key(path, PASSPHRASE).public_key == load_public_key(
        tmp_path / "id_ed25519.pub"
    )


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_pem_key_works_too(tmp_path: Path, encrypted: bool) -> None:
    key, path = Ed25519PrivateKey.generate(), tmp_path / "key.pem"
    hidden: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if encrypted:
        hidden = serialization.BestAvailableEncryption(PASSPHRASE.get_secret_value().encode())
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)
    )
    if encrypted:
        with pytest.raises(PassphraseNeeded):
            load_private_key(path)
        with pytest.raises(BadInput, match="passphrase is wrong"):
            load_private_key(path, SecretStr("wrong horse"))
    assert load_private_key(path, PASSPHRASE).public_key == key.public_key().public_bytes_raw()
    public = tmp_path / "key.pub"
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    assert load_public_key(public) == key.public_key().public_bytes_raw()


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_key_of_another_kind_is_named_as_such(tmp_path: Path, kind: str) -> None:
    path = ssh_key(tmp_path, kind)
    with pytest.raises(
        BadInput, match="is not an Ed25519 key; make one with `ssh-keygen -t ed25519`"
    ):
        load_private_key(path)
    with pytest.raises(BadInput, match="is not an Ed25519 key"):
        load_public_key(path.with_suffix(".pub"))


def test_a_file_that_is_no_key_is_named_and_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_text("my secret notes")
    for load in (load_private_key, load_public_key):
        with pytest.raises(BadInput) as refused:
            load(path)
        assert str(path) in str(refused.value)
        assert "secret" not in str(refused.value)
        with pytest.raises(BadInput, match="can not be read"):
            load(tmp_path / "none")
    private = ssh_key(tmp_path)
    with pytest.raises(BadInput, match=r"name the file that ends in \.pub"):
        load_public_key(private)
    with pytest.raises(BadInput, match="is not an Ed25519 private key"):
        load_private_key(private.with_suffix(".pub"))
    broken = tmp_path / "broken"
    broken.write_bytes(private.read_bytes()[:120] + b"\n-----END OPENSSH PRIVATE KEY-----\n")
    with pytest.raises(BadInput, match="is not an Ed25519 private key"):
        load_private_key(broken)


def test_a_key_in_memory_must_be_of_the_kind_too() -> None:
    assert signer_of(new_private_key()).public_key
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(BadInput, match="not an Ed25519 key"):
        signer_of(other)


def test_nonces_do_not_come_twice() -> None:
    assert len({new_nonce() for _ in range(1000)}) == 1000
