"""`cutter corpus go` and `cutter corpus retry`: the run of an approved release."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from rich.console import Console

from adapters.releases import require_release
from cli.corpus.beside import beside
from cli.corpus.status import exit_status_of, print_outcome
from cli.services import home_settings, services, the_app, without_prefect
from cli.terminal import words
from domain.counted import counted
from domain.errors import CheckFailed, Refused
from domain.release.outcome import ENDED_BADLY, LEFT, ReleaseOutcome, Step

if TYPE_CHECKING:
    from tasks.app import App


@dataclass(frozen=True, slots=True)
class Workers:
    """How many work at a release: processes here, and runs that are asked of the work pool."""

    processes: int = 1
    pool: int = 0


def corpus_go_command(
    console: Console,
    release: str,
    *,
    reason: str | None,
    minutes: int,
    actor: str | None,
    again: bool,
    workers: Workers = Workers(),
    as_json: bool,
) -> int:
    """Run what is left of a release, or with `again` what has ended badly, and print how it ended.

    0 if every document is done, 4 if one is torn, else 1. Raises `Refused` before anything is armed
    where there is nothing to run, and what arming and the run raise.
    """
    wanted, who = require_release(home_settings().state, release), actor or getpass.getuser()
    with without_prefect():
        from tasks.corpus.standing import release_outcome

        _say_before(console, release_outcome(the_app(), wanted), again=again)
    with services():
        found = _run(console, the_app(), wanted, who, minutes, reason, workers, again=again)
    print_outcome(console, found, as_json=as_json)
    if found.all_done:
        return 0
    return exit_status_of(found) or CheckFailed.exit_status


def _say_before(console: Console, found: ReleaseOutcome, *, again: bool) -> None:
    """What will be done. Raises `Refused` if that is nothing."""
    steps = ENDED_BADLY if again else LEFT
    chosen = [one for one in found.documents if one.step in steps]
    if not chosen:
        what = "has failed or was refused" if again else "is left to run"
        raise Refused(
            f"Nothing of release {found.release_id} {what}; `cutter corpus status` shows all of it."
        )
    units = sum(one.units for one in chosen)
    console.print(
        f"{'Trying again' if again else 'Running'} {counted(len(chosen), 'document')} with "
        f"{counted(units, 'unit')} of release {found.release_id}; {found.steps[Step.DONE]:,} "
        f"done before.",
        highlight=False,
    )
    for one in chosen if again else ():
        console.print(f"  {one.step:8} {words(one.code)}: {words(one.reason)}", highlight=False)


def _run(
    console: Console,
    app: App,
    release_id: UUID,
    who: str,
    minutes: int,
    reason: str | None,
    workers: Workers,
    *,
    again: bool,
) -> ReleaseOutcome:
    """Arm the switch for the release, run it, and turn the switch off, however it ends."""
    from flows.cut_release import run_release  # Prefect is imported here
    from tasks.corpus.arming import arm_release
    from tasks.corpus.running import try_again

    def tell(code: str, how: str, why: str) -> None:
        said = f"  {how:8} {words(code)}" + (f": {words(why)}" if why else "")
        console.print(said, highlight=False)

    arm_release(app, release_id, minutes, who, reason or f"cutter corpus go {release_id}")
    try:
        if again:
            try_again(app, release_id)
        with beside(workers.processes - 1, release_id, who) as begin:
            return run_release(release_id, who, tell, workers=workers.pool + 1, begun=begin)
    finally:
        app.switch.disarm(f"the run of release {release_id} has ended", only=release_id)
