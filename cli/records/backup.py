"""`cutter backup`: make one, prove one, list them, prune them."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console

from cli.json_output import as_json_line
from cli.services import the_app, without_prefect
from domain.counted import counted
from domain.errors import BackupRefuted
from domain.ledger.backups import Fate, KeptBackup, OnRecord, RestoreReport, Retention

MEGABYTE = 1_000_000


def make_command(console: Console, *, as_json: bool) -> None:
    """Make a backup and say where it is. Raises what making it raises."""
    with without_prefect():
        from tasks.records.backups import make_backup

        made = make_backup(the_app())
    if as_json:
        print(as_json_line(asdict(made)))
        return
    console.print(f"Backup made: {made.path}", highlight=False)
    console.print(
        f"  {_size(made.size)}, SHA-256 {made.sha256}, encrypted to {made.key_fingerprint}",
        highlight=False,
    )
    console.print("  Prove that it comes back: cutter backup verify", highlight=False)


def copy_command(console: Console, backup: str | None, to: str, *, as_json: bool) -> None:
    """Copy a backup to another place and say what lies there. Raises what copying raises."""
    with without_prefect():
        from tasks.records.backups import copy_backup

        done = copy_backup(the_app(), to, backup)
    if as_json:
        print(as_json_line(asdict(done)))
        return
    was = "There already, and the same" if done.was_there else "Copied, and read again"
    console.print(f"{was}: {done.copy}", highlight=False, markup=False)
    console.print(f"  {_size(done.size)}, SHA-256 {done.sha256}", highlight=False)


def verify_command(console: Console, backup: str | None, *, as_json: bool) -> int:
    """Prove a backup and print the report; 1 if anything is wrong with it, else 0."""
    with without_prefect():
        from tasks.records.backups import prove_backup

        report = prove_backup(the_app(), backup)
    if as_json:
        print(as_json_line(asdict(report) | {"proven": report.proven}))
    else:
        show_report(console, report)
    return 0 if report.proven else BackupRefuted.exit_status


def show_report(console: Console, report: RestoreReport) -> None:
    """The report, with every finding."""
    if report.proven:
        tables, rows = counted(report.tables, "table"), counted(report.rows, "row")
        counts = f"{tables} with {rows} came back as they were"
        console.print(f"[green]Proven[/green]: {report.backup}", highlight=False)
        console.print(
            f"  {counts}, in {report.seconds:.1f} s; data of "
            f"{report.snapshot_at:%Y-%m-%d %H:%M} UTC",
            highlight=False,
        )
        return
    console.print(f"[red]NOT proven[/red]: {report.backup}", highlight=False)
    for finding in report.findings:
        console.print(f"  - {finding}", highlight=False, markup=False)


def list_command(console: Console, *, as_json: bool) -> None:
    """Print every backup, newest first, with what is on record about it."""
    with without_prefect():
        from tasks.records.backups import list_backups

        found, on_record = list_backups(the_app())
    if as_json:
        print(as_json_line([asdict(one) | {"standing": standing(one, on_record)} for one in found]))
        return
    for one in found:
        taken = f"{one.taken_at:%Y-%m-%d %H:%M} UTC" if one.taken_at else "unknown"
        console.print(f"{one.name}", highlight=False)
        console.print(
            f"  data of {taken}, {_size(one.size)}, {standing(one, on_record)}", highlight=False
        )
    total = sum(one.size for one in found)
    console.print(
        f"{counted(len(found), 'backup')}, {_size(total)} in all."
        if found
        else "There is no backup yet: cutter backup make"
    )


def standing(one: KeptBackup, on_record: OnRecord) -> str:
    """What is known about a backup, in a few words.

    >>> standing(KeptBackup("b", 1, sha256="aa"), OnRecord(proven=("aa",)))
    'proven'
    """
    if one.trouble:
        return one.trouble
    words = ["proven" if one.sha256 in on_record.proven else "not proven"]
    if one.sha256 in on_record.needed:
        words.append(f"needed by change set {one.change_set_id}, which is not finished")
    return ", ".join(words)


def prune_command(console: Console, wish: Retention, *, yes: bool, as_json: bool) -> None:
    """Show what would go, or with `yes` remove it."""
    with without_prefect():
        from tasks.records.backups import prune_backups

        decided = prune_backups(the_app(), wish, remove=yes)
    if as_json:
        print(
            as_json_line([{"name": f.backup.name, "goes": f.goes, "why": f.why} for f in decided])
        )
    else:
        _show_fates(console, decided, done=yes)


def _show_fates(console: Console, decided: list[Fate], *, done: bool) -> None:
    verb = "removed" if done else "would go"
    for fate in decided:
        console.print(
            f"{verb if fate.goes else 'stays':9} {fate.backup.name}  {fate.why}",
            highlight=False,
            markup=False,
        )
    going = [fate.backup for fate in decided if fate.goes]
    size = _size(sum(one.size for one in going))
    console.print(
        f"{counted(len(going), 'backup')} {verb}, {size}."
        + ("" if done or not going else " Remove them with --yes.")
    )


def _size(size: int) -> str:
    """A size for a person.

    >>> _size(1_234_567)
    '1.2 MB'
    """
    return f"{size / MEGABYTE:.1f} MB"
