"""`cutter plan`: how a document would be cut, one unit of it, or what it would change."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from adapters.planning import plan_document
from cli.json_output import as_json_line
from cli.services import without_prefect
from domain.counted import counted
from domain.errors import BadInput
from domain.plan.cut_plan import CutPlan
from domain.reading.options import ReadingOptions
from domain.reading.source import DocumentStore

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Showing:
    """What to show of a plan."""

    address: str | None
    strict: bool
    compare: bool
    as_json: bool


def plan_command(
    console: Callable[[], Console], showing: Showing, document: str, reading: ReadingOptions
) -> None:
    """Plan and show. Raises `BadInput`, `DocumentRefused` or `PlanRefused`."""
    compares = showing.compare or bool(reading.revising)
    needs_database = compares or document.startswith("db:")
    with without_prefect() if needs_database else nullcontext():
        if compares and _show_revision(console, showing, document, reading):
            return
        plan = plan_document(document, reading, database=_store() if needs_database else None)
        if showing.strict:
            refuse_warnings(plan)
        if compares:
            _compare(console(), plan, as_json=showing.as_json)
            return
    if showing.address is not None:
        _show_address(console, plan, showing.address, as_json=showing.as_json)
    elif showing.as_json:
        print(as_json_line(plan_object(plan)))
    else:
        from cli.documents.show import show_plan

        show_plan(console(), plan)


def _show_revision(
    console: Callable[[], Console], showing: Showing, document: str, reading: ReadingOptions
) -> bool:
    """Show the document as a revision; False if it is none, and nothing was shown."""
    from cli.documents.revision import revision_object, show_revision
    from cli.services import the_app
    from domain.revision.plan import RevisionPlan
    from tasks.records.revisions import planned

    plan = planned(the_app(), document, reading)
    if not isinstance(plan, RevisionPlan):
        return False
    if showing.strict:
        refuse_warnings(plan.plan)
    if showing.as_json:
        print(as_json_line(revision_object(plan)))
    else:
        show_revision(console(), plan)
    return True


def plan_object(plan: CutPlan) -> dict[str, object]:
    """A plan as one JSON-ready object.

    Rows and gaps partition the text: sorted by start, they touch and rebuild it.
    """
    return {
        "document_code": plan.document_code,
        "title": plan.document.title,
        "publication_type": plan.document.publication_type,
        "owner_ref": plan.document.owner_ref,
        "number": plan.imprint.number,
        "dated": plan.imprint.dated,
        "code_from": plan.imprint.code_from.name.lower(),
        "source": plan.source_name,
        "reader": plan.reader,
        "profile": plan.profile,
        "granularity": plan.granularity,
        "plan_digest": plan.plan_digest,
        "text_sha256": plan.text_sha256,
        "text_chars": plan.text_chars,
        "file_sha256": plan.file_sha256,
        "rows": [row._asdict() for row in plan.rows],
        "gaps": [gap._asdict() for gap in plan.gaps],
        "warnings": [asdict(warning) for warning in plan.warnings],
        "doubts": [asdict(doubt) for doubt in plan.doubts],
        "account": {
            "counts": dict(plan.account.counts),
            "unexplained": [line._asdict() for line in plan.account.unexplained],
            "parts": [part._asdict() for part in plan.account.parts],
        },
    }


def _store() -> DocumentStore:
    from cli.services import the_app
    from tasks.records.knowledge_base import document_store

    return document_store(the_app())


def refuse_warnings(plan: CutPlan) -> None:
    """For --strict. Raises `BadInput` naming the first warning, if there is one."""
    if plan.warnings:
        first = plan.warnings[0]
        raise BadInput(
            f"{plan.source_name} has {counted(len(plan.warnings), 'warning')}, and --strict was "
            f"asked for; the first, {first.code} in line {first.line}: {first.reason}"
        )


def _show_address(
    console: Callable[[], Console], plan: CutPlan, address: str, *, as_json: bool
) -> None:
    row = next((row for row in plan.rows if row.canonical_address == address), None)
    if row is None:
        raise BadInput(
            f"{plan.source_name} has no unit {address}; `cutter plan` without --address lists them."
        )
    if as_json:
        print(as_json_line(row._asdict()))
        return
    from cli.documents.show import show_unit

    show_unit(console(), row)


def _compare(console: Console, plan: CutPlan, *, as_json: bool) -> None:
    """Against what stands, as `cutter compare` does; a document that was never cut is all new."""
    from adapters.likeness import RapidLikeness
    from cli.documents.compare import comparison_object
    from cli.documents.difference import show_comparison
    from cli.services import the_app
    from domain.revision.compare import compare
    from domain.revision.units import version_of
    from tasks.records.knowledge_base import standing_version

    standing = standing_version(the_app(), plan.document_code)
    comparison = compare(standing, version_of(plan), RapidLikeness())
    if as_json:
        print(as_json_line(comparison_object(comparison)))
    else:
        show_comparison(console, comparison, None, everything=False)
