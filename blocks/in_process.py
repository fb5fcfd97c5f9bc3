"""Run flows in this process, as the command line does: what Prefect adds is kept small and
bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from prefect.exceptions import CancelledRun, PrefectException
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_SERVER_EPHEMERAL_ENABLED,
    PREFECT_TASKS_DISABLE_CACHING,
    temporary_settings,
)

from blocks.api import bounded_client
from domain.errors import OrchestratorUnavailable, RunCancelled


@contextmanager
def in_process(*, own_server: bool = False) -> Iterator[None]:
    """Flows run here, without cache, and without the heartbeat: its thread takes a second to end,
    and the caller waits anyhow.

    Raises `OrchestratorUnavailable` if the API does not answer, and `RunCancelled` for a run that
    was cancelled in Prefect. Without one, only `own_server` lets
    Prefect start a temporary server, if its settings do.
    """
    settings = {
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        PREFECT_TASKS_DISABLE_CACHING: True,
        PREFECT_SERVER_EPHEMERAL_ENABLED: own_server and PREFECT_SERVER_EPHEMERAL_ENABLED.value(),
    }
    with temporary_settings(settings):
        require_api()
        try:
            yield
        except CancelledRun as cancelled:
            raise RunCancelled(str(cancelled)) from None


def require_api() -> None:
    """Raises `OrchestratorUnavailable` if an API is configured and does not answer, or none is and
    none may be started.
    """
    if not PREFECT_API_URL.value():
        if not PREFECT_SERVER_EPHEMERAL_ENABLED.value():
            raise OrchestratorUnavailable(
                "PREFECT_API_URL is not set; start the server with `make up`, or name one."
            )
        return
    try:
        with bounded_client() as client:
            client.read_flows(limit=1)
    except (httpx.HTTPError, PrefectException, ValueError):
        url = PREFECT_API_URL.value()
        raise OrchestratorUnavailable(
            f"The Prefect API at {url} does not answer, or wants a login; check `cutter status`."
        ) from None
