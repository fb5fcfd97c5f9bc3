"""`cutter compare`: what a new version of a document changes, unit by unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.files import keep_bytes
from adapters.likeness import RapidLikeness
from adapters.planning import plan_document
from cli.json_output import as_json_line
from cli.services import without_prefect
from domain.errors import BadInput
from domain.reading.options import ReadingOptions
from domain.revision.agreement import Agreement
from domain.revision.compare import compare
from domain.revision.settled import Settled, parse_settled
from domain.revision.units import Version, version_of
from domain.revision.verdicts import Comparison, Verdict

if TYPE_CHECKING:
    from rich.console import Console

_DATABASE = "db:"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to compare, and how to show it."""

    old: str
    new: str
    matches: Sequence[str] = ()
    everything: bool = False
    as_json: bool = False
    html: Path | None = None
    amended_by: str | None = None


def compare_command(
    console: Callable[[], Console], wanted: Wanted, reading: ReadingOptions
) -> None:
    """Compare and show. Raises `BadInput`, `DocumentRefused`, `PlanRefused`, and a connection's
    refusal.
    """
    settled = [parse_settled(said) for said in wanted.matches]
    in_database = [one for one in (wanted.old, wanted.new) if one.startswith(_DATABASE)]
    with without_prefect() if in_database else nullcontext():
        comparison = compared(wanted.old, wanted.new, reading, settled)
    agreement = _agreement(comparison, wanted.amended_by, reading.profile or "")
    if wanted.html is not None:
        write_page(comparison, agreement, wanted)
    if wanted.as_json:
        print(as_json_line(comparison_object(comparison, agreement)))
        return
    from cli.documents.difference import show_comparison, show_summary

    if wanted.html is not None:
        show_summary(console(), comparison, agreement, wanted.html)
    else:
        show_comparison(console(), comparison, agreement, everything=wanted.everything)


def _agreement(comparison: Comparison, act: str | None, language: str) -> Agreement | None:
    if act is None:
        return None
    from adapters.amending_act import beside_act

    return beside_act(comparison, act, language)


def write_page(comparison: Comparison, agreement: Agreement | None, wanted: Wanted) -> None:
    """Write the comparison as one HTML file. Raises `BadInput` if the place can not be written."""
    from adapters.review_page.comparison import render_comparison

    page = render_comparison(
        comparison,
        RapidLikeness(),
        datetime.now(UTC),
        agreement=agreement,
        everything=wanted.everything,
    )
    if wanted.html is not None:
        keep_bytes(wanted.html.absolute(), page.encode())


def compared(
    old: str, new: str, reading: ReadingOptions, settled: Sequence[Settled] = ()
) -> Comparison:
    """Compare two sources. Both get one document code: what is said, else that of the knowledge
    base, else the new version's own.
    """
    if reading.code is None and old.startswith(_DATABASE):
        reading = replace(reading, code=old.removeprefix(_DATABASE).strip())
    after = _planned(new, reading)
    reading = replace(reading, code=after.document_code)
    before = _standing(old) if old.startswith(_DATABASE) else _planned(old, reading)
    if before.shared_steps:
        after = _planned(new, reading, shared_steps=True)
    return compare(before, after, RapidLikeness(), settled)


def _planned(source: str, reading: ReadingOptions, *, shared_steps: bool = False) -> Version:
    store = None
    if source.startswith(_DATABASE):
        from cli.services import the_app
        from tasks.records.knowledge_base import document_store

        store = document_store(the_app())
    return version_of(plan_document(source, reading, database=store, shared_steps=shared_steps))


def _standing(source: str) -> Version:
    from cli.services import the_app
    from tasks.records.knowledge_base import standing_version

    code = source.removeprefix(_DATABASE).strip()
    version = standing_version(the_app(), code)
    if not version.units:
        raise BadInput(
            f"The knowledge base holds no unit of {code[:80]!r}; cut it first, or name a file to "
            f"compare with."
        )
    return version


def comparison_object(
    comparison: Comparison, agreement: Agreement | None = None
) -> dict[str, object]:
    """A comparison as one JSON-ready object.

    `units` has one entry for each new unit, and one for each that was repealed; `counts` has the
    old and the new units of each change, which add up to both versions. `amended_by` is None
    without an amending act.
    """
    return {
        "document_code": comparison.new.document_code,
        "old": _version_object(comparison.old),
        "new": _version_object(comparison.new),
        "digest": comparison.digest,
        "counts": {
            change.value: {"old": old, "new": new}
            for change, (old, new) in comparison.counts.items()
        },
        "editorial": comparison.editorial,
        "outside_units": comparison.outside.value,
        "doubts": sum(len(verdict.doubts) for verdict in comparison.verdicts),
        "settled": [str(one) for one in comparison.settled],
        "amended_by": _agreement_object(agreement) if agreement else None,
        "units": [one for verdict in comparison.verdicts for one in _unit_objects(verdict)],
    }


def _agreement_object(agreement: Agreement) -> dict[str, object]:
    return {
        "act": agreement.act,
        "agree": agreement.agree,
        "claims": [asdict(claim) for claim in agreement.claims],
        "disagreements": [
            {
                "reason": one.reason,
                "address": one.verdict.units[0].address if one.verdict else None,
                "claim": asdict(one.claim) if one.claim else None,
            }
            for one in agreement.disagreements
        ],
    }


def _version_object(version: Version) -> dict[str, object]:
    return {"name": version.name, "units": len(version.units), "digest": version.digest}


def _unit_objects(verdict: Verdict) -> list[dict[str, object]]:
    before = verdict.old if verdict.new else ()
    about = {
        "change": verdict.change.value,
        "editorial": verdict.editorial,
        "difference": verdict.difference.value,
        "what": list(verdict.what),
        "from_address": before[0].address if before else None,
        "from_label": before[0].label if before else None,
        "from": [unit.address for unit in before],
        "matched_by": verdict.how.value if before else None,
        "likeness": verdict.likeness if before else None,
        "doubts": [
            {"why": doubt.why.value, "reason": doubt.reason, "settle": doubt.settle}
            for doubt in verdict.doubts
        ],
    }
    return [
        {"address": unit.address, "label": unit.label, "title": unit.title, **about}
        for unit in verdict.units
    ]
