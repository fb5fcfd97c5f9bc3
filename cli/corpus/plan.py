"""`cutter corpus plan`: a folder or a list of documents becomes a release."""

from __future__ import annotations

import getpass
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from adapters.corpus import find_corpus
from cli.json_output import as_json_line
from cli.services import the_app, without_prefect
from cli.terminal import words
from domain.counted import counted
from domain.errors import Refused
from domain.reading.options import ReadingOptions
from domain.release.looked import FINE, Found, Looked
from domain.reports.proposal import SHORTEST_ID
from domain.revision.dates import parse_day

if TYPE_CHECKING:
    from tasks.corpus.one import Answer
    from tasks.corpus.planning import Foreseen, Planned
    from tasks.records.proposals import Obstacle


def corpus_plan_command(
    console: Console,
    place: Path,
    reading: ReadingOptions,
    *,
    in_force_from: str | None = None,
    processes: int | None,
    anew: bool,
    actor: str | None,
    as_json: bool,
) -> int:
    """Plan, keep, release and print.

    3 if somebody has to look at a document, or a live run would be refused as things stand; else 0.

    Raises `BadInput` for no corpus or no day, and what stands in the way of all documents.
    """
    corpus = find_corpus(place)
    if in_force_from is not None:
        parse_day(in_force_from)
    with without_prefect():
        from cli.corpus.processes import how_many, look_at_all
        from tasks.corpus.planning import foresee, release_all, remember
        from tasks.records.proposals import of_the_home

        app = the_app()
        asks = actor or getpass.getuser()
        foreseen = foresee(app, corpus, reading, asks, in_force_from, anew=anew)
        number = how_many(len(foreseen.jobs), processes)
        _say_before(console, foreseen, number)
        answers: list[Answer] = []
        try:
            for answer in look_at_all(foreseen.jobs, number):
                answers.append(answer)
                _say_now(console, answer.looked)
        finally:
            kept = remember(app, foreseen, answers)
        planned = release_all(app, foreseen, kept)
        in_the_way = list(of_the_home(app))
    _say_after(console, planned)
    for one in in_the_way:
        console.print(f"[bold red]in the way[/bold red] {words(one)}", highlight=False)
    if as_json:
        print(as_json_line(_object(foreseen, planned, in_the_way)))
    fine = all(one.found in FINE for one in planned.looked) and not in_the_way
    return 0 if fine else Refused.exit_status


def _say_now(console: Console, looked: Looked) -> None:
    """Say at once what somebody has to look at; the reasons come at the end."""
    if looked.found not in FINE:
        console.print(f"  {looked.found.value}: {words(looked.source)}", highlight=False)


def _say_before(console: Console, foreseen: Foreseen, processes: int) -> None:
    counts = (
        (len(foreseen.new), "new"),
        (len(foreseen.changed), "changed"),
        (len(foreseen.same), "as before"),
    )
    console.print(
        f"{counted(len(foreseen.corpus.sources), 'document')} in {words(foreseen.corpus.place)}: "
        + ", ".join(f"{count:,} {what}" for count, what in counts if count),
        highlight=False,
    )
    for name, files in (
        ("no documents, as their names begin with a dot", foreseen.corpus.hidden),
        ("gone since the last time", foreseen.gone),
    ):
        if files:
            console.print(f"{len(files):,} {name}: {words(', '.join(files))}", highlight=False)
    if foreseen.jobs:
        console.print(
            f"Planning {counted(len(foreseen.jobs), 'document')} in "
            f"{counted(processes, 'process', 'processes')} ...",
            highlight=False,
        )


def _say_after(console: Console, planned: Planned) -> None:
    left_out = [one for one in planned.looked if one.found is not Found.READY]
    if left_out:
        console.print(f"[yellow]Left out: {counted(len(left_out), 'document')}[/yellow]")
    for one in left_out:
        console.print(f"  {words(one.found.value):9} {words(one.source)}: {words(one.why)}")
    if planned.release is None:
        console.print("No release: no document is ready.")
        return
    release = planned.release
    short = str(release.release_id)[:SHORTEST_ID]
    units = sum(one.units for one in release.effects)
    for name, value in (
        ("release", release.release_id),
        ("documents", f"{release.count:,}, {counted(units, 'unit')}"),
        ("root", release.root),
        ("target", release.target),
        ("manifest", planned.manifest),
        ("review page", planned.page),
    ):
        console.print(f"{name:12} {words(value)}", highlight=False)
    console.print(
        f"Next, two people: cutter approve {short} --key KEY; then cutter corpus go {short}. "
        "Each document is proposed under its own code too: cutter inbox.",
        highlight=False,
    )


def _object(foreseen: Foreseen, planned: Planned, in_the_way: list[Obstacle]) -> dict[str, Any]:
    """The whole answer as one JSON-ready object."""
    release = planned.release
    return {
        "corpus": foreseen.corpus.place,
        "planned": {
            "new": [job.source for job in foreseen.new],
            "changed": [job.source for job in foreseen.changed],
            "as_before": len(foreseen.same),
            "gone": foreseen.gone,
            "hidden": foreseen.corpus.hidden,
        },
        "release": None
        if release is None
        else {
            "release_id": release.release_id,
            "root": release.root,
            "count": release.count,
            "target": release.target,
            "manifest": planned.manifest,
            "review_page": planned.page,
        },
        "found": Counter(one.found.value for one in planned.looked),
        "documents": [_document(one) for one in planned.looked],
        "obstacles": [one.why for one in in_the_way],
    }


def _document(one: Looked) -> dict[str, Any]:
    effect, shape = one.effect, one.shape
    return {
        "source": one.source,
        "found": one.found.value,
        "why": one.why or None,
        "code": one.code or None,
        "kind": shape.kind if shape else None,
        "units": shape.units if shape else None,
        "doubts": shape.doubts if shape else None,
        "change_set_id": effect.change_set_id if effect else None,
        "plan_digest": effect.plan_digest if effect else None,
        "effect_digest": effect.effect_digest if effect else None,
        "base_digest": (effect.base_digest or None) if effect else None,
        "review_page": one.page or None,
    }
