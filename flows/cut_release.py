"""The flows of an approved release: one that begins it, and one for each further worker of it."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from prefect import flow

from adapters.releases import kept_release
from blocks.api import ask_workers
from blocks.artifacts import publish_release
from blocks.form import ActorField, ReleaseField, WorkersField
from blocks.in_process import in_process
from blocks.progress import Ended, nobody_waits, nothing_more
from domain.phases import Mode
from domain.release.manifest import release_id_from
from domain.release.outcome import ReleaseOutcome
from tasks.app import App, current_app, using
from tasks.carried_out import carried_out
from tasks.corpus.running import (
    begin_release,
    join_release,
    nothing_left,
    work_on,
)
from tasks.corpus.standing import release_outcome
from tasks.run import guarded, require_lock_1


@flow(
    name="cut_release",
    flow_run_name="release {release}",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def cut_release(
    release: ReleaseField, actor: ActorField = "", workers: WorkersField = 1
) -> ReleaseOutcome:
    """Run every document of an approved release that is not done, each in transactions of its own.

    `workers` above 1 asks the work pool for so many less one, each a run of `cut_release_worker`;
    this one works too, and takes over from any that dies. What is wrong with one document is on
    record, and ends nothing else. Raises `ProductionExecutionNotAuthorized` if the switch is not
    armed for the release, `ApprovalRefused` unless two people have approved it for a run by
    `actor`, what the gates and the backup raise, and a connection's refusal. It turns the switch
    off when it ends, however it ends.
    """
    app, who = current_app(), actor or getpass.getuser()
    return carried_out(app, lambda: _cut_release(app, release_id_from(release), who, workers))


@flow(
    name="cut_release_worker",
    flow_run_name="a worker of release {release}",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def cut_release_worker(release: ReleaseField, actor: ActorField = "") -> int:
    """One more worker of a release that was begun: it claims documents until every one has ended;
    how many it brought to an end.

    It needs the home's settings, the Secret blocks and the plan store, and no document. Raises
    `ProductionExecutionNotAuthorized` if the switch is not armed for the release, and what
    `cut_release` raises.
    """
    app, who = current_app(), actor or getpass.getuser()
    return carried_out(app, lambda: _work(app, release_id_from(release), who))


def _cut_release(app: App, release_id: UUID, who: str, workers: int) -> ReleaseOutcome:
    with guarded(app.switch, Mode.LIVE, f"release {release_id}") as lock:
        lock.require(release_id)
        run = begin_release(app, kept_release(app.settings.state, release_id), who)
        ask_workers(workers - 1, str(release_id), who)
        app.begun()
        try:
            work_on(app, run)
        finally:
            publish_release(release_outcome(app, release_id))
        return release_outcome(app, release_id)


def _work(app: App, release_id: UUID, who: str) -> int:
    if nothing_left(app, release_id):
        return 0
    require_lock_1(app.switch, Mode.LIVE, release_id)
    return work_on(app, join_release(app, release_id, who))


def run_release(
    release_id: UUID,
    actor: str,
    ended: Ended = nobody_waits,
    *,
    workers: int = 1,
    begun: Callable[[], None] = nothing_more,
) -> ReleaseOutcome:
    """Run `cut_release` in this process, as the command line does; `begun` is called once its
    documents can be claimed.

    Raises what the flow raises, and `OrchestratorUnavailable` if the API does not answer.
    """
    app = replace(current_app(), ended=ended, begun=begun)
    # Prefect itself would fail, or wait for minutes, before the flow could read the switch.
    require_lock_1(app.switch, Mode.LIVE, release_id)
    with using(app), in_process():
        outcome: ReleaseOutcome = cut_release(str(release_id), actor, workers)
        return outcome


def run_worker(release_id: UUID, actor: str) -> int:
    """Run `cut_release_worker` in this process. Raises what the flow raises."""
    app = current_app()
    require_lock_1(app.switch, Mode.LIVE, release_id)
    with using(app), in_process():
        done: int = cut_release_worker(str(release_id), actor)
        return done
