"""Settings from the environment and an optional file `cutter.env` in the home.

None of them is a secret.

Reading never fails for what is missing: each method names what it lacks, when it is asked, so a dry
run needs no database.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from dotenv import dotenv_values

from blocks.service_file import NO_SERVICE, read_service
from domain.errors import ConfigMismatch, ConfigMissing
from domain.phases import Principal
from domain.ports import Endpoint

DEFAULT_PREFIX: Final = "cutter"
"""What the names of Secret blocks begin with in a home that was made before homes had their own."""
SERVICE_HOME: Final = Path("/var/lib/cutter")
ENV_FILE: Final = "cutter.env"
LONGEST_PROOF: Final = 24 * 365  # hours
LONGEST_BACKUP: Final = 60 * 24 * 7  # minutes
SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""What libpq knows (PostgreSQL manual, section 34.19.1)."""
LONGEST_WAIT: Final = 24 * 3600  # seconds
CREDENTIALS: Final = "credentials"


def _setting(default: Any = MISSING, *, name: str, description: str, of: type = str) -> Any:
    """A setting: by which name it is set, what it means, and what its text is made into."""
    return field(default=default, metadata={"name": name, "description": description, "of": of})


@dataclass(frozen=True, slots=True, kw_only=True)
class CutterSettings:
    """What an operator has set. Made by `load_settings`.

    No model: building one's schema takes as long as reading a unit does, and every command waits.
    """

    home: Path = _setting(
        name="CUTTER_HOME",
        of=Path,
        description=(
            "the home with `runs`, `state` and `backups`; by default below the user's "
            "data directory, /var/lib/cutter for a service"
        ),
    )
    db_host: str | None = _setting(
        None,
        name="DOT_CUTTER_DB_HOST",
        description="the knowledge base's host, or the folder of its socket",
    )
    db_port: str | None = _setting(
        None,
        name="DOT_CUTTER_DB_PORT",
        description="the knowledge base's port, from 1 to 65535",
    )
    db_name: str | None = _setting(
        None,
        name="DOT_CUTTER_DB_NAME",
        description="the knowledge base's name on its server",
    )
    db_sslmode: str | None = _setting(
        None,
        name="DOT_CUTTER_DB_SSLMODE",
        description=(
            "as libpq spells it: disable, allow, prefer, require, verify-ca or verify-full"
        ),
    )
    db_sslrootcert: str | None = _setting(
        None,
        name="DOT_CUTTER_DB_SSLROOTCERT",
        description=(
            "the certificate of who vouches for the server's, for verify-ca and verify-"
            "full; `system` for those of the machine"
        ),
    )
    db_sslcerts: str | None = _setting(
        None,
        name="DOT_CUTTER_DB_SSLCERTS",
        description=(
            "a folder with USER.crt and USER.key (mode 0600) for each database user that "
            "logs in with a certificate"
        ),
    )
    db_sslnegotiation: str | None = _setting(
        None,
        name="DOT_CUTTER_DB_SSLNEGOTIATION",
        description="`direct` to speak TLS at once, with a server from 17 on; or postgres",
    )
    db_service: str | None = _setting(
        None,
        name="DOT_CUTTER_DB_SERVICE",
        description="a service of libpq's service file, read for what the other keys do not say",
    )
    exec_db_user: str | None = _setting(
        None,
        name="DOT_CUTTER_EXEC_DB_USER",
        description="the database user of the principal that writes",
    )
    verify_db_user: str | None = _setting(
        None,
        name="DOT_CUTTER_VERIFY_DB_USER",
        description=(
            "the database user of the principal that verifies; another than the one that writes"
        ),
    )
    blocks: str | None = _setting(
        None,
        name="CUTTER_BLOCKS",
        description=(
            "what the names of this home's Secret blocks and of its switch begin with, "
            "so that two homes can use one Prefect server; `cutter init` chooses one, and "
            "without it that is `cutter`"
        ),
    )
    backup_gpg_fpr: str | None = _setting(
        None,
        name="BACKUP_GPG_FPR",
        description="the whole fingerprint of the key that backups are encrypted to",
    )
    gnupg_home: Path | None = _setting(
        None,
        name="CUTTER_GNUPG_HOME",
        of=Path,
        description="a keyring other than the user's own",
    )
    drill_gnupg_home: Path | None = _setting(
        None,
        name="CUTTER_DRILL_GNUPG_HOME",
        of=Path,
        description=(
            "the keyring with the backups' secret key: on the host where backups are "
            "proven, and nowhere else"
        ),
    )
    require_restore_proof: str = _setting(
        "on",
        name="CUTTER_REQUIRE_RESTORE_PROOF",
        description="`on`: nothing is cut without a recently proven backup; or `off`",
    )
    restore_proof_hours: str = _setting(
        "24",
        name="CUTTER_RESTORE_PROOF_HOURS",
        description="how recently a backup has to have been proven, in hours",
    )
    verifier: str = _setting(
        "here",
        name="CUTTER_VERIFIER",
        description=(
            "`here`: a run verifies as the second principal itself; or `service`: it asks "
            "`cutter verifier`, and this home has neither the verifier's login nor its key"
        ),
    )
    verifier_wait: str = _setting(
        "300",
        name="CUTTER_VERIFIER_WAIT",
        description="how many seconds a run waits for that service",
    )
    credentials_directory: Path | None = _setting(
        None,
        name="CREDENTIALS_DIRECTORY",
        of=Path,
        description=(
            "where systemd puts a service's passwords and keys as files; without it they are "
            "looked for in the home's `credentials`"
        ),
    )
    backup_minutes: str = _setting(
        "60",
        name="CUTTER_BACKUP_MINUTES",
        description="the longest time that a backup may take, in minutes",
    )
    drill_folder: Path | None = _setting(
        None,
        name="CUTTER_DRILL_FOLDER",
        of=Path,
        description=(
            "where a restored backup lies as plaintext while it is proven; by default where "
            "temporary files are"
        ),
    )
    plan_store: str | None = _setting(
        None,
        name="CUTTER_PLAN_STORE",
        description=(
            "where the plans of a release travel to workers on other machines: a folder that all "
            "of them see, or an address that fsspec knows, such as s3://BUCKET/FOLDER; without it "
            "they stay in the home"
        ),
    )
    approvals_url: str | None = _setting(
        None,
        name="CUTTER_APPROVALS_URL",
        description=(
            "how browsers reach `cutter serve --approvals` where a proxy stands before it, such "
            "as https://approvals.example.org; without it the loopback and the port"
        ),
    )
    reading_url: str | None = _setting(
        None,
        name="CUTTER_READING_URL",
        description=(
            "how programs and browsers reach `cutter serve` where a proxy stands before it, such "
            "as https://law.example.org; without it the loopback and the port"
        ),
    )

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
    def credentials(self) -> Path:
        """Where passwords and keys lie as files, one each: what systemd names for a service in
        CREDENTIALS_DIRECTORY (systemd.exec(5)), else a folder of the home.
        """
        return self.credentials_directory or self.home / CREDENTIALS

    def sealing_key(self, role: str) -> Path:
        """Where the key lies that opens the Secret blocks of exec, verify or rehearse."""
        return self.credentials / f"cutter-{role}-sealing-key"

    @property
    def verifier_elsewhere(self) -> bool:
        """Whether the verifier is a service of its own, whose login and key this home has not.

        Raises `ConfigMismatch`.
        """
        if self.verifier not in ("here", "service"):
            raise ConfigMismatch(
                f"CUTTER_VERIFIER is {self.verifier!r}; it has to be here or service."
            )
        return self.verifier == "service"

    def verifier_waited_for(self) -> int:
        """How many seconds a run waits for a verifier that is elsewhere.

        Raises `ConfigMismatch`.
        """
        seconds = self.verifier_wait.strip()
        if not seconds.isascii() or not seconds.isdigit() or not 0 < int(seconds) <= LONGEST_WAIT:
            raise ConfigMismatch(
                f"CUTTER_VERIFIER_WAIT is {seconds!r}; it has to be a number from 1 to "
                f"{LONGEST_WAIT}."
            )
        return int(seconds)

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
    def switch_variable(self) -> str:
        """The Prefect Variable that is this home's kill-switch, named as its blocks are. Raises
        nothing: whatever else is wrong, a halt has to find its switch.
        """
        prefix = re.sub(r"[^a-z0-9]+", "_", (self.blocks or DEFAULT_PREFIX).strip().lower())
        return f"{prefix}_kill_switch"

    @property
    def names_a_database(self) -> bool:
        """Whether somebody has said which database this home works with, even if in part."""
        named = (self.db_host, self.db_port, self.db_name, self.db_sslmode, self.db_service)
        return any(value and value.strip() for value in named)

    def approvals_address(self, port: int) -> str:
        """How browsers reach the approvers' pages. Raises `ConfigMismatch`."""
        return _address("CUTTER_APPROVALS_URL", self.approvals_url, port)

    def reading_address(self, port: int) -> str:
        """How programs and browsers reach the units. Raises `ConfigMismatch`."""
        return _address("CUTTER_READING_URL", self.reading_url, port)

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

        Raises `ConfigMissing`, or `ConfigMismatch` if both principals share one, or if one has
        another name than what the database's privileges are for.
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
        for expected, user in users.items():
            if user != expected.value:
                raise ConfigMismatch(
                    f"DOT_CUTTER_{expected.name}_DB_USER is {user!r}, and this login is always "
                    f"named {expected.value}: what it may do in the database hangs on the name."
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

    def backup_limit(self) -> float:
        """The longest time that a backup may take, in seconds. Raises `ConfigMismatch`."""
        minutes = self.backup_minutes.strip()
        if not minutes.isascii() or not minutes.isdigit() or not 0 < int(minutes) <= LONGEST_BACKUP:
            raise ConfigMismatch(
                f"CUTTER_BACKUP_MINUTES is {minutes!r}; it has to be a number from 1 to "
                f"{LONGEST_BACKUP}."
            )
        return 60.0 * int(minutes)

    def require_live(self) -> None:
        """Ask for every setting that a live run needs, before anything is opened.

        Raises what the methods above raise.
        """
        self.restore_proof_within()
        if self.verifier_elsewhere:
            self.verifier_waited_for()
        self.backup_limit()
        self.endpoint()
        self.user_of(Principal.EXEC)
        self.backup_fingerprint()


def load_settings(home: Path | None = None) -> CutterSettings:
    """The settings of a home: the environment first, then `cutter.env` in the home. What is empty
    is not set.

    Creates nothing. `pydantic_settings` reads the same, and takes as long to import as a unit
    takes to be shown.
    """
    place = (home or default_home(os.environ)).expanduser().absolute()
    filed = dotenv_values(place / ENV_FILE, encoding="utf-8")
    said = [{name: one for name, one in of.items() if one} for of in (filed, os.environ)]
    named = {**said[0], **said[1], "CUTTER_HOME": str(place)}
    known = ((one.name, one.metadata) for one in fields(CutterSettings))
    return CutterSettings(
        **{one: of["of"](named[of["name"]]) for one, of in known if of["name"] in named}
    )


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


def _address(key: str, value: str | None, port: int) -> str:
    named = (value or f"http://127.0.0.1:{port}").strip().rstrip("/")
    parts = urlsplit(named)
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.path or not parts.netloc or parts.scheme not in ("http", "https"):
        raise ConfigMismatch(f"{key} is {named!r}; it has to be https://HOST.")
    if parts.scheme == "http" and not loopback:
        raise ConfigMismatch(
            f"{key} is {named!r}; elsewhere than on the loopback it has to be https."
        )
    return named
