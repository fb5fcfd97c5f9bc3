"""The production wiring: settings, secrets and switch from the blocks, put into the adapters.

Building it opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from adapters.evidence.collect import RunEnd
from adapters.home import chain_heads
from adapters.keys.signing import Ed25519Signer
from adapters.postgres.backups.backup import PgDumpBackup
from adapters.postgres.backups.proof import require_restore_proof
from adapters.postgres.connection.session import PostgresConnections
from adapters.postgres.connection.sqlstate import explain
from adapters.postgres.ledger.writer import LedgerWriter
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.postgres.schema.doctor import examine
from adapters.postgres.verify.verifier import Verifier
from adapters.simulator import Simulator
from blocks.secrets import SecretCredentials, load_signing_key, signing_block
from blocks.settings import CutterSettings, load_settings
from blocks.switch import VariableKillSwitch
from domain.approval.approvals import Effect, SignedApproval
from domain.errors import ConfigMissing, DatabaseUnsuitable, ProductionExecutionNotAuthorized
from domain.ledger.drift import Severity
from domain.phases import CutContext, Mode, Principal, TargetFingerprint
from domain.plan.run_plan import RunPlan
from domain.ports import KillSwitch, PhaseExecutor
from tasks.dispatch import TASK_LOCK, Wiring
from tasks.gates import authorise
from tasks.keepers import keep_if_reachable


def production_wiring() -> Wiring:
    """The wiring of the settings in force. It connects to nothing and reads no secret."""
    return Wiring(
        switch=VariableKillSwitch,
        simulator=Simulator,
        live=live_adapter,
        before_live=refuse_before_live,
        authorise=open_or_find_permit,
        after_live=keep_chain_heads,
        evidence=keep_run_evidence,
    )


def principal_connections(
    settings: CutterSettings, target: TargetFingerprint | None
) -> PostgresConnections:
    """Connections of both principals to the database of the settings.

    `target` None accepts any; nothing is opened here.
    """
    roles = {principal: settings.user_of(principal) for principal in Principal}
    return PostgresConnections(
        settings.endpoint(), SecretCredentials(settings), target=target, roles=roles
    )


def live_adapter(switch: KillSwitch, ctx: CutContext) -> PhaseExecutor:
    """The live adapter for one run.

    Raises `ConfigMissing` or `ConfigMismatch` naming the setting; opens nothing.
    """
    if ctx.mode is not Mode.LIVE:
        raise ProductionExecutionNotAuthorized(
            TASK_LOCK, f"this adapter commits, so {ctx.mode} may not use it"
        )
    settings = load_settings()
    endpoint, credentials = settings.endpoint(), SecretCredentials(settings)
    return ProductionLiveExecutionAdapter(
        switch=switch,
        connections=principal_connections(settings, ctx.target),
        backup=PgDumpBackup(
            endpoint,
            credentials,
            settings.backups,
            settings.backup_fingerprint(),
            signer=LateSigner(Principal.EXEC, settings),
            gnupg_home=settings.gnupg_home,
        ),
        governance=LedgerWriter(LateSigner(Principal.EXEC, settings)),
        verify=Verifier(LateSigner(Principal.VERIFY, settings)),
    )


def refuse_before_live(ctx: CutContext) -> None:
    """Everything that has to hold before a live run's first phase. Raises what its parts raise."""
    settings = load_settings()
    settings.require_live()  # before anything is opened, so that a missing setting is named first
    with _verifier(ctx) as conn:
        refuse_drift(conn)
        if (hours := settings.restore_proof_within()) is not None:
            require_proven_backup(conn, ctx.target, hours)


def open_or_find_permit(
    ctx: CutContext, effect: Effect, approvals: Sequence[SignedApproval]
) -> CutContext:
    """See `tasks.gates.authorise`, over the connections of the settings."""
    return authorise(principal_connections(load_settings(), ctx.target), ctx, effect, approvals)


def require_proven_backup(
    conn: psycopg.Connection[Any], target: TargetFingerprint, hours: int
) -> None:
    """Raises `RestoreNotProven` unless a backup of the target was proven to come back within so
    many hours.
    """
    try:
        require_restore_proof(conn, target, hours)
    except psycopg.Error as error:
        raise DatabaseUnsuitable(explain(error, "Asking for a proven backup")) from None


def refuse_drift(conn: psycopg.Connection[Any]) -> None:
    """Examine the database, as the verifier.

    Raises `DatabaseUnsuitable` naming the first thing that forbids a cut.
    """
    fails = [finding for finding in examine(conn) if finding.severity is Severity.FAILS]
    if fails:
        raise DatabaseUnsuitable(
            f"{fails[0].message} In all, {len(fails)} differences from what a cut needs forbid "
            f"this run; "
            "`cutter doctor` names them. Nothing was written."
        )


def keep_chain_heads(ctx: CutContext) -> None:
    """Keep the heads of the history's chains in `state`, as the verifier.

    Raises `StopInvariantFailed` if one was rewritten.
    """
    with _verifier(ctx) as conn:
        chain_heads.keep(conn, load_settings().state / chain_heads.FILE_NAME)


def keep_run_evidence(ctx: CutContext, plan: RunPlan, end: RunEnd) -> Path:
    """Keep the sealed evidence of a live run below `runs`, collected as the verifier; the bundle's
    folder.
    """
    settings = load_settings()
    return keep_if_reachable(
        lambda: _verifier(ctx), settings.runs, ctx, plan, LateSigner(Principal.EXEC, settings), end
    )


@contextmanager
def _verifier(ctx: CutContext) -> Iterator[psycopg.Connection[Any]]:
    with closing(
        principal_connections(load_settings(), ctx.target).connect(Principal.VERIFY)
    ) as conn:
        yield conn


class LateSigner:
    """A principal's key, loaded when it signs for the first time. Fulfils `domain.ports.Signer`."""

    def __init__(self, principal: Principal, settings: CutterSettings) -> None:
        self._principal = principal
        self._settings = settings

    @property
    def key_id(self) -> str:
        """See `Signer.key_id`. Raises `ConfigMissing` if the principal has no key."""
        return self._signer.key_id

    @property
    def public_key(self) -> bytes:
        """The raw 32 bytes, for what is sealed.

        Raises `ConfigMissing` if the principal has no key.
        """
        return self._signer.public_key

    def sign(self, payload: bytes) -> bytes:
        """See `Signer.sign`. Raises `ConfigMissing` if the principal has no key."""
        return self._signer.sign(payload)

    @cached_property
    def _signer(self) -> Ed25519Signer:
        pem = load_signing_key(self._principal, self._settings)
        if pem is None:
            raise ConfigMissing(
                f"The signing key of {self._principal}",
                f"Store it in {signing_block(self._principal)}.",
            )
        return Ed25519Signer(pem.get_secret_value())
