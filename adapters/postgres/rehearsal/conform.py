"""`cutter conform`: proves that the functions behind the port keep the contract, in one transaction
that is always rolled back, as the login that can not commit.

Each clause of `domain.ledger.contract` is tried and says what it saw. One that is not kept names
the smallest call that shows so. The clauses do not see each other's units.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.connection.rows import read_all, read_one, read_value, read_values
from adapters.postgres.connection.session import ROLES
from adapters.postgres.connection.statements import statement
from adapters.postgres.rehearsal.ledger_trial import LedgerTrial
from adapters.postgres.rehearsal.session import RehearsalConnector
from domain.errors import CutterError
from domain.ledger.contract import (
    CLAUSES,
    CREATE,
    ENACT,
    FUNCTIONS,
    VIEWS,
    WITHDRAW,
    Clause,
    ConformReport,
    Found,
    Function,
)
from domain.phases import Principal

MANY: Final = 12_000
"""Units of a large code of law: what locks that grow with the units are counted up to."""
SOME: Final = 20
ACTOR: Final = "cutter conform"
BODY: Final = " Dấu và “chữ”.\r\n\ttab, \u2028 a line of its own, e\u0301 and \U0001f4dc\n "
"""Everything that is easily lost: spaces at the ends, marks, line ends, a composed letter, and a
sign beyond the first 65,536.
"""


class _NotKept(Exception):
    """What was seen instead, and the call that shows it."""

    def __init__(self, seen: str, call: str = "") -> None:
        self.seen, self.call = seen, call
        super().__init__(seen)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class _Defined:
    parameters: list[str]
    answer: list[str]
    returns: str
    definer: bool
    settings: str


@dataclass(frozen=True, slots=True)
class _Writer:
    table_name: str
    role: str
    privilege: str


@dataclass(frozen=True, slots=True)
class _Created:
    status: str | None
    unit_id: uuid.UUID | None
    version_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class _Unit:
    unit_id: uuid.UUID
    version_id: uuid.UUID
    version_no: int
    canonical_address: str
    document_code: str
    title: str
    body: str
    unit_kind: str
    section_type: str
    publication_type: str
    owner_ref: str
    parent_ref: str | None
    lifecycle: str
    hashed: bool


@dataclass(frozen=True, slots=True)
class _Locks:
    held: int
    room: int


def conform(
    rehearsals: RehearsalConnector, roles: Mapping[Principal, str] = ROLES
) -> ConformReport:
    """Try every clause on the real database and roll all of it back.

    Raises what connecting raises. Whatever a function does wrong is a finding.
    """
    with closing(rehearsals.connect()) as conn, translated("Trying the contract"):
        target = str(read_fingerprint(conn))
        trial = _Trial(conn, roles, f"cutter.conform-{uuid.uuid4().hex[:12]}")
        found = tuple(trial.tried(clause) for clause in CLAUSES)
    return ConformReport(target, found)


class _Trial:
    """The clauses, each a method of its key's name that answers with what it saw."""

    def __init__(self, conn: Connection, roles: Mapping[Principal, str], document: str) -> None:
        self._conn = conn
        self._roles = roles
        self._document = document

    def tried(self, clause: Clause) -> Found:
        """One clause, within a transaction that is rolled back."""
        method: Callable[[], str] = getattr(self, f"_{clause.key}")
        try:
            with translated(f"Trying that {clause.sentence}"), self._rolled_back():
                return Found(clause, True, method())
        except _NotKept as other:
            return Found(clause, False, other.seen, other.call)
        except CutterError as error:
            return Found(clause, False, str(error))

    @contextmanager
    def _rolled_back(self) -> Iterator[None]:
        with self._conn.transaction(force_rollback=True):
            role = {"role": self._roles[Principal.EXEC]}
            self._conn.execute(statement("rehearsal_role"), role)
            yield

    # --- what the catalog says ---------------------------------------------------------------

    def _views(self) -> str:
        for view, wanted in VIEWS.items():
            columns = read_all(self._conn, _Column, "conform_columns", {"view": view})
            there = {column.name: column.type for column in columns}
            for name, kind in wanted.items():
                if there.get(name) != kind:
                    has = there.get(name, "not there")
                    raise _NotKept(
                        f"{view}.{name} is {has}, and {kind} is needed",
                        rf"\d {view}",
                    )
        return ", ".join(f"{view} with {len(wanted)} columns" for view, wanted in VIEWS.items())

    def _functions(self) -> str:
        for wanted in FUNCTIONS:
            there = self._defined(wanted)
            answer = there.answer if len(wanted.answer) > 1 else [there.returns]
            if there.parameters != list(wanted.parameters) or answer != list(wanted.answer):
                raise _NotKept(
                    f"{wanted.name}({', '.join(there.parameters)}) answers with "
                    f"{', '.join(answer)}",
                    _shown(wanted, *wanted.parameters),
                )
        return ", ".join(f"{one.name} with {len(one.parameters)} parameters" for one in FUNCTIONS)

    def _defined(self, function: Function) -> _Defined:
        found = read_all(self._conn, _Defined, "conform_function", {"function": function.name})
        if len(found) != 1:
            raise _NotKept(
                f"there are {len(found)} functions {function.name}, and there has to be one",
                rf"\df {function.name}",
            )
        return found[0]

    def _search_path(self) -> str:
        pinned = 0
        for one in FUNCTIONS:
            there = self._defined(one)
            last = there.settings.replace('"', "").removesuffix("; ").rpartition(", ")[2]
            if there.definer and not (
                there.settings.startswith("search_path=") and last == "pg_temp"
            ):
                raise _NotKept(
                    f"{one.name} runs with its owner's rights and is not pinned to a search_path "
                    f"that ends with pg_temp ({there.settings or 'no setting'})",
                    rf"\df+ {one.name}",
                )
            pinned += there.definer
        return f"{pinned} of {len(FUNCTIONS)} run with their owner's rights, each pinned"

    def _sole_writer(self) -> str:
        for writer in read_all(self._conn, _Writer, "conform_writers"):
            raise _NotKept(
                f"{writer.role} has {writer.privilege} on {writer.table_name}",
                f"REVOKE {writer.privilege} ON {writer.table_name} FROM {writer.role}",
            )
        return "no principal may INSERT, UPDATE, DELETE or TRUNCATE what the views read"

    # --- creating ----------------------------------------------------------------------------

    def _arguments(self, number: int = 1, /, **changes: str | None) -> dict[str, Any]:
        return {
            "canonical_address": f"{self._document}~art_{number}",
            "title": f"Điều {number}",
            "body": BODY,
            "actor": ACTOR,
            "unit_kind": "article",
            "section_type": "body",
            "publication_type": "law",
            "owner_ref": "cutter",
            "parent_ref": None,
            **changes,
        }

    def _create(self, **arguments: Any) -> _Created:
        found = read_one(self._conn, _Created, "conform_create", arguments)
        return found or _Created(None, None, None)

    def _made(self, number: int = 1, /, **changes: str | None) -> _Unit:
        arguments = self._arguments(number, **changes)
        made = self._create(**arguments)
        if made.status != CREATE.success or made.unit_id is None:
            raise _NotKept(f"the status is {made.status!r}", _call(arguments))
        unit = read_one(self._conn, _Unit, "conform_unit", {"unit_id": made.unit_id})
        if unit is None or unit.version_id != made.version_id:
            raise _NotKept(
                "cutter.iu_unit does not show the unit, or another version", _call(arguments)
            )
        return unit

    def _created(self) -> str:
        parent = self._made(1)
        unit = self._made(2, parent_ref=parent.canonical_address)
        wanted = self._arguments(2, parent_ref=parent.canonical_address)
        wanted |= {"document_code": self._document, "lifecycle": "draft", "version_no": 1}
        for name, value in wanted.items():
            if name != "actor" and getattr(unit, name) != value:
                raise _NotKept(
                    f"{name} was given as {value!r} and is shown as {getattr(unit, name)!r}",
                    _call(self._arguments(2)),
                )
        if not unit.hashed:
            raise _NotKept("body_sha256 or cutter.iu_version is not of the body", "")
        return f"status created; {len(wanted)} fields as given, {len(BODY.encode())} bytes of body"

    def _refused(self, **changes: str | None) -> str:
        """The status for bad arguments, which must not be success and must write nothing."""
        arguments = self._arguments(1, **changes)
        status = self._create(**arguments).status
        written = read_value(self._conn, int, "conform_units", {"document_code": self._document})
        if status == CREATE.success or written or not status:
            raise _NotKept(
                f"the status is {status!r}, and {written} units were written", _call(arguments)
            )
        return f"status {status!r}"

    def _canonical_address(self) -> str:
        return f"{self._refused(canonical_address='')}; {self._refused(canonical_address=' ')}"

    def _title(self) -> str:
        return f"{self._refused(title='')}; {self._refused(title=None)}"

    def _body(self) -> str:
        seen = self._refused(body=None)
        self._made(3, body="")
        return f"{seen}; an empty one is created"

    def _actor(self) -> str:
        return f"{self._refused(actor='')}; {self._refused(actor=None)}"

    def _unit_kind(self) -> str:
        return f"{self._refused(unit_kind='no such kind')}; {self._refused(unit_kind=None)}"

    def _publication_type(self) -> str:
        return self._refused(publication_type="no such type")

    def _section_type(self) -> str:
        seen = self._refused(section_type=None)
        if "body" not in seen:
            raise _NotKept(
                f"{seen} does not name the choices", _call(self._arguments(section_type=None))
            )
        return f"{seen}; {self._refused(section_type='no such type')}"

    def _taken(self) -> str:
        self._made(1)
        status = self._create(**self._arguments(1)).status
        if status == CREATE.success:
            raise _NotKept("the second unit of an address was created", _call(self._arguments(1)))
        return f"status {status!r}"

    def _parent(self) -> str:
        return self._refused(parent_ref=f"{self._document}~art_99")

    def _sequences(self) -> str:
        self._made(1)
        stepped = read_values(self._conn, str, "conform_sequences")
        if stepped:
            raise _NotKept(f"steps of {', '.join(stepped)}", _call(self._arguments(1)))
        return "none"

    # --- the ledger --------------------------------------------------------------------------

    def _ledger(self, unit: _Unit) -> LedgerTrial:
        return LedgerTrial(
            self._conn,
            self._roles,
            self._document,
            unit.unit_id,
            unit.version_id,
            unit.canonical_address,
            unit.title,
            unit.body,
        )

    def _enacted(self) -> str:
        unit = self._made(1)
        return self._enact(self._ledger(unit), unit)

    def _enact(self, ledger: LedgerTrial, unit: _Unit) -> str:
        stranger = self._enact_status(unit, uuid.uuid4())
        before = self._enact_status(unit, ledger.reviewed())
        if "enacted" in (stranger, before):
            raise _NotKept(
                "a draft was enacted that no verified decision holds",
                _shown(ENACT, _quoted(unit.canonical_address), "gen_random_uuid()", "'x'"),
            )
        decision = ledger.verified()
        status = self._enact_status(unit, decision)
        now = read_one(self._conn, _Unit, "conform_unit", {"unit_id": unit.unit_id})
        if status != "enacted" or now is None or now.lifecycle != "enacted":
            shown = now.lifecycle if now else "nothing"
            raise _NotKept(
                f"the status is {status!r}, and the view shows {shown}",
                _shown(ENACT, _quoted(unit.canonical_address), "DECISION", "'x'"),
            )
        return f"{stranger!r}; {before!r}; then {status!r}"

    def _enact_status(self, unit: _Unit, decision: uuid.UUID) -> str | None:
        values = {"canonical_address": unit.canonical_address, "decision_id": decision}
        return read_value(self._conn, str, "conform_enact", {**values, "actor": ACTOR})

    def _withdrawn(self) -> str:
        unit = self._made(1)
        self._withdraw(unit)
        now = read_one(self._conn, _Unit, "conform_unit", {"unit_id": unit.unit_id})
        if now is None or (now.lifecycle, now.body) != ("withdrawn", unit.body):
            raise _NotKept("the view does not show it as withdrawn, with its body", "")
        return "status 'withdrawn'; unit, version and body are kept"

    def _withdraw(self, unit: _Unit) -> None:
        ledger = self._ledger(unit)
        self._enact(ledger, unit)
        keys = {"unit_id": unit.unit_id, "version_id": unit.version_id, "actor": ACTOR}
        call = _shown(WITHDRAW, "UNIT", "VERSION", "'enacted'", "DECISION", "'x'")
        stranger = {**keys, "decision_id": uuid.uuid4()}
        if read_value(self._conn, str, "conform_withdraw", stranger) == "withdrawn":
            raise _NotKept("a unit was withdrawn that no reviewed revert holds", call)
        mine = {**keys, "decision_id": ledger.reverting()}
        status = read_value(self._conn, str, "conform_withdraw", mine)
        if status != "withdrawn":
            raise _NotKept(f"the status is {status!r}", call)

    def _again(self) -> str:
        unit = self._made(1)
        self._withdraw(unit)
        self._made(1)
        return "status 'created' for an address whose unit is withdrawn"

    # --- the rest ----------------------------------------------------------------------------

    def _nothing_stays(self) -> str:
        with self._conn.transaction(force_rollback=True):
            self._made(1)
        left = read_value(self._conn, int, "conform_units", {"document_code": self._document})
        if left:
            raise _NotKept(f"{left} units are there after the rollback", _call(self._arguments(1)))
        return "0 units of the trial after the rollback"

    def _locks(self) -> str:
        self._made(1)
        first = read_one(self._conn, _Locks, "conform_locks") or _Locks(0, 0)
        for number in range(2, SOME + 2):
            self._made(number)
        then = read_one(self._conn, _Locks, "conform_locks") or first
        grown = then.held - first.held
        if grown < SOME:
            return f"{then.held} locks after {SOME + 1} units, {first.held} after 1"
        would = grown * MANY // SOME
        raise _NotKept(
            f"{grown} more locks for {SOME} more units: {MANY:,} would take {would:,}, and the "
            f"server has room for {then.room:,}",
            _call(self._arguments(1)),
        )


def _call(arguments: Mapping[str, Any]) -> str:
    """The call that creates, as a person can try it; a long text is cut short.

    >>> _call({"canonical_address": "a~b", "title": "T", "body": None})
    "SELECT status FROM cutter.fn_iu_create('a~b', 'T', NULL)"
    """
    return _shown(CREATE, *(_quoted(value) for value in arguments.values()))


def _shown(function: Function, *arguments: str) -> str:
    """A call for a person to read; it is never run from here."""
    return " ".join(("SELECT status FROM", f"{function.name}({', '.join(arguments)})"))


def _quoted(value: object) -> str:
    if value is None:
        return "NULL"
    return "'Text.'" if value == BODY else "'" + str(value).replace("'", "''") + "'"
