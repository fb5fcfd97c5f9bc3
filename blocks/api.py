"""How the blocks reach the Prefect API: bounded in time, never by way of a temporary server."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from typing import Any, Final

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.context import SettingsContext, get_settings_context
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.settings import (
    PREFECT_API_SSL_CERT_FILE,
    PREFECT_API_TLS_INSECURE_SKIP_VERIFY,
    PREFECT_API_URL,
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_SERVER_EPHEMERAL_ENABLED,
    Settings,
)

from blocks.deployed import POOL
from domain.errors import BadInput, OrchestratorUnavailable

TIMEOUT: Final = 2.0
"""Seconds to wait for the API. By default the client would try for more than a minute."""

RELEASE_WORKER: Final = "cut_release_worker/release-worker"
"""The deployment of a release's further workers: flow and name."""
_COME_BACK_LATER: Final = (408, 429, 502, 503)

_bounded: list[tuple[Settings, Settings]] = []
"""The settings last seen and what became of them: making them takes a hundred times longer than
asking the API.
"""


@contextlib.contextmanager
def bounded_settings() -> Iterator[None]:
    """No retries, and no temporary server: one that was started now would know no switch and no
    secret.
    """
    context = get_settings_context()
    if not _bounded or _bounded[0][0] is not context.settings:
        updates: dict[Any, Any] = {
            PREFECT_CLIENT_MAX_RETRIES: 0,
            PREFECT_SERVER_EPHEMERAL_ENABLED: False,
        }
        _bounded[:] = [(context.settings, context.settings.copy_with_update(updates=updates))]
    with SettingsContext(profile=context.profile, settings=_bounded[0][1]):
        yield


@contextlib.contextmanager
def bounded_client() -> Iterator[SyncPrefectClient]:
    """A client of the Prefect API that answers or fails within about two seconds.

    It blocks, also when called from a coroutine: who asks the switch has nothing better to do.
    Raises what Prefect and httpx raise; `ValueError` if no API is configured.
    """
    verify = _verify()
    options = {"timeout": TIMEOUT, "verify": verify, "transport": _OneTry(verify=verify, retries=0)}
    with bounded_settings(), get_client(httpx_settings=options, sync_client=True) as client:
        yield client


def pool_template() -> object:
    """How our work pool makes a job of a run; None if there is no pool.

    Raises `OrchestratorUnavailable`.
    """
    try:
        with bounded_client() as client:
            return client.read_work_pool(POOL).base_job_template
    except ObjectNotFound:
        return None
    except (httpx.HTTPError, PrefectException, ValueError):
        raise OrchestratorUnavailable("The Prefect API does not answer.") from None


class _OneTry(httpx.HTTPTransport):
    """A transport that connects once, where Prefect's own tries four times, and does not wait for a
    busy server.

    Prefect's client, told not to retry, still sleeps for as long as the answer's `Retry-After` says
    before it gives up.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response. Raises `httpx.NetworkError` for a status that means `come back later`."""
        response = super().handle_request(request)
        if response.status_code in _COME_BACK_LATER:
            response.close()
            raise httpx.NetworkError("busy", request=request)
        return response


def _verify() -> ssl.SSLContext:
    """How the server's certificate is checked, as Prefect's settings say.

    Plain HTTP has none, so none are loaded for it.
    """
    if (PREFECT_API_URL.value() or "").startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context(cafile=PREFECT_API_SSL_CERT_FILE.value() or None)
    if PREFECT_API_TLS_INSECURE_SKIP_VERIFY.value():
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def ask_workers(number: int, release: str, actor: str) -> None:
    """Have so many runs of a release's worker scheduled; nobody waits for them.

    Raises `BadInput` where that is not deployed, and `OrchestratorUnavailable`.
    """
    if not number:
        return
    from prefect.deployments import run_deployment  # noqa: PLC0415  # only where it is used

    for _ in range(number):
        parameters = {"release": release, "actor": actor}
        try:
            run_deployment(RELEASE_WORKER, parameters=parameters, timeout=0, as_subflow=False)
        except ObjectNotFound:
            raise BadInput(
                f"There is no deployment {RELEASE_WORKER}; run `cutter deploy` first."
            ) from None
        except (httpx.HTTPError, PrefectException) as error:
            raise OrchestratorUnavailable(
                f"The Prefect server took no worker of the release ({type(error).__name__}); check "
                f"`cutter status`."
            ) from None
