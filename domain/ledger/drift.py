"""What a database has, compared as sets with what the adapters need.

Pure: reading the catalog is the doctor's part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from domain.ledger.privileges import EXEC, OWNER, READ, READER, REHEARSE, VERIFY, Grant


class Severity(StrEnum):
    """Whether a difference makes a cut impossible or unsafe, or is worth knowing."""

    FAILS = "fails"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One difference.

    `subject` is the kind of thing, `name` the thing, `message` one sentence for a person.
    """

    severity: Severity
    subject: str
    name: str
    message: str


class Fact(NamedTuple):
    """One thing in a catalog and what can be said about it, in the catalog's own words."""

    subject: str
    name: str
    detail: str


class Held(NamedTuple):
    """One privilege as the catalog holds it. `grantor_may` is the grant option."""

    grant: Grant
    grantor_may: bool


_LONGEST_DETAIL: Final = 400
_WRITES: Final = frozenset(
    {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "MAINTAIN", "REFERENCES", "CREATE"}
)
_OURS: Final = frozenset({EXEC, VERIFY, REHEARSE, READ, READER})
_ALWAYS_NOTES: Final = frozenset({"index"})
_FOREIGN_NOTES: Final = frozenset({"function source", "constraint", "trigger", "owner"})
"""Where a database that the project did not make may word a thing in another way without being
unfit.
"""


def compare_facts(
    needed: Iterable[Fact], found: Iterable[Fact], *, made_here: bool
) -> list[Difference]:
    """Each thing that is missing, beyond or different.

    `made_here`: the reference schema, of which any change is drift.

    >>> compare_facts([Fact("table", "t", "")], [], made_here=True)[0].message
    'The table t is missing.'
    """
    wanted = {(fact.subject, fact.name): fact.detail for fact in needed}
    there = {(fact.subject, fact.name): fact.detail for fact in found}
    differences = [_missing(*key) for key in wanted.keys() - there.keys()]
    differences += [_beyond(*key, there[key]) for key in there.keys() - wanted.keys()]
    differences += [
        _different(*key, wanted[key], there[key], made_here)
        for key in wanted.keys() & there.keys()
        if wanted[key] != there[key]
    ]
    return sorted(differences)


def _missing(subject: str, name: str) -> Difference:
    severity = Severity.NOTE if subject in _ALWAYS_NOTES else Severity.FAILS
    return Difference(severity, subject, name, f"The {subject} {name} is missing.")


def _beyond(subject: str, name: str, detail: str) -> Difference:
    """Something more than is needed: a required column, a rule or a policy gets in the way of
    writes; the rest is known.
    """
    stops = subject in ("rule", "policy") or (
        subject == "column" and "NOT NULL" in detail and "DEFAULT" not in detail
    )
    severity = Severity.FAILS if stops else Severity.NOTE
    return Difference(
        severity,
        subject,
        name,
        f"There is a {subject} {name} that the adapters do not know ({detail[:120]}).",
    )


def _different(subject: str, name: str, wanted: str, there: str, made_here: bool) -> Difference:
    unsafe = "disabled" in there or "can log in" in there
    foreign = subject in _FOREIGN_NOTES and not made_here and not unsafe
    severity = Severity.NOTE if foreign or subject in _ALWAYS_NOTES else Severity.FAILS
    return Difference(
        severity,
        subject,
        name,
        f"The {subject} {name} is {_cut(there)}, and the adapters need {_cut(wanted)}.",
    )


def _cut(detail: str) -> str:
    return repr(detail if len(detail) <= _LONGEST_DETAIL else detail[:_LONGEST_DETAIL] + "...")


def compare_grants(
    needed: Iterable[Grant], held: Iterable[Held], superusers: Iterable[str] = ()
) -> list[Difference]:
    """Privileges that are missing, beyond, or may be passed on.

    The owner and superusers may do anything by nature.

    >>> [f.message for f in compare_grants([Grant("r", "table", "t", "", "SELECT")], [])]
    ['r lacks SELECT on table t.']
    """
    trusted = {OWNER, *superusers}
    wanted = set(needed)
    got = {entry.grant for entry in held if entry.grant.role not in trusted}
    differences = [
        Difference(Severity.FAILS, "privilege", _what(grant), f"{grant.role} lacks {_what(grant)}.")
        for grant in wanted - got
    ]
    differences += [_excess(grant) for grant in got - wanted if _matters(grant)]
    differences += [
        Difference(
            Severity.FAILS,
            "privilege",
            _what(entry.grant),
            f"{entry.grant.role} may pass {_what(entry.grant)} on to others.",
        )
        for entry in held
        if entry.grantor_may and entry.grant.role not in trusted
    ]
    return sorted(differences)


def _what(grant: Grant) -> str:
    if grant.kind == "database":
        return f"{grant.privilege} on this database"
    column = f".{grant.column}" if grant.column else ""
    return f"{grant.privilege} on {grant.kind} {grant.name}{column}"


def _matters(grant: Grant) -> bool:
    """Other roles may read.

    PUBLIC's USAGE on the schema is the server's default and shows names only.
    """
    if grant == Grant("PUBLIC", "schema", "public", "", "USAGE"):
        return False
    return (
        grant.role in _OURS
        or grant.role == "PUBLIC"
        or grant.privilege in _WRITES
        or grant.kind == "function"
    )


def _excess(grant: Grant) -> Difference:
    harmless = grant.role == "PUBLIC" and (grant.privilege == "SELECT" or grant.kind == "database")
    severity = Severity.NOTE if harmless else Severity.FAILS
    who = "Everybody (PUBLIC)" if grant.role == "PUBLIC" else grant.role
    return Difference(
        severity, "privilege", _what(grant), f"{who} has {_what(grant)} and should not."
    )


def compare_words(axis: str, needed: Iterable[str], found: Iterable[str]) -> list[Difference]:
    """Words of a controlled vocabulary: a missing one refuses units, one more is only known.

    >>> [f.message for f in compare_words("unit_kind", ["article"], ["article", "verse"])]
    ["The vocabulary unit_kind has a word that cutter never writes: 'verse'."]
    """
    wanted, there = set(needed), set(found)
    missing = [
        Difference(
            Severity.FAILS, "vocabulary", axis, f"The vocabulary {axis} lacks the word {word!r}."
        )
        for word in wanted - there
    ]
    more = [
        Difference(
            Severity.NOTE,
            "vocabulary",
            axis,
            f"The vocabulary {axis} has a word that cutter never writes: {word!r}.",
        )
        for word in there - wanted
    ]
    return sorted(missing + more)


def compare_settings(
    needed: Mapping[str, tuple[str, Severity, str]], found: Mapping[str, str]
) -> list[Difference]:
    """Settings that are not as needed; each names the value, how much it matters and why."""
    return sorted(
        Difference(
            severity,
            "setting",
            name,
            f"The setting {name} is {found.get(name, 'not there')!r}, not {value!r}: {why}.",
        )
        for name, (value, severity, why) in needed.items()
        if found.get(name) != value
    )


def facts_digest(facts: Iterable[Fact], held: Iterable[Held]) -> str:
    """SHA-256 over a catalog as read: an approval can name it, and drift since then shows."""
    lines = sorted("\x1f".join(fact) for fact in facts)
    lines += sorted("\x1f".join((*entry.grant, str(entry.grantor_may))) for entry in held)
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()
