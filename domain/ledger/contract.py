"""What cutter needs of a knowledge base: the port in the database, as data (docs/contract.md).

Two views and three functions in the schema `cutter`. The reference implementation stands behind
them, or an organisation's own units do. `cutter conform` tries each clause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

UNIT_VIEW: Final[Mapping[str, str]] = {
    "unit_id": "uuid",
    "version_id": "uuid",
    "version_no": "integer",
    "canonical_address": "text",
    "document_code": "text",
    "title": "text",
    "body": "text",
    "body_sha256": "bytea",
    "unit_kind": "text",
    "section_type": "text",
    "publication_type": "text",
    "owner_ref": "text",
    "parent_id": "uuid",
    "parent_ref": "text",
    "lifecycle": "text",
    "created_at": "timestamp with time zone",
}
"""Columns of `cutter.iu_unit` and their types: one row a unit, at the version it stands at."""

VERSION_VIEW: Final[Mapping[str, str]] = {
    "version_id": "uuid",
    "unit_id": "uuid",
    "version_no": "integer",
    "title": "text",
    "body": "text",
    "body_sha256": "bytea",
}
"""Columns of `cutter.iu_version` and their types: one row a version of a unit."""

VIEWS: Final[Mapping[str, Mapping[str, str]]] = {
    "cutter.iu_unit": UNIT_VIEW,
    "cutter.iu_version": VERSION_VIEW,
}


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the port: parameters in their order, and what it answers.

    `success` is the one status that means that something was done.
    """

    name: str
    parameters: tuple[str, ...]
    answer: tuple[str, ...]
    success: str


CREATE: Final = Function(
    "cutter.fn_iu_create",
    ("text",) * 9,
    ("status text", "unit_id uuid", "version_id uuid"),
    "created",
)
ENACT: Final = Function(
    "cutter.fn_iu_enact", ("text", "uuid", "text"), ("status text", "unit_id uuid"), "enacted"
)
WITHDRAW: Final = Function(
    "cutter.fn_iu_withdraw", ("uuid", "uuid", "text", "uuid", "text"), ("text",), "withdrawn"
)
FUNCTIONS: Final = (CREATE, ENACT, WITHDRAW)


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that the port promises.

    Without a clause that is not `needed` cutter works, and it is worth knowing that it is not kept.
    """

    key: str
    sentence: str
    needed: bool = True


CLAUSES: Final = (
    Clause("views", "the views have every column, of the agreed type"),
    Clause("functions", "the functions take their parameters by position and answer as agreed"),
    Clause("search_path", "no function can be led astray by whoever calls it"),
    Clause("sole_writer", "no principal writes to the units' tables but through the functions"),
    Clause("created", "a unit is shown as it was given, byte for byte, a draft at version 1"),
    Clause("canonical_address", "an empty address is refused by the status"),
    Clause("title", "an empty title is refused by the status"),
    Clause("body", "a body that is NULL is refused by the status, and an empty one is not"),
    Clause("actor", "an empty actor is refused by the status"),
    Clause("unit_kind", "an unknown unit kind is refused by the status"),
    Clause("section_type", "a missing section type is refused by a status that names the choices"),
    Clause("publication_type", "an unknown publication type is refused by the status"),
    Clause("taken", "an address that is taken is refused by the status"),
    Clause("parent", "a parent that is not there is refused by the status"),
    Clause("sequences", "no sequence takes a step, which a rollback would not take back"),
    Clause("enacted", "a draft is enacted for a verified decision, and for no other"),
    Clause("withdrawn", "what was enacted is withdrawn for a reviewed revert, and nothing is lost"),
    Clause("nothing_stays", "after the rollback nothing of the trial is there"),
    Clause("again", "a withdrawn address can be cut again", needed=False),
    Clause("locks", "locks do not grow with the units of a document", needed=False),
)
"""In the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one clause: whether it is kept, what was seen, and the smallest call that shows
    that it is not.
    """

    clause: Clause
    kept: bool
    seen: str
    call: str = ""


@dataclass(frozen=True, slots=True)
class ConformReport:
    """What came of every clause, on one database."""

    target: str
    found: tuple[Found, ...]

    @property
    def conforms(self) -> bool:
        """Whether every clause was tried, and each that is needed is kept."""
        return [one.clause for one in self.found] == list(CLAUSES) and all(
            one.kept for one in self.found if one.clause.needed
        )
