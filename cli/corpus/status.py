"""`cutter corpus status`: how far a release is."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from adapters.releases import require_release
from cli.json_output import as_json_line
from cli.services import home_settings, the_app, without_prefect
from cli.terminal import words
from domain.counted import counted
from domain.errors import ChangeSetTorn, CheckFailed
from domain.release.outcome import ENDED_BADLY, ReleaseOutcome


def corpus_status_command(console: Console, release: str, *, as_json: bool) -> int:
    """Print how far each change set of a release is; 4 if one is torn, 1 if one has ended badly,
    else 0.

    Raises `BadInput` for an unknown release, and a connection's refusal.
    """
    wanted = require_release(home_settings().state, release)
    with without_prefect():
        from tasks.corpus.standing import release_outcome

        found = release_outcome(the_app(), wanted)
    print_outcome(console, found, as_json=as_json)
    return exit_status_of(found)


def print_outcome(console: Console, found: ReleaseOutcome, *, as_json: bool) -> None:
    """Print each document of a release, and how many are how far."""
    if as_json:
        print(as_json_line(outcome_object(found)))
        return
    for one in found.documents:
        left = f" (about {one.seconds_left:.0f} s)" if one.seconds_left is not None else ""
        console.print(
            f"{one.step:9} [bold]{words(one.code)}[/bold]  {counted(one.units, 'unit')}  "
            f"{words(one.reason)}{left}",
            highlight=False,
        )
    said = ", ".join(f"{count:,} {step}" for step, count in found.steps.most_common())
    left = f"; about {found.seconds_left:.0f} s left" if found.seconds_left is not None else ""
    console.print(f"{counted(len(found.documents), 'document')}: {said}{left}.", highlight=False)


def exit_status_of(found: ReleaseOutcome) -> int:
    """4 if a document is torn and nobody works at it, 1 if one has ended badly, else 0."""
    if found.torn:
        return ChangeSetTorn.exit_status
    return CheckFailed.exit_status if ENDED_BADLY & found.steps.keys() else 0


def outcome_object(found: ReleaseOutcome) -> dict[str, Any]:
    """The whole answer as one JSON-ready object."""
    return {
        "release_id": found.release_id,
        "root": found.root,
        "count": len(found.documents),
        "target": found.target,
        "steps": found.steps,
        "seconds_left": found.seconds_left,
        "documents": [
            {
                "code": one.code,
                "change_set_id": one.change_set_id,
                "units": one.units,
                "step": one.step,
                "torn": one.torn,
                "next_step": one.reason,
                "seconds_left": one.seconds_left,
            }
            for one in found.documents
        ],
    }
