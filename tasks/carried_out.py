"""How a flow carries out what it was asked for, whoever began its run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from blocks.cancelled import staying_cancelled
from tasks.app import App
from tasks.records.halt import naming_halts

R = TypeVar("R")


def carried_out(app: App, body: Callable[[], R]) -> R:
    """What the body of a flow answers: a refusal names a halt first, and a run that was cancelled
    meanwhile stays Cancelled.
    """
    return staying_cancelled(lambda: naming_halts(app, body))
