"""Backups outside a cut: made, proven by a restore drill (the flow, scheduled), listed and
pruned.
"""

from __future__ import annotations

from pathlib import Path

from prefect import flow, runtime

from blocks.artifacts import publish_drill
from blocks.form import BackupNameField, FreshField
from domain.errors import BackupRefuted, Refused
from domain.ledger.backups import RestoreReport
from tasks.app import current_app
from tasks.records.backups import make_backup, prove_backup


@flow(
    name="restore_drill",
    flow_run_name="restore drill",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def restore_drill(backup: BackupNameField = "", fresh: FreshField = False) -> RestoreReport:
    """Prove a backup: the newest of the registered target, or one by the name of its file.

    `fresh` makes a new one first.

    Raises `BackupRefuted` naming what is wrong with it, so that a scheduled run is seen to fail; it
    is on record by then. Raises `Refused` for a deployment that names a file outside the folder of
    backups, and what `prove_backup` raises.
    """
    if backup and runtime.deployment.name and Path(backup).name != backup:
        raise Refused(
            "A deployed drill takes the name of a file in the folder of backups, and no path."
        )
    app = current_app()
    if fresh:
        backup = make_backup(app).path
    report = prove_backup(app, backup or None)
    publish_drill(report)
    if not report.proven:
        raise BackupRefuted(f"The backup {report.backup} is not proven: {report.findings[0]}")
    return report
