"""The proof that the live path is safe and would work, without writing: numbered checks, each with
its evidence.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.digests import records_sha256
from domain.errors import CheckFailed

TITLES: Final[Mapping[int, str]] = {
    1: "the kill-switch is OFF",
    2: "every method of the live adapter refuses before it connects",
    3: "only the real adapter is taken for a live run",
    4: "both principals reach the real database",
    5: "fn_iu_create keeps its contract, in a transaction that is rolled back",
    6: "the verifier's SQL is valid on the real schema",
    7: "no table was changed by this run",
    8: "every table still equals the baseline",
    9: "the kill-switch is still OFF",
    10: "the whole cut, rehearsed and rolled back",
    11: "the live path would meet no missing grant, function, word or table",
}
"""Checks 7, 8 and 9 come last when they are run, so that they answer for 10 and 11 too."""


@dataclass(frozen=True, slots=True)
class ProofCheck:
    """One check: what was asked, whether it holds, and what was seen."""

    number: int
    title: str
    passed: bool
    evidence: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ProofReport:
    """All checks of one proof, by number."""

    target: str
    change_set_id: uuid.UUID
    checks: tuple[ProofCheck, ...]

    @property
    def passed(self) -> bool:
        """True if every check was made and holds."""
        return [check.number for check in self.checks] == list(TITLES) and all(
            check.passed for check in self.checks
        )


@dataclass(frozen=True, slots=True)
class TableState:
    """A table's rows at some moment: how many, and a hash over all of them that does not depend on
    their order.
    """

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Surface:
    """Everything that a cut may change: each table, and the sequences as one more entry."""

    tables: Mapping[str, TableState]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(state.rows for state in self.tables.values())

    @property
    def digest(self) -> str:
        """One hash over all of it."""
        return records_sha256(
            (name, str(state.rows), state.sha256) for name, state in sorted(self.tables.items())
        )

    def __str__(self) -> str:
        return f"{len(self.tables)} tables, {self.rows} rows, digest {self.digest[:16]}"

    def require_equal(self, other: Surface, what: str) -> None:
        """Raises `CheckFailed` naming every table that differs."""
        names = sorted(
            name
            for name in self.tables.keys() | other.tables.keys()
            if self.tables.get(name) != other.tables.get(name)
        )
        if names:
            raise CheckFailed(f"{what}: {', '.join(names)}.")


Check = Callable[[], str]
"""Makes a check: returns the evidence, or raises what it found instead."""
