"""`cutter target`: documents that may be cut from Prefect's UI, asked for there and signed here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from cli.approvals.signing import Unlocking, require_yes
from cli.json_output import as_json_line
from cli.services import services, the_app, without_prefect
from cli.terminal import words

if TYPE_CHECKING:
    from domain.approval.targets import SignedTarget, Target


def list_command(console: Console, *, as_json: bool) -> None:
    """Print what is signed and what waits. Raises a connection's refusal, or `ConfigMismatch`."""
    with without_prefect():
        from tasks.targets import asked_for, signed_targets

        signed = {
            name: one for name, one in signed_targets(the_app()).items() if one.target is not None
        }
        waiting = asked_for(the_app())
    if as_json:
        said = [_object(one) for one in signed.values()]
        print(as_json_line({"signed": said, "waiting": [one.fields() for one in waiting]}))
        return
    for name, one in sorted(signed.items()):
        console.print(
            f"[bold]{words(name)}[/bold]  signed by {words(one.person)} on {one.at:%Y-%m-%d}",
            highlight=False,
        )
        _show(console, one.target)
    for target in waiting:
        console.print(f"[bold]{words(target.name)}[/bold]  waits", highlight=False)
        _show(console, target)
        console.print(f"  Next: cutter target accept {target.name} --key KEY", highlight=False)
    if not signed and not waiting:
        console.print(
            "No target is signed or asked for. The deployment add-target in Prefect's UI asks for "
            "one; those of prefect.yaml are not listed here.",
            highlight=False,
        )


def accept_command(
    console: Console, name: str, key: Path, unlocking: Unlocking, *, as_json: bool
) -> None:
    """Show what was asked for, ask, sign, and make its deployments.

    Raises `BadInput`, `Refused`, `OrchestratorUnavailable` or a connection's refusal.
    """
    with services():
        from flows.target import deploy_target, schedule_of
        from tasks.targets import accept_target, requested

        target = requested(the_app(), name)
        schedule_of(target.cron)
        console.print(f"[bold]{words(target.name)}[/bold]", highlight=False)
        _show(console, target)
        require_yes(
            console,
            unlocking,
            "Let this be cut from Prefect's UI?",
            "Not signed. It waits, and nothing of it can be run.",
        )
        signed = accept_target(the_app(), unlocking.signer(key), target)
        made = deploy_target(the_app(), target)
    if as_json:
        print(as_json_line({**_object(signed), "deployments": made}))
        return
    console.print(
        f"Signed by {words(signed.person)}. In place: {' and '.join(made)}. A live run of it needs "
        f"two approvals, as every one does.",
        highlight=False,
    )


def remove_command(
    console: Console, name: str, key: Path, unlocking: Unlocking, *, as_json: bool
) -> None:
    """Ask, sign that it may be cut from the UI no longer, and delete its deployments.

    Raises `BadInput`, `Refused`, `OrchestratorUnavailable` or a connection's refusal.
    """
    with services():
        from flows.target import retract_target
        from tasks.targets import remove_target

        require_yes(
            console,
            unlocking,
            f"Let {name} be cut from Prefect's UI no longer?",
            "Not signed. It stays as it is.",
        )
        signed = remove_target(the_app(), unlocking.signer(key), name)
        retract_target(name)
    if as_json:
        print(as_json_line({"name": name, **_object(signed)}))
        return
    console.print(
        f"{words(name)} can not be run from Prefect's UI any more; signed by "
        f"{words(signed.person)}. What is cut stands as it is.",
        highlight=False,
    )


def _object(one: SignedTarget) -> dict[str, object]:
    target = one.target.fields() if one.target else None
    return {"target": target, "signed_by": one.person, "signed_at": one.at.isoformat()}


def _show(console: Console, target: Target | None) -> None:
    if target is None:
        return
    said = ", ".join(f"{name} {value}" for name, value in target.reading.items() if value)
    console.print(f"  {words(target.document)}, read with {words(said)}", highlight=False)
    console.print(f"  dry run at {words(target.cron)} (UTC)", highlight=False)
