"""Backups outside a cut: made, proven by a restore drill, listed and pruned."""

from __future__ import annotations

import getpass
from contextlib import closing
from functools import partial
from pathlib import Path

from adapters.home.target import require_target
from adapters.postgres.backups.copies import BackupCopy, copy_away
from adapters.postgres.backups.drill import RestoreDrill
from adapters.postgres.backups.proof import backups_on_record
from adapters.postgres.backups.store import kept_backups, newest_backup, remove_backup
from adapters.postgres.permits.permit import clock
from adapters.postgres.server.throwaway import throwaway_server
from domain.errors import ConfigMismatch
from domain.ledger.backups import Fate, KeptBackup, OnRecord, RestoreReport, Retention, fates
from domain.phases import Principal
from domain.results import BackupResult
from tasks.app import App


def make_backup(app: App) -> BackupResult:
    """A backup of the registered target, made as a cut makes its own.

    Raises what `PgDumpBackup.make` raises.
    """
    target = require_target(app.settings.state)
    return app.backup().make(target)


def prove_backup(app: App, backup: str | None = None, *, actor: str | None = None) -> RestoreReport:
    """Prove one backup, by path or by its name in the folder of backups, or the newest one.

    Raises `ConfigMissing` without a keyring for drills, `ConfigMismatch` where the verifier, whose
    word a proof is, is elsewhere, and what `RestoreDrill.prove` raises; what
    is wrong with the backup is in the report.
    """
    settings = app.settings
    if settings.verifier_elsewhere:
        raise ConfigMismatch(
            "That a backup comes back is the verifier's word, and the verifier of this home is "
            "elsewhere; run `cutter backup verify` in the verifier's home."
        )
    target, keyring = require_target(settings.state), settings.drill_keyring()
    path = (
        _path(settings.backups, backup) if backup else newest_backup(settings.backups, str(target))
    )
    who = actor or getpass.getuser()
    place = settings.drill_folder
    drill = RestoreDrill(
        app.connections(target),
        target,
        keyring,
        who,
        partial(throwaway_server, folder=place),
        place,
    )
    return drill.prove(path)


def copy_backup(app: App, to: str, backup: str | None = None) -> BackupCopy:
    """Copy one backup, by path or by its name in the folder of backups, or the newest one, to a
    folder elsewhere. Asks no database.

    Raises what `copy_away` raises, and `BadInput` if there is no backup.
    """
    settings = app.settings
    path = (
        _path(settings.backups, backup)
        if backup
        else newest_backup(settings.backups, str(require_target(settings.state)))
    )
    return copy_away(path, to)


def list_backups(app: App) -> tuple[list[KeptBackup], OnRecord]:
    """Every backup in the folder, newest first, and what is on record about them."""
    settings = app.settings
    target = require_target(settings.state)
    with closing(app.connections(target).connect(Principal.VERIFY)) as conn:
        return kept_backups(settings.backups), backups_on_record(conn, target)


def prune_backups(app: App, wish: Retention, *, remove: bool) -> list[Fate]:
    """What becomes of each backup, newest first; with `remove` those that go are gone.

    The database says which are proven, which are needed, and how late it is; without it nothing is
    removed. Raises `BadInput`, a connection's refusal or `DatabaseUnavailable`.
    """
    settings = app.settings
    target = require_target(settings.state)
    with closing(app.connections(target).connect(Principal.VERIFY)) as conn:
        decided = fates(
            kept_backups(settings.backups),
            backups_on_record(conn, target),
            str(target),
            wish,
            clock(conn),
        )
    return [_carry_out(settings.backups, fate) for fate in decided] if remove else decided


def _carry_out(folder: Path, fate: Fate) -> Fate:
    if fate.goes and not remove_backup(folder, fate.backup.name):
        return Fate(fate.backup, False, "a drill is reading it")
    return fate


def _path(folder: Path, backup: str) -> Path:
    """A name without a folder is looked up in the folder of backups, unless the present one has
    such a file.
    """
    given = Path(backup)
    return given if given.name != backup or given.exists() else folder / backup
