"""The acceptance run: an isolated server, a database on it, twelve scenarios and a look at the
whole, then nothing is left.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Final

from adapters.acceptance.fixture import Fixture, ScenarioFailed, difference
from adapters.acceptance.scenarios.inspection import v_whole
from adapters.acceptance.scenarios.opening import (
    s1_configuration_loads,
    s2_missing_key_fails_closed,
    s3_identity_is_asserted,
)
from adapters.acceptance.scenarios.phases import s4_mark, s5_review, s6_cut, s7_verify
from adapters.acceptance.scenarios.refusals import (
    s8_principal_mismatch,
    s9_denied_insert,
    s12_statements,
)
from adapters.acceptance.scenarios.repeats import s10_replay, s11_induced_failure
from adapters.acceptance.secrecy import output_kept, structured_log
from adapters.acceptance.server import IsolatedServer, isolated_server, left_behind
from adapters.acceptance.target import AcceptanceTarget, prepared_target
from adapters.acceptance.witness import Witness, watching
from adapters.postgres.connection.errors import translated
from domain.errors import CutterError
from domain.reports.acceptance import (
    SCENARIOS,
    AcceptanceOptions,
    AcceptanceReport,
    ScenarioRow,
    ServerKind,
    SettingsLoader,
)

log = logging.getLogger(__name__)

Progress = Callable[[ScenarioRow], None]

TWELVE: Final[dict[str, Callable[[Fixture], str]]] = {
    "S1": s1_configuration_loads,
    "S2": s2_missing_key_fails_closed,
    "S3": s3_identity_is_asserted,
    "S4": s4_mark,
    "S5": s5_review,
    "S6": s6_cut,
    "S7": s7_verify,
    "S8": s8_principal_mismatch,
    "S9": s9_denied_insert,
    "S10": s10_replay,
    "S11": s11_induced_failure,
    "S12": s12_statements,
}


def run_acceptance(
    options: AcceptanceOptions, on_progress: Progress, load_settings: SettingsLoader
) -> AcceptanceReport:
    """Run everything; `on_progress` gets each row as it is there.

    A red row is in the report and raises nothing.

    Raises `ProductionExecutionNotAuthorized` for a target that is not allowed, before any write,
    and `ConfigMismatch`, `DatabaseUnavailable`, `RestoreFailed` or `ToolMissing` where there is no
    environment to run in.
    """
    started_at, began = datetime.now(UTC), time.monotonic()
    witness = Witness(options.bystanders)
    with (
        watching(witness),
        isolated_server(options) as server,
        prepared_target(server, options) as target,
    ):
        rows, counts = run_scenarios(target, witness, on_progress, load_settings)
        kept = _how_to_reach(server, target) if options.keep else ""
    return AcceptanceReport(
        rows=rows,
        server=f"{server.kind} PostgreSQL {server.version}",
        source=target.source,
        target=str(target.fingerprint),
        started_at=started_at,
        seconds=time.monotonic() - began,
        row_counts=counts,
        kept=kept,
        left_behind=() if options.keep else left_behind(server),
    )


def run_scenarios(
    target: AcceptanceTarget,
    witness: Witness,
    on_progress: Progress,
    load_settings: SettingsLoader,
    *,
    only: Collection[str] = SCENARIOS.keys(),
) -> tuple[tuple[ScenarioRow, ...], dict[str, dict[str, int]]]:
    """The rows on a prepared target, and for each table how many rows each scenario added.

    A report of some passes never.
    """
    rows: list[ScenarioRow] = []
    log_path = target.server.work / f"{target.endpoint.database}.jsonl"
    with ExitStack() as stack:
        output = stack.enter_context(output_kept())
        lines = stack.enter_context(structured_log(log_path, target.secrets))
        fixture = Fixture(
            target,
            stack.enter_context(closing(target.admin())),
            load_settings,
            witness,
            lines,
            output,
        )
        scenarios = {**TWELVE, "V": lambda fixture: v_whole(fixture, rows)}
        for key in (key for key in SCENARIOS if key in only):
            rows.append(_run_one(fixture, key, scenarios[key]))
            on_progress(rows[-1])
    matrix: dict[str, dict[str, int]] = {}
    for scenario, added in fixture.added.items():
        for table, number in added.items():
            matrix.setdefault(table, {})[scenario] = number
    return tuple(rows), matrix


def _run_one(fixture: Fixture, key: str, scenario: Callable[[Fixture], str]) -> ScenarioRow:
    """One row, whatever happens in it: a scenario that breaks is red, and the others still run."""
    fixture.statements.scenario = fixture.witness.scenario = fixture.structured_log.scenario = key
    log.info("begins: %s", SCENARIOS[key])
    began, before = time.monotonic(), fixture.counts()
    try:
        with translated(f"The scenario {key}"):
            passed, evidence = True, scenario(fixture)
    except ScenarioFailed as failed:
        passed, evidence = False, str(failed)
    except CutterError as error:
        passed, evidence = False, f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001  # a broken product may raise anything, and that is a result too
        passed, evidence = False, f"an error of the kind {type(error).__name__}"
    fixture.added[key] = Counter(difference(before, fixture.counts()))
    log.info("%s: %s", "passed" if passed else "failed", evidence)
    return ScenarioRow(key, passed, evidence, time.monotonic() - began)


def _how_to_reach(server: IsolatedServer, target: AcceptanceTarget) -> str:
    endpoint = target.endpoint
    reach = (
        f"psql -h {endpoint.host} -p {endpoint.port} -U {server.administrator.user} "
        f"{endpoint.database}"
    )
    if server.kind is ServerKind.EMBEDDED:
        return (
            f"{reach} (password in {server.home}/superuser.pw); remove it with: cutter accept "
            f"--remove {server.home}"
        )
    return f"{reach}; drop the database and the roles cutter_* when you have seen enough"
