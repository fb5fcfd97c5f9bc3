"""`cutter check`: do by hand what the nightly dry run of a document does."""

from __future__ import annotations

from rich.console import Console

from cli.services import services
from domain.reading.options import ReadingOptions


def check_command(
    console: Console, document: str, reading: ReadingOptions, *, new_baseline: bool
) -> None:
    """Dry-run a document and compare plan, database and grants with what was accepted.

    Raises `DriftFound` if one differs.
    """
    with services(from_nothing=True):
        from flows.dry_run import run_dry_run  # Prefect is imported here

        outcome = run_dry_run(document, reading, new_baseline=new_baseline)
    console.print(
        f"{outcome.document_code}: {outcome.units:,} units, nothing has drifted. Nothing was "
        f"written.",
        highlight=False,
    )
