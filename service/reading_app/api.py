"""The endpoints of the JSON API: each hands a question on and sends what is answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import quote

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel

from adapters.writers.page import policy
from domain.units.answers import (
    DifferenceAnswer,
    DocumentAnswer,
    DocumentsAnswer,
    HistoryAnswer,
    SearchAnswer,
    UnitAnswer,
)
from domain.units.formats import Format
from service.reading_app.sending import JSON, sent, sent_bytes
from tasks.questions import asking
from tasks.questions.asking import MOST_CHARS, MOST_HITS, Asked

Cite = Annotated[
    str,
    Query(
        description="An address, or a citation as people write it, such as `§ 15b Abs. 2 BDSG`.",
        min_length=1,
        max_length=MOST_CHARS,
    ),
]
In = Annotated[
    str | None,
    Query(alias="in", description="The code of the document to look in.", max_length=MOST_CHARS),
]
AsOf = Annotated[
    date | None,
    Query(alias="as-of", description="As it was in force on this day; else as it stands."),
]
KnownAt = Annotated[
    datetime | None,
    Query(
        alias="known-at",
        description="As it was known at this time, before whatever was enacted or reverted later; "
        "without a zone it is UTC.",
    ),
]
Number = Annotated[int, Query(ge=1, le=1_000_000)]
Code = Annotated[str, Path(description="A document's code.", max_length=MOST_CHARS)]

_MEDIA_TYPES: Final = {
    Format.AKN: "application/akn+xml",
    Format.HTML: "text/html; charset=utf-8",
    Format.JSON: JSON,
    Format.MD: "text/markdown; charset=utf-8",
}
_TAG: Final = {"ETag": {"description": "Its SHA-256.", "schema": {"type": "string"}}}


class Endpoint(NamedTuple):
    """Where a question is asked, and how it is described."""

    path: str
    answer: Callable[..., Response]
    summary: str
    responses: dict[int | str, dict[str, Any]]


def documents(request: Request) -> Response:
    """Every document that has enacted units, by code."""
    desk = request.app.state.desk
    with desk.readers.reading() as reader:
        return sent(request, asking.documents(reader, desk.target))


def document(
    request: Request, code: Code, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """A document's units in the order of the text, without their texts: its tree."""
    with request.app.state.desk.readers.reading() as reader:
        return sent(request, asking.document(reader, code, as_of, known_at))


def export(
    request: Request,
    code: Code,
    to: Annotated[Format, Query(alias="format")] = Format.AKN,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """A document with its texts: Akoma Ntoso 3, HTML, JSON or Markdown."""
    with request.app.state.desk.readers.reading() as reader:
        text = asking.exported(reader, code, to, as_of, known_at)
    name = quote(f"{code}.{'xml' if to is Format.AKN else to.value}", safe="")
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{name}"}
    if to is Format.HTML:
        headers["Content-Security-Policy"] = policy()
    return sent_bytes(request, text.encode(), _MEDIA_TYPES[to], headers)


def unit(
    request: Request,
    cite: Cite,
    code: In = None,
    as_of: AsOf = None,
    version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    known_at: KnownAt = None,
) -> Response:
    """One unit: as it stands, as it was in force on a day, or at one version."""
    desk = request.app.state.desk
    asked = Asked(cite, code, as_of, version, known_at)
    with desk.readers.reading() as reader:
        return sent(request, asking.unit(reader, asked, desk.target))


def history(request: Request, cite: Cite, code: In = None, known_at: KnownAt = None) -> Response:
    """Every enacted version of a unit, oldest first."""
    desk = request.app.state.desk
    with desk.readers.reading() as reader:
        asked = Asked(cite, code, known_at=known_at)
        return sent(request, asking.history(reader, asked, desk.target))


def difference(
    request: Request,
    cite: Cite,
    old: Annotated[Number, Query(alias="from", description="The number of the one version.")],
    new: Annotated[Number, Query(alias="to", description="The number of the other.")],
    code: In = None,
) -> Response:
    """What differs between two versions of a unit, word by word."""
    desk = request.app.state.desk
    with desk.readers.reading() as reader:
        asked = Asked(cite, code)
        return sent(request, asking.difference(reader, asked, old, new, desk.target))


def search(
    request: Request,
    words: Annotated[
        str,
        Query(
            description='Words; all have to be there. "in quotes": one behind the other.',
            min_length=1,
            max_length=MOST_CHARS,
        ),
    ],
    code: In = None,
    limit: Annotated[int, Query(ge=1, le=MOST_HITS)] = 20,
) -> Response:
    """The units that have the words, best first."""
    desk = request.app.state.desk
    with desk.readers.reading() as reader:
        return sent(request, asking.search(reader, words, desk.target, code, limit))


def proof(request: Request, cite: Cite, code: In = None) -> Response:
    """A unit as it stands, with what proves it: `docs/verify_citation.py` verifies it offline."""
    desk = request.app.state.desk
    with desk.readers.reading() as reader:
        proved = asking.proof(reader, Asked(cite, code), desk.proof)
    return sent_bytes(request, proved.encode(), JSON)


def _of(shape: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": shape, "headers": _TAG}, 304: _UNCHANGED}


_UNCHANGED: Final[dict[str, Any]] = {"description": "It is what If-None-Match names."}
_EXPORTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The document.",
        "headers": _TAG,
        "content": {
            "application/akn+xml": {"schema": {"type": "string"}},
            "text/html": {"schema": {"type": "string"}},
            "text/markdown": {"schema": {"type": "string"}},
            JSON: {"schema": {"type": "object"}},
        },
    },
    304: _UNCHANGED,
}
_PROVED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The proof.",
        "headers": _TAG,
        "content": {JSON: {"schema": {"type": "object"}}},
    },
    304: _UNCHANGED,
}
ENDPOINTS: Final = (
    Endpoint("/api/documents", documents, "The documents", _of(DocumentsAnswer)),
    # A code may have a slash, where a site's own codes have.
    Endpoint("/api/documents/{code:path}/export", export, "A document, whole", _EXPORTED),
    Endpoint("/api/documents/{code:path}", document, "A document's tree", _of(DocumentAnswer)),
    Endpoint("/api/unit", unit, "A unit", _of(UnitAnswer)),
    Endpoint("/api/history", history, "A unit's versions", _of(HistoryAnswer)),
    Endpoint("/api/difference", difference, "Two versions", _of(DifferenceAnswer)),
    Endpoint("/api/search", search, "A search", _of(SearchAnswer)),
    Endpoint("/api/proof", proof, "A citation that proves itself", _PROVED),
)
