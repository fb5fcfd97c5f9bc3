"""What a phase is, in one table: who runs it, how, after what, and what it does to the backlog
entry.

Everything else reads the table: dispatch, principals, isolation, the order of the journal,
progress, artifacts, the rehearsal, the effect digest and reverts. The guards in the database say
the same a second time, on purpose: `tests/integration/schema/test_phase_guards.py` compares the
two.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Mode(StrEnum):
    """How a run answers: by the simulator, on the real database inside a rollback, or for real."""

    DRYRUN = "DRYRUN"
    REHEARSE = "REHEARSE"
    LIVE = "LIVE"


class Principal(StrEnum):
    """A database role that phases run as, asserted with `SELECT current_user` on every
    connection.
    """

    EXEC = "cutter_exec"
    VERIFY = "cutter_verify"


class Kind(StrEnum):
    """What a change set does to the knowledge base."""

    CUT = "cut"
    REVISION = "revision"
    REVERT = "revert"


class Isolation(StrEnum):
    """How a phase's transaction is kept apart from others, as PostgreSQL names it.

    Unit writes are READ COMMITTED under the document's writers lock; the ledger's CUT and VERIFY
    are SERIALIZABLE, short, and retried whole (docs/adr/0004).
    """

    READ_COMMITTED = "READ COMMITTED"
    SERIALIZABLE = "SERIALIZABLE"


class EntryStatus(StrEnum):
    """Where the backlog entry of a change set stands."""

    MARKED = "marked"
    REVIEWED = "reviewed"
    CUT_APPLIED = "cut_applied"
    VERIFIED = "verified_complete"
    ENACTED = "enacted"
    REVERTED = "reverted"
    SUPERSEDED = "superseded"


class Lifecycle(StrEnum):
    """Where a unit stands, and what a change set has done to it."""

    DRAFT = "draft"
    ENACTED = "enacted"
    WITHDRAWN = "withdrawn"


class Phase(StrEnum):
    """The mutating steps, one transaction each. `PHASES` has their order and everything else."""

    PRE_WRITE_BACKUP = "pre_write_backup"
    MARK = "mark"
    REVIEW = "review"
    CUT_LEG_A = "cut_leg_a"
    LEG_B_RECORD = "leg_b_record"
    WRITE_VERIFY = "write_verify"
    LIFECYCLE_ENACT = "lifecycle_enact"


@dataclass(frozen=True, slots=True)
class PhaseSpec:
    """One phase.

    `step` is what it does to the entry's status, from None where it opens the entry, or None where
    it does nothing to it. `counted` is the word for what its answer counts and `doing` what is told
    while it runs. `{done}` in the first is what the answer says was done, `{making}` and
    `{closing}` in the second are the kind's own words.
    """

    phase: Phase
    principal: Principal
    isolation: Isolation
    after: Phase | None
    step: tuple[EntryStatus | None, EntryStatus] | None
    counted: str
    doing: str

    def telling(self, kind: Kind) -> str:
        """What is told while the phase runs.

        >>> spec_of(Phase.CUT_LEG_A).telling(Kind.REVERT)
        'withdrawing the units, all or nothing'
        """
        return self.doing.format_map(_WORDS[kind])


_WORDS: Final[Mapping[Kind, Mapping[str, str]]] = MappingProxyType(
    {
        Kind.CUT: {"making": "creating", "closing": "enacting the units"},
        Kind.REVISION: {"making": "writing", "closing": "enacting the versions"},
        Kind.REVERT: {"making": "withdrawing", "closing": "closing both entries"},
    }
)
_EXEC, _VERIFY = Principal.EXEC, Principal.VERIFY
_READ_COMMITTED, _SERIALIZABLE = Isolation.READ_COMMITTED, Isolation.SERIALIZABLE

PHASES: Final = (
    PhaseSpec(
        phase=Phase.PRE_WRITE_BACKUP,
        principal=_EXEC,
        isolation=_READ_COMMITTED,
        after=None,
        step=None,
        counted="bytes",
        doing="backing up, encrypted",
    ),
    PhaseSpec(
        phase=Phase.MARK,
        principal=_EXEC,
        isolation=_READ_COMMITTED,
        after=Phase.PRE_WRITE_BACKUP,
        step=(None, EntryStatus.MARKED),
        counted="units marked",
        doing="opening the backlog entry",
    ),
    PhaseSpec(
        phase=Phase.REVIEW,
        principal=_EXEC,
        isolation=_READ_COMMITTED,
        after=Phase.MARK,
        step=(EntryStatus.MARKED, EntryStatus.REVIEWED),
        counted="blocks in the manifest",
        doing="recording manifest and decision",
    ),
    PhaseSpec(
        phase=Phase.CUT_LEG_A,
        principal=_EXEC,
        isolation=_READ_COMMITTED,
        after=Phase.REVIEW,
        step=None,
        counted="units {done}",
        doing="{making} the units, all or nothing",
    ),
    PhaseSpec(
        phase=Phase.LEG_B_RECORD,
        principal=_EXEC,
        isolation=_SERIALIZABLE,
        after=Phase.CUT_LEG_A,
        step=(EntryStatus.REVIEWED, EntryStatus.CUT_APPLIED),
        counted="rows in the ledger",
        doing="recording and signing the change set",
    ),
    PhaseSpec(
        phase=Phase.WRITE_VERIFY,
        principal=_VERIFY,
        isolation=_SERIALIZABLE,
        after=Phase.LEG_B_RECORD,
        step=(EntryStatus.CUT_APPLIED, EntryStatus.VERIFIED),
        counted="units verified",
        doing="verifying as the second principal",
    ),
    PhaseSpec(
        phase=Phase.LIFECYCLE_ENACT,
        principal=_EXEC,
        isolation=_READ_COMMITTED,
        after=Phase.WRITE_VERIFY,
        step=(EntryStatus.VERIFIED, EntryStatus.ENACTED),
        counted="units {done}",
        doing="{closing}",
    ),
)
"""Every phase, in the order they run.

MARK and REVIEW are recorded after the backup: nothing is written before there is one, not even the
ledger (docs/adr/0005).
"""

_SPEC_OF: Final = MappingProxyType({spec.phase: spec for spec in PHASES})
PRINCIPAL_OF: Final = MappingProxyType({spec.phase: spec.principal for spec in PHASES})
FIRST: Final = PHASES[0].phase
LAST: Final = PHASES[-1].phase


def spec_of(phase: Phase) -> PhaseSpec:
    """The row of the table for a phase."""
    return _SPEC_OF[phase]


def missing_phases(recorded: Collection[str]) -> list[Phase]:
    """The phases that are not on record, in their order.

    >>> missing_phases(("pre_write_backup", "mark", "review"))[0].value
    'cut_leg_a'
    """
    return [spec.phase for spec in PHASES if spec.phase not in recorded]


def is_torn(recorded: Collection[str]) -> bool:
    """Whether units are written, or withdrawn, and the change set is not finished.

    >>> is_torn(("pre_write_backup", "mark", "review", "cut_leg_a"))
    True
    """
    return Phase.CUT_LEG_A in recorded and LAST not in recorded
