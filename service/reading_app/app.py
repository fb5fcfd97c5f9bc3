"""The application: the questions over HTTP as JSON, and the same as pages under permanent links."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from domain.errors import BadInput, CutterError
from domain.units.answers import Problem
from service.reading_app.api import ENDPOINTS
from service.reading_app.guarding import Guarded
from service.reading_app.permalinks import nowhere, place, sent_refusal, start, style
from service.reading_app.problems import REFUSALS, bad_request, no_such_place, problem_of
from tasks.questions.readers import Desk

TITLE = "iu-cutter: units"
ABOUT = (
    "What was cut into this knowledge base, for programs: read-only. Every answer says address, "
    "version, day, hash and change set. `not_found`, `ambiguous` and `cannot_say` are different "
    "answers. Keep an answer with its ETag, and ask again with If-None-Match."
)


def reading_app(desk: Desk, url: str) -> ASGIApp:
    """The application. `url` is how it is reached."""
    return Guarded(unguarded_app(desk), url)


def unguarded_app(desk: Desk) -> FastAPI:
    """The application as it is described by OpenAPI."""
    made = FastAPI(
        title=TITLE,
        description=ABOUT,
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    made.state.desk = desk
    made.exception_handler(CutterError)(_refused)
    made.exception_handler(RequestValidationError)(_malformed)
    made.exception_handler(HTTPException)(_elsewhere)
    for one in ENDPOINTS:
        responses = {**REFUSALS, **one.responses}
        made.get(
            one.path,
            responses=responses,
            summary=one.summary,
            tags=["units"],
            dependencies=[Depends(_known_parameters)],
        )(one.answer)
    for path, shown in (
        ("/api/style.css", style),
        ("/api/{rest:path}", nowhere),
        ("/", start),
        ("/{place:path}", place),
    ):
        made.add_route(path, shown, include_in_schema=False)
    described = made.openapi

    def openapi() -> dict[str, Any]:
        schema = described()
        shapes = schema.setdefault("components", {}).setdefault("schemas", {})
        shapes["Problem"] = Problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            shapes.pop(unused, None)
        return schema

    made.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation extends it
    return made


async def _known_parameters(request: Request) -> None:
    """Refuse a parameter that is not known, or is given twice: who misspells a day would be
    answered with another day's text. It waits for nothing, so it takes no thread of its own.
    """
    known = {one.alias for one in request.scope["route"].dependant.query_params}
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in known:
            raise BadInput(f"There is no parameter {name[:40]!r} here.")
    if len(given) != len(set(given)):
        raise BadInput("A parameter is given twice.")


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CutterError)  # noqa: S101  # it is registered for these alone
    return sent_refusal(request, problem_of(error))


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # as above
    first = error.errors()[0]
    return sent_refusal(request, bad_request(f"{first['loc'][-1]}: {first['msg']}."))


def _elsewhere(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # as above
    if error.status_code == 404:
        return sent_refusal(request, no_such_place())
    problem = bad_request("Only GET and HEAD are answered here.")
    answer = sent_refusal(request, problem.model_copy(update={"status": error.status_code}))
    answer.headers.update(error.headers or {})
    return answer
