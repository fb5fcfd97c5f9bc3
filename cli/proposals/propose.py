"""`cutter propose`: everything that comes before people, in one step."""

from __future__ import annotations

import getpass
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from cli.documents.show import imprint_facts
from cli.json_output import as_json_line
from cli.services import services, the_app, without_prefect
from cli.terminal import words
from domain.counted import counted
from domain.errors import BadInput, Refused
from domain.reading.options import ReadingOptions
from domain.revision.plan import RevisionPlan
from domain.runs.run_plan import DocumentPlan, cut_plan_of

if TYPE_CHECKING:
    from domain.reports.proposal import ProposalStanding
    from tasks.proposing import Proposed

SHOWN_WARNINGS = 5


def propose_command(
    console: Console,
    document: str,
    reading: ReadingOptions,
    *,
    rehearse: bool,
    actor: str | None,
    accepted: Sequence[str] = (),
    yes: bool,
    as_json: bool,
) -> int:
    """Propose and print; 3 if a live run would be refused as things stand, else 0.

    Raises `Refused` if nobody confirms a new document, and what preparing and keeping raise.
    """
    who, place = actor or getpass.getuser(), from_anywhere(document)
    with without_prefect():
        from tasks.proposing import keep, prepare, write_page

        proposed = prepare(the_app(), place, reading, who, accepted)
        if not as_json:
            _show(console, proposed)
        if any(one.final for one in proposed.obstacles):
            return _answer(console, proposed, None, as_json=as_json)
        _confirm(console, proposed, yes=yes)
        keep(the_app(), proposed)
        if not rehearse:
            page = write_page(the_app(), proposed)
    if rehearse:
        page = _rehearsed(proposed, who)
    return _answer(console, proposed, page, as_json=as_json)


def from_anywhere(document: str) -> str:
    """The document so that it is found from any folder: a path becomes a whole one.

    >>> from_anywhere("db:a-law"), from_anywhere("https://example.org/a-law")
    ('db:a-law', 'https://example.org/a-law')
    """
    if document == "-":
        raise BadInput("What is proposed is read again when it is cut; give a file, not a pipe.")
    if document.startswith("db:") or "://" in document:
        return document
    return str(Path(document).expanduser().absolute())


def _rehearsed(proposed: Proposed, who: str) -> Path:
    """Rehearse the proposal, with the switch armed for it, and then write the page."""
    with services():
        from domain.switch import SwitchState
        from flows.rehearse import run_rehearsal  # Prefect is imported here
        from tasks.proposing import write_page
        from tasks.records.halt import armed

        app, proposal = the_app(), proposed.proposal
        why = f"rehearsal of {proposal.code}"
        own, state = proposal.change_set_id, SwitchState.REHEARSE
        with armed(app, state, own, 30, who, why, f"the {why}"):
            run_rehearsal(
                proposal.document,
                proposal.reading,
                attempt=proposal.attempt,
                actor=who,
                accepted=proposal.accepted,
            )
        return write_page(app, proposed)


def _confirm(console: Console, proposed: Proposed, *, yes: bool) -> None:
    """Ask once whether a document that was never cut is what it says."""
    if yes or not proposed.new_document:
        return
    if not sys.stdin.isatty():
        raise BadInput(
            f"{proposed.proposal.code} is new here, and nobody can be asked whether it is right; "
            "say --yes if code, title and type above are what they should be."
        )
    console.print("New here. Are code, title and type right? Type yes: ", end="")
    if input().strip().lower() not in ("y", "yes"):
        raise Refused(
            "Not proposed: nothing was kept. --code, --publication-type and --owner say more."
        )


def _show(console: Console, proposed: Proposed) -> None:
    plan, proposal = cut_plan_of(proposed.plan), proposed.proposal
    kinds = ", ".join(
        f"{n:,} {kind}" for kind, n in Counter(r.unit_kind for r in plan.rows).items()
    )
    for name, value in (
        *imprint_facts(plan),
        ("read as", f"{plan.reader}, profile {plan.profile}, granularity {plan.granularity}"),
        ("units", f"{len(plan.rows):,}: {kinds}"),
        *_revision_facts(proposed.plan),
        ("target", proposal.target),
        ("change set", f"{proposal.change_set_id}, attempt {proposal.attempt}"),
    ):
        console.print(f"{name:12} {words(value)}", highlight=False)
    for code in proposed.alike:
        console.print(
            f"[yellow]{words(code)} stands with this title or text.[/yellow] For a new version of "
            f"it say --code {words(code)}.",
            highlight=False,
        )
    if (before := proposed.replaces) is not None:
        console.print(f"[yellow]{words(_in_place_of(before))}[/yellow]", highlight=False)
    if plan.warnings:
        console.print(f"[yellow]{counted(len(plan.warnings), 'warning')}[/yellow]:")
    for warning in plan.warnings[:SHOWN_WARNINGS]:
        console.print(
            f"  line {warning.line}: {words(warning.code)}: {words(warning.reason)}",
            highlight=False,
        )
    if (more := len(plan.warnings) - SHOWN_WARNINGS) > 0:
        console.print(f"  and {more:,} more, on the review page", highlight=False)


def _in_place_of(before: ProposalStanding) -> str:
    old = before.proposal
    signed = " and ".join(one.approver for one in before.given)
    said = f"{signed} signed that one, not this." if signed else "Nobody has signed that one."
    return (
        f"In the place of the proposal of {old.document} by {old.proposed_by} of "
        f"{old.proposed_at:%Y-%m-%d %H:%M} UTC, change set {old.change_set_id}. {said}"
    )


def _revision_facts(plan: DocumentPlan) -> list[tuple[str, str]]:
    """What a revision does besides; nothing for a cut."""
    if not isinstance(plan, RevisionPlan):
        return []
    from cli.documents.revision import facts, in_words

    return [("revision", in_words(plan)), *facts(plan)[:2]]


def _answer(console: Console, proposed: Proposed, page: Path | None, *, as_json: bool) -> int:
    status = Refused.exit_status if proposed.obstacles else 0
    proposal, before = proposed.proposal, proposed.replaces
    if as_json:
        print(
            as_json_line(
                asdict(proposal)
                | {
                    "kept": page is not None,
                    "review_page": page,
                    "obstacles": [asdict(one) for one in proposed.obstacles],
                    "new_document": proposed.new_document,
                    "alike": proposed.alike,
                    "replaces": before.proposal.change_set_id if before else None,
                }
            )
        )
        return status
    for one in proposed.obstacles:
        console.print(f"[bold red]in the way[/bold red] {words(one)}", highlight=False)
    if page is None:
        console.print("Not proposed: a live run of this could not be made.")
        return status
    console.print(f"review page  {words(page)}", highlight=False)
    console.print(
        f"Proposed. Next, two people: cutter approve {proposal.code} --key KEY; then cutter go "
        f"{proposal.code}.",
        highlight=False,
    )
    return status
