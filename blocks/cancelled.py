"""A flow run that somebody cancelled in Prefect: it begins no further phase, and stays Cancelled.

Prefect ends the process of a run that a worker started. A run that was started by a command has no
worker: Prefect marks it and the process never hears of it, so it has to ask (prefect#17482).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar, cast
from uuid import UUID

import httpx
from prefect import runtime
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.exceptions import PrefectException
from prefect.states import Cancelled

from blocks.api import bounded_client
from domain.errors import CutterError

STOPPED: Final = (StateType.CANCELLED, StateType.CANCELLING)
DONE: Final = "The run was cancelled in Prefect when its last phase had begun; it is done."

R = TypeVar("R")


def cancelled_run(client: SyncPrefectClient) -> UUID | None:
    """The flow run that this code is part of, or the one that called it, if it was cancelled.

    None outside of flow runs. Raises what Prefect and httpx raise.
    """
    run_id = runtime.flow_run.id
    while run_id is not None:
        run = client.read_flow_run(UUID(str(run_id)))
        if run.state is not None and run.state.type in STOPPED:
            return run.id
        if run.parent_task_run_id is None:
            return None
        run_id = client.read_task_run(run.parent_task_run_id).flow_run_id
    return None


def staying_cancelled(body: Callable[[], R]) -> R:
    """What the body of a flow answers; if its run was cancelled meanwhile, the state Cancelled,
    which Prefect takes for the run's own.

    Without this, Prefect would put Failed or Completed over it. What the run has done, or why it
    stopped, becomes the state's message.
    """
    try:
        answer = body()
    except CutterError as error:
        if _was_cancelled():
            return cast("R", Cancelled(message=str(error)))
        raise
    return cast("R", Cancelled(message=DONE)) if _was_cancelled() else answer


def _was_cancelled() -> bool:
    """Whether it is known that the run was cancelled; not known is no, for a run that has ended."""
    if runtime.flow_run.id is None:
        return False
    try:
        with bounded_client() as client:
            return cancelled_run(client) is not None
    except (httpx.HTTPError, PrefectException, ValueError):
        return False
