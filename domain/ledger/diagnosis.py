"""What the doctor found, ordered for a person: by what to do about it, the most important first.

Pure. A group has one remedy, and the whole has one next command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from domain.ledger.drift import Difference, Severity
from domain.ledger.privileges import EXEC

LOOK_AGAIN: Final = "cutter doctor"
REGISTER: Final = "cutter doctor --register"
STATUS: Final = "cutter status"
UNMAPPED_FROM: Final = 20
"""So many missing things in a schema that is not ours are not so many faults but one: nothing tells
cutter where they are.
"""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about a group of findings, and the command that comes after (or does it)."""

    title: str
    do: str
    next: str = LOOK_AGAIN


@dataclass(frozen=True, slots=True)
class Group:
    """Findings with one remedy, those that forbid a cut first."""

    remedy: Remedy
    findings: tuple[Difference, ...]

    @property
    def fails(self) -> int:
        """How many of them forbid a cut."""
        return sum(one.severity is Severity.FAILS for one in self.findings)

    @property
    def notes(self) -> int:
        """How many of them are only worth knowing."""
        return len(self.findings) - self.fails


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Every finding in its group, and the one command to run next."""

    groups: tuple[Group, ...]
    next: str

    @property
    def findings(self) -> tuple[Difference, ...]:
        """All of them, in the order of the groups."""
        return tuple(one for group in self.groups for one in group.findings)

    @property
    def fails(self) -> int:
        """How many findings forbid a cut."""
        return sum(group.fails for group in self.groups)

    @property
    def notes(self) -> int:
        """How many findings are only worth knowing."""
        return sum(group.notes for group in self.groups)


_ADMIN: Final = "as an administrator"
HALTED: Final = Remedy(
    "Halted", "Find out why; when it is safe, lift it.", "cutter lift --reason WHY --by NAME"
)
CONNECTION: Final = Remedy(
    "The way to the server", "Name the server itself in the settings, and the primary."
)
TARGET: Final = Remedy(
    "The registered target",
    "Name the registered database in the settings, or register this one.",
    REGISTER,
)
VERSION: Final = Remedy(
    "The schema's version", "Bring schema and program together.", "cutter db upgrade --plan"
)
UNMAPPED: Final = Remedy(
    "Not a knowledge base that cutter knows",
    "These are one thing: cutter did not make this database, and no mapping says where its units "
    "are. Nothing here has to be mended one by one: let cutter in, after you have read what it "
    "would do; in an empty database `cutter db init` makes a knowledge base of its own.",
    "cutter db adopt --plan",
)
BACKUPS: Final = Remedy(
    "What a backup does not hold",
    f"Move what is named out of the schemas that are backed up, {_ADMIN}.",
)
PROGRAMS: Final = Remedy("Programs on this machine", "Install what is named.")
ROLES: Final = Remedy("Roles and memberships", f"Mend them with ALTER ROLE and GRANT, {_ADMIN}.")
MISSING: Final = Remedy(
    "Missing objects", f"Bring them back from a backup, or make them again, {_ADMIN}."
)
DRIFT: Final = Remedy(
    "Drift", f"Find out who changed what cutter made, and undo it, {_ADMIN}.", "cutter audit"
)
LACKING: Final = Remedy("Missing privileges", f"GRANT each, {_ADMIN}.")
BEYOND: Final = Remedy("Privileges that nobody should have", f"REVOKE each, {_ADMIN}.")
KEYS: Final = Remedy(
    "Signing keys",
    "Make a key with `cutter key make`, and have it registered.",
    "cutter key register exec",
)
VERIFIER: Final = Remedy(
    "The verifier elsewhere",
    "Start `cutter verifier` in its own home; take its password and key out of this one.",
)
SECRETS: Final = Remedy("Secrets in plain text", "Seal them with `cutter secrets seal`.")
WORDS: Final = Remedy("Vocabularies", f"Add the words that are missing, {_ADMIN}.")
SETTINGS: Final = Remedy(
    "Settings", "Change them with ALTER SYSTEM, ALTER DATABASE or ALTER ROLE, wherever they are."
)
UNSEEN: Final = Remedy("What could not be looked at", f"Look {_ADMIN}.")

_BY_SUBJECT: Final = {
    "halt": HALTED,
    "connection": CONNECTION,
    "server": CONNECTION,
    "target": TARGET,
    "schema": VERSION,
    "client": PROGRAMS,
    "backup": BACKUPS,
    "role": ROLES,
    "membership": ROLES,
    "key": KEYS,
    "verifier": VERIFIER,
    "secret": SECRETS,
    "vocabulary": WORDS,
    "setting": SETTINGS,
    "doctor": UNSEEN,
}
ORDER: Final = (
    HALTED,
    CONNECTION,
    TARGET,
    VERSION,
    UNMAPPED,
    UNSEEN,
    MISSING,
    DRIFT,
    ROLES,
    LACKING,
    BEYOND,
    KEYS,
    VERIFIER,
    SECRETS,
    WORDS,
    BACKUPS,
    PROGRAMS,
    SETTINGS,
)
"""The most important first: what makes the findings below it meaningless comes before them."""


def diagnosis(findings: Iterable[Difference], *, registered: bool) -> Diagnosis:
    """The findings by what to do about them.

    `registered`: this database is the target of live runs already.

    >>> lacks = Difference(Severity.FAILS, "privilege", "p", "cutter_exec lacks SELECT on x.")
    >>> found = diagnosis([lacks], registered=True)
    >>> found.groups[0].remedy.title, found.next
    ('Missing privileges', 'cutter doctor')
    >>> diagnosis([], registered=False).next
    'cutter doctor --register'
    """
    there = list(findings)
    remedy_of = _remedies(there)
    groups: dict[Remedy, list[Difference]] = {}
    for one in there:
        groups.setdefault(remedy_of(one), []).append(one)
    ordered = tuple(
        Group(remedy, tuple(sorted(groups[remedy]))) for remedy in ORDER if remedy in groups
    )
    failing = [group for group in ordered if group.fails]
    # Failing groups first; among equals the order above.
    shown = (*failing, *(group for group in ordered if not group.fails))
    after = STATUS if registered else REGISTER
    return Diagnosis(shown, _next(failing[0]) if failing else after)


def _next(group: Group) -> str:
    """The command that comes next for a group: for keys, that of the principal who has none."""
    if group.remedy is not KEYS:
        return group.remedy.next
    lacking = {one.name for one in group.findings if one.severity is Severity.FAILS}
    return KEYS.next if EXEC in lacking else "cutter key register verify"


def _remedies(there: list[Difference]) -> Callable[[Difference], Remedy]:
    foreign = any((one.subject, one.name) == ("schema", "origin") for one in there)
    missing = sum(_remedy(one) is MISSING for one in there)
    if not foreign or missing < UNMAPPED_FROM:
        return _remedy
    of_the_schema = (MISSING, DRIFT, LACKING, BEYOND, ROLES, KEYS, WORDS, VERSION)
    return lambda one: UNMAPPED if _remedy(one) in of_the_schema else _remedy(one)


def _remedy(one: Difference) -> Remedy:
    if one.subject == "privilege":
        return LACKING if " lacks " in one.message else BEYOND
    if one.subject in _BY_SUBJECT:
        return _BY_SUBJECT[one.subject]
    return MISSING if one.message.endswith(" is missing.") else DRIFT
