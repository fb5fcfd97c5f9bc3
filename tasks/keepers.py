"""What is kept outside the database of a live run: its sealed evidence, and the chain heads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.home.chain_heads import FILE_NAME
from adapters.postgres.connection.lending import session
from adapters.postgres.connection.session import ConnectionProvider
from blocks.settings import CutterSettings
from domain.change_set import CutContext
from domain.errors import CutterError
from domain.phases import Principal
from tasks.gates import Connect, refuses

if TYPE_CHECKING:
    from adapters.evidence.collect import RunEnd
    from adapters.evidence.run_log import RunLog
    from adapters.evidence.seal import SealingKey
    from domain.runs.run_plan import RunPlan

EvidenceKeeper = Callable[[CutContext, "RunPlan", "RunEnd"], Path]
"""Keeps the evidence of a run that has ended; the bundle's folder.

Raises an error of `domain.errors`.
"""

log = logging.getLogger(__name__)

_NO_EVIDENCE = refuses("keeper of evidence")
_NO_HEADS = refuses("keeper of chain heads")


@dataclass(frozen=True, slots=True)
class Keepers:
    """What a live run leaves outside the database.

    What was not given refuses the run's beginning.
    """

    evidence: EvidenceKeeper = _NO_EVIDENCE
    heads: Callable[[CutContext], None] = _NO_HEADS

    def require(self) -> None:
        """Raises `ProductionExecutionNotAuthorized` where one was not given.

        Asked before the first phase: after the last one it would be too late.
        """
        if self.evidence is _NO_EVIDENCE:
            _NO_EVIDENCE()
        if self.heads is _NO_HEADS:
            _NO_HEADS()

    @contextmanager
    def evidence_kept(self, ctx: CutContext, plan: RunPlan) -> Iterator[RunLog]:
        """Run the block, collect its log and keep its evidence, however it ends.

        A run that was stopped ends with its own error, whatever becomes of the evidence. One that
        went through raises what keeping raises: it is done, and says that its evidence has still
        to be made.
        """
        from adapters.evidence.collect import RunEnd
        from adapters.evidence.run_log import logged_run

        with logged_run() as lines:
            try:
                yield lines
            except BaseException as error:
                lines.note("the run was stopped", error=type(error).__name__)
                self._keep_quietly(ctx, plan, RunEnd(error, lines.lines))
                raise
            self.evidence(ctx, plan, RunEnd(None, lines.lines))

    def _keep_quietly(self, ctx: CutContext, plan: RunPlan, end: RunEnd) -> None:
        try:
            self.evidence(ctx, plan, end)
        except CutterError as error:
            log.warning("The evidence of %s could not be kept: %s", ctx.change_set_id, error)


def production_keepers(settings: CutterSettings, connect: Connect, signer: SealingKey) -> Keepers:
    """The keepers over the settings in force. Opens nothing."""
    return Keepers(
        evidence=lambda ctx, plan, end: keep_if_reachable(
            lambda: session(connect(ctx), Principal.VERIFY),
            settings.runs,
            ctx,
            plan,
            signer,
            end,
        ),
        heads=lambda ctx: keep_chain_heads(connect(ctx), settings.state / FILE_NAME),
    )


def keep_chain_heads(connections: ConnectionProvider, file: Path) -> None:
    """Keep the heads of the history's chains, read as the verifier.

    Raises `StopInvariantFailed` if one was rewritten.
    """
    from adapters.postgres.record.chain_heads import keep_heads

    with session(connections, Principal.VERIFY) as conn:
        keep_heads(conn, file)


def keep_if_reachable(
    connect: Callable[[], AbstractContextManager[Any]],
    runs: Path,
    ctx: CutContext,
    plan: RunPlan,
    signer: SealingKey,
    end: RunEnd,
) -> Path:
    """Keep the evidence with what is on record, read over a verifier's connection.

    That of a run that was stopped is kept without it if the database does not answer.

    Raises what connecting and keeping raise; `cutter evidence make` then makes up for it.
    """
    from adapters.evidence.collect import keep_evidence

    try:
        with connect() as conn:
            return keep_evidence(conn, runs, ctx, plan, signer, end)
    except CutterError as unreachable:
        if end.error is None:
            raise
        log.warning(
            "The database was not asked for the evidence of %s: %s", ctx.change_set_id, unreachable
        )
    return keep_evidence(None, runs, ctx, plan, signer, end)
