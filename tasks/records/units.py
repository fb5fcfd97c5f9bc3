"""Reading out units: read-only, over the home's connection. Plain functions, no Prefect run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.home.target import require_target
from adapters.postgres.units.reader import units_of_one_moment
from domain.units.citing import Resolved, resolve
from domain.units.reader import UnitReader
from tasks.app import App
from tasks.reading import reader_connection


@contextmanager
def reading_out(app: App) -> Iterator[UnitReader]:
    """Reads out units of the registered target while the block runs, over a connection that can not
    write: all answers are of one moment.

    Raises `ConfigMissing` without a target, and a connection's refusal.
    """
    target = require_target(app.settings.state)
    with reader_connection(app) as conn, units_of_one_moment(conn, str(target)) as reader:
        yield reader


def unit_meant(reader: UnitReader, named: str, code: str | None = None) -> Resolved:
    """The address of the unit that is named: by itself, or by a citation as people write it, in the
    document of a code if one is given.

    Raises `UnitNotFound` and `CannotSay`.
    """
    if "~" in named:
        return Resolved(named)
    documents = [one for one in reader.documents() if code in (None, one.code)]
    return resolve(named, documents, reader.addresses)
