"""The driver's errors become errors of `domain.errors`: here, and nowhere else.

Every function of this wing that is called from outside it does its work in a block of `translated`,
as a decorator or with `with`. So a caller meets errors of `domain.errors` only, whatever happens to
the server, the network or the statement. The driver's own text never goes along: it can quote data
and secrets.

The transaction of a phase is the one caller that has to see the driver's error, because its code
decides whether the whole is tried again (`phases/transactions.py`). It asks `driver_error` for it:
Python keeps it as the context of what was raised instead, and never shows or copies it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from adapters.postgres.connection.sqlstate import NO_PERMIT, explain, hint_of
from domain.errors import (
    AppendOnlyViolation,
    CutterError,
    DatabaseUnsuitable,
    Lock,
    PrincipalCapabilityError,
    ProductionExecutionNotAuthorized,
)

REFUSALS: Final[dict[str, type[CutterError]]] = {
    "42501": PrincipalCapabilityError,  # a role without the privilege
    "IU004": PrincipalCapabilityError,  # a principal that writes what is not its half
    "IU002": AppendOnlyViolation,  # a change to what is append-only
}
"""Codes that operators know by the name of an error, whatever was being done."""


@contextmanager
def translated(
    doing: str, as_: Callable[[str], CutterError] = DatabaseUnsuitable, *, hint: str = ""
) -> Iterator[None]:
    """Raise `as_` for whatever the driver raises in the block, or the refusal that its code means.

    `doing` begins the message; `hint` says what to do where the code's own hint would not help.
    """
    try:
        yield
    except psycopg.Error as error:
        raise error_for(error, doing, as_, hint=hint) from None


def driver_error(error: CutterError) -> psycopg.Error | None:
    """The driver's error that this one was raised for by `translated`, else None.

    An error that our own code raised while it handled one of the driver's is not such a one: it
    knows better what happened.
    """
    cause = error.__context__
    return cause if error.from_driver and isinstance(cause, psycopg.Error) else None


def error_for(
    error: psycopg.Error,
    doing: str,
    as_: Callable[[str], CutterError] = DatabaseUnsuitable,
    *,
    hint: str = "",
) -> CutterError:
    """What to raise for an error of the driver: in our words, with the server's code."""
    code = error.sqlstate
    found: CutterError
    if code == NO_PERMIT:
        found = ProductionExecutionNotAuthorized(Lock.PERMIT, f"{doing}: {hint_of(code)}")
    else:
        kind = REFUSALS.get(code or "", as_)
        found = kind(explain(error, doing, hint=hint))
    found.sqlstate, found.from_driver = code, True
    return found
