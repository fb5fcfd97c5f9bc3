"""Make a home ready for live runs: knowledge base, Secret blocks, registered target, settings,
backup key.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files import PRIVATE_FOLDER, keep_bytes, make_folder
from adapters.home.layout import (
    ENV_FILE,
    FOLDERS,
    GNUPG,
    HOME_MODE,
    new_block_prefix,
    set_values,
)
from adapters.home.target import register_target
from adapters.keys.gpg import create_backup_key
from adapters.postgres.schema.provision import Provisioned, provision
from blocks.secrets import register_rehearsal_login, register_secret, register_signing_key
from blocks.settings import CutterSettings
from domain.change_set import TargetFingerprint
from domain.errors import BadInput, ConfigMismatch
from domain.phases import Principal
from domain.ports import Credentials, Endpoint
from tasks.credentials import filed_secrets, seal_of

KNOWLEDGE_BASE: Final = "knowledge"
"""The name of the embedded knowledge base's database."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A home that is ready: where its knowledge base is, and the key that backups are encrypted
    to.
    """

    home: Path
    target: TargetFingerprint
    schema_created: bool
    backup_key: str


def prepare_home(
    settings: CutterSettings,
    endpoint: Endpoint,
    administrator: Credentials,
    *,
    adopt_roles: bool = False,
) -> Prepared:
    """Provision the database and put passwords and keys into Secret blocks, sealed: of the secrets
    only the keys that open them touch the disk, and the password of who may only read out units.

    Needs a Prefect server. Raises `ConfigMismatch` if the settings name another database, and what
    provisioning and the blocks raise.
    """
    _refuse_another(settings, endpoint)
    make_folders(settings.home)
    drills = settings.drill_gnupg_home
    if (
        not settings.backup_gpg_fpr
    ):  # a key of our own is here with its secret half, so backups can be proven here
        drills = gnupg_folder(settings.home)
    key = settings.backup_gpg_fpr or create_backup_key(gnupg_folder(settings.home))
    prefix = settings.block_prefix if settings.blocks else new_block_prefix()
    made = provision(endpoint, administrator, adopt_roles=adopt_roles)
    set_values(settings.home / ENV_FILE, {"CUTTER_BLOCKS": prefix})
    _register(made, settings, prefix)
    register_target(settings.state, made.target)
    _write_settings(settings.home, endpoint, key, drills)
    return Prepared(settings.home, made.target, made.created, key)


def _refuse_another(settings: CutterSettings, endpoint: Endpoint) -> None:
    """A home whose settings name a database is never given another one."""
    if not settings.names_a_database:
        return
    named = settings.endpoint()
    if (named.host, named.port, named.database) != (
        endpoint.host,
        endpoint.port,
        endpoint.database,
    ):
        raise ConfigMismatch(
            f"The settings of {settings.home} name the database {named.database} on "
            f"{named.host}:{named.port}, so this home is not given another one. Choose another "
            f"home with --home, or take the DOT_CUTTER_DB_ keys out of its cutter.env."
        )


def make_folders(home: Path) -> None:
    """The home, which others may pass through (the embedded server runs as another user) but not
    list, and its folders. A mode that lets others do more is mended.
    """
    try:
        for folder in (home, *(home / name for name in FOLDERS)):
            mode = HOME_MODE if folder == home else PRIVATE_FOLDER
            make_folder(folder, mode, above=HOME_MODE)
            found = folder.stat()
            if found.st_mode & 0o777 & ~mode and found.st_uid == os.geteuid():
                folder.chmod(mode)
    except OSError as error:
        raise BadInput(
            f"The home {home} can not be made: {error.strerror}. Name another with --home or "
            f"CUTTER_HOME."
        ) from None


def gnupg_folder(home: Path) -> Path:
    """Where a home keeps a keyring of its own."""
    return home / GNUPG


def _register(made: Provisioned, settings: CutterSettings, prefix: str) -> None:
    register_rehearsal_login(made.rehearsal, prefix, seal_of(settings, "rehearse"))
    for role, principal in (("exec", Principal.EXEC), ("verify", Principal.VERIFY)):
        seal = seal_of(settings, role)
        register_secret(principal, made.logins[principal], prefix, seal)
        register_signing_key(principal, made.signing_keys[principal], prefix, seal)
    password = made.reader.password.get_secret_value()
    keep_bytes(filed_secrets(settings).reader_file(), password.encode())


def _write_settings(home: Path, endpoint: Endpoint, key: str, drills: Path | None) -> None:
    """Into `cutter.env`: everything that a run reads, and no secret.

    What else stands there stays.
    """
    values = {
        "DOT_CUTTER_DB_HOST": endpoint.host,
        "DOT_CUTTER_DB_PORT": str(endpoint.port),
        "DOT_CUTTER_DB_NAME": endpoint.database,
        "DOT_CUTTER_DB_SSLMODE": endpoint.sslmode,
        "DOT_CUTTER_EXEC_DB_USER": Principal.EXEC.value,
        "DOT_CUTTER_VERIFY_DB_USER": Principal.VERIFY.value,
        "BACKUP_GPG_FPR": key,
        "CUTTER_GNUPG_HOME": str(gnupg_folder(home)),
    }
    if drills is not None:
        values["CUTTER_DRILL_GNUPG_HOME"] = str(drills)
    set_values(home / ENV_FILE, values)
