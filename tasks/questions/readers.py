"""Who answers: readers of the registered target, for a service that is asked many times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from adapters.home.target import require_target
from adapters.postgres.units.pool import UnitReaders
from domain.phases import Principal
from domain.units.records import UnitText
from tasks.app import App
from tasks.records.reading_back import proof_of


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers: readers of one target, its name, and what proves a unit that stands."""

    readers: UnitReaders
    target: str
    proof: Callable[[UnitText], dict[str, Any]]


@contextmanager
def open_desk(app: App) -> Iterator[Desk]:
    """The desk of the registered target while the block runs. No connection is opened yet; it is
    of `cutter_reader` where the home has its login, else of the verifying principal.

    Raises `ConfigMissing` without a target.
    """
    target = require_target(app.settings.state)
    connections = app.reading(target) or app.connections(target)
    readers = UnitReaders(lambda: connections.connect(Principal.VERIFY), str(target))
    with closing(readers):
        yield Desk(readers, str(target), partial(proof_of, app))
