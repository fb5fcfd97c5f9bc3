"""Every error that iu-cutter raises on purpose, in one tree.

The message is one sentence that names the thing and what to do; further facts are attributes.
`exit_status` is what the command line exits with: 2 bad input or configuration, 3 refused by a
safety rule, 4 a stop in mid-run, 5 the outside world.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, Self


class CutterError(Exception):
    """Something iu-cutter can name went wrong.

    `sqlstate` is the database server's code, if an error of the server is behind it. The server's
    text is left out on purpose: it can quote data and secrets. `from_driver` is true where nothing
    but the driver's error is behind it.
    """

    exit_status: ClassVar[int] = 1
    sqlstate: str | None = None
    from_driver: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles have the message and the attributes, whatever the constructor takes:
        an orchestrator keeps the error of a run.
        """
        return type(self)._again, (self.args, self.__dict__)

    @classmethod
    def _again(cls, args: tuple[Any, ...], attributes: dict[str, Any]) -> Self:
        error = cls.__new__(cls, *args)
        error.__dict__.update(attributes)
        return error


# --- what an operator gave us --------------------------------------------------------------------


class BadInput(CutterError):
    """A document, option or file that can not be used as it is."""

    exit_status = 2


class DocumentRefused(BadInput):
    """The document can not be read into marks; the message says why and where."""


class PlanRefused(BadInput):
    """The marks do not make a cut plan that may be written."""


class UnitNotFound(BadInput):
    """Nothing stands under what was asked for: the answer is known, and it is no."""

    exit_status = 1  # as grep has it; what can not be said ends with 2


class CannotSay(BadInput):
    """What was asked for has no one answer: a citation of several units, which are the
    `candidates`, or words that are none.
    """

    def __init__(self, message: str, candidates: tuple[str, ...] = ()) -> None:
        self.candidates = candidates
        super().__init__(message)


class NoProof(BadInput):
    """What was asked for stands there, and nothing that is kept here proves it."""


class PassphraseNeeded(BadInput):
    """The key file is encrypted and no passphrase was given."""


class ConfigMissing(BadInput):
    """A setting that this run needs is not there. Raised before any socket opens."""

    def __init__(self, key: str, hint: str = "") -> None:
        self.key = key
        super().__init__(
            f"{key} is not set. "
            f"{hint or f'Set {key} in the environment or in cutter.env and start again.'}"
        )


class Interrupted(CutterError):
    """Somebody pressed Ctrl-C; the message says what stands. The status is what shells use."""

    exit_status = 130

    def __init__(self, what_stands: str) -> None:
        super().__init__(f"Interrupted. {what_stands}")


class HomeNotReady(BadInput):
    """The home has no knowledge base yet; the message names the three commands to begin with."""

    def __init__(self, home: object) -> None:
        super().__init__(
            f"There is no knowledge base in {home} yet. Begin with `cutter init`, then `cutter db "
            f"init --embedded`, then `cutter cut FILE`, a dry run; or name another home with "
            f"--home."
        )


class ConfigMismatch(BadInput):
    """Two settings, or a setting and the world, contradict each other."""


# --- safety rules --------------------------------------------------------------------------------


class Refused(CutterError):
    """A safety rule said no; nothing was written."""

    exit_status = 3


class Lock(StrEnum):
    """Where a run can be refused: the kill-switch is asked by the flow, by the task and by the
    adapter; the permit by the database; the gates stand before a live run; the acceptance run asks
    which database it is on.
    """

    FLOW = "flow"
    TASK = "task"
    ADAPTER = "adapter"
    PERMIT = "permit"
    GATES = "gates"
    ACCEPTANCE = "acceptance"


class ProductionExecutionNotAuthorized(Refused):
    """This change set may not run now: `lock` says who refused it, `why` for what reason."""

    def __init__(self, lock: Lock, why: str) -> None:
        self.lock = lock
        self.why = why
        super().__init__(f"Refused at the {lock} lock: {why}. Nothing was written.")


class RunCancelled(Refused):
    """The flow run was cancelled in Prefect, so it began no further phase; the message says how far
    it had come.
    """


class ApprovalRefused(Refused):
    """The approvals do not authorise this run; nothing was written."""


class DoubtsNotAccepted(Refused):
    """The plan has doubts that nobody has accepted; `codes` are theirs. Nothing was written."""

    def __init__(self, message: str, codes: tuple[str, ...] = ()) -> None:
        self.codes = codes
        super().__init__(message)


class RevertRefused(Refused):
    """This change set can not be reverted as it stands; nothing was written."""


class UpgradeRefused(Refused):
    """The database's schema can not be brought to this program's version as things stand; nothing
    was written.
    """


class AdoptionRefused(Refused):
    """Cutter was not let into a database that it did not make; nothing was changed."""


class PrincipalCapabilityError(Refused):
    """A connection is not the principal it should be, or may do more or less than it should."""


class RolesInUse(Refused):
    """Roles of our names are on the server and not ours to give new passwords."""


class RestoreNotProven(Refused):
    """No recent backup of the target is proven to come back, and nothing is cut without one."""


class AppendOnlyViolation(Refused):
    """Somebody tried to delete or truncate what is kept for ever."""


# --- a phase in flight ---------------------------------------------------------------------------


class PhaseStop(CutterError):
    """A phase ended without effect and must not be retried by itself. `phase` names it."""

    exit_status = 4

    def __init__(self, message: str, *, phase: str = "", sqlstate: str | None = None) -> None:
        self.phase = phase
        self.sqlstate = sqlstate
        super().__init__(message)


class StopInvariantFailed(PhaseStop):
    """What the database holds is not what the plan says: the run stops here."""


class PhaseInDoubt(PhaseStop):
    """The connection was lost while COMMIT was under way and the journal could not be asked yet.

    Run it again.
    """


class RehearsalYielded(PhaseStop):
    """A rehearsal made way for somebody who waited for what it held, or would have had to wait
    itself. Nothing was written.
    """


# --- what a check has found ----------------------------------------------------------------------


class CheckFailed(CutterError):
    """A check of a proof has found something else than it should; the message says what was
    seen.
    """


class BackupRefuted(CutterError):
    """A restore drill has found a difference, or could not bring the backup back; the message names
    the first finding.
    """


class DriftFound(CutterError):
    """A plan, a database or its grants are not as they were accepted; the message names the first
    difference.
    """


class ChangeSetTorn(CutterError):
    """Units are written and their change set is not finished; the message names it and the command
    that ends that.
    """

    exit_status = 4


class AcceptanceFailed(CutterError):
    """The acceptance run has a red row, or has left something behind."""


# --- the outside world ---------------------------------------------------------------------------


class OutsideWorld(CutterError):
    """A server, a program or the disk did not do its part."""

    exit_status = 5


class DatabaseUnavailable(OutsideWorld):
    """The database does not answer, or refuses the connection."""


class DatabaseUnsuitable(OutsideWorld):
    """The database answers but lacks something the cut needs; `cutter doctor` names all of it."""


class CommitNotAcknowledged(OutsideWorld):
    """A COMMIT waits for a synchronous standby that does not answer."""


class HaltIncomplete(OutsideWorld):
    """Not everything that a halt stops could be reached; the message says what is left to do."""


class BackupFailed(OutsideWorld):
    """No usable backup was made, so nothing was written."""


class RestoreFailed(OutsideWorld):
    """A backup could not be brought back; the database that it was meant for holds nothing
    usable.
    """


class ToolMissing(OutsideWorld):
    """A program that has to be installed is not there."""


class ServiceEnded(OutsideWorld):
    """A part of the service has ended by itself; the message names it and its log."""


class OrchestratorUnavailable(OutsideWorld):
    """The Prefect API does not answer."""
