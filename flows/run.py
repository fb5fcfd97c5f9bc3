"""Start the parent flow in this process, as the command line does: what Prefect adds is kept small
and bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from prefect.exceptions import PrefectException
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_SERVER_EPHEMERAL_ENABLED,
    PREFECT_TASKS_DISABLE_CACHING,
    temporary_settings,
)

from blocks.api import bounded_client
from blocks.progress import Listener, progress_to
from domain.errors import OrchestratorUnavailable
from domain.phases import Mode
from domain.reports.run import CutOutcome
from flows.cut import cut_document, refuse_rehearsal
from tasks.dispatch import wired
from tasks.lock import require_lock_1


def run_cut(
    document: str, mode: Mode = Mode.DRYRUN, *, progress: Listener | None = None, **options: Any
) -> CutOutcome:
    """Run `flows.cut.cut_document` here; `options` are its other parameters.

    No temporary Prefect server is started for a live run, and the heartbeat is off: its thread
    takes a second to end, and the caller waits for the run anyhow. Raises what the flow raises, and
    `OrchestratorUnavailable` if the API does not answer.
    """
    with wired() as wiring, progress_to(progress):
        # Prefect itself would fail, or wait for minutes, before the flow could read the switch.
        refuse_rehearsal(mode)
        require_lock_1(wiring.switch(), mode)
        with in_process(own_server=mode is Mode.DRYRUN):
            outcome: CutOutcome = cut_document(document, mode, **options)
            return outcome


@contextmanager
def in_process(*, own_server: bool = False) -> Iterator[None]:
    """Flows run here, without cache, and without the heartbeat: its thread takes a second to end,
    and the caller waits anyhow.

    Raises `OrchestratorUnavailable` if the API does not answer. Without one, only `own_server` lets
    Prefect start a temporary server, if its settings do.
    """
    settings = {
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        PREFECT_TASKS_DISABLE_CACHING: True,
        PREFECT_SERVER_EPHEMERAL_ENABLED: own_server and PREFECT_SERVER_EPHEMERAL_ENABLED.value(),
    }
    with temporary_settings(settings):
        require_api()
        yield


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
