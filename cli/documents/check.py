"""`cutter check`: do by hand what the nightly dry run of a document does."""

from __future__ import annotations

from rich.console import Console

from adapters.sources import require_source
from cli.documents.runs import outcome_json
from cli.services import services
from cli.terminal import words
from domain.counted import counted
from domain.reading.options import ReadingOptions


def check_command(
    console: Console,
    document: str,
    reading: ReadingOptions,
    *,
    new_baseline: bool,
    as_json: bool = False,
) -> None:
    """Dry-run a document and compare plan, database and grants with what was accepted.

    Raises `DriftFound` if one differs.
    """
    require_source(document)
    with services(from_nothing=True):
        from flows.dry_run import run_dry_run  # Prefect is imported here

        outcome = run_dry_run(document, reading, new_baseline=new_baseline)
    if as_json:
        print(outcome_json(outcome))
        return
    if outcome.changes:
        console.print(
            f"Revision of {outcome.document_code} ready: {', '.join(outcome.changes)}. "
            f"`cutter propose {words(document)}` proposes it.",
            highlight=False,
        )
    console.print(
        f"{outcome.document_code}: {counted(outcome.units, 'unit')}, nothing has "
        f"drifted. Nothing was written.",
        highlight=False,
    )
