"""`cutter audit`: whether the knowledge base still is what its ledger says, and the ledger what was
signed.
"""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console

from cli.json_output import as_json_line
from cli.services import the_app, without_prefect
from domain.counted import counted
from domain.evidence.audit import AuditReport


def audit_command(console: Console, *, as_json: bool) -> int:
    """Print what was found; 4 if there is anything, else 0."""
    with without_prefect():
        from tasks.records.evidence import audit

        report = audit(the_app())
    if as_json:
        print(as_json_line(asdict(report)))
    else:
        show(console, report)
    return report.exit_status


def show(console: Console, report: AuditReport) -> None:
    """One line a finding, then what was looked at."""
    for finding in report.findings:
        console.print(f"  {finding.rule:12} {finding.message}", highlight=False, markup=False)
    looked_at = (
        f"{counted(report.change_sets, 'change set')}, {counted(report.units, 'unit')}, "
        f"{counted(report.links, 'link')} "
        f"of {report.chains:,} chains, "
        f"{report.heads_on_file:,} heads on file"
    )
    console.print(f"{report.target}: {looked_at}.", highlight=False)
    for principal, keys in report.keys.items():
        console.print(f"key of {principal} in force: {', '.join(keys) or 'none'}", highlight=False)
    found = len(report.findings)
    console.print(
        f"{counted(found, 'finding')}: do not rely on what that names."
        if found
        else "Everything is as it was signed."
    )
