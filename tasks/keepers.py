"""Keep the evidence of a live run, however it ends, without getting in the way of how it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from adapters.evidence.collect import RunEnd, keep_evidence
from adapters.evidence.run_log import RunLog, logged_run
from adapters.evidence.seal import SealingKey
from domain.errors import CutterError
from domain.phases import CutContext
from domain.plan.run_plan import RunPlan

EvidenceKeeper = Callable[[CutContext, RunPlan, RunEnd], Path]
"""Keeps the evidence of a run that has ended; the bundle's folder.

Raises an error of `domain.errors`.
"""
Connect = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]

log = logging.getLogger(__name__)


@contextmanager
def evidence_kept(keep: EvidenceKeeper | None, ctx: CutContext, plan: RunPlan) -> Iterator[RunLog]:
    """Run the block, collect its log and keep its evidence, however it ends.

    A run that was stopped ends with its own error, whatever becomes of the evidence. One that went
    through raises what keeping raises: it is done, and says that its evidence has still to be made.
    """
    with logged_run() as lines:
        try:
            yield lines
        except BaseException as error:
            lines.note("the run was stopped", error=type(error).__name__)
            if keep is not None:
                _keep_quietly(keep, ctx, plan, RunEnd(error, lines.lines))
            raise
        if keep is not None:
            keep(ctx, plan, RunEnd(None, lines.lines))


def _keep_quietly(keep: EvidenceKeeper, ctx: CutContext, plan: RunPlan, end: RunEnd) -> None:
    try:
        keep(ctx, plan, end)
    except CutterError as error:
        log.warning("The evidence of %s could not be kept: %s", ctx.change_set_id, error)


def keep_if_reachable(
    connect: Connect, runs: Path, ctx: CutContext, plan: RunPlan, signer: SealingKey, end: RunEnd
) -> Path:
    """Keep the evidence with what is on record, or, of a run that was stopped, without it if the
    database does not answer.

    Raises what connecting and keeping raise; `cutter evidence make` then makes up for it.
    """
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
