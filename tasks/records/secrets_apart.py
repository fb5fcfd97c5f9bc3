"""What the doctor says of what stands around a home: whether a verifier elsewhere is there and this
home still has what only it should have, what Prefect gives in plain text, and what its work pool
lets a run bring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from adapters.postgres.apart.asking import verifier_is_there
from adapters.postgres.connection.driver import Connection
from blocks.deployed import POOL, open_variables
from domain.errors import ConfigMismatch, ConfigMissing, OrchestratorUnavailable, OutsideWorld
from domain.ledger.drift import Difference, Severity
from domain.phases import Principal
from tasks.app import App

SUBJECT = "verifier"


def verifier_findings(app: App, conn: Connection) -> Iterator[Difference]:
    """Nothing where the verifier is in this process. Never raises for what can not be found."""
    if not app.settings.verifier_elsewhere:
        return
    if not verifier_is_there(conn, app.settings.user_of(Principal.VERIFY)):
        yield Difference(
            Severity.NOTE,
            SUBJECT,
            "there",
            "No verifier's service is at work in this database now; a live run waits for one.",
        )
    held: tuple[tuple[str, Callable[[], object]], ...] = (
        ("password", lambda: app.login(Principal.VERIFY)),
        ("signing key", lambda: app.signer(Principal.VERIFY).key_id),
    )
    for what, load in held:
        if _is_held(load):
            yield Difference(
                Severity.FAILS,
                SUBJECT,
                what,
                f"The verifier's {what} can be had from this home, though the verifier is "
                f"elsewhere: who owns this home can do what only two together should.",
            )


def sealing_findings(app: App) -> Iterator[Difference]:
    """Names each Secret block whose value Prefect's API gives in plain text. Never raises for what
    can not be asked.
    """
    try:
        plain = app.plain_blocks()
    except OrchestratorUnavailable:
        return
    for block in plain:
        yield Difference(
            Severity.NOTE,
            "secret",
            block,
            f"The Secret block {block} holds plain text: whoever has Prefect's login reads it.",
        )


def pool_findings(app: App) -> Iterator[Difference]:
    """Names a work pool that lets a run bring a command, an environment or a folder of its own.
    Never raises for what can not be asked.
    """
    try:
        template = app.pool()
    except OutsideWorld:
        return
    if template is not None and (named := open_variables(template)):
        yield Difference(
            Severity.NOTE,
            "pool",
            POOL,
            f"The work pool {POOL} lets a run set {', '.join(named)} of its own job, "
            f"which the worker takes as its user; `cutter deploy` closes it.",
        )


def _is_held(load: Callable[[], object]) -> bool:
    try:
        load()
    except (ConfigMissing, OrchestratorUnavailable):
        return False
    except ConfigMismatch:  # something is there, whatever is wrong with it
        return True
    return True
