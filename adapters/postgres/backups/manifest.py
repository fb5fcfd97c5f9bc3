"""The manifest beside a backup: what the file is and what it holds, signed by the principal that
made it.

It is written once, in one spelling, so that any change of any byte of it shows.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.keys.signing import signature_is_valid
from adapters.pipes import CHUNK
from domain.approval.dsse import signed_bytes
from domain.errors import RestoreFailed
from domain.ledger.backups import Contents, TableRows
from domain.ports import Signer

MANIFEST_SUFFIX: Final = ".manifest.json"
PAYLOAD_TYPE: Final = "application/vnd.iu-cutter.backup-manifest+json"
LONGEST: Final = 16 * 1024 * 1024  # bytes; a longer file is not one of ours

Hash = Field(pattern="^[0-9a-f]{64}$")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rows(_Frozen):
    """One table's rows, as `domain.ledger.backups.TableRows` has them."""

    rows: int = Field(ge=0)
    method: Literal["sha256", "sum64"]
    digest: str


class ManifestSignature(_Frozen):
    """Ed25519 over the DSSE encoding of the manifest without this field. `value` is base64."""

    key_id: str = Hash
    value: str


class BackupManifest(_Frozen):
    """What a backup is and holds.

    Sizes in bytes; `snapshot_at` is the moment whose data it holds, by the server's clock. Format 2
    names objects without their schema, which was always `public`; it is read for ever.
    """

    format: Literal[2, 3] = 3
    file: str
    size: int
    sha256: str = Hash
    archive_size: int
    compression: str
    key_fingerprint: str
    server_version: str = Field(pattern=r"^\d+\.")
    target: str
    change_set_id: uuid.UUID | None
    document_code: str | None
    began_at: datetime
    snapshot_at: datetime
    finished_at: datetime
    objects: dict[str, str]
    tables: dict[str, Rows]
    roles: dict[str, bool]
    signature: ManifestSignature | None = None

    @property
    def contents(self) -> Contents:
        """What the backup holds, to compare with."""
        tables = {
            name: TableRows(rows.rows, rows.method, rows.digest)
            for name, rows in self.tables.items()
        }
        return Contents(self.objects, tables, self.roles, qualified=self.format > 2)

    @property
    def major(self) -> int:
        """The major version of the server that it is of."""
        return int(self.server_version.partition(".")[0])

    def text(self) -> bytes:
        """The manifest in its one spelling: what is in the file."""
        return (
            json.dumps(
                self.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False
            ).encode()
            + b"\n"
        )

    def payload(self) -> bytes:
        """What is signed."""
        return signed_bytes(PAYLOAD_TYPE, self.model_copy(update={"signature": None}).text())

    def signed(self, signer: Signer) -> BackupManifest:
        """The same with a signature."""
        value = base64.b64encode(signer.sign(self.payload())).decode()
        return self.model_copy(
            update={"signature": ManifestSignature(key_id=signer.key_id, value=value)}
        )


def manifest_tables(contents: Contents) -> dict[str, Rows]:
    """A snapshot's tables as a manifest holds them."""
    return {name: Rows(**asdict(rows)) for name, rows in contents.tables.items()}


def manifest_path(backup: Path) -> Path:
    """The manifest that lies beside a backup.

    It is written last: a backup without one is not finished.

    >>> manifest_path(Path("b/x.pgdump.zst.gpg")).name
    'x.pgdump.zst.gpg.manifest.json'
    """
    return backup.with_name(backup.name + MANIFEST_SUFFIX)


def read_manifest(backup: Path) -> tuple[BackupManifest, str]:
    """The manifest beside a backup and the SHA-256 of its file.

    Raises `RestoreFailed` if there is none, it can not be read, or it is not spelt as it was
    written.
    """
    path = manifest_path(backup)
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1)
    except FileNotFoundError:
        raise RestoreFailed(
            f"The backup {backup.name} has no manifest beside it: it is unfinished, or not ours."
        ) from None
    except OSError as error:
        raise RestoreFailed(
            f"The manifest of {backup.name} can not be read: {error.strerror}."
        ) from None
    try:
        manifest = BackupManifest.model_validate_json(text)
        spelt = manifest.text()
    except ValueError:
        raise RestoreFailed(
            f"The manifest of {backup.name} is damaged or of another version of cutter."
        ) from None
    if spelt != text:
        raise RestoreFailed(f"The manifest of {backup.name} was changed after it was written.")
    return manifest, hashlib.sha256(text).hexdigest()


def require_signature(manifest: BackupManifest, keys: Mapping[str, bytes]) -> None:
    """Raises `RestoreFailed` unless one of these keys has signed it: anybody can write a manifest.

    `keys` are raw public keys by key id.
    """
    signature = manifest.signature
    if signature is None:
        raise RestoreFailed(
            f"The manifest of {manifest.file} is not signed, so nobody answers for it."
        )
    public = keys.get(signature.key_id)
    if public is None:
        raise RestoreFailed(
            f"The manifest of {manifest.file} is signed with a key that is not registered for "
            f"cutter_exec."
        )
    try:
        value = base64.b64decode(signature.value, validate=True)
    except ValueError:
        value = b""
    if not signature_is_valid(public, manifest.payload(), value):
        raise RestoreFailed(f"The manifest of {manifest.file} was changed after it was signed.")


def require_file(manifest: BackupManifest, backup: Path, sha256: str) -> None:
    """Raises `RestoreFailed` unless the file, which hashes to `sha256`, is the one described: by
    name, size and hash.
    """
    if manifest.file != backup.name:
        raise RestoreFailed(
            f"The manifest beside {backup.name} is of another backup, {manifest.file}."
        )
    try:
        size = backup.stat().st_size
    except OSError as error:
        raise RestoreFailed(
            f"The backup {backup.name} can not be read: {error.strerror}."
        ) from None
    if size != manifest.size:
        raise RestoreFailed(
            f"The backup {backup.name} has {size} bytes, and {manifest.size} were written."
        )
    if sha256 != manifest.sha256:
        raise RestoreFailed(
            f"The backup {backup.name} is not the file that was written: its SHA-256 is another."
        )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
