"""The system user that the embedded server runs as: PostgreSQL refuses root, so root steps down."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from adapters.files import PART
from adapters.postgres.server.binaries import PostgresBinaries
from domain.errors import ConfigMismatch, ToolMissing

CANDIDATES: Final = (
    "postgres",
    "_postgres",
    "nobody",
)  # initdb looks the user up, so it has to have a name

# Prints the first argument that the user can not enter; the server itself is asked, so access lists
# count too.
CAN_ENTER: Final = 'for folder; do test -x "$folder" || { echo "$folder"; exit 1; }; done'


class RunAs(TypedDict, total=False):
    """Keyword arguments of `subprocess` that drop root: user, group and every further group."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class SystemUser:
    """Who the server runs as.

    `dropped` is True when this process is root and steps down to that user.
    """

    name: str
    uid: int
    gid: int
    dropped: bool

    @property
    def run_as(self) -> RunAs:
        """What to give to `subprocess`; nothing when the process keeps its own user."""
        return RunAs(user=self.uid, group=self.gid, extra_groups=[]) if self.dropped else RunAs()

    def own(self, path: Path | int) -> None:
        """Give a folder of ours, or a file that is open, to the user; nothing above or below it."""
        if self.dropped and isinstance(path, int):
            os.fchown(path, self.uid, self.gid)
        elif self.dropped:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def barred_from(self, path: Path) -> Path | None:
        """The outermost folder on the way to a path that the user can not enter; None when all are
        open to it.
        """
        if not self.dropped:
            return None
        ways = [
            str(folder) for folder in reversed(path.resolve().parents) if folder.exists()
        ]  # the others we make ourselves
        found = subprocess.run(
            ["/bin/sh", "-c", CAN_ENTER, "sh", *ways],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            cwd="/",
            **self.run_as,
        )
        return Path(found.stdout.strip()) if found.returncode else None


def system_user() -> SystemUser:
    """The present user, or for root `postgres` where it exists, else `nobody`.

    Raises `ToolMissing` when there is neither.
    """
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid())
        return SystemUser(me.pw_name, me.pw_uid, me.pw_gid, dropped=False)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in CANDIDATES:
        if name in known:
            return SystemUser(name, known[name].pw_uid, known[name].pw_gid, dropped=True)
    raise ToolMissing(
        "PostgreSQL refuses to run as root and there is no user postgres or nobody. Add one "
        "with useradd."
    )


def require_reachable(home: Path, user: SystemUser) -> None:
    """Raise `ConfigMismatch` when the user can not get to `home`.

    Modes of folders that are not ours are never opened.
    """
    if barred := user.barred_from(home):
        raise ConfigMismatch(
            f"The embedded PostgreSQL can not live in {home}: it may not run as root, so it "
            f"runs as {user.name}, "
            f"and {barred} is closed to that user. Choose a folder outside {barred}, for "
            f"instance /var/lib/cutter."
        )


def reachable_home(preferred: Path, otherwise: Path) -> Path:
    """`preferred` where the server's user can get to it, else `otherwise`: for root's own closed
    home folder.
    """
    return otherwise if system_user().barred_from(preferred) else preferred


def reachable_binaries(source: PostgresBinaries, home: Path, user: SystemUser) -> PostgresBinaries:
    """The same programs where the user can start them: in place, else copied below `home` once
    (about 30 MB).
    """
    if _usable(source, user):
        return source
    copied = home / f"postgresql-{source.major}"
    if not copied.exists():
        _copy(source, copied)
    return PostgresBinaries(
        copied / source.bindir.parts[-3] / source.bindir.parts[-2] / "bin", source.major
    )


def _usable(source: PostgresBinaries, user: SystemUser) -> bool:
    if not user.dropped:
        return True
    try:
        program = str(source.bindir / "postgres")
        return (
            subprocess.run(
                [program, "-V"], stdout=subprocess.DEVNULL, check=False, cwd="/", **user.run_as
            ).returncode
            == 0
        )
    except PermissionError:
        return False


def _copy(source: PostgresBinaries, target: Path) -> None:
    """Copy the installation and the libraries that wheels keep beside it, in the same places
    relative to each other.

    It stays root's, for others to read. It is made beside the home, where the server's user can put
    nothing in its way, and gets its place whole.
    """
    install, package = source.bindir.parent, source.bindir.parent.parent
    home = target.parent
    part = Path(tempfile.mkdtemp(f"{PART}", f"{home.name}-{target.name}-", home.parent))
    try:
        shutil.copytree(
            install,
            part / package.name / install.name,
            ignore=shutil.ignore_patterns("include", "*.a"),
        )
        for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
            if libraries.is_dir():
                shutil.copytree(libraries, part / libraries.relative_to(package.parent))
        for path in (part, *part.rglob("*")):
            if not path.is_symlink():
                runs = path.is_dir() or os.access(path, os.X_OK)
                path.chmod(0o755 if runs else 0o644)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
