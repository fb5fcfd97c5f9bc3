"""S1 to S3: before anything is written."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from adapters.acceptance.fixture import Fixture, ScenarioFailed, expect
from adapters.acceptance.witness import Listener
from adapters.postgres.connection.statements import statement
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from domain.errors import (
    ConfigMismatch,
    ConfigMissing,
    CutterError,
    DatabaseUnavailable,
    ProductionExecutionNotAuthorized,
)
from domain.phases import Phase, Principal
from domain.ports import Credentials
from domain.switch import SwitchState

log = logging.getLogger(__name__)

SETTINGS: Final = (
    "DOT_CUTTER_DB_HOST",
    "DOT_CUTTER_DB_PORT",
    "DOT_CUTTER_DB_NAME",
    "DOT_CUTTER_DB_SSLMODE",
    "DOT_CUTTER_EXEC_DB_USER",
    "DOT_CUTTER_VERIFY_DB_USER",
    "BACKUP_GPG_FPR",
)
"""What a live run needs to be told."""


def s1_configuration_loads(fixture: Fixture) -> str:
    """S1: settings load and the adapter is built, and not a socket is opened; OFF and unwired, it
    refuses without one.
    """
    with _home_of_its_own(fixture) as (home, listener):
        settings = fixture.load_settings(home)
        settings.require_live()
        expect(
            settings.endpoint().port == listener.port,
            "the settings of the home are not those that were loaded",
        )
        provider = fixture.provider(endpoint=settings.endpoint())
        adapter = fixture.new_adapter(provider)
        fixture.switch.state = SwitchState.OFF
        try:
            for refusing in (adapter, ProductionLiveExecutionAdapter()):
                _require_refusal(fixture, refusing)
        finally:
            fixture.switch.state = SwitchState.LIVE
        _require_silence(fixture, "S1", listener)
    return (
        f"{len(SETTINGS)} settings loaded, adapter built and refusing at OFF in {len(Phase)} "
        f"phases; connections: 0"
    )


def s2_missing_key_fails_closed(fixture: Fixture) -> str:
    """S2: each setting that is missing, or empty, is named by `ConfigMissing`, and so is a login
    that is not there.
    """
    with _home_of_its_own(fixture) as (home, listener):
        lines = (home / "cutter.env").read_text().splitlines()
        for key in SETTINGS:
            for instead in ([], [f"{key}="]):
                kept = [line for line in lines if not line.startswith(f"{key}=")]
                (home / "cutter.env").write_text("\n".join([*kept, *instead]))
                _require_missing(key, lambda: fixture.load_settings(home).require_live())
        provider = fixture.provider(
            endpoint=fixture.elsewhere(port=listener.port), credentials=_no_login
        )
        _require_missing("login", lambda: provider.connect(Principal.EXEC))
        _require_silence(fixture, "S2", listener)
    return (
        f"{len(SETTINGS)} settings left out or emptied, and a login: each ConfigMissing with "
        f"its name; connections: 0"
    )


def s3_identity_is_asserted(fixture: Fixture) -> str:
    """S3: each principal is who it should be, where it should be; any other database, oid or server
    is refused.
    """
    for principal in Principal:
        with fixture.connections.connect(principal) as conn:
            said = conn.execute(statement("acceptance_identity")).fetchone()
        expect(
            said == (principal, principal, fixture.target.endpoint.database),
            f"{principal} is connected as {said}",
        )
    target = fixture.target.fingerprint
    wrong = (
        fixture.provider(target=replace(target, database_oid=target.database_oid + 1)),
        fixture.provider(target=replace(target, system_identifier=target.system_identifier + 1)),
        fixture.provider(endpoint=fixture.target.server.endpoint),
    )
    for number, provider in enumerate(wrong):
        at = len(fixture.statements.executed)
        try:
            provider.connect(Principal.EXEC).close()
        except (
            ConfigMismatch,
            DatabaseUnavailable,
        ):  # a hardened server does not even let the principal into another database
            asked = [one.text for one in fixture.statements.executed[at:]]
            expect(
                asked in ([statement("session_begin")], []),
                "more than the identity was asked of another database",
            )
        else:
            raise ScenarioFailed(
                f"a connection to another target (case {number + 1} of {len(wrong)}) was accepted"
            )
    return (
        f"cutter_exec and cutter_verify in {target}; another oid, server and database: refused "
        f"after one question"
    )


@contextmanager
def _home_of_its_own(fixture: Fixture) -> Iterator[tuple[Path, Listener]]:
    """A home whose settings name a listener that counts, with the operator's own environment out of
    the way.
    """
    home = fixture.target.server.work / f"home-{fixture.statements.scenario}"
    home.mkdir(exist_ok=True)
    with Listener() as listener, _without(SETTINGS):
        values = (
            "127.0.0.1",
            listener.port,
            "kb",
            "disable",
            Principal.EXEC,
            Principal.VERIFY,
            fixture.target.backup_key,
        )
        fixture.listeners.append(listener.port)
        lines = [f"{key}={value}" for key, value in zip(SETTINGS, values, strict=True)]
        (home / "cutter.env").write_text("\n".join(lines))
        yield home, listener


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    """The environment wins over a home's file, so an operator's settings must not be in it for the
    moment.
    """
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _require_refusal(fixture: Fixture, adapter: ProductionLiveExecutionAdapter) -> None:
    for phase in Phase:
        try:
            fixture.call(adapter, phase, fixture.ctx, fixture.plan)
        except ProductionExecutionNotAuthorized:
            continue
        raise ScenarioFailed(f"{phase} ran although the switch was OFF")


def _require_missing(key: str, act: Callable[[], object]) -> None:
    try:
        act()
    except ConfigMissing as missing:
        expect(missing.key == key, f"{key} was missing, and {missing.key} was named")
    except CutterError as error:
        raise ScenarioFailed(
            f"{key} was missing, and the answer was {type(error).__name__}"
        ) from None
    else:
        raise ScenarioFailed(f"{key} was missing, and nothing was said")


def _require_silence(fixture: Fixture, scenario: str, listener: Listener) -> None:
    seen = fixture.witness.of(scenario)
    expect(not seen, f"a connection was tried: {seen[:1]}")
    expect(listener.connections == 0, f"{listener.connections} connections arrived")


def _no_login(principal: Principal) -> Credentials:
    log.debug("%s has no login", principal)
    raise ConfigMissing("login")
