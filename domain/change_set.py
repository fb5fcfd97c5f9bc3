"""A change set: the database it is for, its id, and the context of one run of it."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Final

from domain.errors import BadInput
from domain.phases import Mode

CHANGE_SET_NAMESPACE: Final = uuid.UUID("6f1c1d0e-6b0f-5f0c-9a53-0d2c9d1b7a11")


@dataclass(frozen=True, slots=True)
class TargetFingerprint:
    """Which database this is: its name, its oid, and the system identifier that initdb gave its
    cluster.

    A copy of the data directory keeps the system identifier; a restore into another cluster does
    not.
    """

    database: str
    database_oid: int
    system_identifier: int

    def __str__(self) -> str:
        return f"{self.database}:{self.database_oid}@{self.system_identifier}"


SIMULATED_TARGET: Final = TargetFingerprint("simulator", 0, 0)


def change_set_id(
    target: TargetFingerprint, document_code: str, plan_digest: str, attempt: int = 1
) -> uuid.UUID:
    """The id of one cut of one plan into one database: the same cut always has the same id
    (docs/architecture.md, Words).

    >>> change_set_id(SIMULATED_TARGET, "x", "00") == change_set_id(SIMULATED_TARGET, "x", "00")
    True
    """
    name = "\x1f".join((str(target), document_code, plan_digest, str(attempt)))
    return uuid.uuid5(CHANGE_SET_NAMESPACE, name)


def change_set_from(text: str, where: str = "`cutter status` lists them") -> uuid.UUID:
    """The id that a person has typed. Raises `BadInput`, which says where to find one.

    >>> change_set_from("0B5AD7C4-6F0A-5AD5-8A34-3C8E6F2F3F10")
    UUID('0b5ad7c4-6f0a-5ad5-8a34-3c8e6f2f3f10')
    """
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a change set's id; {where}.") from None


@dataclass(frozen=True, slots=True)
class CutContext:
    """One run of one change set: what every phase is told. Holds no secret and no rows.

    `approved_effect_digest` is the effect that was approved; a run with another effect ends before
    its last COMMIT.
    """

    change_set_id: uuid.UUID
    mode: Mode
    document_code: str
    plan_digest: str
    target: TargetFingerprint
    actor: str
    attempt: int = 1
    approved_effect_digest: str | None = None


def run_context(
    document_code: str,
    plan_digest: str,
    mode: Mode,
    target: TargetFingerprint,
    actor: str,
    attempt: int = 1,
) -> CutContext:
    """The context of one run of a plan against a database.

    Of whatever kind it is, its change set's id is made in this way.
    """
    change_set = change_set_id(target, document_code, plan_digest, attempt)
    return CutContext(change_set, mode, document_code, plan_digest, target, actor, attempt)


_TARGET: Final = re.compile(r"(.+):(\d{1,19})@(\d{1,20})", re.DOTALL)


def fingerprint_from(text: str) -> TargetFingerprint:
    """The target that a text names. Raises ValueError unless it is exactly the text of one.

    >>> fingerprint_from("iu:16384@7000").database_oid
    16384
    """
    found = _TARGET.fullmatch(text)
    if found is None:
        raise ValueError("not a target")
    target = TargetFingerprint(found[1], int(found[2]), int(found[3]))
    if str(target) != text:
        raise ValueError("not the one spelling of this target")
    return target
