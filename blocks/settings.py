"""Settings from the environment and an optional file `cutter.env` in the home.

None of them is a secret.

Reading never fails for what is missing: each method names what it lacks, when it is asked, so a dry
run needs no database.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from blocks.service_file import NO_SERVICE, read_service
from domain.errors import ConfigMismatch, ConfigMissing
from domain.phases import Principal
from domain.ports import Endpoint

DEFAULT_PREFIX: Final = "cutter"
"""What the names of Secret blocks begin with in a home that was made before homes had their own."""
SERVICE_HOME: Final = Path("/var/lib/cutter")
ENV_FILE: Final = "cutter.env"
LONGEST_PROOF: Final = 24 * 365  # hours
SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""What libpq knows (PostgreSQL manual, section 34.19.1)."""


class CutterSettings(BaseSettings):
    """What an operator has set. Made by `load_settings`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", case_sensitive=True, env_ignore_empty=True
    )

    home: Path = Field(validation_alias="CUTTER_HOME")
    db_host: str | None = Field(None, validation_alias="DOT_CUTTER_DB_HOST")
    db_port: str | None = Field(None, validation_alias="DOT_CUTTER_DB_PORT")
    db_name: str | None = Field(None, validation_alias="DOT_CUTTER_DB_NAME")
    db_sslmode: str | None = Field(None, validation_alias="DOT_CUTTER_DB_SSLMODE")
    db_sslrootcert: str | None = Field(None, validation_alias="DOT_CUTTER_DB_SSLROOTCERT")
    db_sslcerts: str | None = Field(None, validation_alias="DOT_CUTTER_DB_SSLCERTS")
    db_sslnegotiation: str | None = Field(None, validation_alias="DOT_CUTTER_DB_SSLNEGOTIATION")
    db_service: str | None = Field(None, validation_alias="DOT_CUTTER_DB_SERVICE")
    exec_db_user: str | None = Field(None, validation_alias="DOT_CUTTER_EXEC_DB_USER")
    verify_db_user: str | None = Field(None, validation_alias="DOT_CUTTER_VERIFY_DB_USER")
    blocks: str | None = Field(None, validation_alias="CUTTER_BLOCKS")
    backup_gpg_fpr: str | None = Field(None, validation_alias="BACKUP_GPG_FPR")
    gnupg_home: Path | None = Field(None, validation_alias="CUTTER_GNUPG_HOME")
    drill_gnupg_home: Path | None = Field(None, validation_alias="CUTTER_DRILL_GNUPG_HOME")
    require_restore_proof: str = Field("on", validation_alias="CUTTER_REQUIRE_RESTORE_PROOF")
    restore_proof_hours: str = Field("24", validation_alias="CUTTER_RESTORE_PROOF_HOURS")

    @property
    def runs(self) -> Path:
        """Where each run leaves what it has to show."""
        return self.home / "runs"

    @property
    def state(self) -> Path:
        """Where plans, the registered target and the service's own records are kept."""
        return self.home / "state"

    @property
    def backups(self) -> Path:
        """Where encrypted backups go."""
        return self.home / "backups"

    @property
    def block_prefix(self) -> str:
        """What the names of this home's Secret blocks begin with, so that two homes can use one
        Prefect server.

        Raises `ConfigMismatch` for what Prefect does not take as a name.
        """
        prefix = (self.blocks or DEFAULT_PREFIX).strip()
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", prefix):
            raise ConfigMismatch(
                f"CUTTER_BLOCKS is {prefix!r}; it has to be of small letters, digits and dashes."
            )
        return prefix

    @property
    def names_a_database(self) -> bool:
        """Whether somebody has said which database this home works with, even if in part."""
        named = (self.db_host, self.db_port, self.db_name, self.db_sslmode, self.db_service)
        return any(value and value.strip() for value in named)

    def endpoint(self) -> Endpoint:
        """Where the knowledge base is: as the settings say, and where they do not, as the service
        that they name says.

        Raises `ConfigMissing` naming the first missing key, or `ConfigMismatch`.
        """
        service = read_service(self.db_service.strip()) if self.db_service else NO_SERVICE
        host = _required("DOT_CUTTER_DB_HOST", self.db_host or service.get("host"))
        port = _port(_required("DOT_CUTTER_DB_PORT", self.db_port or service.get("port")))
        name = _required("DOT_CUTTER_DB_NAME", self.db_name or service.get("dbname"))
        sslmode = _required("DOT_CUTTER_DB_SSLMODE", self.db_sslmode or service.get("sslmode"))
        if sslmode not in SSL_MODES:
            raise ConfigMismatch(
                f"DOT_CUTTER_DB_SSLMODE is {sslmode!r}; choose one of: {', '.join(SSL_MODES)}."
            )
        direct = self.db_sslnegotiation or service.get("sslnegotiation")
        if direct not in (None, "postgres", "direct"):
            raise ConfigMismatch(
                f"DOT_CUTTER_DB_SSLNEGOTIATION is {direct!r}; choose postgres or direct."
            )
        return Endpoint(
            host,
            port,
            name,
            sslmode,
            sslrootcert=self.db_sslrootcert or service.get("sslrootcert"),
            sslcerts=self.db_sslcerts,
            sslnegotiation=direct,
        )

    def user_of(self, principal: Principal) -> str:
        """The database user of a principal.

        Raises `ConfigMissing`, or `ConfigMismatch` if both principals share one.
        """
        users = {
            Principal.EXEC: _required("DOT_CUTTER_EXEC_DB_USER", self.exec_db_user),
            Principal.VERIFY: _required("DOT_CUTTER_VERIFY_DB_USER", self.verify_db_user),
        }
        if len(set(users.values())) != len(users):
            raise ConfigMismatch(
                "DOT_CUTTER_EXEC_DB_USER and DOT_CUTTER_VERIFY_DB_USER are the same user; who "
                "writes may not verify."
            )
        return users[principal]

    def backup_fingerprint(self) -> str:
        """The key that backups are encrypted to.

        Raises `ConfigMissing`; whether it is one that encrypts, gpg says.
        """
        return _required(
            "BACKUP_GPG_FPR",
            self.backup_gpg_fpr,
            (
                "Without it no backup can be made, and nothing is written without one: set it to "
                "the key's whole fingerprint."
            ),
        )

    def drill_keyring(self) -> Path:
        """The keyring with the secret key that opens backups; only the host of the drills has it.

        Raises `ConfigMissing`.
        """
        if self.drill_gnupg_home is None:
            raise ConfigMissing(
                "CUTTER_DRILL_GNUPG_HOME",
                (
                    "Set it, on the host where backups are proven and nowhere else, to the keyring "
                    "with the backups' secret key."
                ),
            )
        return self.drill_gnupg_home

    def restore_proof_within(self) -> int | None:
        """In how many hours before a cut a backup has to have been proven; None if none has to.

        Raises `ConfigMismatch`.
        """
        if self.require_restore_proof not in ("on", "off"):
            raise ConfigMismatch(
                f"CUTTER_REQUIRE_RESTORE_PROOF is {self.require_restore_proof!r}; it has to be "
                f"on or off."
            )
        hours = self.restore_proof_hours.strip()
        if not hours.isascii() or not hours.isdigit() or not 0 < int(hours) <= LONGEST_PROOF:
            raise ConfigMismatch(
                f"CUTTER_RESTORE_PROOF_HOURS is {hours!r}; it has to be a number from 1 to "
                f"{LONGEST_PROOF}."
            )
        return int(hours) if self.require_restore_proof == "on" else None

    def require_live(self) -> None:
        """Ask for every setting that a live run needs, before anything is opened.

        Raises what the methods above raise.
        """
        self.restore_proof_within()
        self.endpoint()
        self.user_of(Principal.EXEC)
        self.backup_fingerprint()


def load_settings(home: Path | None = None) -> CutterSettings:
    """The settings of a home: the environment first, then `cutter.env` in the home.

    Creates nothing.
    """
    place = (home or default_home(os.environ)).expanduser().absolute()
    return CutterSettings(CUTTER_HOME=place, _env_file=place / ENV_FILE, _env_file_encoding="utf-8")


def default_home(environ: Mapping[str, str]) -> Path:
    """CUTTER_HOME, else the folder a service manager gives a service, else below the user's data
    directory.

    systemd names a service's folder in STATE_DIRECTORY (systemd.exec(5)); `StateDirectory=cutter`
    makes it /var/lib/cutter. The user's data directory follows the XDG Base Directory
    Specification, where a relative path counts as unset.

    >>> str(default_home({"XDG_DATA_HOME": "/data"}))
    '/data/cutter'
    >>> default_home({"STATE_DIRECTORY": "/var/lib/cutter"}) == SERVICE_HOME
    True
    """
    if named := environ.get("CUTTER_HOME"):
        return Path(named)
    for folder in environ.get("STATE_DIRECTORY", "").split(":"):
        if Path(folder).name == SERVICE_HOME.name:
            return Path(folder)
    data = environ.get("XDG_DATA_HOME", "")
    return (Path(data) if data.startswith("/") else Path("~/.local/share").expanduser()) / "cutter"


def _required(key: str, value: str | None, hint: str = "") -> str:
    if value is None or not value.strip():
        raise ConfigMissing(key, hint)
    return value.strip()


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:
        raise ConfigMismatch(
            f"DOT_CUTTER_DB_PORT is {text!r}; it has to be a number from 1 to 65535."
        )
    return int(text)
