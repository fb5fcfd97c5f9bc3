"""A home on disk: its folders with owner and modes, and the file `cutter.env`.

Made once, then only looked at.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files import (
    PASSABLE_FOLDER,
    PRIVATE_FOLDER,
    keep_bytes,
    make_folder,
    not_written,
    read_plain,
    write_plain,
)
from domain.errors import BadInput

ENV_FILE: Final = "cutter.env"
FOLDERS: Final = ("runs", "state", "backups")
GNUPG: Final = "gnupg"
HOME_MODE: Final = PASSABLE_FOLDER  # the embedded server runs as another user
PRIVATE_FILE: Final = 0o600

TEMPLATE: Final = """\
# Settings of this home, read after the environment. None of them is a secret: passwords are in
# Prefect Secret blocks.
# `cutter db init` fills in the database; for one that cutter did not make, set these and run
# `cutter doctor --register`.
#DOT_CUTTER_DB_HOST=127.0.0.1
#DOT_CUTTER_DB_PORT=5432
#DOT_CUTTER_DB_NAME=knowledge
#DOT_CUTTER_DB_SSLMODE=verify-full
#DOT_CUTTER_DB_SSLROOTCERT=
#DOT_CUTTER_DB_SSLCERTS=
#DOT_CUTTER_EXEC_DB_USER=cutter_exec
#DOT_CUTTER_VERIFY_DB_USER=cutter_verify

# What the names of this home's Secret blocks begin with.
#CUTTER_BLOCKS=

# The key that backups are encrypted to, its keyring, and where its secret half is (on the host of
# the drills only).
#BACKUP_GPG_FPR=
#CUTTER_GNUPG_HOME=
#CUTTER_DRILL_GNUPG_HOME=

# A live run is refused unless a backup was proven to come back in the last hours.
#CUTTER_REQUIRE_RESTORE_PROOF=on
#CUTTER_RESTORE_PROOF_HOURS=24

# How long a backup may take, and where one lies as plaintext while it is proven.
#CUTTER_BACKUP_MINUTES=60
#CUTTER_DRILL_FOLDER=
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing of a home, and whether it was made, mended or found as it has to be."""

    what: str
    done: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a home is."""

    name: str
    uid: int
    gid: int


def owner_of_home(user: str | None) -> Owner:
    """The named user, or who asks.

    Raises `BadInput` for an unknown one, or if only root could give things to another.
    """
    try:
        found = pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
    except KeyError:
        raise BadInput(
            f"The user {user or os.geteuid()} is not known on this system; make it first, or "
            f"name another."
        ) from None
    if found.pw_uid != os.geteuid() != 0:
        raise BadInput(
            f"Only root can make a home for {found.pw_name}; run this as root, or as "
            f"{found.pw_name}."
        )
    return Owner(found.pw_name, found.pw_uid, found.pw_gid)


def make_home(
    home: Path, owner: Owner, to_begin_with: Mapping[str, bytes] | None = None
) -> list[Step]:
    """Make or mend folders and the settings file, whatever the umask is.

    A new home gets the files `to_begin_with` too, by their names below it. One that is there
    already does not: what it has instead of them would count no more.

    Raises `BadInput` if it is somebody else's place or can not be made.
    """
    _refuse_anothers_place(home)
    try:
        steps = [_folder(home, HOME_MODE, owner)]
        steps += [_folder(home / name, PRIVATE_FOLDER, owner) for name in (*FOLDERS, GNUPG)]
        steps.append(_settings(home / ENV_FILE, owner))
        if steps[-1].done == "made":
            files = (to_begin_with or {}).items()
            steps += [_file(home, name, content, owner) for name, content in files]
    except OSError as error:
        raise BadInput(
            f"The home {home} can not be made: {error.strerror}. Name another with --home or "
            f"CUTTER_HOME."
        ) from None
    return steps


def set_values(path: Path, values: Mapping[str, str]) -> None:
    """Set values in a settings file, each in the place where it stands or is proposed; everything
    else stays.

    Raises `BadInput` if the file can not be written.
    """
    try:
        text = read_plain(path) if os.path.lexists(path) else ""
    except OSError as error:
        raise not_written(path, error) from None
    keep_bytes(path, with_values(text, values).encode())


def with_values(text: str, values: Mapping[str, str]) -> str:
    r"""The text with the values set, quoted where they have to be: wherever one stands, since the
    last line counts; else where it is proposed, else at the end.

    >>> with_values("# words\n#A=old\nB=1\n", {"A": "2", "C": "kb #1"})
    "# words\nA=2\nB=1\nC='kb #1'\n"
    >>> with_values("#A=old\nB=1\nexport A=3\n", {"A": "2"})
    '#A=old\nB=1\nA=2\n'
    """
    lines = text.splitlines()
    for name, value in values.items():
        line = f"{name}={_quoted(value)}"
        stands = [n for n, old in enumerate(lines) if re.match(rf"\s*(export\s+)?{name}\s*=", old)]
        proposed = [n for n, old in enumerate(lines) if re.match(rf"#\s*{name}=", old)]
        if place := stands or proposed[:1]:
            for n in place:
                lines[n] = line
        else:
            lines.append(line)
    return "".join(f"{one}\n" for one in lines)


def _quoted(value: str) -> str:
    r"""A value as the settings file holds it: a `#`, a quote or a blank would end it otherwise.

    Raises `BadInput` for what the file can not hold.

    >>> _quoted("/srv/kb"), _quoted(r"o'k\b"), _quoted("")
    ('/srv/kb', "'o\\'k\\\\b'", '')
    """
    if any(not sign.isprintable() for sign in value) or "${" in value:
        raise BadInput(
            f"The value {value!r} can not stand in {ENV_FILE}: no control characters, no `${{`."
        )
    if re.fullmatch(r"[\w./:@%+,=-]*", value, re.ASCII):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def new_block_prefix() -> str:
    """What the names of a new home's Secret blocks begin with: no other home's do."""
    return f"cutter-{secrets.token_hex(4)}"


def give_to(folder: Path, owner: Owner) -> None:
    """Give a folder and everything in it to the owner, if that is not who made it.

    Follows no link.
    """
    if owner.uid == os.geteuid():
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.uid, owner.gid, follow_symlinks=False)


def _refuse_anothers_place(home: Path) -> None:
    if home.is_symlink() or (home.exists() and not home.is_dir()):
        raise BadInput(f"{home} is not a folder; name another with --home.")
    ours = {ENV_FILE, *FOLDERS}
    if home.is_dir() and (found := {path.name for path in home.iterdir()}) and not found & ours:
        raise BadInput(
            f"{home} holds other things and is no home of cutter; name an empty or a new "
            f"folder with --home."
        )


def _folder(path: Path, mode: int, owner: Owner) -> Step:
    made = not os.path.lexists(path)
    make_folder(path, mode, above=PASSABLE_FOLDER)
    return _step(path, mode, owner, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, made=made)


def _file(home: Path, name: str, content: bytes, owner: Owner) -> Step:
    path = home / name
    made = not os.path.lexists(path)
    if path.parent != home:
        _folder(path.parent, PRIVATE_FOLDER, owner)
    if made:
        keep_bytes(path, content)
    return _step(path, PRIVATE_FILE, owner, os.O_RDONLY | os.O_NOFOLLOW, made=made)


def _settings(path: Path, owner: Owner) -> Step:
    made = not os.path.lexists(path)
    if made:
        write_plain(path, with_values(TEMPLATE, {"CUTTER_BLOCKS": new_block_prefix()}))
    return _step(path, PRIVATE_FILE, owner, os.O_RDONLY | os.O_NOFOLLOW, made=made)


def _step(path: Path, mode: int, owner: Owner, flags: int, *, made: bool) -> Step:
    descriptor = os.open(path, flags)  # never through a link: the folder may be another user's
    try:
        mended = _mend(descriptor, mode, owner)
    finally:
        os.close(descriptor)
    return Step(
        f"{path} (mode {mode:04o}, {owner.name})",
        "made" if made else "mended" if mended else "found",
    )


def _mend(descriptor: int, mode: int, owner: Owner) -> bool:
    """True if mode or owner had to be changed."""
    now = os.fstat(descriptor)
    changed = False
    if stat.S_IMODE(now.st_mode) != mode:
        os.fchmod(descriptor, mode)
        changed = True
    if (now.st_uid, now.st_gid) != (owner.uid, owner.gid) and os.geteuid() == 0:
        os.fchown(descriptor, owner.uid, owner.gid)
        changed = True
    return changed
