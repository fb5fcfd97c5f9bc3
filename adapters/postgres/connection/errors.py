"""The driver's errors become errors of `domain.errors`: here, and nowhere else.

Every function of this wing that is called from outside it does its work in a block of `translated`,
as a decorator or with `with`. So a caller meets errors of `domain.errors` only, whatever happens to
the server, the network or the statement. The driver's own text never goes along: it can quote data
and secrets.

The transaction of a phase is the one caller that has to see the driver's error, because its code
decides whether the whole is tried again (`phases/transactions.py`). It runs the phase's work in a
block of `untranslated`, where every `translated` lets errors pass as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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

_UNTRANSLATED: ContextVar[bool] = ContextVar("cutter_untranslated", default=False)


@contextmanager
def translated(
    doing: str, as_: Callable[[str], CutterError] = DatabaseUnsuitable, *, hint: str = ""
) -> Iterator[None]:
    """Raise `as_` for whatever the driver raises in the block, or the refusal that its code means.

    `doing` begins the message; `hint` says what to do where the code's own hint would not help.
    """
    if _UNTRANSLATED.get():
        yield
        return
    try:
        yield
    except psycopg.Error as error:
        raise error_for(error, doing, as_, hint=hint) from None


@contextmanager
def untranslated() -> Iterator[None]:
    """Let the driver's errors pass through every `translated` in the block.

    For who looks at their code and calls `error_for`.
    """
    token = _UNTRANSLATED.set(True)
    try:
        yield
    finally:
        _UNTRANSLATED.reset(token)


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
    found.sqlstate = code
    return found
