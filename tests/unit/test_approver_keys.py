"""Keys that can not be an approver's are refused by name, and an SSH agent signs."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from adapters.keys.approvers import load_private_key, load_signer
from adapters.keys.points import fault_of
from adapters.keys.public_file import load_public_key, require_sound
from adapters.keys.signing import signature_is_valid
from domain.errors import BadInput

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
SMALL_ORDER = [  # every point of order 1, 2, 4 and 8 in its one spelling
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
ELSEWHERE = [  # other spellings, and no points
    "0100000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0200000000000000000000000000000000000000000000000000000000000000",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "00",
]


def field(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def line(kind: str, *fields: bytes) -> bytes:
    """A line of a public key's file."""
    blob = b"".join(map(field, (kind.encode(), *fields)))
    return f"{kind} {base64.b64encode(blob).decode()} ann@example\n".encode()


def plain_line() -> bytes:
    return line("ssh-ed25519", Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_keys_that_are_made_are_sound() -> None:
    for _ in range(20):
        made = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        assert fault_of(made) is None
        assert require_sound(made, "The key") == made


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_point_of_small_order_is_no_key(point: str, tmp_path: Path) -> None:
    assert "small order" in str(fault_of(bytes.fromhex(point)))
    path = tmp_path / "id.pub"
    path.write_bytes(line("ssh-ed25519", bytes.fromhex(point)))
    with pytest.raises(BadInput, match="small order, for which anybody can sign"):
        load_public_key(path)


@pytest.mark.parametrize("point", ELSEWHERE)
def test_a_second_spelling_and_no_point_are_no_keys(point: str) -> None:
    assert "one spelling" in str(fault_of(bytes.fromhex(point)))


def test_a_sum_with_a_point_of_small_order_is_no_key() -> None:
    """-P and P + (0, -1) share y up to its sign, so one can be written from the other."""
    made = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    number = int.from_bytes(made, "little")
    y, sign = number & (2**255 - 1), number >> 255
    moved = (2**255 - 19 - y) | ((1 - sign) << 255)
    assert "group" in str(fault_of(moved.to_bytes(32, "little")))


def test_a_signature_that_nobody_made_is_not_valid_although_the_library_says_so() -> None:
    neutral, nobodys = bytes.fromhex(SMALL_ORDER[0]), bytes.fromhex(SMALL_ORDER[0]) + bytes(32)
    Ed25519PublicKey.from_public_bytes(neutral).verify(nobodys, b"anything at all")
    assert not signature_is_valid(neutral, b"anything at all", nobodys)


def test_two_keys_in_a_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.pub"
    path.write_bytes(plain_line() + plain_line())
    with pytest.raises(BadInput, match="holds 2 keys"):
        load_public_key(path)
    path.write_bytes(b"# Ann's\n\n" + (one := plain_line()) + b"\n")
    assert load_public_key(path) == base64.b64decode(one.split()[1])[-32:]


@pytest.mark.parametrize(
    "kind", ["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"]
)
def test_the_key_of_a_security_token_is_refused_with_the_reason(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "token.pub"
    path.write_bytes(line(kind, bytes(range(32)), b"ssh:"))
    for load in (load_public_key, lambda file: load_signer(file, "/nowhere")):
        with pytest.raises(BadInput, match=f"security token \\({kind}\\).*other bytes"):
            load(path)


def test_the_handle_of_a_security_token_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "id_ed25519_sk"
    public = field(b"sk-ssh-ed25519@openssh.com") + field(bytes(32)) + field(b"ssh:")
    body = b"openssh-key-v1\0" + field(b"none") * 2 + field(b"") + struct.pack(">I", 1)
    text = base64.encodebytes(body + field(public) + field(bytes(64)))
    name = b"OPENSSH" + b" PRIVATE KEY"
    path.write_bytes(b"-----BEGIN " + name + b"-----\n" + text + b"-----END " + name + b"-----\n")
    with pytest.raises(BadInput, match="handle of a key on a security token"):
        load_private_key(path)


needs_openssh = pytest.mark.skipif(
    not (shutil.which("ssh-keygen") and shutil.which("ssh-agent")), reason="no OpenSSH here"
)


def ssh_keygen(*arguments: str | Path) -> None:
    subprocess.run(["ssh-keygen", "-q", *map(str, arguments)], check=True, capture_output=True)


@needs_openssh
@pytest.mark.parametrize(("validity", "says"), [("+1w", r" that expires on \d{4}-"), (None, ":")])
def test_a_certificate_is_refused_with_its_end(
    tmp_path: Path, validity: str | None, says: str
) -> None:
    for name in ("ca", "ann"):
        ssh_keygen("-t", "ed25519", "-N", "", "-f", tmp_path / name)
    terms = ("-V", validity) if validity else ()
    ssh_keygen("-s", tmp_path / "ca", "-I", "ann", "-n", "ann", *terms, tmp_path / "ann.pub")
    with pytest.raises(BadInput, match=f"is a certificate{says}"):
        load_public_key(tmp_path / "ann-cert.pub")
    assert load_public_key(tmp_path / "ann.pub")


def test_a_certificate_of_a_web_server_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "cert.pem"
    path.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    with pytest.raises(BadInput, match="is a certificate"):
        load_public_key(path)


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Path]:
    """A real agent on a socket of its own."""
    path = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
    while not path.exists():
        assert process.poll() is None
    yield path
    process.terminate()
    process.wait()


@needs_openssh
def test_an_agent_signs_for_a_public_key(agent: Path, tmp_path: Path) -> None:
    key, environment = tmp_path / "id_ed25519", {**os.environ, "SSH_AUTH_SOCK": str(agent)}
    ssh_keygen("-t", "ed25519", "-N", "", "-f", key)
    signer = load_signer(key.with_suffix(".pub"), str(agent))
    assert signer.public_key == load_private_key(key).public_key
    with pytest.raises(BadInput, match="does not hold this key"):
        signer._key.sign(b"what is signed")
    subprocess.run(["ssh-add", "-q", key], env=environment, check=True)
    key.unlink()
    signature = signer._key.sign(b"what is signed")
    assert signature_is_valid(signer.public_key, b"what is signed", signature)


@needs_openssh
def test_without_an_agent_a_public_key_signs_nothing(tmp_path: Path) -> None:
    key = tmp_path / "id_ed25519"
    ssh_keygen("-t", "ed25519", "-N", "", "-f", key)
    public = key.with_suffix(".pub")
    for none in (None, ""):
        with pytest.raises(BadInput, match="no SSH agent is named by SSH_AUTH_SOCK"):
            load_signer(public, none)
    with pytest.raises(BadInput, match="does not answer"):
        load_signer(public, str(tmp_path / "nobody"))._key.sign(b"x")
    assert load_signer(key, None).public_key == load_public_key(public)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        field(b""),
        field(b"\x05"),
        field(b"\x0e"),
        field(b"\x0e" + field(field(b"ssh-ed25519") + field(bytes(64)))),
        field(b"\x0e" + struct.pack(">I", 2**31)),
        struct.pack(">I", 2**32 - 1) + b"\x0e",
    ],
)
def test_an_agent_that_answers_rubbish_signs_nothing(tmp_path: Path, answer: bytes) -> None:
    public, path = tmp_path / "id.pub", tmp_path / "agent"
    public.write_bytes(plain_line())
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            with listener.accept()[0] as talk:
                talk.recv(4096)
                talk.sendall(answer)

        served = threading.Thread(target=serve)
        served.start()
        with pytest.raises(BadInput, match="SSH agent"):
            load_signer(public, str(path))._key.sign(b"x")
        served.join()
