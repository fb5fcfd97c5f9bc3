"""Run an approved release: its approval on record, one backup, and then one document after another
by the pipeline of any change set.

Each document is claimed in the database, so that several workers can share a release. A worker that
dies holds its claim for `CLAIM_SECONDS`; whoever takes it then resumes by the journal. Plain
functions, no Prefect run.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from adapters.home.proposals import kept_proposal
from adapters.home.target import require_target
from adapters.home.used_approvals import FILE_NAME as USED
from adapters.home.used_approvals import keep_used, used_of
from adapters.plan_store import PlanStore
from adapters.postgres.connection.lending import session
from adapters.postgres.connection.session import ConnectionProvider
from adapters.postgres.permits.permit import clock, registry
from adapters.postgres.permits.releases import ReleasePermit, find_release_permit, open_release
from adapters.postgres.permits.work import (
    Claim,
    WorkState,
    add_work,
    backup_of,
    claim_next,
    end_claim,
    hold,
    lock_backup,
    record_backup,
    unended,
    work_again,
    work_of,
)
from adapters.releases import kept_release, kept_release_approvals
from domain.approval.approvals import Effect
from domain.approval.gates import those_that_count
from domain.approval.people import same_person
from domain.approval.policy import LEAST
from domain.approval.stated import refuse
from domain.change_set import CutContext, TargetFingerprint, run_context
from domain.errors import (
    CutterError,
    Lock,
    ProductionExecutionNotAuthorized,
    Refused,
)
from domain.phases import EntryStatus, Kind, Mode, Principal
from domain.ports import KillSwitch, PhaseExecutor
from domain.release.approval import AtPlace, Place, ReleaseRoot
from domain.release.covered import CoveredSwitch
from domain.release.manifest import Release
from domain.reports.run import PhaseReport
from domain.results import BackupResult
from domain.runs.run_plan import cut_plan_of
from domain.switch import require_switch
from tasks.app import App
from tasks.change_sets import cut_as, refuse_declined
from tasks.corpus.approving import kept_plan_of
from tasks.records.accepted_plan import accept_plan
from tasks.records.knowledge_base import status
from tasks.run import go_live, within

log = logging.getLogger(__name__)

CLAIM_SECONDS: Final = 120.0
"""For how long a worker may be silent before another one takes its document."""

FIRST_LOOK: Final = 0.05
LOOK_EVERY: Final = 1.0
"""Seconds until a worker looks again for whom there is nothing to claim while others work: first
soon, since the last documents mostly end soon, and then twice as late each time.
"""


@dataclass(frozen=True, slots=True)
class ReleaseRun:
    """A release that may be run: approved, on record, and under its backup."""

    release: Release
    permit: ReleasePermit
    backup: BackupResult
    target: TargetFingerprint
    actor: str


def begin_release(app: App, release: Release, actor: str) -> ReleaseRun:
    """Put the approvals of a release on record, unless they are; look what forbids a live run; make
    its backup, unless there is one; let its documents be claimed.

    Raises `ApprovalRefused`, what the gates and the backup raise, and a connection's refusal.
    """
    app.keepers.require()
    app.settings.require_live()
    target = require_target(app.settings.state)
    if release.target != str(target):
        raise Refused(f"The release is for {release.target}, and this home's target is {target}.")
    with app.sessions(target):
        return _begun(app, release, target, actor)


def _begun(app: App, release: Release, target: TargetFingerprint, actor: str) -> ReleaseRun:
    connections, ctx = app.connections(target), _release_context(release, target, actor)
    app.gates.halt(ctx)
    app.gates.history(ctx)
    app.gates.drift(ctx)
    app.gates.proven_backup(ctx)
    with session(connections, Principal.EXEC) as conn:
        permit = find_release_permit(conn, release.release_id)
    if permit is None:
        permit = _opened(app, connections, release, actor)
    _require_own(permit, release, actor)
    backup = _backed_up(app, connections, permit, ctx)
    PlanStore(app.settings.plan_store).put(app.settings.state, release)
    with session(connections, Principal.EXEC) as conn:
        add_work(conn, permit.release_permit_id, release)
    return ReleaseRun(release, permit, backup, target, actor)


def join_release(app: App, release_id: uuid.UUID, actor: str) -> ReleaseRun:
    """A release that somebody has begun, for another worker of it, wherever that is.

    Raises `Refused` if it is not begun, or is over or halted by now, and what the plan store
    raises.
    """
    app.keepers.require()
    app.settings.require_live()
    state = app.settings.state
    PlanStore(app.settings.plan_store).get_manifest(state, release_id)
    release, target = kept_release(state, release_id), require_target(state)
    with session(app.connections(target), Principal.EXEC) as conn:
        permit = find_release_permit(conn, release.release_id)
        backup = backup_of(conn, permit.release_permit_id) if permit else None
    if permit is None or backup is None:
        raise Refused(
            f"Release {release.release_id} is not on the way: it was not begun, or its approval "
            f"has expired, or it was halted. `cutter corpus go` begins it."
        )
    _require_own(permit, release, actor)
    return ReleaseRun(release, permit, backup, target, actor)


def nothing_left(app: App, release_id: uuid.UUID) -> bool:
    """Whether every document of a release that was begun has ended: a worker that comes late has
    nothing to do. Raises a connection's refusal.
    """
    target = require_target(app.settings.state)
    with session(app.connections(target), Principal.EXEC) as conn:
        work = work_of(conn, release_id)
    ended = (WorkState.DONE, WorkState.FAILED, WorkState.REFUSED)
    return bool(work) and all(one.state in ended for one in work)


def try_again(app: App, release_id: uuid.UUID) -> list[str]:
    """Let what has failed or was refused of a release wait again; the codes of these documents.

    None where its approval is over: it has to be approved anew, and that tries all of it.
    """
    target = require_target(app.settings.state)
    with session(app.connections(target), Principal.EXEC) as conn:
        permit = find_release_permit(conn, release_id)
        if permit is None:
            return []
        return [one.document_code for one in work_again(conn, permit.release_permit_id)]


def work_on(
    app: App,
    run: ReleaseRun,
    *,
    seconds: float = CLAIM_SECONDS,
    holder: str | None = None,
) -> int:
    """Claim and run documents until every one has ended; how many this worker brought to an end.

    What another worker has claimed is waited for: should it die, its document is taken when the
    claim has run out. What is wrong with one document is on record and ends nothing. Raises
    `ProductionExecutionNotAuthorized` once the switch or a halt forbids the rest, and a
    connection's refusal.
    """
    me = holder or f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    with app.sessions(run.target):
        return _work_on(app, run, me, seconds)


def _work_on(app: App, run: ReleaseRun, me: str, seconds: float) -> int:
    connections, done, wait = app.connections(run.target), 0, FIRST_LOOK
    key = run.permit.release_permit_id
    while True:
        with session(connections, Principal.EXEC) as conn:
            claim = claim_next(conn, key, me, seconds)
            left = claim is not None or unended(conn, key)
        if claim is None:
            if not left:
                return done
            require_switch(app.switch.read(), Mode.LIVE, run.release.release_id, Lock.FLOW)
            time.sleep(wait)
            wait = min(2 * wait, LOOK_EVERY)
            continue
        wait = FIRST_LOOK
        with _held(connections, key, claim, me, seconds) as say:
            state, why, stop = _outcome(app, run, claim)
            say(state, why)
        app.ended(claim.document_code, state, why)
        done += state is WorkState.DONE
        if stop is not None:
            raise stop


def _outcome(app: App, run: ReleaseRun, claim: Claim) -> tuple[WorkState, str, CutterError | None]:
    """How a document ended, why, and what forbids going on with the others."""
    try:
        run_document(app, run, claim.place)
    except ProductionExecutionNotAuthorized as stopped:
        return WorkState.WAITING, str(stopped), stopped
    except Refused as refused:
        return WorkState.REFUSED, str(refused), None
    except CutterError as failed:
        return WorkState.FAILED, str(failed), None
    return WorkState.DONE, "", None


def run_document(app: App, run: ReleaseRun, place: int) -> list[PhaseReport]:
    """Run the change set at a place of a release to its end; its phases. Again is no change.

    Raises what `tasks.run.go_live` raises, and `Refused` if its plan is not the release's.
    """
    effect, state = run.release.effects[place], app.settings.state
    if _enacted(app, effect):
        return []
    refuse_declined(app, effect.change_set_id)
    PlanStore(app.settings.plan_store).get_plan(state, effect.document_code, effect.plan_digest)
    plan = kept_plan_of(state, effect, run.target)
    ctx = run_context(
        plan.document_code, plan.plan_digest, Mode.LIVE, run.target, run.actor, effect.attempt
    )
    at = AtPlace(
        run.permit.release_permit_id,
        Place(ReleaseRoot.of(run.release), place, run.release.path_of(place)),
    )
    done: list[PhaseReport] = []
    go_live(_covered(app, run, effect), cut_as(ctx, plan), at, within, done)
    if (kept := kept_proposal(state, plan.document_code)) is not None:
        accept_plan(app, kept.document, cut_plan_of(plan), run.actor, kept.reading)
    return done


def _covered(app: App, run: ReleaseRun, effect: Effect) -> App:
    """The app as the run of one change set has it: the switch speaks of the release, and the
    backup is the release's.
    """
    release = run.release
    switch = CoveredSwitch(
        app.switch, release.release_id, release.change_sets, effect.change_set_id
    )
    backup = _MadeBackup(run.backup)

    def live(kind: Kind, switch: KillSwitch, ctx: CutContext) -> PhaseExecutor[Any]:
        return app.executors.live_under(kind, switch, ctx, backup)

    executors = replace(app.executors, live=live)
    return replace(app, switch=_ForRuns(switch, app), executors=executors)


class _ForRuns:
    """A switch that a document's run reads, and neither arms nor turns off."""

    def __init__(self, covered: CoveredSwitch, app: App) -> None:
        self.read = covered.read
        self.arm = app.switch.arm
        self.disarm = app.switch.disarm


@dataclass(frozen=True, slots=True)
class _MadeBackup:
    """A `BackupRunner` whose backup is made already: that of the release."""

    made: BackupResult

    def run(self, _ctx: CutContext) -> BackupResult:
        """The backup of the release."""
        return self.made


def _enacted(app: App, effect: Effect) -> bool:
    found = status(app, effect.change_set_id)
    return any(one.status == EntryStatus.ENACTED for one in found)


def _opened(
    app: App, connections: ConnectionProvider, release: Release, actor: str
) -> ReleasePermit:
    """The approvals that are kept in this home, put on record. Raises `ApprovalRefused`."""
    root, used = ReleaseRoot.of(release), app.settings.state / USED
    approvals = kept_release_approvals(app.settings.state, release.release_id)
    if len(approvals) > LEAST:
        with session(connections, Principal.EXEC) as conn:
            approvals = those_that_count(approvals, registry(conn), clock(conn))
    if not approvals:
        refuse(
            f"a release needs SG_1 and SG_2; let two people sign with `cutter approve "
            f"{release.release_id}`"
        )
    nonces = [one.statement.nonce for one in approvals]
    if used_of(used, release.target, nonces):
        refuse("an approval of the release was used before; have it signed again")
    with session(connections, Principal.EXEC) as conn:
        runs = {(one.kind, one.publication_type) for one in release.effects}
        permit = open_release(conn, approvals, root, actor, registry(conn), clock(conn), runs)
    keep_used(used, release.target, nonces)
    return permit


def _require_own(permit: ReleasePermit, release: Release, actor: str) -> None:
    if (permit.root, permit.documents) != (release.root, release.count):
        refuse(f"what is on record as release {release.release_id} has another root")
    if not same_person(permit.submitter, actor):
        refuse(
            f"the release is approved for a run by {permit.submitter}, and this one was started by "
            f"{actor}"
        )


def _backed_up(
    app: App, connections: ConnectionProvider, permit: ReleasePermit, ctx: CutContext
) -> BackupResult:
    """The one backup of a release, made before its first write."""
    key = permit.release_permit_id
    with session(connections, Principal.EXEC) as conn:
        lock_backup(conn, key)
        if (found := backup_of(conn, key)) is not None:
            return found
        app.tell("pre_write_backup", None)
        made = app.backup().run(ctx)
        record_backup(conn, key, made)
    return made


def _release_context(release: Release, target: TargetFingerprint, actor: str) -> CutContext:
    """A release where a change set is asked for: by the gates, and by its backup's manifest."""
    return CutContext(
        release.release_id, Mode.LIVE, f"release-{release.count}", release.root, target, actor
    )


Say = Callable[[WorkState, str], None]


@contextmanager
def _held(
    connections: ConnectionProvider, key: uuid.UUID, claim: Claim, holder: str, seconds: float
) -> Iterator[Say]:
    """Hold a claim while the block runs; it is given how to say how that ended.

    A block that says nothing was interrupted: the document waits again. That the database does not
    answer loses the claim and no work.
    """
    ended, said = threading.Event(), list[tuple[WorkState, str]]()
    keep = partial(_keep_holding, connections, key, claim, holder, seconds, ended)
    thread = threading.Thread(target=keep, name=f"claim {claim.place}", daemon=True)
    thread.start()
    try:
        yield lambda state, why: said.append((state, why))
    finally:
        ended.set()
        thread.join()
        state, why = said[-1] if said else (WorkState.WAITING, "its worker was stopped")
        try:
            with session(connections, Principal.EXEC) as conn:
                end_claim(conn, key, claim.place, holder, state, why)
        except CutterError as lost:
            log.warning("How %s ended could not be said: %s", claim.document_code, lost)


def _keep_holding(
    connections: ConnectionProvider,
    key: uuid.UUID,
    claim: Claim,
    holder: str,
    seconds: float,
    ended: threading.Event,
) -> None:
    while not ended.wait(seconds / 3):
        try:
            with session(connections, Principal.EXEC) as conn:
                if not hold(conn, key, claim.place, holder, seconds):
                    log.warning("%s was taken by another worker.", claim.document_code)
                    return
        except CutterError as error:
            log.warning("The claim of %s could not be held: %s", claim.document_code, error)
