"""The files of a bundle: which there are, in which order, and how each is written and read back.

Every value has one spelling: what is read is written again and has to give the same bytes, so no
edit can hide in white space, key order, a number's form or a second key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    PlainSerializer,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationError,
    WrapSerializer,
)

from domain.approval.dsse import strict_json
from domain.evidence.bundle import (
    Bundle,
    ChainHeadOnRecord,
    ChangeSetOnRecord,
    Digests,
    Half,
    KeyOnRecord,
    LogLine,
    PermitOnRecord,
    PhaseOnRecord,
    RowOnRecord,
    RunFacts,
    Verification,
)
from domain.fields import fields_from
from domain.ledger.signed import HistoryRow
from domain.phases import Kind
from domain.plan.cut_plan import CutplanRow, Gap
from domain.plan.revert import WITHDRAWN, RevertPlan, RevertUnit
from domain.revision.plan import RevisionPlan
from domain.runs.run_plan import PlanHead, RevertHead, RevisionHead, RunPlan, kind_of

NOTHING: Final = "null"
_Row = Annotated[
    CutplanRow, PlainSerializer(CutplanRow._asdict)
]  # written with the names of their fields
_Gap = Annotated[Gap, PlainSerializer(Gap._asdict)]


class NotInForm(ValueError):
    """A file of a bundle is not in the form that it was written in."""


@dataclass(frozen=True, slots=True)
class _File:
    """One file: a JSON value, or JSON values of one type, one a line.

    `holds` names what of a bundle, or of its plan.
    """

    name: str
    holds: str
    codec: TypeAdapter[Any]
    many: bool = False

    def encode(self, value: Any) -> bytes:
        if not self.many:
            return one_line(self.codec.dump_python(value, mode="json"))
        return b"".join(one_line(record) for record in self.codec.dump_python(value, mode="json"))

    def decode(self, content: bytes) -> Any:
        """Raises `NotInForm` for whatever `encode` would not have written."""
        try:
            lines = content.decode().split("\n")
            if lines.pop() != "":
                raise NotInForm(f"{self.name} does not end with a line")
            records = [None if line == NOTHING else strict_json(line) for line in lines]
            if not self.many and len(records) != 1:
                raise NotInForm(f"{self.name} is not one line")
            value = self.codec.validate_python(records if self.many else records[0])
            exact = self.encode(value) == content
        except (ValueError, TypeError, ValidationError, RecursionError) as error:
            raise NotInForm(f"{self.name} can not be read") from error
        if not exact:
            raise NotInForm(f"{self.name} is not in the one form that it is written in")
        return value


def one_line(value: object) -> bytes:
    """A JSON value in its one spelling: keys sorted, no white space, UTF-8, and a line end."""
    return (
        json.dumps(
            value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        )
        + "\n"
    ).encode()


def _of_revision(head: RevisionHead, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
    content: dict[str, Any] = written(head)
    return content | {"document": _without_nothing(head.document, content["document"])}


def _without_empty(head: PlanHead, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
    content: dict[str, Any] = written(head)
    return _without_nothing(head, content)


def _without_nothing(head: PlanHead, content: dict[str, Any]) -> dict[str, Any]:
    """A plan's head without what it has none of and plans of earlier versions did not have."""
    return {
        name: value
        for name, value in content.items()
        if name not in ("doubts", "account", "file_sha256") or getattr(head, name)
    }


def _without_release(
    permit: PermitOnRecord, written: SerializerFunctionWrapHandler
) -> dict[str, Any]:
    """A permit that was opened by two approvals of its own, as it was written before there were
    releases and policies.
    """
    content: dict[str, Any] = written(permit)
    later = ("release", "policy")
    return {name: value for name, value in content.items() if name not in later or value}


_Permit = Annotated[PermitOnRecord, WrapSerializer(_without_release)]
_Head = Annotated[PlanHead, WrapSerializer(_without_empty)]
_FILES: Final = (
    _File("run.json", "run", TypeAdapter(RunFacts)),
    _File("versions.json", "versions", TypeAdapter(dict[str, str])),
    _File("plan.json", "head", TypeAdapter(_Head)),
    _File("plan-rows.jsonl", "plan_rows", TypeAdapter(tuple[_Row, ...]), many=True),
    _File("plan-gaps.jsonl", "plan_gaps", TypeAdapter(tuple[_Gap, ...]), many=True),
    _File("digests.json", "digests", TypeAdapter(Digests)),
    _File("approvals.jsonl", "permits", TypeAdapter(tuple[_Permit, ...]), many=True),
    _File("results.jsonl", "results", TypeAdapter(tuple[PhaseOnRecord, ...]), many=True),
    _File("change-set.json", "change_set", TypeAdapter(ChangeSetOnRecord | None)),
    _File("rows.jsonl", "rows", TypeAdapter(tuple[RowOnRecord, ...]), many=True),
    _File("signatures.jsonl", "halves", TypeAdapter(tuple[Half, ...]), many=True),
    _File("verification.json", "verification", TypeAdapter(Verification | None)),
    _File("keys.jsonl", "keys", TypeAdapter(tuple[KeyOnRecord, ...]), many=True),
    _File("history.jsonl", "history", TypeAdapter(tuple[HistoryRow, ...]), many=True),
    _File("chain-head.json", "chain_head", TypeAdapter(ChainHeadOnRecord | None)),
    _File("log.jsonl", "log", TypeAdapter(tuple[LogLine, ...]), many=True),
)


def _of_cuts_revert(head: RevertHead, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
    """A revert's head without what only that of a revision has."""
    content: dict[str, Any] = written(head)
    later = ("stands", "gaps", "base_digest")
    return {name: value for name, value in content.items() if name not in later or value}


def _of_withdrawn(unit: RevertUnit, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
    """A unit that is withdrawn, as it was written before others were restored."""
    content: dict[str, Any] = written(unit)
    return {n: value for n, value in content.items() if n != "action" or value != WITHDRAWN}


_RevertUnit = Annotated[RevertUnit, WrapSerializer(_of_withdrawn)]
_OF_A_REVERT: Final = {
    "plan.json": _File(
        "plan.json", "head", TypeAdapter(Annotated[RevertHead, WrapSerializer(_of_cuts_revert)])
    ),
    "plan-rows.jsonl": _File(
        "plan-rows.jsonl", "plan_rows", TypeAdapter(tuple[_RevertUnit, ...]), many=True
    ),
}
"""A revert's plan is of another form; it has no gaps, so that file is empty."""
_OF_A_REVISION: Final = {
    "plan.json": _File(
        "plan.json",
        "head",
        TypeAdapter(Annotated[RevisionHead, WrapSerializer(_of_revision)]),
    ),
}
"""A revision's head also has what stood before, what became of each unit, and the dates."""
_OTHERWISE: Final[Mapping[Kind, Mapping[str, _File]]] = {
    Kind.CUT: {},
    Kind.REVISION: _OF_A_REVISION,
    Kind.REVERT: _OF_A_REVERT,
}
_PLAN_PARTS: Final = ("head", "plan_rows", "plan_gaps")
NAMES: Final[Sequence[str]] = tuple(file.name for file in _FILES)
"""Every bundle has all of these, in this order; what a run has not come to is `null` or empty."""


def encode(bundle: Bundle) -> dict[str, bytes]:
    """The content of every file, by name, in order."""
    values = {**fields_from(bundle, Bundle), **_plan_parts(bundle.plan)}
    return {file.name: file.encode(values[file.holds]) for file in _files_of(kind_of(bundle.plan))}


def encode_plan(plan: RunPlan) -> dict[str, bytes]:
    """The content of the files that hold a plan, by name."""
    parts = _plan_parts(plan)
    return {
        file.name: file.encode(parts[file.holds])
        for file in _files_of(kind_of(plan))
        if file.holds in _PLAN_PARTS
    }


def decode_plan(kind: Kind, contents: Mapping[str, bytes]) -> RunPlan:
    """The plan that these files hold.

    Raises `NotInForm` naming the file, or KeyError for one that is not there.
    """
    return _plan_from(
        {
            file.holds: file.decode(contents[file.name])
            for file in _files_of(kind)
            if file.holds in _PLAN_PARTS
        }
    )


def _plan_from(parts: Mapping[str, Any]) -> RunPlan:
    try:
        plan: RunPlan = parts["head"].plan(parts["plan_rows"], parts["plan_gaps"])
    except ValueError as error:
        raise NotInForm(f"the files of the plan do not fit each other: {error}") from None
    return plan


def _plan_parts(plan: RunPlan) -> dict[str, object]:
    """A plan as the files have it: its head, its rows and its gaps."""
    if isinstance(plan, RevertPlan):
        return {"head": RevertHead.of(plan), "plan_rows": plan.units, "plan_gaps": ()}
    head = RevisionHead.of(plan) if isinstance(plan, RevisionPlan) else PlanHead.of(plan)
    return {"head": head, "plan_rows": plan.rows, "plan_gaps": plan.gaps}


def _files_of(kind: Kind) -> Sequence[_File]:
    otherwise = _OTHERWISE[kind]
    return [otherwise.get(file.name, file) for file in _FILES]


def decode(contents: Mapping[str, bytes]) -> Bundle:
    """The bundle that these files make.

    Raises `NotInForm` naming the file, or KeyError for one that is not there.
    """
    kind = _FILES[0].decode(contents[_FILES[0].name]).kind
    values = {file.holds: file.decode(contents[file.name]) for file in _files_of(kind)}
    parts = {name: values.pop(name) for name in _PLAN_PARTS}
    return Bundle(plan=_plan_from(parts), **values)


def decode_file(name: str, content: bytes) -> Any:
    """What one file of a bundle holds. Raises `NotInForm`."""
    return next(file for file in _FILES if file.name == name).decode(content)
