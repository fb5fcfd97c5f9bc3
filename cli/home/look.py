"""`cutter status` and `cutter doctor`: look at the knowledge base without changing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from rich.console import Console

from adapters.home.target import registered_target
from cli.control.halt import print_halts
from cli.json_output import as_json_line
from cli.proposals.inbox import as_object, release_object, show_releases, show_standings
from cli.services import home_settings, the_app, without_prefect
from cli.terminal import words
from domain.change_set import TargetFingerprint, change_set_from
from domain.counted import counted
from domain.errors import BadInput, Refused
from domain.ledger.diagnosis import HALTED, Diagnosis, diagnosis
from domain.ledger.drift import Difference
from domain.reports.proposal import OPEN, ProposalStanding, Stage, meant_by
from domain.reports.standing import ChangeSetStatus

TORN: Final = 4
SHOWN: Final = 5
"""Findings of a group that are printed."""


def status_command(console: Console, name: str | None, *, as_json: bool) -> int:
    """Print what is halted, what is proposed, then the change sets; 4 if one is torn, else 0.

    `name` is a change set's id, or a document's code or a part of one. Raises `BadInput` for what
    is not on record.
    """
    with without_prefect():
        from tasks.corpus.waiting import waiting_releases
        from tasks.records.halt import halts
        from tasks.records.knowledge_base import status
        from tasks.records.proposals import standings

        in_force = halts(the_app())
        found = [one for one in status(the_app()) if _means(name, one)]
        proposals = standings(the_app())
        proposed = [one for one in proposals if _is_shown(name, one)]
        releases = [] if name else waiting_releases(the_app(), proposals)
    if name and not found and not proposed:
        raise BadInput(f"{_thing(name)} is not on record in this knowledge base.")
    if as_json:
        objects = [
            {**asdict(item), "torn": item.torn, "next_step": item.next_step} for item in found
        ]
        standing = [asdict(halt) for halt in in_force]
        waiting = [as_object(one) for one in proposed]
        answer = {"halts": standing, "proposals": waiting, "change_sets": objects}
        print(as_json_line(answer | {"releases": list(map(release_object, releases))}))
    else:
        print_halts(console, in_force)
        show_releases(console, releases)
        show_standings(console, proposed)
        if found or not proposed:
            _show(console, found)
    return TORN if any(item.torn for item in found) else 0


def _means(name: str | None, one: ChangeSetStatus) -> bool:
    """Whether a name can mean a change set: by its whole id, or by its document's code."""
    return not name or name == str(one.change_set_id) or name in one.document_code


def _is_shown(name: str | None, one: ProposalStanding) -> bool:
    """Whether a proposal is shown: one that is meant, or one that waits. What is done is shown as
    its change set.
    """
    meant = not name or bool(meant_by(name, [one.proposal]))
    return meant and (one.stage in OPEN or (bool(name) and one.stage is Stage.WITHDRAWN))


def _thing(name: str) -> str:
    try:
        return f"Change set {change_set_from(name)}"
    except BadInput:
        return f"A document {name}"


def doctor_command(
    console: Console, *, register: bool, as_json: bool, everything: bool = False
) -> int:
    """Print what was found, by what to do about it, and the next command; 3 if a cut would be
    impossible or unsafe, else 0.

    Of a long group only the first findings are printed, unless `everything` is.
    """
    with without_prefect():
        from tasks.records.knowledge_base import diagnose

        target, findings = diagnose(the_app(), register=register)
        registered = registered_target(home_settings().state) == target
    found = diagnosis(findings, registered=registered)
    if as_json:
        print(as_json_line(_diagnosis_json(target, found, registered=registered)))
    else:
        _show_diagnosis(console, found, everything=everything)
        console.print(
            f"{target}: {counted(found.fails, 'finding forbids', 'findings forbid')} a cut, "
            f"{counted(found.notes, 'is', 'are')} worth knowing.",
            highlight=False,
        )
        if register:
            console.print(
                "Not registered: mend what forbids a cut first."
                if found.fails
                else "Registered as the target of live runs."
            )
        console.print(f"Next: {found.next}", highlight=False, markup=False)
    return Refused.exit_status if found.fails else 0


def _show_diagnosis(console: Console, found: Diagnosis, *, everything: bool) -> None:
    for group in found.groups:
        counts = [f"{group.fails} forbid a cut"] if group.fails else []
        counts += [f"{group.notes} worth knowing"] if group.notes else []
        shown = group.findings if everything else group.findings[:SHOWN]
        if group.remedy is HALTED:
            _show_findings(console, shown)
            continue
        title = f"{group.remedy.title} ({', '.join(counts)}). {group.remedy.do}"
        console.print(title, highlight=False, markup=False)
        _show_findings(console, shown)
        if left := len(group.findings) - len(shown):
            console.print(f"         and {left} more; --all names them.", highlight=False)


def _show_findings(console: Console, findings: Sequence[Difference]) -> None:
    for finding in findings:
        console.print(
            f"  {finding.severity.value:6} {finding.message}", highlight=False, markup=False
        )


def _diagnosis_json(
    target: TargetFingerprint, found: Diagnosis, *, registered: bool
) -> dict[str, object]:
    return {
        "target": str(target),
        "registered": registered,
        "fails": found.fails,
        "notes": found.notes,
        "next": found.next,
        "groups": [
            {
                "title": group.remedy.title,
                "do": group.remedy.do,
                "next": group.remedy.next,
                "fails": group.fails,
                "notes": group.notes,
                "findings": [asdict(one) for one in group.findings],
            }
            for group in found.groups
        ],
        "findings": [asdict(one) for one in found.findings],
    }


def _show(console: Console, found: list[ChangeSetStatus]) -> None:
    if not found:
        console.print("No change set is on record in this knowledge base.")
        return
    for item in found:
        state = f"[red]{item.status}, torn[/red]" if item.torn else f"[green]{item.status}[/green]"
        units = "" if item.units is None else f", {counted(item.units, 'unit')}"
        what = "revert, " if item.reverts else ""
        console.print(
            f"[bold]{words(item.document_code)}[/bold]  {what}{state}{units}", highlight=False
        )
        opened = f"opened {item.opened_at:%Y-%m-%d %H:%M} UTC by {words(item.opened_by)}"
        console.print(
            f"  change set {item.change_set_id}, attempt {item.attempt}, {opened}", highlight=False
        )
        console.print(f"  {words(item.next_step)}", highlight=False)
