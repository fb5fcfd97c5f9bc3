"""What a backup says it holds, what came back from it, and which backups may go. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.ledger.privileges import SCHEMAS

FINDINGS_SHOWN: Final = 50
"""How many differences a report names; a wholly different database would have thousands."""


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table's rows: how many, and a hash over them in no order, taken by a named method."""

    rows: int
    method: str
    digest: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a backup covers: everything in these schemas, but for tables, views and sequences that
    are `excluded`, which are others'. Names are written with their schema.
    """

    schemas: list[str]
    excluded: list[str]


EVERYTHING: Final = Coverage(list(SCHEMAS), [])
"""In a database of cutter's own."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds at one moment: a digest of each object's definition and privileges, and
    every table's rows.

    `roles` are those that own something or were granted something, with whether they can log in.
    `qualified` is False where names are without their schema, as backups had them while everything
    lay in `public`.
    """

    objects: Mapping[str, str]
    tables: Mapping[str, TableRows]
    roles: Mapping[str, bool]
    qualified: bool = True


def compare_contents(recorded: Contents, found: Contents) -> tuple[str, ...]:
    """Each difference of what came back from what was backed up, one sentence each; empty if there
    is none.

    >>> one, two = TableRows(2, "sha256", "aa"), TableRows(1, "sha256", "bb")
    >>> compare_contents(Contents({}, {"t": one}, {}), Contents({}, {"t": two}, {}))
    ('The table t has 1 row, and 2 rows were backed up.',)
    """
    findings = [
        *_differences("", "is not as it was backed up", recorded.objects, found.objects),
        *_row_differences(recorded.tables, found.tables),
    ]
    return bounded(findings)


def bounded(findings: Sequence[str]) -> tuple[str, ...]:
    """The first of them, and how many more there are.

    >>> bounded(["a"] * 52)[-1]
    'And 2 more differences.'
    """
    more = len(findings) - FINDINGS_SHOWN
    return (*findings[:FINDINGS_SHOWN], *([f"And {more} more differences."] if more > 0 else []))


def _differences(
    kind: str, how: str, recorded: Mapping[str, object], found: Mapping[str, object]
) -> Iterable[str]:
    for name in sorted(recorded.keys() | found.keys()):
        if name not in found:
            yield f"The {kind}{name} did not come back."
        elif name not in recorded:
            yield f"There is a {kind}{name} that was not backed up."
        elif recorded[name] != found[name]:
            yield f"The {kind}{name} {how}."


def _row_differences(
    recorded: Mapping[str, TableRows], found: Mapping[str, TableRows]
) -> Iterable[str]:
    yield from _differences("table ", "", dict.fromkeys(recorded), dict.fromkeys(found))
    for name in sorted(recorded.keys() & found.keys()):
        was, now = recorded[name], found[name]
        if was.rows != now.rows:
            yield f"The table {name} has {_rows(now.rows)}, and {_rows(was.rows)} were backed up."
        elif was != now:
            yield f"The table {name} has other rows than were backed up."


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What became of one drill: a backup restored into a throwaway server and compared with its
    manifest.

    `snapshot_at` is the moment whose data the backup holds, None where its manifest can not be
    believed. `seconds` is how long the drill took. No finding means that it is proven.
    """

    backup: str
    backup_sha256: str
    manifest_sha256: str
    target: str
    snapshot_at: datetime | None
    tables: int
    rows: int
    seconds: float
    findings: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """True if everything came back as it was."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """One backup in the folder.

    `taken_at` and `sha256` are its manifest's; both None if it has none that can be read.

    `trouble` says in a clause what is wrong with it at first sight, or is empty.
    """

    name: str
    size: int
    taken_at: datetime | None = None
    sha256: str | None = None
    target: str | None = None
    change_set_id: uuid.UUID | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What the knowledge base says about backups, by their SHA-256: proven ones, the newest last,
    and those still needed.
    """

    proven: tuple[str, ...] = ()
    needed: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Retention:
    """How many backups stay at least, and for how long."""

    keep: int
    days: int


@dataclass(frozen=True, slots=True)
class Fate:
    """Whether one backup goes, and why not if it stays."""

    backup: KeptBackup
    goes: bool
    why: str


def fates(
    kept: Sequence[KeptBackup], on_record: OnRecord, target: str, wish: Retention, now: datetime
) -> list[Fate]:
    """What becomes of each backup, newest first.

    A backup goes only if nothing at all speaks for it.

    >>> from datetime import UTC
    >>> at = [datetime(2030, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    >>> kept = [KeptBackup(str(day), 1, moment, str(day), "kb") for day, moment in enumerate(at)]
    >>> found = fates(kept, OnRecord(proven=("0",)), "kb", Retention(1, 0), at[2])
    >>> [(f.backup.name, f.goes) for f in found]
    [('2', False), ('1', True), ('0', False)]
    """
    newest_first = sorted(
        kept,
        key=lambda one: (one.taken_at is not None, one.taken_at or now, one.name),
        reverse=True,
    )
    ours = [
        one
        for one in newest_first
        if one.taken_at is not None and one.target == target and not one.trouble
    ]
    last_proven = _last_proven(on_record, ours)
    first = {one.name for one in ours[: wish.keep]}
    young = now - timedelta(days=wish.days)
    return [
        _fate(one, ours, on_record.needed, last_proven, first, young, wish) for one in newest_first
    ]


def _last_proven(on_record: OnRecord, ours: Collection[KeptBackup]) -> str | None:
    """The last proven backup that is still there: an older proof of a file that is gone protects
    nothing.
    """
    there = {one.sha256 for one in ours}
    return next((sha256 for sha256 in reversed(on_record.proven) if sha256 in there), None)


def _fate(
    one: KeptBackup,
    ours: Collection[KeptBackup],
    needed: Collection[str],
    last_proven: str | None,
    first: Collection[str],
    young: datetime,
    wish: Retention,
) -> Fate:
    if one.trouble:
        why = f"{one.trouble}; look at it yourself"
    elif one not in ours:
        why = f"it is of another database, {one.target}"
    elif last_proven is None:
        why = "no backup here is proven yet; run `cutter backup verify`"
    elif one.sha256 == last_proven:
        why = "it is the last one that is proven"
    elif one.sha256 in needed:
        why = f"change set {one.change_set_id} is not finished and needs it"
    elif one.name in first:
        why = f"it is among the newest {wish.keep}"
    elif one.taken_at is not None and one.taken_at > young:
        why = f"it is younger than {wish.days} days"
    else:
        return Fate(one, True, "")
    return Fate(one, False, why)
