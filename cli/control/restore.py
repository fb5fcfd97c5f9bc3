"""`cutter restore`: say, signed by SG_3, that the database has gone back on purpose; and give a new
home what the database knows of a lost one.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from cli.approvals.signing import Unlocking, require_yes
from cli.json_output import as_json_line
from cli.services import the_app, without_prefect
from cli.terminal import words
from domain.counted import counted


def accept_command(
    console: Console, reason: str, key: Path, unlocking: Unlocking, *, as_json: bool = False
) -> None:
    """Show what was lost, ask, sign, and let runs begin again.

    Raises `BadInput`, `Refused` or a connection's refusal.
    """
    with without_prefect():
        from tasks.records.restores import accept_restore, gone_back

        for fault in gone_back(the_app()):
            console.print(f"  {words(fault.message)}", highlight=False)
        require_yes(
            console,
            unlocking,
            "Accept that this is lost?",
            "Not accepted. Live runs stay refused.",
        )
        kept = accept_restore(the_app(), unlocking.signer(key), reason)
    if as_json:
        print(as_json_line({"kept": kept}))
        return
    console.print(
        f"Accepted, and kept in {words(kept)}. Live runs may begin again; what was lost has to be "
        "cut anew.",
        highlight=False,
    )


def home_command(console: Console, *, as_json: bool = False) -> None:
    """Give this home what the database knows, and say what it does not.

    Raises `BadInput` for a home that is not new, and a connection's refusal.
    """
    with without_prefect():
        from tasks.records.restores import restore_home

        done = restore_home(the_app())
    if as_json:
        print(as_json_line(asdict(done)))
        return
    console.print(
        f"Registered {words(done.target)}. Kept outside it again: the heads of "
        f"{counted(done.chains, 'history')}, {counted(done.used_approvals, 'used approval')} and "
        f"{counted(len(done.plans), 'plan')}.",
        highlight=False,
    )
    for plan in done.plans:
        console.print(f"  plan of {words(plan)}", highlight=False)
    for line in done.not_kept:
        console.print(f"  no plan of {words(line)}", highlight=False)
    if done.not_kept:
        console.print(
            "Without its plan no evidence of a change set can be made anew; what it wrote and who "
            "approved it is on record, and `cutter revert` can take it back.",
            highlight=False,
        )
    for line in done.unfinished:
        console.print(f"  unfinished: {words(line)}", highlight=False)
    console.print(
        "Gone with the home: approvals that were not used, proposals, accepted plans, the evidence "
        "of runs (`cutter evidence make` makes it anew from the record) and backups that lay "
        "there. The history counts as it is now: compare its heads with a copy, if there is one.",
        highlight=False,
    )
