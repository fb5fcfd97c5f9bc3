"""Why there is no answer, over HTTP: no, more than one, none that can be said, or not now.

RFC 9457 has the form (`application/problem+json`). What is wrong with the knowledge base goes to
the service's own log, and not to whoever asks.
"""

from __future__ import annotations

import logging
from typing import Any, Final, NamedTuple

from domain.errors import (
    BadInput,
    CannotSay,
    ConfigMismatch,
    ConfigMissing,
    CutterError,
    NoProof,
    UnitNotFound,
)
from domain.units.answers import Problem

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
_MOST_CANDIDATES: Final = 100


class _Sort(NamedTuple):
    status: int
    code: str
    title: str


_BAD: Final = _Sort(400, "bad_request", "This can not be asked.")
_NOT_FOUND: Final = _Sort(404, "not_found", "Nothing stands there.")
_NO_PROOF: Final = _Sort(404, "no_proof", "It stands there, and nothing here proves it.")
_AMBIGUOUS: Final = _Sort(409, "ambiguous", "This can mean several units.")
_CANNOT_SAY: Final = _Sort(422, "cannot_say", "This is no citation that can be resolved.")
_UNAVAILABLE: Final = _Sort(503, "unavailable", "The knowledge base does not answer.")
_OURS: Final = (ConfigMissing, ConfigMismatch)  # of whoever runs the service, not of the asker
_LATER: Final = "The knowledge base can not be read now; ask again later."

REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    sort.status: {
        "description": sort.title,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for sort in (_BAD, _NOT_FOUND, _AMBIGUOUS, _CANNOT_SAY, _UNAVAILABLE)
}
"""What an endpoint may answer instead, as OpenAPI describes it."""


def problem_of(error: CutterError) -> Problem:
    """What is said of an error. One that is not the asker's is logged, and said in general."""
    if not isinstance(error, BadInput) or isinstance(error, _OURS) or error.from_driver:
        log.error("%s", error)
        return _problem(_UNAVAILABLE, _LATER)
    candidates = error.candidates[:_MOST_CANDIDATES] if isinstance(error, CannotSay) else ()
    return _problem(_sort_of(error), str(error), candidates)


def bad_request(detail: str) -> Problem:
    """What is said of a question that has the wrong form."""
    return _problem(_BAD, detail)


def no_such_place() -> Problem:
    """What is said of an address of the service at which there is nothing."""
    return _problem(_NOT_FOUND, "There is no such place here; /api/openapi.json lists them.")


def _sort_of(error: BadInput) -> _Sort:
    if isinstance(error, NoProof):
        return _NO_PROOF
    if isinstance(error, UnitNotFound):
        return _NOT_FOUND
    if isinstance(error, CannotSay):
        return _AMBIGUOUS if error.candidates else _CANNOT_SAY
    return _BAD


def _problem(sort: _Sort, detail: str, candidates: tuple[str, ...] = ()) -> Problem:
    return Problem.model_validate(
        {**sort._asdict(), "detail": detail, "candidates": list(candidates)}
    )
