"""`cutter cite`: what stands at an address, and what proves it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from rich.console import Console

from adapters.files import keep_bytes
from cli.json_output import as_json_line
from cli.services import the_app, without_prefect
from cli.terminal import words
from domain.evidence.citation import proof_text
from domain.reading.address import document_code_of
from domain.units.records import UnitText


def cite_command(
    console: Console, address: str, output: Path | None, *, proof: bool, as_json: bool
) -> None:
    """Print or write what stands at an address. Raises what reading raises."""
    with without_prefect():
        from tasks.records.reading_back import proof_of, standing_unit

        unit, target = standing_unit(the_app(), address)
        text = proof_text(proof_of(the_app(), unit)) if proof else ""
    text = text or (as_json_line(_facts(unit, target)) + "\n" if as_json or output else "")
    if output is not None:
        keep_bytes(output, text.encode())
        console.print(f"Written to {words(output)}.", highlight=False)
    elif text:
        print(text, end="")
    else:
        _show(console, unit, target)


def _facts(unit: UnitText, target: str) -> dict[str, object]:
    version = unit.version
    return {
        "address": unit.address,
        "title": unit.title,
        "body": unit.body,
        "body_sha256": hashlib.sha256(unit.body.encode()).hexdigest(),
        "version": version.version_no,
        "in_force_from": version.in_force_from,
        "change_set": version.change_set_id,
        "enacted_at": version.enacted_at,
        "document": document_code_of(unit.address),
        "target": target,
    }


def _show(console: Console, unit: UnitText, target: str) -> None:
    facts = _facts(unit, target)
    console.print(f"[bold]{words(unit.title)}[/bold]", highlight=False)
    for line in unit.body.splitlines():
        console.print(words(line), highlight=False, soft_wrap=True)
    for name in (
        "address",
        "version",
        "in_force_from",
        "enacted_at",
        "body_sha256",
        "change_set",
        "target",
    ):
        shown = words(facts[name] if facts[name] is not None else "not on record")
        console.print(f"[dim]{name.replace('_', ' '):12}[/dim] {shown}", highlight=False)
