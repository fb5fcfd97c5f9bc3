"""`cutter policy`: who must approve, signed by SG_3 and put in force by an administrator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from adapters.postgres.permits.policies import install_policy
from cli.approvals.signing import Unlocking, require_yes
from cli.json_output import as_json_line
from cli.records.administrator import administrator
from cli.services import the_app, without_prefect
from cli.terminal import words
from domain.approval.policy import ANY, Policy, parse_policy
from domain.approval.signed_policy import SignedPolicy
from domain.errors import BadInput


@dataclass(frozen=True, slots=True)
class Administrator:
    """The login that puts a policy in force."""

    login: str
    password_file: Path | None


def show_command(console: Console, *, as_json: bool) -> None:
    """Print the policy in force. Raises `ApprovalRefused` for one that does not count."""
    with without_prefect():
        from tasks.policies import signed_policy_now

        found = signed_policy_now(the_app())
    if as_json:
        print(as_json_line(_object(found) if found else {"policy": None}))
        return
    if found is None:
        console.print(
            "No policy is set: any two people approve, neither of them the submitter.",
            highlight=False,
        )
        return
    console.print(
        f"Signed by {words(found.signed_by)} on {found.signed_at:%Y-%m-%d %H:%M} UTC, "
        f"{found.digest[:12]}",
        highlight=False,
    )
    _show(console, found.policy)


def set_command(
    console: Console,
    file: Path,
    key: Path,
    unlocking: Unlocking,
    admin: Administrator,
    *,
    as_json: bool,
) -> None:
    """Show a policy, ask, sign it, and put it in force.

    Raises `BadInput` for a file that is none or that could never be met, `ApprovalRefused` for a
    key that may not, `Refused` without a yes, or a connection's refusal.
    """
    try:
        policy = parse_policy(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"The policy {file} can not be read.") from None
    with without_prefect() as embedded:
        from tasks.policies import sign_policy

        _show(console, policy)
        require_yes(
            console,
            unlocking,
            "Let nothing run from now on but by this policy?",
            "Not signed. Who must approve is as it was.",
        )
        signed = sign_policy(the_app(), unlocking.signer(key), policy)
        with administrator(embedded, admin.login, admin.password_file) as conn:
            install_policy(conn, signed)
    if as_json:
        print(as_json_line(_object(signed)))
        return
    console.print(
        f"In force, signed by {words(signed.signed_by)}, {signed.digest[:12]}. Approvals that wait "
        f"count by it from now on.",
        highlight=False,
    )


def _object(one: SignedPolicy) -> dict[str, object]:
    return {
        "policy": one.digest,
        "signed_by": one.signed_by,
        "signed_at": one.signed_at,
        "groups": dict(one.policy.groups),
        "rules": {name: dict(rule) for name, rule in one.policy.rules.items()},
    }


def _show(console: Console, policy: Policy) -> None:
    for line in _lines(policy):
        console.print(f"  {words(line)}", highlight=False)


def _lines(policy: Policy) -> Iterator[str]:
    for name, rule in sorted(policy.rules.items()):
        yield f"{name}: {_in_words(rule)}"
    for name, people in sorted(policy.groups.items()):
        yield f"group {name}: {', '.join(people)}"


def _in_words(rule: Mapping[str, int]) -> str:
    """A rule as it is said.

    >>> _in_words({"legal": 2, "any": 1})
    '1 of any group, 2 of legal'
    """
    return ", ".join(
        f"{count} of {'any group' if name == ANY else name}" for name, count in sorted(rule.items())
    )
