"""A whole PostgreSQL of Debian, with TLS, sockets and ICU, which the wheels' servers lack."""

from __future__ import annotations

import contextlib
import datetime
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from adapters.postgres.server.os_user import system_user
from domain.ports import Credentials
from tests.support.postgres import Server

MAJOR = 15
BIN = Path(f"/usr/lib/postgresql/{MAJOR}/bin")
needs_debian = pytest.mark.skipif(
    not (BIN / "initdb").exists(), reason=f"Debian's PostgreSQL {MAJOR} is not installed"
)
HBA = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"


@contextlib.contextmanager
def debian_server(
    *initdb: str, hba: str = HBA, tls: Authority | None = None, **settings: str
) -> Iterator[tuple[Server, Path]]:
    """The server and its folder, where its socket is, while the block runs."""
    user = system_user()
    folder = Path(tempfile.mkdtemp(prefix="iu-cutter-test-", dir="/var/tmp"))
    password, port = secrets.token_urlsafe(12), _free_port()
    data = folder / "data"
    try:
        (folder / "pw").write_text(password)
        user.own(folder / "pw")
        user.own(folder)

        def run(program: str, *arguments: str) -> None:
            with (folder / "out").open("ab") as out:
                subprocess.run(
                    [str(BIN / program), "-D", str(data), *arguments],
                    check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out, **user.run_as,
                )  # fmt: skip

        run(
            "initdb",
            "-U",
            "postgres",
            "-A",
            "scram-sha-256",
            f"--pwfile={folder}/pw",
            "-N",
            *initdb,
        )
        (data / "pg_hba.conf").write_text(hba)
        options = {"fsync": "off", "port": str(port), "listen_addresses": "127.0.0.1", **settings}
        options["unix_socket_directories"] = str(folder)
        if tls is not None:
            for name, text in tls.files("server", "127.0.0.1").items():
                (data / name).write_bytes(text)
                (data / name).chmod(0o600)
                user.own(data / name)
            options |= {"ssl": "on", "ssl_cert_file": "server.crt", "ssl_key_file": "server.key", "ssl_ca_file": "ca.crt"}  # fmt: skip
        words = "".join(f"{key} = '{value}'\n" for key, value in options.items())
        with (data / "postgresql.conf").open("a") as file:
            file.write(words)
        run("pg_ctl", "-w", "-l", str(folder / "log"), "start")
        try:
            login = Credentials("postgres", SecretStr(password))
            yield Server("127.0.0.1", port, login, sslmode="prefer"), folder
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Authority:
    """Who vouches for certificates in a test."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._signed(f"authority {secrets.token_hex(4)}", self._key, ca=True)

    def files(self, name: str, common_name: str) -> dict[str, bytes]:
        """`NAME.crt` and `NAME.key` for this common name, and `ca.crt`."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(common_name, key)
        pem = serialization.Encoding.PEM
        return {
            f"{name}.crt": certificate.public_bytes(pem),
            f"{name}.key": key.private_bytes(
                pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            "ca.crt": self._certificate.public_bytes(pem),
        }

    def write(self, folder: Path, name: str) -> Path:
        """The files in a folder, the key readable by its owner only; the authority's certificate."""
        folder.mkdir(exist_ok=True)
        for file, text in self.files(name, name).items():
            (folder / file).write_bytes(text)
            (folder / file).chmod(0o600)
        return folder / "ca.crt"

    def _signed(
        self, common_name: str, key: ec.EllipticCurvePrivateKey, *, ca: bool = False
    ) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        issuer = name if ca else self._certificate.subject
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(common_name.replace(" ", "-"))]),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
