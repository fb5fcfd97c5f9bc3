"""The files of a bundle: which there are, in which order, and how each is written and read back.

Every value has one spelling: what is read is written again and has to give the same bytes, so no edit can hide in white space,
key order, a number's form or a second key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import PlainSerializer, TypeAdapter, ValidationError

from domain.approvals import Kind
from domain.cut_plan import CutplanRow, Gap
from domain.dsse import strict_json
from domain.evidence import (
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
from domain.evidence_plan import PlanHead, RevertHead, RunPlan, kind_of
from domain.ledger import HistoryRow
from domain.revert import RevertPlan, RevertUnit

NOTHING: Final = "null"
_Row = Annotated[CutplanRow, PlainSerializer(CutplanRow._asdict)]  # written with the names of their fields
_Gap = Annotated[Gap, PlainSerializer(Gap._asdict)]


class NotInForm(ValueError):
    """A file of a bundle is not in the form that it was written in."""


@dataclass(frozen=True, slots=True)
class _File:
    """One file: a JSON value, or JSON values of one type, one a line."""

    name: str
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
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


_FILES: Final = (
    _File("run.json", TypeAdapter(RunFacts)),
    _File("versions.json", TypeAdapter(dict[str, str])),
    _File("plan.json", TypeAdapter(PlanHead)),
    _File("plan-rows.jsonl", TypeAdapter(tuple[_Row, ...]), many=True),
    _File("plan-gaps.jsonl", TypeAdapter(tuple[_Gap, ...]), many=True),
    _File("digests.json", TypeAdapter(Digests)),
    _File("approvals.jsonl", TypeAdapter(tuple[PermitOnRecord, ...]), many=True),
    _File("results.jsonl", TypeAdapter(tuple[PhaseOnRecord, ...]), many=True),
    _File("change-set.json", TypeAdapter(ChangeSetOnRecord | None)),
    _File("rows.jsonl", TypeAdapter(tuple[RowOnRecord, ...]), many=True),
    _File("signatures.jsonl", TypeAdapter(tuple[Half, ...]), many=True),
    _File("verification.json", TypeAdapter(Verification | None)),
    _File("keys.jsonl", TypeAdapter(tuple[KeyOnRecord, ...]), many=True),
    _File("history.jsonl", TypeAdapter(tuple[HistoryRow, ...]), many=True),
    _File("chain-head.json", TypeAdapter(ChainHeadOnRecord | None)),
    _File("log.jsonl", TypeAdapter(tuple[LogLine, ...]), many=True),
)
_OF_A_REVERT: Final = {
    "plan.json": _File("plan.json", TypeAdapter(RevertHead)),
    "plan-rows.jsonl": _File("plan-rows.jsonl", TypeAdapter(tuple[RevertUnit, ...]), many=True),
}
"""A revert's plan is of another form; it has no gaps, so that file is empty."""
NAMES: Final[Sequence[str]] = tuple(file.name for file in _FILES)
"""Every bundle has all of these, in this order; what a run has not come to is `null` or empty."""


def encode(bundle: Bundle) -> dict[str, bytes]:
    """The content of every file, by name, in order."""
    values = (
        bundle.run,
        bundle.versions,
        *_plan_parts(bundle.plan),
        bundle.digests,
        bundle.permits,
        bundle.results,
        bundle.change_set,
        bundle.rows,
        bundle.halves,
        bundle.verification,
        bundle.keys,
        bundle.history,
        bundle.chain_head,
        bundle.log,
    )
    files = _files_of(kind_of(bundle.plan))
    return {file.name: file.encode(value) for file, value in zip(files, values, strict=True)}


def _plan_parts(plan: RunPlan) -> tuple[object, object, object]:
    if isinstance(plan, RevertPlan):
        return RevertHead.of(plan), plan.units, ()
    return PlanHead.of(plan), plan.rows, plan.gaps


def _files_of(kind: Kind) -> Sequence[_File]:
    return [_OF_A_REVERT.get(file.name, file) for file in _FILES] if kind is Kind.REVERT else _FILES


def decode(contents: Mapping[str, bytes]) -> Bundle:
    """The bundle that these files make. Raises `NotInForm` naming the file, or KeyError for one that is not there."""
    kind = _FILES[0].decode(contents[_FILES[0].name]).kind
    run, versions, head, rows, gaps, *rest = (file.decode(contents[file.name]) for file in _files_of(kind))
    try:
        plan = head.plan(rows, gaps)
    except ValueError as error:
        raise NotInForm(f"plan-gaps.jsonl does not fit the plan: {error}") from None
    return Bundle(run, versions, plan, *rest)


def decode_file(name: str, content: bytes) -> Any:
    """What one file of a bundle holds. Raises `NotInForm`."""
    return next(file for file in _FILES if file.name == name).decode(content)
