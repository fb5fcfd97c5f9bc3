"""How a revision is shown: what it would do to each unit, its doubts first, and from which day."""

from __future__ import annotations

from rich.console import Console

from cli.documents.compare import comparison_object
from cli.documents.difference import show_comparison
from cli.terminal import words
from domain.counted import counted
from domain.revision.dates import said
from domain.revision.plan import RevisionPlan
from domain.runs.run_plan import changes_of, revision_fields


def revision_object(plan: RevisionPlan) -> dict[str, object]:
    """A revision as one JSON-ready object: the comparison with what stands, and what is signed.

    `steps` has what is done to each address, and from which day it is in force.
    """
    return {
        **comparison_object(plan.comparison, plan.agreement),
        "kind": "revision",
        "revision_digest": plan.revision_digest,
        **revision_fields(plan),
        "untouched": plan.untouched,
        "about": [one._asdict() for one in plan.about],
        "steps": [
            {
                "act": step.act.value,
                "address": step.address,
                "in_force_from": said(step.in_force_from),
                "derived_from": list(step.derived_from),
                "became": list(step.became),
            }
            for step in plan.steps
        ],
        "plan_doubts": [
            {"code": one.code, "line": one.line, "reason": one.reason} for one in plan.doubts
        ],
    }


def show_revision(console: Console, plan: RevisionPlan) -> None:
    """The same for a person."""
    console.print(
        f"[bold]Revision of {words(plan.document_code)}[/bold]: {in_words(plan)}", highlight=False
    )
    for name, value in facts(plan):
        console.print(f"{name:12} {words(value)}", highlight=False)
    console.print()
    show_comparison(console, plan.comparison, plan.agreement, everything=False)


def facts(plan: RevisionPlan) -> list[tuple[str, str]]:
    """What is written, from which day, and the digests, by name."""
    acts = ", ".join(f"{count:,} to {act}" for act, count in plan.counts.items() if count)
    return [
        ("written", f"{acts or 'nothing'}; {counted(plan.untouched, 'unit')} left alone"),
        ("in force", dates_in_words(plan)),
        ("base", plan.base_digest),
        ("revision", plan.revision_digest),
    ]


def in_words(plan: RevisionPlan) -> str:
    """What it does to units.

    `3 changed, 1 added`.
    """
    return ", ".join(changes_of(plan)) or "nothing changes"


def dates_in_words(plan: RevisionPlan) -> str:
    """From which days how many units are in force."""
    signed = revision_fields(plan)["dates"]
    days = [one.split() for one in signed]
    if [day for day, _ in days] == ["unknown"]:
        return "from a day that is not known; --in-force-from says one"
    return ", ".join(
        f"{counted(int(count), 'unit')} from {'a day not known' if day == 'unknown' else day}"
        for day, count in days
    )
