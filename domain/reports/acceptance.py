"""The acceptance run: its thirteen rows, what it may run on, and what it reports.

It runs on a server that holds nothing else. A target is refused unless it is on the allowlist, and
always if it is forbidden.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from domain.change_set import TargetFingerprint
from domain.errors import BadInput, Lock, ProductionExecutionNotAuthorized
from domain.phases import Principal
from domain.ports import Credentials, Endpoint

SCENARIOS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "S1": "Configuration loads, and nothing connects",
        "S2": "A missing key fails closed, is named, and opens no socket",
        "S3": "Identity is asserted, and another database is refused",
        "S4": "MARK opens the backlog entry",
        "S5": "REVIEW records manifest and decision",
        "S6": "CUT writes the units and a signed change set",
        "S7": "VERIFY recomputes and signs, and finds a forgery",
        "S8": "Another principal is refused before any SQL of a phase",
        "S9": "A denied INSERT is 42501, a stop, and rolled back",
        "S10": "A replay with the same idempotency key adds nothing",
        "S11": "A failure in mid-phase leaves every row as it was",
        "S12": "Only SET, SELECT, INSERT, UPDATE; nothing is ever deleted",
        "V": "Catalog, rows, privileges, contacts, secrets and log",
    }
)
_FINGERPRINT: Final = re.compile(r"(.+):(\d+)@(\d+)")


class ServerKind(StrEnum):
    """Which server the run takes: one that it makes, as a folder or as a container, or one that is
    named.
    """

    EMBEDDED = "embedded"
    CONTAINER = "container"
    NAMED = "named"


class RunSettings(Protocol):
    """The settings of a live run, as far as the acceptance run asks for them.

    Each raises `ConfigMissing`.
    """

    def endpoint(self) -> Endpoint:
        """Where the knowledge base is."""
        ...

    def user_of(self, principal: Principal) -> str:
        """The database user of a principal."""
        ...

    def backup_fingerprint(self) -> str:
        """The key that backups are encrypted to."""
        ...

    def require_live(self) -> None:
        """Ask for every setting that a live run needs."""
        ...


SettingsLoader = Callable[[Path], RunSettings]
"""Reads the settings of a home folder."""


@dataclass(frozen=True, slots=True)
class NamedServer:
    """A server that is there already.

    `endpoint` names a database to connect to first; the run makes one of its own.

    `allowed` is the fingerprint that this first database has to have: the operator says which
    server is meant.
    """

    endpoint: Endpoint
    administrator: Credentials
    allowed: TargetFingerprint


@dataclass(frozen=True, slots=True)
class AcceptanceOptions:
    """What an operator asks for.

    `backup` is an encrypted logical backup to restore; None makes the reference schema.

    `bystanders` are addresses that this process talks to anyway: the orchestrator's.
    """

    kind: ServerKind = ServerKind.EMBEDDED
    major: int = 16
    named: NamedServer | None = None
    backup: Path | None = None
    gnupg_home: Path | None = None
    forbidden: frozenset[TargetFingerprint] = frozenset()
    keep: bool = False
    bystanders: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """One row of the matrix. `evidence` says what was seen, or for a red row what was wrong."""

    key: str
    passed: bool
    evidence: str
    seconds: float

    @property
    def name(self) -> str:
        """What the scenario shows."""
        return SCENARIOS[self.key]


@dataclass(frozen=True, slots=True)
class AcceptanceReport:
    """A finished run.

    `row_counts`: for each table how many rows each scenario added; `kept`: how to reach what was
    kept.
    """

    rows: tuple[ScenarioRow, ...]
    server: str
    source: str
    target: str
    started_at: datetime
    seconds: float
    row_counts: Mapping[str, Mapping[str, int]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    kept: str = ""
    left_behind: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """True if all thirteen rows are green and nothing was left behind."""
        return (
            [row.key for row in self.rows] == list(SCENARIOS)
            and all(row.passed for row in self.rows)
            and not self.left_behind
        )

    def verdict(self) -> str:
        """One sentence on the whole run."""
        where = f"{self.server}, {self.source}, {self.seconds:.1f} s"
        if self.passed:
            return f"Acceptance passed: {len(self.rows)} of {len(self.rows)} rows ({where})."
        red = [row.key for row in self.rows if not row.passed]
        parts = [f"red: {', '.join(red)}"] if red else []
        parts += [f"left behind: {', '.join(self.left_behind)}"] if self.left_behind else []
        return (
            f"Acceptance failed ({'; '.join(parts)}): do not trust this version or server "
            f"({where})."
        )

    def as_object(self) -> dict[str, object]:
        """The report as one JSON-ready object."""
        return {
            "format": 1,
            "passed": self.passed,
            "server": self.server,
            "source": self.source,
            "target": self.target,
            "started_at": self.started_at.isoformat(),
            "seconds": round(self.seconds, 2),
            "rows": [
                {**asdict(row), "name": row.name, "seconds": round(row.seconds, 2)}
                for row in self.rows
            ],
            "row_counts": {table: dict(added) for table, added in self.row_counts.items()},
            "kept": self.kept,
            "left_behind": list(self.left_behind),
        }


def parse_fingerprint(text: str) -> TargetFingerprint:
    """A fingerprint as `cutter doctor` writes it. Raises `BadInput`.

    >>> parse_fingerprint("kb:16384@7300000000000000001").database_oid
    16384
    """
    found = _FINGERPRINT.fullmatch(text.strip())
    if found is None:
        raise BadInput(
            f"{text!r} is not a fingerprint; write DATABASE:OID@SYSTEM_IDENTIFIER, as `cutter "
            f"doctor` shows it."
        )
    return TargetFingerprint(found[1], int(found[2]), int(found[3]))


def require_not_production(
    target: TargetFingerprint,
    allowed: Collection[TargetFingerprint],
    forbidden: Collection[TargetFingerprint],
) -> None:
    """Refuse a target that is forbidden, that shares a server with a forbidden one, or that is not
    on the allowlist.

    Roles are a server's, not a database's, so the whole server of a forbidden database is out of
    bounds. Raises `ProductionExecutionNotAuthorized`.

    >>> here = TargetFingerprint("dry", 5, 7)
    >>> require_not_production(here, {here}, set())
    >>> try:
    ...     require_not_production(here, {here}, {TargetFingerprint("kb", 4, 7)})
    ... except ProductionExecutionNotAuthorized as error:
    ...     print(error.why)
    dry:5@7 is on the server of the forbidden kb:4@7
    """
    for other in forbidden:
        if target == other:
            raise ProductionExecutionNotAuthorized(Lock.ACCEPTANCE, f"{target} is forbidden")
        if target.system_identifier == other.system_identifier:
            raise ProductionExecutionNotAuthorized(
                Lock.ACCEPTANCE, f"{target} is on the server of the forbidden {other}"
            )
    if target not in allowed:
        raise ProductionExecutionNotAuthorized(
            Lock.ACCEPTANCE, f"{target} is not on the allowlist of this run"
        )
