"""`domain.units.reader.UnitReader` over the knowledge base."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Final
from uuid import UUID

from psycopg import IsolationLevel

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all, read_one, read_value, read_values
from domain.digests import text_sha256
from domain.errors import DatabaseUnsuitable, UnitNotFound
from domain.reading.address import document_code_of
from domain.units.reader import FULL_TEXT, LETTERS, LIKENESS, Found, Hit, in_force, snippet
from domain.units.records import (
    REPEALED,
    DocumentLine,
    DocumentText,
    DocumentWords,
    EverUnit,
    UnitChange,
    UnitText,
    VersionFacts,
    WholeText,
)

DOING: Final = "Reading out units"
OLDER: Final = (
    "The schema of this knowledge base is of an earlier version, which does not read out units; "
    "look with `cutter db upgrade --plan`, then run `cutter db upgrade`."
)
_NOT_THERE: Final = frozenset({"42P01", "42703", "42883"})  # a view, a column, a function


@dataclass(frozen=True, slots=True)
class _Row:
    """A version of a unit, as the statement answers it."""

    address: str
    title: str
    body: str
    body_sha256: str
    unit_kind: str
    section_type: str
    parent: str | None
    version_no: int
    state: str
    in_force_from: date | None
    change_set_id: UUID | None
    enacted_at: datetime | None

    @property
    def facts(self) -> VersionFacts:
        return VersionFacts(
            self.version_no, self.state, self.in_force_from, self.change_set_id, self.enacted_at
        )


@dataclass(frozen=True, slots=True)
class _Whole:
    change_set_id: UUID
    text: str | None
    text_sha256: str


class PostgresUnits:
    """Reads out units over one connection, which must not write."""

    def __init__(self, conn: Connection, target: str) -> None:
        """Keeps the connection; `target` names its database in what is answered."""
        self._conn = conn
        self._target = target

    @translated(DOING)
    def documents(self) -> tuple[DocumentLine, ...]:
        """See `UnitReader.documents`."""
        return tuple(read_all(self._conn, DocumentLine, "reading_documents"))

    @translated(DOING)
    def document(
        self, code: str, as_of: date | None = None, known_at: datetime | None = None
    ) -> DocumentText:
        """See `UnitReader.document`. What is repealed is no part of it."""
        about = self._about(code, known_at)
        known = self._versions(code, known_at=known_at)
        if known_at is not None and not known:
            raise UnitNotFound(f"No units of {code[:255]} were known at {known_at}.")
        every = (_chosen(versions, as_of=as_of) for versions in known)
        units = tuple(one for one in every if one and one.version.state != REPEALED)
        return DocumentText(
            code, about.title, about.publication_type, about.owner_ref, units, as_of, self._target
        )

    @translated(DOING)
    def unit(
        self,
        address: str,
        *,
        version_no: int | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> UnitText:
        """See `UnitReader.unit`."""
        versions = self.history(address, known_at)
        found = _chosen(versions, version_no=version_no, as_of=as_of)
        if found is None:
            asked = f"version {version_no}" if version_no is not None else f"a text on {as_of}"
            raise UnitNotFound(
                f"{address} has no {asked}; `cutter history {address}` lists its versions."
            )
        return found

    @translated(DOING)
    def history(self, address: str, known_at: datetime | None = None) -> tuple[UnitText, ...]:
        """See `UnitReader.history`."""
        for versions in self._versions(document_code_of(address), address, known_at):
            return versions
        known = f" that was known at {known_at}" if known_at else ""
        raise UnitNotFound(
            f"No unit stands at {address[:255]}{known}; `cutter units "
            f"{document_code_of(address)[:255]}` lists those there are."
        )

    @translated(DOING)
    def addresses(self, code: str) -> tuple[str, ...]:
        """See `UnitReader.addresses`."""
        return tuple(read_values(self._conn, str, "reading_addresses", {"document_code": code}))

    @translated(DOING)
    def about(self, code: str) -> DocumentWords:
        """See `UnitReader.about`."""
        return self._about(code)

    @translated(DOING)
    def ever(self, code: str | None = None) -> tuple[EverUnit, ...]:
        """See `UnitReader.ever`."""
        found = tuple(read_all(self._conn, EverUnit, "reading_ever", {"document_code": code}))
        if code is not None and not found:
            raise UnitNotFound(f"No unit of {code} was ever enacted in this knowledge base.")
        return found

    @translated(DOING)
    def whole_text(self, code: str, change_set_id: UUID | None = None) -> WholeText:
        """See `UnitReader.whole_text`. Raises `DatabaseUnsuitable` if it is not the text that was
        enacted.
        """
        asked = {"document_code": code, "change_set_id": change_set_id}
        found = read_one(self._conn, _Whole, "reading_text", asked)
        if found is None:
            which = f"No change set {change_set_id} of {code}" if change_set_id else f"No {code}"
            raise UnitNotFound(f"{which} was enacted; `cutter feed {code}` lists what was.")
        if found.text is None or text_sha256(found.text) != found.text_sha256:
            raise DatabaseUnsuitable(
                f"The units do not make up the text that change set {found.change_set_id} has "
                f"enacted; `cutter audit` names what has changed."
            )
        return WholeText(code, found.change_set_id, found.text)

    @translated(DOING)
    def changes(
        self, code: str | None = None, since: int = 0, limit: int = 1000
    ) -> tuple[UnitChange, ...]:
        """See `UnitReader.changes`."""
        asked = {"document_code": code, "since": since, "limit": limit}
        return tuple(read_all(self._conn, UnitChange, "reading_changes", asked))

    @translated(DOING)
    def search(self, words: str, code: str | None = None, limit: int = 20) -> Found:
        """See `UnitReader.search`. It reads likeness where the extension pg_trgm is installed."""
        asked = {"words": words, "document_code": code, "limit": limit}
        by, addresses = FULL_TEXT, read_values(self._conn, str, "reading_by_words", asked)
        if not addresses:
            by, addresses = LETTERS, read_values(self._conn, str, "reading_by_letters", asked)
        if not addresses and read_value(self._conn, bool, "reading_likeness"):
            by, addresses = LIKENESS, read_values(self._conn, str, "reading_by_likeness", asked)
        units = map(self.unit, addresses)
        return Found(by, tuple(Hit(one, snippet(one.body, words)) for one in units))

    def _about(self, code: str, known_at: datetime | None = None) -> DocumentWords:
        asked = {"document_code": code, "known_at": known_at}
        if about := read_one(self._conn, DocumentWords, "reading_document", asked):
            return about
        raise UnitNotFound(
            f"No units of {code} are in the knowledge base; `cutter units` lists the documents."
        )

    def _versions(
        self, code: str, address: str | None = None, known_at: datetime | None = None
    ) -> list[tuple[UnitText, ...]]:
        """The versions of each unit, oldest first, the units in the order of the text."""
        asked = {"document_code": code, "address": address, "known_at": known_at}
        rows = read_all(self._conn, _Row, "reading_units", asked)
        return [_texts(list(group)) for _, group in groupby(rows, key=attrgetter("address"))]


@contextmanager
def units_of_one_moment(conn: Connection, target: str) -> Iterator[PostgresUnits]:
    """Reads out units while the block runs, all as they were when it first read.

    Raises `DatabaseUnsuitable` where the schema is of a version that reads none out yet.
    """
    try:
        with translated(DOING):
            conn.isolation_level = IsolationLevel.REPEATABLE_READ
            with conn.transaction():
                yield PostgresUnits(conn, target)
    except DatabaseUnsuitable as error:
        if error.sqlstate in _NOT_THERE:
            raise DatabaseUnsuitable(OLDER) from None
        raise


def _texts(rows: list[_Row]) -> tuple[UnitText, ...]:
    known = tuple(row.facts for row in rows)
    return tuple(
        UnitText(
            row.address,
            row.title,
            row.body,
            row.body_sha256,
            row.unit_kind,
            row.section_type,
            row.parent,
            facts,
            versions=known,
        )
        for row, facts in zip(rows, known, strict=True)
    )


def _chosen(
    versions: tuple[UnitText, ...], *, version_no: int | None = None, as_of: date | None = None
) -> UnitText | None:
    """The version that is asked for, the last if none is; None if there is none such."""
    if as_of is not None and version_no is None:
        found = in_force((one.version for one in versions), as_of)
        version_no = found.version_no if found else 0
    if version_no is None:
        return versions[-1]
    return next((one for one in versions if one.version.version_no == version_no), None)
