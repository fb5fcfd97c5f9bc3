"""What has to hold before a live run's first phase, in order.

Each gate refuses; none can be left out.

1. settings: everything that the run will read is set, asked before anything is opened;
2. halt: nobody has halted everything;
3. history: the database has not gone back behind what is kept outside it;
4. drift: the database is what a cut needs, privileges and all, looked at as the verifier;
5. proven backup: a backup of this target was restored and compared recently enough;
6. permit: two people have approved exactly this effect, the database has opened a permit for it,
   and the verifier has confirmed it (the fourth lock; the other three are the kill-switch's).

A gate that was not given refuses, so a run that is put together without one never begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from adapters.home.chain_heads import FILE_NAME
from adapters.home.conformed import conformed
from adapters.home.used_approvals import FILE_NAME as USED
from adapters.home.used_approvals import keep_used, used_of
from adapters.postgres.connection.lending import session
from adapters.postgres.connection.session import ConnectionProvider
from blocks.settings import CutterSettings
from domain.change_set import CutContext
from domain.errors import (
    ApprovalRefused,
    DatabaseUnsuitable,
    Lock,
    ProductionExecutionNotAuthorized,
    StopInvariantFailed,
)
from domain.ledger.drift import Difference, Severity
from domain.phases import Principal
from domain.ports import KillSwitch

if TYPE_CHECKING:
    from adapters.postgres.apart.asking import AskedVerifier
    from adapters.postgres.permits.permit import Permit
    from domain.approval.approvals import Effect, SignedApproval
    from domain.release.approval import AtPlace


def refuses(what: str) -> Callable[..., NoReturn]:
    """The default of everything that a live run needs: it refuses, naming what was not given."""

    def refuse(*_given: Any) -> NoReturn:
        raise ProductionExecutionNotAuthorized(Lock.GATES, f"no {what} was given")

    return refuse


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of live runs.

    Each raises an error of `domain.errors` where it does not let one by.
    """

    settings: Callable[[CutContext], None] = refuses("check of the settings")
    halt: Callable[[CutContext], None] = refuses("look for a halt")
    history: Callable[[CutContext], None] = refuses("comparison of the history")
    drift: Callable[[CutContext], None] = refuses("look at the database")
    proven_backup: Callable[[CutContext], None] = refuses("look for a proven backup")
    permit: Callable[[CutContext, Effect, Sequence[SignedApproval]], CutContext] = refuses(
        "way to a permit"
    )
    place: Callable[[CutContext, Effect, AtPlace, KillSwitch], CutContext] = refuses(
        "way to a permit by a place in a release"
    )

    def let_by(
        self,
        ctx: CutContext,
        effect: Effect,
        approvals: Sequence[SignedApproval] | AtPlace,
        switch: KillSwitch,
    ) -> CutContext:
        """The context with the approved effect in it, once every gate has let the run by.

        `switch` is the one that the run goes by.
        """
        from domain.release.approval import AtPlace

        self.settings(ctx)
        self.halt(ctx)
        self.history(ctx)
        self.drift(ctx)
        self.proven_backup(ctx)
        if isinstance(approvals, AtPlace):
            return self.place(ctx, effect, approvals, switch)
        return self.permit(ctx, effect, approvals)


Connect = Callable[[CutContext], ConnectionProvider]
"""Connections of both principals to the database of a run; connecting asserts the target."""


def production_gates(
    settings: CutterSettings, connect: Connect, elsewhere: Callable[[CutContext], AskedVerifier]
) -> Gates:
    """The gates over the settings in force. Opens nothing.

    `elsewhere` makes the way to a verifier that is a service, where the settings say so.
    """
    return Gates(
        settings=lambda _ctx: settings.require_live(),
        halt=lambda ctx: refuse_under_halt(connect(ctx)),
        history=lambda ctx: refuse_rollback(connect(ctx), settings.state / FILE_NAME),
        drift=lambda ctx: refuse_unfit(connect(ctx), ctx, settings.state),
        proven_backup=lambda ctx: require_proven_backup(connect(ctx), ctx, settings),
        permit=lambda ctx, effect, approvals: open_or_find_permit(
            connect(ctx),
            ctx,
            effect,
            approvals,
            settings.state / USED,
            elsewhere(ctx) if settings.verifier_elsewhere else None,
        ),
        place=lambda ctx, effect, place, switch: open_at_place(
            connect(ctx),
            ctx,
            effect,
            place,
            replace(elsewhere(ctx), switch=switch) if settings.verifier_elsewhere else None,
        ),
    )


def refuse_under_halt(connections: ConnectionProvider) -> None:
    """Raises `ProductionExecutionNotAuthorized` saying who has halted everything, and why.

    The database refuses by itself; this says so before a backup is made.
    """
    from adapters.postgres.permits.permit import halts_in_force

    with session(connections, Principal.VERIFY) as conn:
        for halt in halts_in_force(conn):
            raise ProductionExecutionNotAuthorized(Lock.GATES, str(halt))


def refuse_rollback(connections: ConnectionProvider, heads: Path) -> None:
    """Raises `StopInvariantFailed` where the history is not what its heads, kept outside the
    database, say: it was rewritten, or the database has gone back to an earlier state.
    """
    from adapters.postgres.record.chain_heads import compare_heads

    with session(connections, Principal.VERIFY) as conn:
        faults = compare_heads(conn, heads)
    if faults:
        raise StopInvariantFailed(
            f"{faults[0].message} Nothing was written. If a backup was brought back on purpose, "
            "say so with `cutter restore accept`; otherwise find out who changed it."
        )


def refuse_drift(connections: ConnectionProvider) -> str | None:
    """Compare the database with what a cut needs, as the verifier; what `foreign_port` answers of
    the same moment.

    Raises `DatabaseUnsuitable` naming the first thing that forbids a cut.
    """
    from adapters.postgres.schema.doctor import compare_with_port

    with session(connections, Principal.VERIFY) as conn:
        found, port = compare_with_port(conn)
    fails: list[Difference] = [one for one in found if one.severity is Severity.FAILS]
    if fails:
        raise DatabaseUnsuitable(
            f"{fails[0].message} Differences from what a cut needs that forbid this run, in all: "
            f"{len(fails)}; `cutter doctor` names them. Nothing was written."
        )
    return port


def refuse_unfit(connections: ConnectionProvider, ctx: CutContext, state: Path) -> None:
    """Raises `DatabaseUnsuitable` for what `refuse_drift` finds, and where the units are a site's
    own and nothing says that its functions, as they are now, keep the contract.
    """
    port = refuse_drift(connections)
    if port is not None and not conformed(state, ctx.target, port):
        raise DatabaseUnsuitable(
            "Whether this site's own functions keep the contract is not known, or they were "
            "changed since; run `cutter conform`, then start again. Nothing was written."
        )


def require_proven_backup(
    connections: ConnectionProvider, ctx: CutContext, settings: CutterSettings
) -> None:
    """Raises `RestoreNotProven` unless a backup of the target was proven to come back in time.

    The settings say how many hours ago that may be, or that none is required.
    """
    from adapters.postgres.backups.proof import require_restore_proof

    hours = settings.restore_proof_within()
    if hours is None:
        return
    with session(connections, Principal.VERIFY) as conn:
        require_restore_proof(conn, ctx.target, hours)


def open_or_find_permit(
    connections: ConnectionProvider,
    ctx: CutContext,
    effect: Effect,
    approvals: Sequence[SignedApproval],
    used: Path,
    elsewhere: AskedVerifier | None = None,
) -> CutContext:
    """The context with the approved effect in it, once the change set has a permit whose approvals
    name the plan's doubts.

    `used` is this home's record of approvals that were used.

    Asks as the executor, and has the verifier judge and confirm it, in this process or `elsewhere`.
    A permit that is open already serves a run that is resumed, and one that was used a run that
    only replays: neither uses an approval again. Raises `ApprovalRefused`, `PhaseStop` or a
    connection's refusal; nothing was written then.
    """
    from adapters.postgres.permits.permit import (
        approvals_of,
        find_permit,
        open_permit,
        permit_asked_ahead,
    )

    with (
        session(connections, Principal.EXEC) as conn,
        permit_asked_ahead(conn, effect.change_set_id),
    ):
        permit = find_permit(conn, effect.change_set_id)
        if permit is None or not _still_serves(permit, ctx, effect):
            nonces = _unused(_two(approvals, effect), ctx, used)
            if elsewhere is not None:
                elsewhere.require_there(ctx)
            permit = open_permit(conn, approvals, effect, ctx.actor)
            keep_used(used, str(ctx.target), nonces)
        elif permit.used_at is None:
            _refuse_other_doubts(approvals_of(conn, permit.permit_id), effect)
    return _confirmed(connections, ctx, effect, permit, elsewhere)


def open_at_place(
    connections: ConnectionProvider,
    ctx: CutContext,
    effect: Effect,
    at: AtPlace,
    elsewhere: AskedVerifier | None = None,
) -> CutContext:
    """The context with the approved effect in it, once the change set has a permit by its place in
    a release, which the verifier has judged and confirmed.

    Again is no change: a run that is resumed has it already. Raises what `open_or_find_permit`
    raises.
    """
    from adapters.postgres.permits.permit import find_permit
    from adapters.postgres.permits.releases import open_place

    with session(connections, Principal.EXEC) as conn:
        if elsewhere is not None:
            elsewhere.require_there(ctx)
        open_place(conn, at.release_permit_id, effect, at.place)
        permit = find_permit(conn, effect.change_set_id)
    if permit is None or not _still_serves(permit, ctx, effect):
        raise ApprovalRefused(
            f"Not approved: the permit of change set {effect.change_set_id} is over. Nothing was "
            "written."
        )
    return _confirmed(connections, ctx, effect, permit, elsewhere)


def _confirmed(
    connections: ConnectionProvider,
    ctx: CutContext,
    effect: Effect,
    permit: Permit,
    elsewhere: AskedVerifier | None,
) -> CutContext:
    """The context with the approved effect in it, once the verifier has confirmed the permit."""
    from adapters.postgres.permits.permit import confirm_permit

    if not permit.confirmed and elsewhere is not None:
        elsewhere.confirm(ctx)
    elif not permit.confirmed:
        with session(connections, Principal.VERIFY) as conn:
            confirm_permit(conn, ctx, effect)
    return replace(ctx, approved_effect_digest=permit.effect_digest)


def _unused(approvals: Sequence[SignedApproval], ctx: CutContext, used: Path) -> list[str]:
    """The approvals' nonces.

    Raises `ApprovalRefused` if this home has used one in this database, whatever that remembers.
    """
    nonces = [approval.statement.nonce for approval in approvals]
    if used_of(used, str(ctx.target), nonces):
        raise ApprovalRefused(
            "Not approved: an approval was used before, as this home remembers and the database "
            "may not; have it signed again. Nothing was written."
        )
    return nonces


def _still_serves(permit: Permit, ctx: CutContext, effect: Effect) -> bool:
    """Whether the permit that the change set has already can be used.

    Raises `ApprovalRefused` if it is for something else, or for somebody else's run.
    """
    from domain.approval.people import same_person

    if permit.expired and permit.used_at is None:
        return False
    approved = (permit.kind, permit.plan_digest, permit.effect_digest)
    if approved != (effect.kind, effect.plan_digest, effect.effect_digest):
        raise ApprovalRefused(
            f"Not approved: change set {effect.change_set_id} has a permit for another plan or "
            "effect; take it back with `cutter halt` and have this one approved. Nothing was "
            "written."
        )
    if permit.used_at is None and not same_person(permit.submitter, ctx.actor):
        raise ApprovalRefused(
            f"Not approved: what is open for change set {effect.change_set_id} is a run by "
            f"{permit.submitter}, and this one was started by {ctx.actor}; {permit.submitter} has "
            "to resume it. Nothing was written."
        )
    return True


def _refuse_other_doubts(signed: Sequence[SignedApproval], effect: Effect) -> None:
    """Raises `ApprovalRefused` unless what opened the permit names exactly the plan's doubts: an
    earlier version of the program may have found others, or none.
    """
    from domain.approval.approvals import difference

    for approval in signed:
        if (statement := approval.statement).doubts != effect.doubts:
            raise ApprovalRefused(
                f"Not approved: {statement.gate} by {statement.approver} names other "
                f"{difference(statement.effect, effect, 'this plan')}; take the permit back with "
                "`cutter halt` and have it approved again. Nothing was written."
            )


def _two(approvals: Sequence[SignedApproval], effect: Effect) -> Sequence[SignedApproval]:
    """The approvals, if there are any: the database judges them. Raises `ApprovalRefused`."""
    from domain.approval.approvals import GATES_OF

    if not approvals:
        gates = " and ".join(sorted(GATES_OF[effect.kind]))
        raise ApprovalRefused(
            f"Not approved: a live {effect.kind} needs {gates}; let two people sign with "
            "`cutter approve`. Nothing was written."
        )
    return approvals
