"""How a run is shown while it works, and what it did when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from cli.json_output import as_json_line
from domain.counted import counted
from domain.errors import Interrupted
from domain.phases import Kind, Mode, Phase, spec_of
from domain.reports.run import CutOutcome, PhaseReport


class Progress:
    """Prints one line a phase as it ends; on a terminal also what is being done now."""

    def __init__(self, console: Console, mode: Mode) -> None:
        self._console = console
        self._status = console.status("reading the document")
        self._simulated = " (simulated)" if mode is Mode.DRYRUN else ""
        self._mode = mode
        self._ended: list[str] = []

    def __enter__(self) -> Progress:
        if self._console.is_terminal:
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Raises `Interrupted`, which says what stands, where somebody pressed Ctrl-C."""
        self._status.stop()
        if kind is KeyboardInterrupt:
            raise Interrupted(what_stands(self._mode, self._ended)) from None

    def __call__(self, phase: str, report: PhaseReport | None) -> None:
        """A `blocks.progress.Listener`."""
        if report is None:
            doing = spec_of(Phase(phase)).telling(Kind.CUT)
            self._status.update(f"{doing}{self._simulated} ...")
            return
        self._ended.append(phase)
        how = "already done" if report.replayed else f"{report.seconds:6.2f} s"
        self._console.print(f"  {phase:17} {how:>12}   {amount(report)}", highlight=False)


def what_stands(mode: Mode, ended: Sequence[str]) -> str:
    """What a run that was interrupted has left, and how to go on.

    >>> what_stands(Mode.DRYRUN, ["mark"])
    'It was a dry run: nothing was written.'
    """
    if mode is Mode.DRYRUN:
        return "It was a dry run: nothing was written."
    if mode is Mode.REHEARSE:
        return "It was a rehearsal and is rolled back: nothing of it stands."
    so_far = (
        f"These phases had ended and stand: {', '.join(ended)}" if ended else "No phase had ended"
    )
    return (
        f"{so_far}; one that was under way stands whole or not at all. The kill-switch is turned "
        f"off. `cutter status` says what is done and how to go on."
    )


def amount(report: PhaseReport) -> str:
    """What a phase counted, for a person."""
    if report.phase is Phase.PRE_WRITE_BACKUP:
        return (
            f"{report.count:,} bytes"
            if report.count
            else "no backup is made by a dry run or a rehearsal"
        )
    return f"{report.count:,} {report.counted}"


def show_outcome(console: Console, outcome: CutOutcome) -> None:
    """The phases as a table, where the backup is, and what this run meant."""
    table = Table(
        title=f"{outcome.mode} of {outcome.document_code}", title_justify="left", title_style="bold"
    )
    for name, justify in (
        ("phase", "left"),
        ("what it did", "left"),
        ("seconds", "right"),
        ("answered by", "left"),
    ):
        table.add_column(name, justify="right" if justify == "right" else "left", overflow="fold")
    for report in outcome.phases:
        answered = (
            "the journal"
            if report.replayed
            else "the simulator"
            if outcome.mode is Mode.DRYRUN
            else "PostgreSQL"
        )
        table.add_row(report.phase.value, amount(report), f"{report.seconds:.2f}", answered)
    console.print(table)
    console.print(f"change set  {outcome.change_set_id}", highlight=False)
    console.print(
        f"plan        {outcome.plan_digest[:16]}..., {counted(outcome.units, 'unit')}, kept in "
        f"{outcome.plan_path}",
        highlight=False,
    )
    if outcome.backup and outcome.backup.made:
        console.print(f"backup      {outcome.backup.path}", highlight=False)
    console.print(_meaning(outcome))
    if outcome.forbidden:
        count = len(outcome.forbidden)
        console.print(
            f"[red]A live run would be refused now[/red], for {count} "
            f"{'reason' if count == 1 else 'reasons'}; `cutter doctor` names each. The first:"
        )
        console.print(f"  {outcome.forbidden[0]}", highlight=False, markup=False)


def _meaning(outcome: CutOutcome) -> str:
    if outcome.replayed:
        return (
            "This cut is already done: every phase answered from the journal, and nothing was "
            "changed."
        )
    if outcome.mode is Mode.DRYRUN:
        return "This was a dry run: nothing was written."
    return (
        f"Done: {counted(outcome.units, 'unit')} written, verified by the second principal, and "
        f"enacted."
    )


def outcome_json(outcome: CutOutcome) -> str:
    """An outcome as one JSON object."""
    found = asdict(outcome)
    found |= {"replayed": outcome.replayed, "seconds": round(outcome.seconds, 3)}
    return as_json_line(found)
