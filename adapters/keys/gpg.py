"""GnuPG, called as the program `gpg`: which key encrypts the backups, and a throwaway key for
demonstration and tests.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from adapters.files import make_folder
from adapters.pipes import child_environment
from domain.errors import BackupFailed, ConfigMismatch, ConfigMissing, ToolMissing

SETTING: Final = "BACKUP_GPG_FPR"
FINGERPRINT: Final = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}")
SOCKET_PATH_MAX: Final = 107  # bytes, the system's limit for a socket's path
UNKNOWN_KEY: Final = "No public key"  # what gpg says of a key that is not there, in English
LONGEST_SOCKET: Final = "/S.gpg-agent.browser"

# No protection: a key for data that everybody may read. A real backup key is made elsewhere; only
# its public half is here.
THROWAWAY_KEY: Final = """\
%no-protection
Key-Type: eddsa
Key-Curve: ed25519
Key-Usage: cert
Subkey-Type: ecdh
Subkey-Curve: cv25519
Subkey-Usage: encrypt
Name-Real: iu-cutter throwaway backup key
Expire-Date: 0
%commit
"""


def gpg_program() -> str:
    """The path of `gpg`. Raises `ToolMissing` when GnuPG is not installed."""
    if found := shutil.which("gpg"):
        return found
    raise ToolMissing(
        "The program gpg is not on the search path, and backups are encrypted with it. Install "
        "GnuPG (gnupg)."
    )


def gpg_environment(gnupg_home: Path | None) -> dict[str, str]:
    """The environment for `gpg` with a keyring of its own, or with the user's default keyring for
    None.
    """
    return (
        child_environment() if gnupg_home is None else child_environment(GNUPGHOME=str(gnupg_home))
    )


def encrypt_command(fingerprint: str) -> list[str]:
    """`gpg` as a filter that encrypts to one key, and to nobody else whatever gpg.conf says.

    Data come compressed already.
    """
    options = ["--batch", "--no-tty", "--quiet", "--trust-model", "always", "--no-encrypt-to"]
    return [
        *(gpg_program(), *options, "--compress-algo", "none", "--cipher-algo", "AES256"),
        *("--encrypt", "--recipient", fingerprint, "--output", "-"),
    ]


def decrypt_command() -> list[str]:
    """`gpg` as a filter that decrypts.

    Its exit status is 0 only if the data were whole and unchanged.
    """
    return [gpg_program(), "--batch", "--no-tty", "--quiet", "--decrypt"]


def require_encryption_key(fingerprint: str | None, gnupg_home: Path | None) -> str:
    """The fingerprint in its plain form, if backups can be encrypted to it now.

    Raises `ConfigMissing` when none is configured, `ConfigMismatch` for a short key id or a name
    (they can match a stranger's key), `ToolMissing` without gpg, and `BackupFailed` for a key that
    is unknown, expired, revoked or unable to encrypt.
    """
    if not fingerprint or not fingerprint.strip():
        raise ConfigMissing(
            SETTING,
            (
                f"Set {SETTING} to the fingerprint of the key that backups are encrypted to; "
                f"nothing is cut without a backup."
            ),
        )
    plain = re.sub(r"\s", "", fingerprint).upper()
    if not FINGERPRINT.fullmatch(plain):
        raise ConfigMismatch(
            f"{SETTING} is not a fingerprint: give all 40 (or 64) hexadecimal digits, as gpg "
            f"--fingerprint shows."
        )
    ring = f"the keyring {gnupg_home}" if gnupg_home else "the default keyring"
    listed = _list("--list-keys", plain, gnupg_home)
    if listed.returncode != 0 and UNKNOWN_KEY not in listed.stderr:
        raise BackupFailed(
            f"No backup was made: gpg can not read {ring}. Check its folder and the disk."
        )
    if trouble := _trouble(_records(listed.stdout), plain):
        raise BackupFailed(f"No backup was made: the key {plain} in {ring} {trouble}.")
    return plain


def create_backup_key(gnupg_home: Path) -> str:
    """The fingerprint of a throwaway key in a keyring of its own, made there if it has none yet.

    Leaves no agent running.

    Raises `ToolMissing` without gpg, `ConfigMismatch` when the keyring can not be made there.
    """
    make_folder(gnupg_home)
    try:
        for record in _records(_list("--list-secret-keys", None, gnupg_home).stdout):
            if record[0] == "fpr":
                return record[9]
        return _generate(gnupg_home)
    finally:
        stop_agents(gnupg_home)


def stop_agents(gnupg_home: Path) -> None:
    """Stop the helpers that gpg starts by itself for a keyring of ours."""
    if gpgconf := shutil.which("gpgconf"):
        subprocess.run(
            [gpgconf, "--kill", "all"],
            env=gpg_environment(gnupg_home),
            capture_output=True,
            check=False,
        )


def _generate(gnupg_home: Path) -> str:
    made = subprocess.run(
        [gpg_program(), "--batch", "--no-tty", "--quiet", "--status-fd", "1", "--generate-key"],
        input=THROWAWAY_KEY,
        env=gpg_environment(gnupg_home),
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"KEY_CREATED \w ([0-9A-F]+)", made.stdout)
    if made.returncode == 0 and found:
        return found[1]
    why = "gpg did not make a key there"
    if len(str(gnupg_home)) + len(LONGEST_SOCKET) > SOCKET_PATH_MAX:
        why = (
            f"its path is longer than the {SOCKET_PATH_MAX - len(LONGEST_SOCKET)} bytes that "
            f"gpg's sockets allow"
        )
    raise ConfigMismatch(f"The folder {gnupg_home} can not hold a keyring: {why}. Choose another.")


def _list(what: str, key: str | None, gnupg_home: Path | None) -> subprocess.CompletedProcess[str]:
    command = [
        gpg_program(),
        "--batch",
        "--no-tty",
        "--with-colons",
        "--fixed-list-mode",
        what,
        *([key] if key else []),
    ]
    return subprocess.run(
        command,
        env=gpg_environment(gnupg_home),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def _records(listing: str) -> list[list[str]]:
    """The records of gpg's machine-readable listing (its doc/DETAILS).

    >>> _records("fpr:::::::::0A1B:")[0][9]
    '0A1B'
    """
    return [line.split(":") for line in listing.splitlines()]


def _trouble(records: list[list[str]], fingerprint: str) -> str | None:
    """Why a key can not encrypt, with what to do; None if it can.

    Field 2 is the validity, field 12 what the whole key can do (gpg's doc/DETAILS).
    """
    main = next((record for record in records if record[0] == "pub"), None)
    if main is None or not any(
        record[0] == "fpr" and record[9] == fingerprint for record in records
    ):
        return "is not there. Import its public half with gpg --import, or correct " + SETTING
    if main[1] == "e":
        return (
            f"has expired. Prolong it (gpg --quick-set-expire) and import it again, or set "
            f"{SETTING} to another"
        )
    if main[1] == "r":
        return f"has been revoked. Set {SETTING} to another"
    if "D" in main[11]:
        return f"is disabled. Set {SETTING} to another"
    if "E" not in main[11]:
        return f"can not encrypt. Give it an encryption subkey, or set {SETTING} to another"
    return None
