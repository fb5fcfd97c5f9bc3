"""What to tell whoever a stopped run leaves with a change set that is half done."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from domain.errors import CutterError
from domain.phases import Phase
from domain.plan.revert import escalation
from domain.reports.run import PhaseReport
from tasks.records.knowledge_base import status

log = logging.getLogger(__name__)


@contextmanager
def says_if_torn(change_set_id: UUID, reports: Sequence[PhaseReport]) -> Iterator[None]:
    """Whatever stops the block says what to do if that leaves the change set torn.

    The error stays the one it was.

    Prefect shows an error's words as the run's state; what has none of its own, such as an
    interruption, is logged.
    """
    try:
        yield
    except CutterError as error:
        if is_torn(change_set_id, reports):
            error.args = (f"{error} {escalation(change_set_id)}",)
        raise
    except BaseException:
        if is_torn(change_set_id, reports):
            log.error(escalation(change_set_id))  # noqa: TRY400  # the run's own log has the traceback
        raise


def is_torn(change_set_id: UUID, reports: Sequence[PhaseReport]) -> bool:
    """Whether units are written and the rest is missing: by the journal, else by what the run has
    seen.
    """
    try:
        return any(one.torn for one in status(change_set_id))
    except CutterError:
        done = {report.phase for report in reports}
        return Phase.CUT_LEG_A in done and Phase.LIFECYCLE_ENACT not in done
