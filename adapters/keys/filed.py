"""Passwords and keys of principals as files of one secret each: in the folder that systemd makes
for a service ($CREDENTIALS_DIRECTORY), or in the home's own `credentials/`, where each has the mode
0600.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretBytes, SecretStr

from adapters.files import open_plain
from domain.errors import ConfigMismatch
from domain.ledger.privileges import READER
from domain.phases import Principal

_OTHERS: Final = 0o177
_OTHERS_OF_SYSTEMD: Final = 0o007
"""systemd makes such a file for root and lets the service's user in by an access list, which shows
as the group's mode.
"""


@dataclass(frozen=True, slots=True)
class FiledSecrets:
    """The secrets in one folder. `of_systemd` says that systemd made it."""

    folder: Path
    of_systemd: bool = False

    def password_file(self, principal: Principal) -> Path:
        """Where a principal's password lies, if it lies in a file."""
        return self.folder / f"{_name(principal)}-password"

    def key_file(self, principal: Principal) -> Path:
        """Where a principal's signing key lies, if it lies in a file."""
        return self.folder / f"{_name(principal)}-signing-key"

    def password(self, principal: Principal) -> SecretStr | None:
        """A principal's password; None if there is no such file.

        Raises `ConfigMismatch` for a file that others can read, that is empty or no text.
        """
        return self._password(self.password_file(principal))

    def reader_file(self) -> Path:
        """Where the password of whoever reads out units lies."""
        return self.folder / f"{READER.replace('_', '-')}-password"

    def reader_password(self) -> SecretStr | None:
        """That password; None if there is no such file. Raises as `password` does."""
        return self._password(self.reader_file())

    def _password(self, path: Path) -> SecretStr | None:
        if (found := self._bytes(path)) is None:
            return None
        try:
            password = found.get_secret_value().decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            password = ""
        if not password:
            raise ConfigMismatch(f"{path} holds no password; write it anew.")
        return SecretStr(password)

    def key(self, principal: Principal) -> SecretBytes | None:
        """A principal's signing key in PEM; None if there is no such file.

        Raises `ConfigMismatch` for a file that others can read.
        """
        return self._bytes(self.key_file(principal))

    def _bytes(self, path: Path) -> SecretBytes | None:
        try:
            path.lstat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigMismatch(f"{path} can not be read: {error.strerror}.") from None
        return private_bytes(path, _OTHERS_OF_SYSTEMD if self.of_systemd else _OTHERS)


def private_bytes(path: Path, others: int = _OTHERS) -> SecretBytes:
    """What a file with a secret holds.

    Raises `ConfigMismatch` if it has one of the mode bits `others`, is no plain file or can not be
    read.
    """
    try:
        with open(open_plain(path, os.O_RDONLY), "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & others:
                raise ConfigMismatch(
                    f"{path} holds a secret and has the mode {mode:04o}; others could read it. "
                    f"Run: chmod 600 {path}"
                )
            return SecretBytes(file.read())
    except OSError as error:
        raise ConfigMismatch(f"{path} can not be read: {error.strerror}.") from None


def _name(principal: Principal) -> str:
    return principal.value.replace("_", "-")
