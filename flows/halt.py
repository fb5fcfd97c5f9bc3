"""The stop: the switch goes OFF, everything is halted in the database, and open permits are taken
back.
"""

from __future__ import annotations

import getpass

from prefect import flow

from blocks.form import ByField, ReasonField
from tasks.app import current_app
from tasks.records.halt import HaltReport, halt_everything


@flow(name="halt", retries=0, persist_result=False, validate_parameters=True)
def halt(reason: ReasonField, by: ByField = "") -> HaltReport:
    """Stop everything.

    After it has completed no phase of any run commits, until somebody lifts the halt.

    Raises `HaltIncomplete` if switch or database could not be reached: what could be was stopped
    all the same.
    """
    return halt_everything(current_app(), reason, by or getpass.getuser())
