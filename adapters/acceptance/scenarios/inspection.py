"""V: what can only be seen when all is done. Catalog, rows, privileges, contacts, secrets, log."""

from __future__ import annotations

import json
import logging
from collections import Counter
from typing import Final

from adapters.acceptance.fixture import Fixture, expect
from adapters.acceptance.secrecy import MASK, leaks_in_files
from adapters.acceptance.target import CANARY, inventory
from adapters.postgres.schema.doctor import compare_with_reference
from domain.ledger.drift import Difference, Severity
from domain.ledger.privileges import ALL_TABLES, FUNCTIONS, VIEWS, expected_grants
from domain.reports.acceptance import ScenarioRow

log = logging.getLogger(__name__)

WRITERS: Final = ("S4", "S5", "S6", "S7", "S11")
"""The scenarios that may leave rows; every other must leave none."""

LINE: Final = {"time", "level", "logger", "scenario", "message"}


def v_whole(fixture: Fixture, rows: list[ScenarioRow]) -> str:
    """V: each part in turn; the evidence is one clause a part. `rows` are the twelve before it."""
    return "; ".join(
        (
            _catalog(fixture),
            _row_counts(fixture),
            _privileges(fixture),
            _contacts(fixture),
            _log(fixture),
            _secrets(fixture, rows),
        )
    )


def _catalog(fixture: Fixture) -> str:
    """The schema is the reference schema, object for object, and has the tables and functions that
    the matrix names.
    """
    found = inventory(fixture.admin)
    missing, more = fixture.target.reference - found, found - fixture.target.reference
    expect(
        not missing and not more,
        f"the catalog differs: {_names(missing)} missing, {_names(more)} more",
    )
    tables = {name.rpartition(".")[0] for kind, name, _ in found if kind == "column"}
    functions = {name for kind, name, _ in found if kind == "function"}
    ours = {*ALL_TABLES, *VIEWS}
    expect(tables == ours, f"tables beside the matrix: {sorted(tables ^ ours)}")
    expect(functions == set(FUNCTIONS), "functions beside the matrix")
    return f"{len(found)} catalog objects as in the reference schema"


def _row_counts(fixture: Fixture) -> str:
    """Every row is accounted for by a scenario that may write, and no table has ever shrunk."""
    for scenario, added in fixture.added.items():
        expect(scenario in WRITERS or not added, f"{scenario} left rows: {dict(added)}")
        expect(
            all(number > 0 for number in added.values()),
            f"{scenario} took rows away: {dict(added)}",
        )
    total: Counter[str] = sum(fixture.added.values(), Counter())
    return (
        f"{total.total()} rows in {len(total)} of {len(ALL_TABLES)} tables, all from "
        f"{', '.join(WRITERS)}"
    )


def _privileges(fixture: Fixture) -> str:
    """The doctor compares grants, memberships, attributes and settings with the matrix as sets,
    both ways.
    """
    differences = [one for one in compare_with_reference(fixture.admin) if not _of_throwaway(one)]
    expect(
        not differences,
        (
            f"the doctor finds {len(differences)} faults: "
            f"{' '.join(one.message for one in differences[:5])}"
        ),
    )
    return (
        f"privileges equal to the matrix both ways ({len(expected_grants())} grants), as the "
        f"doctor finds"
    )


def _contacts(fixture: Fixture) -> str:
    """Nobody but the isolated server was spoken to; and the witness was not blind, for it has seen
    this server.
    """
    endpoint = fixture.target.endpoint
    seen = Counter((contact.host, contact.port) for contact in fixture.witness.contacts)
    expect(
        seen[endpoint.host, endpoint.port] > 0, "the witness has not even seen the isolated server"
    )
    ours = {
        (endpoint.host, endpoint.port),
        *(("127.0.0.1", port) for port in fixture.listeners),
    }  # S1 and S2 watch these
    others = sorted(set(seen) - ours)
    expect(not others, f"other servers were contacted: {others}")
    return f"{seen.total()} connections, all to {endpoint.host}:{endpoint.port}"


def _log(fixture: Fixture) -> str:
    """The log is JSON lines of every scenario so far; a canary that was logged on purpose is
    masked; nothing else had to be.
    """
    secrets = fixture.target.secrets
    log.info("the canary is %s", fixture.target.canary)
    text = fixture.structured_log.path.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    expect(all(set(line) == LINE for line in lines), "a line of the log has other fields")
    silent = set(fixture.added) - {line["scenario"] for line in lines}
    expect(not silent, f"the log says nothing of {sorted(silent)}")
    expect(lines[-1]["message"] == f"the canary is {MASK}", "the log does not mask secrets")
    masked = [name for name, times in secrets.redacted.items() if times and name != CANARY]
    expect(
        not masked,
        (
            f"somebody logged {masked}; it was masked in the log of this run, and would not be "
            f"elsewhere"
        ),
    )
    return f"{len(lines)} JSON log lines, the canary masked, nothing else to mask"


def _secrets(fixture: Fixture, rows: list[ScenarioRow]) -> str:
    """Nothing that was printed, reported, logged or written to a file holds a secret, but for the
    superuser's password file.
    """
    target = fixture.target
    said = "".join(fixture.output) + "".join(f"{row.evidence}\n" for row in rows)
    told = target.secrets.found_in(said.encode())
    expect(not told, f"the output or the report holds {sorted(told)}")
    folder = target.server.home or target.server.work
    leaks, files = leaks_in_files(
        folder, target.secrets, but={folder / "superuser.pw": "the administrator's password"}
    )
    expect(not leaks, f"secrets in files: {'; '.join(leaks[:5])}")
    return (
        f"{len(target.secrets)} secrets in none of {files} files nor in {len(said):,} "
        f"characters of output and report"
    )


def _of_throwaway(difference: Difference) -> bool:
    """The embedded server is made without care for power cuts, and no backup carries what is
    granted on the server's own functions; nothing else is overlooked, not even a note.
    """
    overlooked = difference.subject == "setting" or difference.name == "large objects"
    return difference.severity is Severity.NOTE and overlooked


def _names(objects: frozenset[tuple[str, str, str]]) -> str:
    return ", ".join(sorted(f"{kind} {name}" for kind, name, _ in objects)[:5]) or "none"
