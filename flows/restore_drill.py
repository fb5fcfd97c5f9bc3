"""Backups outside a cut: made, proven by a restore drill (the flow, scheduled), listed and
pruned.
"""

from __future__ import annotations

import getpass
from contextlib import closing
from pathlib import Path

import psycopg
from prefect import flow, runtime

from adapters.home.target import require_target
from adapters.postgres.backups.backup import PgDumpBackup
from adapters.postgres.backups.drill import RestoreDrill
from adapters.postgres.backups.proof import backups_on_record, clock_of
from adapters.postgres.backups.store import kept_backups, newest_backup, remove_backup
from adapters.postgres.connection.sqlstate import explain
from blocks.artifacts import publish_drill
from blocks.form import BackupNameField, FreshField
from blocks.secrets import SecretCredentials
from blocks.settings import load_settings
from domain.errors import BackupRefuted, DatabaseUnavailable, Refused
from domain.ledger.backups import Fate, KeptBackup, OnRecord, RestoreReport, Retention, fates
from domain.phases import Principal, TargetFingerprint
from domain.results import BackupResult
from tasks.app import LateSigner, principal_connections


@flow(
    name="restore_drill",
    flow_run_name="restore drill",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def restore_drill(backup: BackupNameField = None, fresh: FreshField = False) -> RestoreReport:
    """Prove a backup: the newest of the registered target, or one by the name of its file.

    `fresh` makes a new one first.

    Raises `BackupRefuted` naming what is wrong with it, so that a scheduled run is seen to fail; it
    is on record by then. Raises `Refused` for a deployment that names a file outside the folder of
    backups, and what `prove_backup` raises.
    """
    if backup is not None and runtime.deployment.name and Path(backup).name != backup:
        raise Refused(
            "A deployed drill takes the name of a file in the folder of backups, and no path."
        )
    if fresh:
        backup = make_backup().path
    report = prove_backup(backup)
    publish_drill(report)
    if not report.proven:
        raise BackupRefuted(f"The backup {report.backup} is not proven: {report.findings[0]}")
    return report


def make_backup() -> BackupResult:
    """A backup of the registered target, made as a cut makes its own.

    Raises what `PgDumpBackup.make` raises.
    """
    settings = load_settings()
    target = require_target(settings.state)
    return PgDumpBackup(
        settings.endpoint(),
        SecretCredentials(settings),
        settings.backups,
        settings.backup_fingerprint(),
        signer=LateSigner(Principal.EXEC, settings),
        gnupg_home=settings.gnupg_home,
    ).make(target)


def prove_backup(backup: str | None = None, *, actor: str | None = None) -> RestoreReport:
    """Prove one backup, by path or by its name in the folder of backups, or the newest one.

    Raises `ConfigMissing` without a keyring for drills, and what `RestoreDrill.prove` raises; what
    is wrong with the backup is in the report.
    """
    settings = load_settings()
    target, keyring = require_target(settings.state), settings.drill_keyring()
    path = (
        _path(settings.backups, backup) if backup else newest_backup(settings.backups, str(target))
    )
    return RestoreDrill(
        principal_connections(settings, target), target, keyring, actor or getpass.getuser()
    ).prove(path)


def list_backups() -> tuple[list[KeptBackup], OnRecord]:
    """Every backup in the folder, newest first, and what is on record about them."""
    settings = load_settings()
    target = require_target(settings.state)
    with closing(principal_connections(settings, target).connect(Principal.VERIFY)) as conn:
        return kept_backups(settings.backups), _on_record(conn, target)


def prune_backups(wish: Retention, *, remove: bool) -> list[Fate]:
    """What becomes of each backup, newest first; with `remove` those that go are gone.

    The database says which are proven, which are needed, and how late it is; without it nothing is
    removed. Raises `BadInput`, a connection's refusal or `DatabaseUnavailable`.
    """
    settings = load_settings()
    target = require_target(settings.state)
    with closing(principal_connections(settings, target).connect(Principal.VERIFY)) as conn:
        decided = fates(
            kept_backups(settings.backups),
            _on_record(conn, target),
            str(target),
            wish,
            clock_of(conn),
        )
    return [_carry_out(settings.backups, fate) for fate in decided] if remove else decided


def _carry_out(folder: Path, fate: Fate) -> Fate:
    if fate.goes and not remove_backup(folder, fate.backup.name):
        return Fate(fate.backup, False, "a drill is reading it")
    return fate


def _on_record(conn: psycopg.Connection[tuple[object, ...]], target: TargetFingerprint) -> OnRecord:
    try:
        return backups_on_record(conn, target)
    except psycopg.Error as error:
        raise DatabaseUnavailable(
            explain(error, "Reading what is on record about backups")
        ) from None


def _path(folder: Path, backup: str) -> Path:
    """A name without a folder is looked up in the folder of backups, unless the present one has
    such a file.
    """
    given = Path(backup)
    return given if given.name != backup or given.exists() else folder / backup
