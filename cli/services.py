"""What a command needs around it: the home's embedded server and its Prefect server, started if
they do not run.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adapters.home.target import registered_target
from adapters.postgres.server.places import embedded_folder
from blocks.settings import CutterSettings, load_settings
from domain.errors import HomeNotReady

if TYPE_CHECKING:
    from adapters.postgres.server.embedded import EmbeddedServer
    from tasks.app import App

QUIET: Final = {
    # Prefect would print every failure with a traceback on the console too; its own log keeps it.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}

Tell = Callable[[str], None]


def home_settings() -> CutterSettings:
    """The settings of this command's home, as they are now: the one place where commands read them.

    What needs Prefect asks `the_app`, which reads them too.
    """
    return load_settings()


def the_app() -> App:
    """What the command works with. Within `services`: Prefect is imported here."""
    from tasks.app import current_app

    return current_app()


def silent(_message: str) -> None:
    """Tells nobody."""


def quiet() -> None:
    """Set what keeps Prefect quiet in this process. Before it is imported."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def waiting(message: str) -> None:
    """Tell a person at a terminal what a slow step waits for.

    It goes to standard error, so that what a program reads stays as it is.
    """
    if sys.stderr.isatty():
        print(message, file=sys.stderr)


@contextlib.contextmanager
def services(
    tell: Tell = waiting, *, with_database: bool = False, from_nothing: bool = False
) -> Iterator[EmbeddedServer | None]:
    """The home's services while the block runs; what ran before is left running.

    PREFECT_API_URL names another server. `from_nothing` is for what needs no knowledge base yet.

    Answers with the embedded knowledge base, if the home has one (`with_database` makes one).
    Raises `HomeNotReady`, `ToolMissing`, `DatabaseUnavailable` or `OrchestratorUnavailable`.
    """
    settings = home_settings()
    if not (with_database or from_nothing):
        require_knowledge_base(settings)
    quiet()
    home = settings.home
    with contextlib.ExitStack() as stack:
        database = _embedded(home, stack, make=with_database)
        if database is not None:
            tell(
                f"PostgreSQL {database.major} answers on {database.host}:{database.port}, in "
                f"{database.home}"
            )
        if "PREFECT_API_URL" not in os.environ:
            _prefect(home, stack, tell, database)
        yield database


@contextlib.contextmanager
def without_prefect() -> Iterator[EmbeddedServer | None]:
    """The home's knowledge base while the block runs, for what begins no run.

    It starts no Prefect server: what the home's own has stored is read from its database, whether
    it runs or not. One that PREFECT_API_URL names is asked. `the_app` answers with an app that can
    do no more than that.

    Answers with the embedded knowledge base, if the home has one. Raises `HomeNotReady`,
    `ToolMissing` or `DatabaseUnavailable`.
    """
    settings = home_settings()
    require_knowledge_base(settings)
    quiet()
    with contextlib.ExitStack() as stack:
        server = _embedded(settings.home, stack, make=False)
        stack.enter_context(_looking_app(settings, server))
        yield server


def _looking_app(
    settings: CutterSettings, server: EmbeddedServer | None
) -> contextlib.AbstractContextManager[App]:
    from blocks.stored import NothingStored
    from tasks.app import looking_app, production_app, using

    if "PREFECT_API_URL" in os.environ:
        return using(production_app(settings))
    if server is None:
        return using(looking_app(settings, NothingStored()))
    from adapters.postgres.server.orchestrator_values import OrchestratorValues
    from blocks.secrets import secret_value

    return using(looking_app(settings, OrchestratorValues(server, secret_value)))


def require_knowledge_base(settings: CutterSettings) -> None:
    """Raises `HomeNotReady` if the home has no knowledge base to work with yet.

    Asked before anything is started, so it takes no time. Who names a Prefect server has begun.
    """
    if "PREFECT_API_URL" in os.environ:
        return
    if registered_target(settings.state) is None and not settings.names_a_database:
        raise HomeNotReady(settings.home)


def _embedded(home: Path, stack: contextlib.ExitStack, *, make: bool) -> EmbeddedServer | None:
    folder = embedded_folder(home)
    if not make and not (folder / "ready").exists():
        return None
    from adapters.postgres.server.embedded import embedded_server

    return stack.enter_context(embedded_server(folder))


def _prefect(
    home: Path, stack: contextlib.ExitStack, tell: Tell, database: EmbeddedServer | None
) -> None:
    from adapters.postgres.server.embedded import embedded_server
    from service.prefect_server import (
        connected,
        prefect_service,
        running,
    )  # Prefect takes a second to import

    if (record := running(home)) is not None:
        stack.enter_context(connected(home, record))
        return
    tell(
        "A Prefect server of this home's own is starting (the first time takes a little longer) ..."
    )
    store = database or stack.enter_context(embedded_server(embedded_folder(home)))
    record = stack.enter_context(prefect_service(home, store))
    stack.callback(_send_logs)
    tell(f"Prefect answers on {record.api_url}")


def _send_logs() -> None:
    """Hand over what the run has logged while the server is still there."""
    from prefect.logging.handlers import APILogHandler  # as above

    APILogHandler().flush()
