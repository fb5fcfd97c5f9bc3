"""The flow of a proof: plan a document under a code that nobody uses, then make every check and
publish them.
"""

from __future__ import annotations

import getpass
import uuid
from typing import Final

from prefect import flow

from adapters.planning import plan_document
from blocks.artifacts import publish_proof
from blocks.in_process import in_process
from domain.phases import Mode
from domain.reading.options import ReadingOptions
from domain.reports.proof import ProofReport
from tasks.app import current_app
from tasks.change_sets import context_of
from tasks.proof import parts_of, prove

DOCUMENT: Final = "documents/safe-target.md"


@flow(name="prove_live_path", retries=0, persist_result=False, validate_parameters=True)
def prove_live_path(
    document: str = DOCUMENT, code: str | None = None, new_baseline: bool = False
) -> ProofReport:
    """Prove that the live path is locked, would work, and leaves nothing behind.

    The switch has to be OFF.

    Raises what planning raises, and `ConfigMissing`; what the checks find is in the report.
    """
    app = current_app()
    reading = ReadingOptions(code=code or f"cutter-proof-{uuid.uuid4().hex[:12]}")
    plan = plan_document(document, reading)
    ctx = context_of(app, plan, Mode.LIVE, 1, getpass.getuser())
    report = prove(parts_of(app, ctx.target), ctx, plan, new_baseline=new_baseline)
    publish_proof(report)
    return report


def run_proof(
    document: str = DOCUMENT, *, code: str | None = None, new_baseline: bool = False
) -> ProofReport:
    """Run `prove_live_path` in this process, as the command line does.

    Raises what the flow raises, and `OrchestratorUnavailable` if the API does not answer: no
    temporary server is started.
    """
    with in_process():
        report: ProofReport = prove_live_path(document, code=code, new_baseline=new_baseline)
        return report
