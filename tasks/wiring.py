"""The production wiring: settings, secrets and switch from the blocks, put into the adapters. Building it opens nothing."""

from __future__ import annotations

from functools import cached_property

from adapters import chain_heads
from adapters.postgres.backup import PgDumpBackup
from adapters.postgres.ledger import LedgerWriter
from adapters.postgres.live import ProductionLiveExecutionAdapter
from adapters.postgres.session import PostgresConnections
from adapters.postgres.verify import Verifier
from adapters.signing import Ed25519Signer
from adapters.simulator import Simulator
from blocks.secrets import SecretCredentials, load_signing_key, signing_block
from blocks.settings import CutterSettings, load_settings
from blocks.switch import VariableKillSwitch
from domain.errors import ConfigMissing, ProductionExecutionNotAuthorized
from domain.phases import CutContext, Mode, Principal
from domain.ports import KillSwitch, PhaseExecutor
from tasks.phase import TASK_LOCK, Wiring


def production_wiring() -> Wiring:
    """The wiring of the settings in force. It connects to nothing and reads no secret."""
    return Wiring(switch=VariableKillSwitch, simulator=Simulator, live=live_adapter, after_live=keep_chain_heads)


def live_adapter(switch: KillSwitch, ctx: CutContext) -> PhaseExecutor:
    """The live adapter for one run. Raises `ConfigMissing` or `ConfigMismatch` naming the setting; opens nothing."""
    if ctx.mode is not Mode.LIVE:
        raise ProductionExecutionNotAuthorized(TASK_LOCK, f"this adapter commits, so {ctx.mode} may not use it")
    settings = load_settings()
    endpoint, credentials = settings.endpoint(), SecretCredentials(settings)
    roles = {principal: settings.user_of(principal) for principal in Principal}
    return ProductionLiveExecutionAdapter(
        switch=switch,
        connections=PostgresConnections(endpoint, credentials, target=ctx.target, roles=roles),
        backup=PgDumpBackup(
            endpoint, credentials, settings.backups, settings.backup_fingerprint(), gnupg_home=settings.gnupg_home
        ),
        governance=LedgerWriter(LateSigner(Principal.EXEC, settings)),
        verify=Verifier(LateSigner(Principal.VERIFY, settings)),
    )


def keep_chain_heads(ctx: CutContext) -> None:
    """Keep the heads of the history's chains in `state`, as the verifier. Raises `StopInvariantFailed` if one was rewritten."""
    settings = load_settings()
    roles = {principal: settings.user_of(principal) for principal in Principal}
    connections = PostgresConnections(settings.endpoint(), SecretCredentials(settings), target=ctx.target, roles=roles)
    conn = connections.connect(Principal.VERIFY)
    try:
        chain_heads.keep(conn, settings.state / chain_heads.FILE_NAME)
    finally:
        conn.close()


class LateSigner:
    """A principal's key, loaded when it signs for the first time. Fulfils `domain.ports.Signer`."""

    def __init__(self, principal: Principal, settings: CutterSettings) -> None:
        self._principal = principal
        self._settings = settings

    @property
    def key_id(self) -> str:
        """See `Signer.key_id`. Raises `ConfigMissing` if the principal has no key."""
        return self._signer.key_id

    def sign(self, payload: bytes) -> bytes:
        """See `Signer.sign`. Raises `ConfigMissing` if the principal has no key."""
        return self._signer.sign(payload)

    @cached_property
    def _signer(self) -> Ed25519Signer:
        pem = load_signing_key(self._principal, self._settings)
        if pem is None:
            raise ConfigMissing(f"The signing key of {self._principal}", f"Store it in {signing_block(self._principal)}.")
        return Ed25519Signer(pem.get_secret_value())
