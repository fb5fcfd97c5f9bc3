"""The composition root: what a process works with, joined once and handed on from there.

Here, and nowhere else, adapters and blocks meet. `App` holds settings, switch, connections, keys,
gates and keepers; every function above takes it, or the parts of it that it needs, as a parameter.
Flows are the exception: Prefect calls them, so they ask `current_app`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol
from uuid import UUID

from adapters.postgres.connection.elsewhere import VerifierElsewhere
from adapters.postgres.connection.lending import SharedSessions
from adapters.postgres.connection.session import (
    ConnectionProvider,
    PostgresConnections,
    SessionLimits,
)
from blocks.deployed import POOL
from blocks.progress import Ended, Listener, nobody, nobody_waits, nothing_more
from blocks.secrets import Load, plain_blocks, rehearsal_login
from blocks.settings import CutterSettings, load_settings
from blocks.stored import StoredKillSwitch, StoredValues
from domain.change_set import CutContext, TargetFingerprint
from domain.errors import ConfigMissing, Lock, ProductionExecutionNotAuthorized
from domain.phases import Kind, Mode, Principal
from domain.ports import BackupRunner, Credentials, KillSwitch, PhaseExecutor, Signer
from domain.switch import SwitchState
from tasks.credentials import HomeCredentials, LateSigner, filed_secrets
from tasks.gates import Gates, production_gates
from tasks.keepers import Keepers, production_keepers

if TYPE_CHECKING:
    from adapters.evidence.seal import SealingKey
    from adapters.postgres.apart.asking import AskedVerifier
    from adapters.postgres.backups.backup import PgDumpBackup
    from adapters.postgres.phases.transactions import PhaseTransactions
    from adapters.postgres.rehearsal.session import RehearsalConnections, RehearsalConnector
    from adapters.postgres.rehearsal.transactions import RehearsalTransactions
    from adapters.simulated_revision import RevisionSimulator
    from adapters.simulator import Simulator


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


def _no_live_under(
    _kind: Kind, _switch: KillSwitch, _ctx: CutContext, _backup: BackupRunner
) -> NoReturn:
    raise ProductionExecutionNotAuthorized(Lock.TASK, "no live adapter for releases was given")


def _no_rehearsal(_kind: Kind, _switch: KillSwitch, _over: PhaseTransactions) -> NoReturn:
    raise ProductionExecutionNotAuthorized(Lock.TASK, "no adapter for rehearsals was given")


def _no_reader(_target: TargetFingerprint | None) -> None:
    """The default: a home without that login."""


def _no_login(_principal: Principal) -> NoReturn:
    raise ConfigMissing("A login", "No source of logins was given.")


def _simulator() -> Simulator:
    from adapters.simulator import Simulator

    return Simulator()


def _revision_simulator() -> RevisionSimulator:
    from adapters.simulated_revision import RevisionSimulator

    return RevisionSimulator()


@dataclass(frozen=True, slots=True)
class Executors:
    """Who answers the phases of a run: one executor a run, by mode and kind of change set."""

    simulator: Callable[[], Simulator] = _simulator
    revision_simulator: Callable[[], RevisionSimulator] = _revision_simulator
    live: Callable[[Kind, KillSwitch, CutContext], PhaseExecutor[Any]] = _no_live
    rehearsing: Callable[[Kind, KillSwitch, PhaseTransactions], PhaseExecutor[Any]] = _no_rehearsal
    live_under: Callable[[Kind, KillSwitch, CutContext, BackupRunner], PhaseExecutor[Any]] = (
        _no_live_under
    )
    """The live adapter of a run under a backup that is made once for many."""


BRIEFLY: Final = SessionLimits(lock_timeout="2s", statement_timeout="2s", connect_timeout=2)


def _none_shared(_target: TargetFingerprint) -> AbstractContextManager[None]:
    return nullcontext()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """Everything that a process works with. Making one opens nothing and reads no secret."""

    settings: CutterSettings
    switch: RunSwitch
    connections: Callable[[TargetFingerprint | None], ConnectionProvider]
    """Of both principals, to one database; None accepts any, for registering it."""
    briefly: Callable[[], ConnectionProvider]
    """The same to any database, for a look that nobody waits for: `BRIEFLY` bounds them."""
    rehearsals: Callable[[TargetFingerprint], RehearsalConnector]
    rehearsal: Callable[[TargetFingerprint], RehearsalTransactions]
    signer: Callable[[Principal], SealingKey]
    backup: Callable[[], PgDumpBackup]
    executors: Executors = Executors()
    gates: Gates = Gates()
    keepers: Keepers = Keepers()
    sessions: Callable[[TargetFingerprint], AbstractContextManager[None]] = _none_shared
    """What keeps sessions of a database while a block runs, for all that is done in it."""
    clock: Callable[[], datetime] = _now
    login: Callable[[Principal], Credentials] = _no_login
    reading: Callable[[TargetFingerprint | None], ConnectionProvider | None] = _no_reader
    """Connections of the login that may only read out units; None if the home has none."""
    plain_blocks: Callable[[], Sequence[str]] = tuple
    """The Secret blocks of this home that hold plain text."""
    pool: Callable[[], object] = lambda: None
    """How the work pool makes a job of a run; None where there is no pool."""
    tell: Listener = field(default=nobody)
    """Who wants to know how far a run is."""
    ended: Ended = field(default=nobody_waits)
    """Who wants to know how each document of a release ended."""
    begun: Callable[[], None] = field(default=nothing_more)
    """What is begun beside a release once its documents can be claimed."""


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
    from blocks.api import pool_template
    from blocks.switch import VariableKillSwitch

    chosen = settings or load_settings()
    parts, switch = _Parts(chosen), VariableKillSwitch(chosen.switch_variable)
    return App(
        settings=chosen,
        switch=switch,
        connections=parts.shared_or_own,
        briefly=parts.briefly,
        rehearsals=parts.rehearsals,
        rehearsal=parts.rehearsal,
        signer=parts.signer,
        backup=parts.backup,
        executors=Executors(
            live=parts.live, rehearsing=parts.rehearsing, live_under=parts.live_under
        ),
        login=parts.login,
        reading=parts.reading,
        plain_blocks=parts.plain_blocks,
        pool=pool_template,
        gates=production_gates(
            chosen, parts.connections_for, lambda ctx: parts.asked_verifier(switch, ctx)
        ),
        keepers=production_keepers(chosen, parts.connections_for, parts.signer(Principal.EXEC)),
        sessions=parts.shared.of,
    )


def looking_app(settings: CutterSettings, values: StoredValues) -> App:
    """An app that looks and stops: secrets and switch are read where the home's server stores them.

    It can turn the switch off and halt, but it has no executor, gate or keeper, and can not arm, so
    no run can begin with it.
    """
    parts = _Parts(settings, values.secret)
    return App(
        settings=settings,
        switch=StoredKillSwitch(values, settings.switch_variable),
        connections=parts.connections,
        briefly=parts.briefly,
        rehearsals=parts.rehearsals,
        rehearsal=parts.rehearsal,
        signer=parts.signer,
        backup=parts.backup,
        login=parts.login,
        reading=parts.reading,
        plain_blocks=parts.plain_blocks,
        pool=lambda: values.pool(POOL),
    )


@dataclass(frozen=True)
class _Parts:
    """How the parts of an app are made of settings and Secret blocks.

    `load` None asks the Prefect API for these.
    """

    settings: CutterSettings
    load: Load | None = None

    @cached_property
    def shared(self) -> SharedSessions:
        """The sessions that the runs of this app share."""
        return SharedSessions(self.connections)

    def connections(
        self, target: TargetFingerprint | None, limits: SessionLimits = SessionLimits()
    ) -> ConnectionProvider:
        roles = {principal: self.settings.user_of(principal) for principal in Principal}
        connections = PostgresConnections(
            self.settings.endpoint(),
            HomeCredentials(self.settings, self.load),
            target=target,
            roles=roles,
            limits=limits,
        )
        elsewhere = self.settings.verifier_elsewhere
        return VerifierElsewhere(connections) if elsewhere else connections

    def briefly(self) -> ConnectionProvider:
        return self.connections(None, BRIEFLY)

    def login(self, principal: Principal) -> Credentials:
        return HomeCredentials(self.settings, self.load)(principal)

    def reading(self, target: TargetFingerprint | None) -> ConnectionProvider | None:
        from adapters.postgres.units.connections import LIMITS, reader_connections

        password = filed_secrets(self.settings).reader_password()
        if password is None:
            return self.connections(target, LIMITS)
        return reader_connections(self.settings.endpoint(), password, target)

    def plain_blocks(self) -> list[str]:
        return plain_blocks(self.settings.block_prefix, self.load)

    def connections_for(self, ctx: CutContext) -> ConnectionProvider:
        return self.shared.connections(ctx.target)

    def shared_or_own(self, target: TargetFingerprint | None) -> ConnectionProvider:
        """Connections of which `session` lends those that the runs share, while they do."""
        return self.shared.connections(target) if target else self.connections(None)

    def asked_verifier(self, switch: KillSwitch, ctx: CutContext) -> AskedVerifier:
        """The way to the verifier's service, for one run."""
        from adapters.postgres.apart.asking import AskedVerifier

        return AskedVerifier(
            self.connections_for(ctx),
            switch,
            self.settings.user_of(Principal.VERIFY),
            self.settings.verifier_waited_for(),
        )

    def rehearsals(self, target: TargetFingerprint) -> RehearsalConnections:
        from adapters.postgres.rehearsal.session import RehearsalConnections

        return RehearsalConnections(
            self.settings.endpoint(),
            lambda: rehearsal_login(self.settings),
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
            HomeCredentials(self.settings, self.load),
            self.settings.backups,
            self.settings.backup_fingerprint(),
            signer=self.signer(Principal.EXEC),
            gnupg_home=self.settings.gnupg_home,
            limit=self.settings.backup_limit(),
        )

    def live(self, kind: Kind, switch: KillSwitch, ctx: CutContext) -> PhaseExecutor[Any]:
        """The live adapter of one run.

        Raises `ConfigMissing` or `ConfigMismatch` naming the setting; opens nothing.
        """
        return self.live_under(kind, switch, ctx, self.backup())

    def live_under(
        self, kind: Kind, switch: KillSwitch, ctx: CutContext, backup: BackupRunner
    ) -> PhaseExecutor[Any]:
        """The same under this backup."""
        if ctx.mode is not Mode.LIVE:
            raise ProductionExecutionNotAuthorized(
                Lock.TASK, f"this adapter commits, so {ctx.mode} may not use it"
            )
        from adapters.postgres.apart.asking import AskingTransactions

        connections = self.connections_for(ctx)
        asking = (
            AskingTransactions(connections, self.asked_verifier(switch, ctx))
            if self.settings.verifier_elsewhere
            else None
        )
        return live_adapter(
            kind,
            executor=self.signer(Principal.EXEC),
            verifier=self.signer(Principal.VERIFY),
            switch=switch,
            connections=connections,
            backup=backup,
            transactions=asking,
        )

    def rehearsing(
        self, kind: Kind, switch: KillSwitch, over: PhaseTransactions
    ) -> PhaseExecutor[Any]:
        """The live adapter, its method bodies unchanged, over transactions that never commit."""
        from adapters.postgres.apart.rehearsed import AbsentVerifier
        from adapters.postgres.rehearsal.transactions import RehearsalBackup

        verifier: Signer = self.signer(Principal.VERIFY)
        if self.settings.verifier_elsewhere:
            verifier = AbsentVerifier(self.connections(None))
        return live_adapter(
            kind,
            executor=self.signer(Principal.EXEC),
            verifier=verifier,
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
    from adapters.postgres.revising.adapter import LiveRevisionAdapter
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
    if kind is Kind.REVISION:
        return LiveRevisionAdapter(
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
