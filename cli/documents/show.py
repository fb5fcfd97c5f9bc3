"""How a plan is shown to a person."""

from __future__ import annotations

from collections import Counter
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from cli.terminal import words
from domain.counted import counted
from domain.plan.cut_plan import CutPlan, CutplanRow
from domain.reading.doubts import DOUBTS

TREE_LINES: Final = 24
WARNING_LINES: Final = 8


def show_plan(console: Console, plan: CutPlan) -> None:
    """The plan as a person reads it: what it is, its first units as a tree, and what to look at
    twice.
    """
    kinds = ", ".join(
        f"{count} {kind}" for kind, count in Counter(row.unit_kind for row in plan.rows).items()
    )
    facts = Table.grid(padding=(0, 2))
    facts.add_column()
    facts.add_column(overflow="fold")
    for name, value in (
        *imprint_facts(plan),
        (
            "source",
            f"{plan.source_name}, {plan.text_chars:,} characters, SHA-256 {plan.text_sha256[:16]}",
        ),
        *([("file", f"SHA-256 {plan.file_sha256}")] if plan.file_sha256 else []),
        ("read as", f"{plan.reader}, profile {plan.profile}, granularity {plan.granularity}"),
        ("units", f"{len(plan.rows):,}: {kinds}"),
        (
            "gaps",
            (
                f"{counted(len(plan.gaps), 'stretch', 'stretches')}, "
                f"{counted(sum(len(gap.text) for gap in plan.gaps), 'character')}, kept in the "
                f"manifest"
            ),
        ),
        ("lines", _accounted(plan)),
        ("plan digest", plan.plan_digest),
    ):
        facts.add_row(f"[dim]{name}[/dim]", words(value))
    console.print(facts)
    console.print(_tree(plan), soft_wrap=False)
    _show_warnings(console, plan)
    _show_doubts(console, plan)


def imprint_facts(plan: CutPlan) -> list[tuple[str, str]]:
    """What the document is said to be, for a person to confirm."""
    said = plan.imprint
    return [
        ("code", f"{plan.document_code}, {said.code_from}"),
        ("title", plan.document.title or "none found"),
        ("type", plan.document.publication_type),
        *([("number", said.number)] if said.number else []),
        *([("dated", said.dated)] if said.dated else []),
        ("owner", plan.document.owner_ref),
    ]


def _accounted(plan: CutPlan) -> str:
    """What the lines that look like the start of a unit were taken for."""
    counts = [f"{count:,} {reason}" for reason, count in plan.account.counts.items()]
    return f"that look like units: {', '.join(counts)}" if counts else "as the format declares them"


def _show_doubts(console: Console, plan: CutPlan) -> None:
    if not plan.doubts:
        return
    counts = Counter(doubt.code for doubt in plan.doubts)
    console.print(
        f"[red]{len(plan.doubts)} of them are doubts[/red]: without --accept-doubt CODE for each "
        f"code this plan is neither rehearsed nor cut."
    )
    for code, count in sorted(counts.items()):
        console.print(f"  {code} ({count}): {DOUBTS[code]}", highlight=False)


def show_unit(console: Console, row: CutplanRow) -> None:
    """One unit, whole."""
    console.print(f"[bold]{row.canonical_address}[/bold]  {row.unit_kind}", highlight=False)
    console.print(f"[dim]title[/dim]   {words(row.title)}", highlight=False)
    console.print(f"[dim]parent[/dim]  {row.parent_ref or '-'}", highlight=False)
    console.print(row.body, highlight=False, markup=False)


def _tree(plan: CutPlan) -> Tree:
    tree = Tree(f"[bold]{plan.document_code}[/bold]", highlight=False)
    nodes: dict[str | None, Tree] = {None: tree}
    for row in plan.rows[:TREE_LINES]:
        parent = nodes.get(row.parent_ref, tree)
        step = row.canonical_address.split("~", 1)[-1]
        nodes[row.canonical_address] = parent.add(
            f"[cyan]{step}[/cyan]  {words(row.title)}", highlight=False
        )
    if len(plan.rows) > TREE_LINES:
        tree.add(
            f"[dim]and {len(plan.rows) - TREE_LINES:,} more; --json shows all, --address one[/dim]"
        )
    return tree


def _show_warnings(console: Console, plan: CutPlan) -> None:
    if not plan.warnings:
        console.print("No warnings.")
        return
    console.print(
        f"[yellow]{counted(len(plan.warnings), 'warning')}[/yellow], to look at before anybody "
        f"approves:"
    )
    for warning in plan.warnings[:WARNING_LINES]:
        console.print(
            f"  line {warning.line}: {warning.code}: {words(warning.reason)}", highlight=False
        )
    if len(plan.warnings) > WARNING_LINES:
        console.print(f"  and {len(plan.warnings) - WARNING_LINES} more; --json shows all")
