"""The flow `accept`: the acceptance run, with its matrix as an artifact.

The work is in `adapters.acceptance`.
"""

from __future__ import annotations

import logging
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException

from adapters.acceptance.options import acceptance_options
from adapters.acceptance.run import run_acceptance
from blocks.api import bounded_settings
from blocks.form import BackupFileField, ForbidField, PgMajorField
from blocks.settings import load_settings
from domain.errors import AcceptanceFailed
from domain.reports.acceptance import AcceptanceReport, ScenarioRow
from tasks.app import current_app

ARTIFACT: Final = "acceptance-matrix"
HTTPS: Final = 443

log = logging.getLogger("prefect.cutter.accept")


@flow(
    name="accept", flow_run_name="accept on PostgreSQL {pg_major}", retries=0, persist_result=False
)
def accept(
    pg_major: PgMajorField = 16, backup: BackupFileField = "", forbid: ForbidField = ()
) -> dict[str, Any]:
    """Run the acceptance scenarios on an embedded server of their own, and publish the matrix.

    Returns the report as one object. Raises `AcceptanceFailed` naming the red rows, after the
    matrix is published, and what `run_acceptance` raises. Nothing of it is cached: it is one flow
    without tasks, and its result is not stored.
    """
    settings = current_app().settings
    options = acceptance_options(
        settings.state,
        major=pg_major,
        backup=Path(backup) if backup else None,
        gnupg_home=settings.gnupg_home,
        forbid=forbid or (),
        bystanders=_orchestrator(),
    )
    report = run_acceptance(options, _tell, load_settings)
    publish_matrix(report)
    require_passed(report)
    return report.as_object()


def matrix(report: AcceptanceReport) -> list[dict[str, Any]]:
    """The thirteen rows as a table of JSON's own types."""
    return [
        {
            "row": row.key,
            "shows": row.name,
            "result": "passed" if row.passed else "FAILED",
            "evidence": row.evidence,
            "seconds": round(row.seconds, 2),
        }
        for row in report.rows
    ]


def publish_matrix(report: AcceptanceReport) -> None:
    """Publish the matrix, or say that it did not work: the report stands without its view."""
    end = "passed" if report.passed else "FAILED"
    about = (
        f"Acceptance {end} on {report.server} in {report.seconds:.1f} s, from the {report.source}"
    )
    try:
        with bounded_settings():
            create_table_artifact(table=matrix(report), key=ARTIFACT, description=about, _sync=True)  # type: ignore[call-arg]  # Prefect's dispatcher adds it
    except (httpx.HTTPError, PrefectException, ValueError, RuntimeError) as error:
        log.warning("The artifact %s could not be published (%s).", ARTIFACT, type(error).__name__)


def require_passed(report: AcceptanceReport) -> None:
    """Raise `AcceptanceFailed` naming what is red or left behind."""
    if not report.passed:
        raise AcceptanceFailed(report.verdict())


def _tell(row: ScenarioRow) -> None:
    log.log(
        logging.INFO if row.passed else logging.ERROR,
        "%s %s: %s",
        row.key,
        "passed" if row.passed else "FAILED",
        row.evidence,
    )


def _orchestrator() -> frozenset[tuple[str, int]]:
    """The addresses of the Prefect API, which this process talks to in any case."""
    with (
        suppress(OSError, httpx.HTTPError, PrefectException, ValueError),
        get_client(sync_client=True) as client,
    ):
        url = urlsplit(str(client.api_url))
        port = url.port or HTTPS
        found = {
            str(info[4][0])
            for info in socket.getaddrinfo(url.hostname, port, type=socket.SOCK_STREAM)
        }
        return frozenset((host, port) for host in {*found, str(url.hostname)})
    return frozenset()
