"""`cutter db upgrade`: the database's schema brought to this program's version."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from adapters.postgres.connection.session import administrator
from adapters.postgres.schema.owner import owner_lent
from adapters.postgres.schema.upgrade import plan_upgrade, upgrade
from cli.json_output import as_json_line
from cli.records.database import read_password
from cli.services import home_settings, services
from domain.errors import BadInput, DatabaseUnavailable
from domain.ledger.upgrade import Upgraded, UpgradePlan
from domain.ports import Credentials, Endpoint


def upgrade_command(
    console: Console,
    *,
    admin: str,
    password_file: Path | None,
    embedded: bool,
    apply: bool,
    as_json: bool,
) -> int:
    """Say what an upgrade would do, or do it.

    The exit status: 0 if it was done or nothing stands in its way, 1 if something does. Raises what
    `plan_upgrade` and `upgrade` raise.
    """
    hours = home_settings().restore_proof_within()
    if embedded:
        with services(console.print) as database:
            if database is None:
                raise BadInput("This home has no embedded PostgreSQL; name an administrator.")
            own = Endpoint(database.host, database.port, home_settings().endpoint().database)
            login = Credentials(database.superuser, database.password)
            return _upgraded(console, own, login, hours, apply=apply, as_json=as_json)
    login = Credentials(admin, read_password(admin, password_file))
    own = home_settings().endpoint()
    return _upgraded(console, own, login, hours, apply=apply, as_json=as_json)


def _upgraded(
    console: Console,
    endpoint: Endpoint,
    login: Credentials,
    hours: int | None,
    *,
    apply: bool,
    as_json: bool,
) -> int:
    with administrator(endpoint, login, "Upgrading the database", DatabaseUnavailable) as conn:
        if apply:
            with owner_lent(conn):
                done = upgrade(conn, hours)
            if as_json:
                print(as_json_line(asdict(done)))
            else:
                say_done(console, done)
            return 0
        plan = plan_upgrade(conn, hours)
    if as_json:
        print(as_json_line(asdict(plan)))
    else:
        say_plan(console, plan)
    return 1 if plan.obstacles else 0


def say_plan(console: Console, plan: UpgradePlan) -> None:
    """What an upgrade would do, and what has to be done first."""
    if plan.nothing_to_do:
        console.print(f"The schema has version {plan.wanted} already; there is nothing to do.")
        return
    console.print(f"The schema has version {plan.installed}; {plan.wanted} is needed.")
    for step in plan.steps:
        console.print(f"  {step.name}: {step.what}", highlight=False, markup=False)
    for note in plan.notes:
        console.print(f"  note: {note}", highlight=False, markup=False)
    for obstacle in plan.obstacles:
        console.print(f"  first: {obstacle}", highlight=False, markup=False)
    if not plan.obstacles:
        console.print("Nothing stands in the way: run `cutter db upgrade --apply`.")


def say_done(console: Console, done: Upgraded) -> None:
    """What an upgrade has done."""
    if done.plan.nothing_to_do:
        say_plan(console, done.plan)
        return
    steps = ", ".join(step.name for step in done.plan.steps)
    console.print(
        f"The schema has version {done.plan.wanted} now, by {steps}. {done.rows:,} rows of "
        f"{done.tables} tables are as they were; others had to wait for {done.seconds:.1f} s at "
        f"most. Everything is still halted: look with `cutter doctor`, then `cutter lift`.",
        highlight=False,
    )
