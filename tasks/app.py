"""The composition root: what a process works with, joined once and handed on from there.

Here, and nowhere else, adapters and blocks meet. `App` holds settings, switch, connections, keys,
gates and keepers; every function above takes it, or the parts of it that it needs, as a parameter.
Flows are the exception: Prefect calls them, so they ask `current_app`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from uuid import UUID

from adapters.postgres.connection.session import ConnectionProvider, PostgresConnections
from adapters.simulator import Simulator
from blocks.progress import Listener, nobody
from blocks.secrets import (
    Load,
    SecretCredentials,
    load_signing_key,
    rehearsal_login,
    signing_block,
)
from blocks.settings import CutterSettings, load_settings
from blocks.stored import StoredKillSwitch, StoredValues
from domain.change_set import CutContext, TargetFingerprint
from domain.errors import ConfigMissing, Lock, ProductionExecutionNotAuthorized
from domain.phases import Kind, Mode, Principal
from domain.ports import BackupRunner, KillSwitch, PhaseExecutor, Signer
from domain.switch import SwitchState
from tasks.gates import Gates, production_gates
from tasks.keepers import Keepers, production_keepers

if TYPE_CHECKING:
    from adapters.evidence.seal import SealingKey
    from adapters.keys.signing import Ed25519Signer
    from adapters.postgres.backups.backup import PgDumpBackup
    from adapters.postgres.phases.transactions import PhaseTransactions
    from adapters.postgres.rehearsal.session import RehearsalConnections, RehearsalConnector
    from adapters.postgres.rehearsal.transactions import RehearsalTransactions


class RunSwitch(KillSwitch, Protocol):
    """The kill-switch as a run needs it: read before, turned off afterwards."""

    def arm(
        self, state: SwitchState, change_set_id: UUID, until: datetime, by: str, reason: str
    ) -> None:
        """Allow one change set to run until a time."""
        ...

    def disarm(self, why: str, *, only: UUID | None = None) -> bool:
        """Turn it off, unless it is armed for another change set than `only`.

        True if that is done. Never raises.
        """
        ...


def _no_live(_kind: Kind, _switch: KillSwitch, _ctx: CutContext) -> NoReturn:
    raise ProductionExecutionNotAuthorized(Lock.TASK, "no live adapter was given")


def _no_rehearsal(_kind: Kind, _switch: KillSwitch, _over: PhaseTransactions) -> NoReturn:
    raise ProductionExecutionNotAuthorized(Lock.TASK, "no adapter for rehearsals was given")


@dataclass(frozen=True, slots=True)
class Executors:
    """Who answers the phases of a run: one executor a run, by mode and kind of change set."""

    simulator: Callable[[], Simulator] = Simulator
    live: Callable[[Kind, KillSwitch, CutContext], PhaseExecutor[Any]] = _no_live
    rehearsing: Callable[[Kind, KillSwitch, PhaseTransactions], PhaseExecutor[Any]] = _no_rehearsal


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """Everything that a process works with. Making one opens nothing and reads no secret."""

    settings: CutterSettings
    switch: RunSwitch
    connections: Callable[[TargetFingerprint | None], ConnectionProvider]
    """Of both principals, to one database; None accepts any, for registering it."""
    rehearsals: Callable[[TargetFingerprint], RehearsalConnector]
    rehearsal: Callable[[TargetFingerprint], RehearsalTransactions]
    signer: Callable[[Principal], SealingKey]
    backup: Callable[[], PgDumpBackup]
    executors: Executors = Executors()
    gates: Gates = Gates()
    keepers: Keepers = Keepers()
    clock: Callable[[], datetime] = _now
    tell: Listener = field(default=nobody)
    """Who wants to know how far a run is."""


_APP: ContextVar[App | None] = ContextVar("cutter_app", default=None)


@contextmanager
def using(app: App) -> Iterator[App]:
    """Let flows that are called within the block use this app."""
    token = _APP.set(app)
    try:
        yield app
    finally:
        _APP.reset(token)


def current_app() -> App:
    """The app that is in use here, else the production one of the settings in force."""
    return _APP.get() or production_app()


def production_app(settings: CutterSettings | None = None) -> App:
    """The app of these settings, else of those in force."""
    from blocks.switch import VariableKillSwitch

    chosen = settings or load_settings()
    parts = _Parts(chosen)
    return App(
        settings=chosen,
        switch=VariableKillSwitch(),
        connections=parts.connections,
        rehearsals=parts.rehearsals,
        rehearsal=parts.rehearsal,
        signer=parts.signer,
        backup=parts.backup,
        executors=Executors(live=parts.live, rehearsing=parts.rehearsing),
        gates=production_gates(chosen, parts.connections_for),
        keepers=production_keepers(chosen, parts.connections_for, parts.signer(Principal.EXEC)),
    )


def looking_app(settings: CutterSettings, values: StoredValues) -> App:
    """An app that looks and stops: secrets and switch are read where the home's server stores them.

    It can turn the switch off and halt, but it has no executor, gate or keeper, and can not arm, so
    no run can begin with it.
    """
    parts = _Parts(settings, values.secret)
    return App(
        settings=settings,
        switch=StoredKillSwitch(values),
        connections=parts.connections,
        rehearsals=parts.rehearsals,
        rehearsal=parts.rehearsal,
        signer=parts.signer,
        backup=parts.backup,
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """How the parts of an app are made of settings and Secret blocks.

    `load` None asks the Prefect API for these.
    """

    settings: CutterSettings
    load: Load | None = None

    def connections(self, target: TargetFingerprint | None) -> PostgresConnections:
        roles = {principal: self.settings.user_of(principal) for principal in Principal}
        return PostgresConnections(
            self.settings.endpoint(),
            SecretCredentials(self.settings, self.load),
            target=target,
            roles=roles,
        )

    def connections_for(self, ctx: CutContext) -> PostgresConnections:
        return self.connections(ctx.target)

    def rehearsals(self, target: TargetFingerprint) -> RehearsalConnections:
        from adapters.postgres.rehearsal.session import RehearsalConnections

        return RehearsalConnections(
            self.settings.endpoint(),
            lambda: rehearsal_login(self.settings.block_prefix),
            target=target,
        )

    def rehearsal(self, target: TargetFingerprint) -> RehearsalTransactions:
        from adapters.postgres.rehearsal.transactions import RehearsalTransactions

        roles = {principal: self.settings.user_of(principal) for principal in Principal}
        return RehearsalTransactions(self.rehearsals(target), roles=roles)

    def signer(self, principal: Principal) -> LateSigner:
        return LateSigner(principal, self.settings, self.load)

    def backup(self) -> PgDumpBackup:
        from adapters.postgres.backups.backup import PgDumpBackup

        return PgDumpBackup(
            self.settings.endpoint(),
            SecretCredentials(self.settings, self.load),
            self.settings.backups,
            self.settings.backup_fingerprint(),
            signer=self.signer(Principal.EXEC),
            gnupg_home=self.settings.gnupg_home,
        )

    def live(self, kind: Kind, switch: KillSwitch, ctx: CutContext) -> PhaseExecutor[Any]:
        """The live adapter of one run.

        Raises `ConfigMissing` or `ConfigMismatch` naming the setting; opens nothing.
        """
        if ctx.mode is not Mode.LIVE:
            raise ProductionExecutionNotAuthorized(
                Lock.TASK, f"this adapter commits, so {ctx.mode} may not use it"
            )
        return live_adapter(
            kind,
            executor=self.signer(Principal.EXEC),
            verifier=self.signer(Principal.VERIFY),
            switch=switch,
            connections=self.connections(ctx.target),
            backup=self.backup(),
        )

    def rehearsing(
        self, kind: Kind, switch: KillSwitch, over: PhaseTransactions
    ) -> PhaseExecutor[Any]:
        """The live adapter, its method bodies unchanged, over transactions that never commit."""
        from adapters.postgres.rehearsal.transactions import RehearsalBackup

        return live_adapter(
            kind,
            executor=self.signer(Principal.EXEC),
            verifier=self.signer(Principal.VERIFY),
            switch=switch,
            backup=RehearsalBackup(),
            transactions=over,
        )


def live_adapter(
    kind: Kind,
    *,
    executor: Signer,
    verifier: Signer,
    switch: KillSwitch,
    connections: ConnectionProvider | None = None,
    backup: BackupRunner | None = None,
    transactions: PhaseTransactions | None = None,
) -> PhaseExecutor[Any]:
    """The live adapter for change sets of one kind; a port that is not given refuses."""
    from adapters.postgres.connection.session import RefusingConnections
    from adapters.postgres.ledger.writer import LedgerWriter
    from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
    from adapters.postgres.phases.journaled import RefusingBackup
    from adapters.postgres.reverting.adapter import LiveRevertAdapter
    from adapters.postgres.verify.verifier import Verifier

    connections, backup = connections or RefusingConnections(), backup or RefusingBackup()
    if kind is Kind.REVERT:
        return LiveRevertAdapter(
            executor=executor,
            verifier=verifier,
            switch=switch,
            connections=connections,
            backup=backup,
            transactions=transactions,
        )
    return ProductionLiveExecutionAdapter(
        switch=switch,
        connections=connections,
        backup=backup,
        governance=LedgerWriter(executor),
        verify=Verifier(verifier),
        transactions=transactions,
    )


class LateSigner:
    """A principal's key, loaded when it signs for the first time. Fulfils `domain.ports.Signer`."""

    def __init__(
        self, principal: Principal, settings: CutterSettings, load: Load | None = None
    ) -> None:
        """`load` None asks the Prefect API."""
        self._principal = principal
        self._settings = settings
        self._load = load

    @property
    def key_id(self) -> str:
        """See `Signer.key_id`. Raises `ConfigMissing` if the principal has no key."""
        return self._signer.key_id

    @property
    def public_key(self) -> bytes:
        """The raw 32 bytes, for what is sealed. Raises `ConfigMissing` if the principal has no
        key.
        """
        return self._signer.public_key

    def sign(self, payload: bytes) -> bytes:
        """See `Signer.sign`. Raises `ConfigMissing` if the principal has no key."""
        return self._signer.sign(payload)

    @cached_property
    def _signer(self) -> Ed25519Signer:
        from adapters.keys.signing import Ed25519Signer

        pem = load_signing_key(self._principal, self._settings, self._load)
        if pem is None:
            raise ConfigMissing(
                f"The signing key of {self._principal}",
                f"Make one with `cutter key make`, or store it in "
                f"{signing_block(self._principal, self._settings.block_prefix)}.",
            )
        return Ed25519Signer(pem.get_secret_value())
