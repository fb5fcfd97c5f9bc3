"""How an answer goes out: by its hash, so that who has it already is sent nothing."""

from __future__ import annotations

import hashlib
from typing import Final

from fastapi import Request, Response
from pydantic import BaseModel

from domain.units.answers import Problem
from service.reading_app.problems import MEDIA_TYPE

JSON: Final = "application/json"
# A revision or a revert can change any answer: keep it, and ask each time whether it is still so.
_KEEPING: Final = "private, no-cache"


def sent(request: Request, answer: BaseModel) -> Response:
    """An answer as JSON."""
    return sent_bytes(request, answer.model_dump_json().encode(), JSON)


def sent_bytes(
    request: Request, content: bytes, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    """Bytes with their hash as the entity's tag; 304 without them for who has just these."""
    tag = f'"{hashlib.sha256(content).hexdigest()}"'
    every = {"ETag": tag, "Cache-Control": _KEEPING, "Vary": "Accept", **(headers or {})}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=every)
    return Response(content, media_type=media_type, headers=every)


def sent_problem(problem: Problem) -> Response:
    """A problem as JSON, which nobody keeps."""
    return Response(
        problem.model_dump_json(),
        problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", "Vary": "Accept"},
    )


def wants_page(accept: str) -> bool:
    """Whether HTML is asked for rather than JSON (RFC 9110, section 12.5.1).

    >>> wants_page("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    True
    >>> wants_page("*/*"), wants_page("application/json, text/html;q=0.5"), wants_page("")
    (False, False, False)
    """
    weights = dict(_weighted(one) for one in accept.split(","))
    any_text = weights.get("text/*", 0.0)
    page = weights.get("text/html", any_text)
    return page > weights.get(JSON, weights.get("application/*", 0.0))


def _weighted(one: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in one.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0


def _has(if_none_match: str, tag: str) -> bool:
    """By weak comparison (RFC 9110, section 13.1.2)."""
    given = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return tag in given or given == ["*"]
