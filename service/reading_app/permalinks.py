"""The permanent links: a page for a browser, JSON for a program (RFC 9110, section 12.1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

from fastapi import Request, Response
from pydantic import BaseModel

from domain.errors import BadInput, UnitNotFound
from domain.units.answers import DocumentAnswer, Problem, UnitAnswer
from domain.units.reader import UnitReader
from domain.units.records import UnitText
from service.reading_app.pages import STYLE, page
from service.reading_app.problems import no_such_place
from service.reading_app.sending import sent, sent_bytes, sent_problem, wants_page
from service.reading_app.views import When, document_view, unit_view
from tasks.questions import asking
from tasks.questions.asking import asked_text, in_a_zone
from tasks.questions.readers import Desk

HTML: Final = "text/html; charset=utf-8"
_KNOWN: Final = ("as-of", "known-at", "version", "from", "to")
_LARGEST: Final = 7  # digits of a version's number


class _Wanted(NamedTuple):
    when: When
    version_no: int | None
    old: int | None
    new: int | None


def start(request: Request) -> Response:
    """Every document."""
    desk: Desk = request.app.state.desk
    _wanted(request)
    with desk.readers.reading() as reader:
        answer = asking.documents(reader, desk.target)
    return _sent(request, answer, "documents", documents=answer.documents, target=desk.target)


def place(request: Request) -> Response:
    """A document by its code, or a unit by its code and steps."""
    desk: Desk = request.app.state.desk
    asked, wanted = asked_text(request.path_params["place"].rstrip("/")), _wanted(request)
    with desk.readers.reading() as reader:
        versions = _unit_at(reader, asked, wanted.when.known_at)
        if versions is None:
            return _document(request, reader, asked, wanted)
        return _unit(request, reader, versions, wanted, desk.target)


def style(request: Request) -> Response:
    """The style sheet."""
    return sent_bytes(request, STYLE.encode(), "text/css; charset=utf-8")


def nowhere(_request: Request) -> Response:
    """What the API does not have is not looked for among the documents."""
    return sent_problem(no_such_place())


def sent_refusal(request: Request, problem: Problem) -> Response:
    """A problem as a page for who wants one."""
    if request.url.path.startswith("/api/") or not _for_people(request):
        return sent_problem(problem)
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    content = page("problem", problem=problem)
    return Response(content, problem.status, media_type=HTML, headers=headers)


def _unit_at(
    reader: UnitReader, asked: str, known_at: datetime | None
) -> tuple[UnitText, ...] | None:
    """The versions of the unit that a path means; None where it means a document.

    A site's own codes and numbers may have a slash, so each is tried. Raises `UnitNotFound`.
    """
    first: UnitNotFound | None = None
    for at in (at for at, char in enumerate(asked) if char == "/"):
        try:
            return reader.history(f"{asked[:at]}~{asked[at + 1 :]}", known_at)
        except UnitNotFound as error:
            first = first or error
    if first is not None and not reader.addresses(asked):
        raise first
    return None


def _document(request: Request, reader: UnitReader, code: str, wanted: _Wanted) -> Response:
    if wanted.version_no or wanted.old or wanted.new:
        raise BadInput("A document has no version of its own; ask for a day by as-of.")
    document = reader.document(code, wanted.when.as_of, wanted.when.known_at)
    answer = DocumentAnswer.of(document, wanted.when.known_at)
    return _sent(request, answer, "document", view=document_view(document, wanted.when))


def _unit(
    request: Request,
    reader: UnitReader,
    versions: tuple[UnitText, ...],
    wanted: _Wanted,
    target: str,
) -> Response:
    address = versions[-1].address
    as_of, known_at = wanted.when
    if wanted.old is not None or wanted.new is not None:
        before = reader.unit(address, version_no=wanted.old or 1, known_at=known_at)
        newest = wanted.new or versions[-1].version.version_no
        found = reader.unit(address, version_no=newest, known_at=known_at)
        difference = asking.difference_of(before, found, target)
        answer: BaseModel = difference
    else:
        found = reader.unit(address, version_no=wanted.version_no, as_of=as_of, known_at=known_at)
        difference = None
        answer = UnitAnswer.whole(found, target, as_of=as_of, known_at=known_at)
    view = None
    if _for_people(request):
        view = unit_view(reader, found, versions, wanted.when, difference)
    return _sent(request, answer, "unit", view=view, target=target)


def _sent(request: Request, answer: BaseModel, name: str, **given: object) -> Response:
    if _for_people(request):
        return sent_bytes(request, page(name, **given), HTML)
    return sent(request, answer)


def _for_people(request: Request) -> bool:
    return wants_page(request.headers.get("accept", ""))


def _wanted(request: Request) -> _Wanted:
    given = request.query_params
    for name in given:
        if name not in _KNOWN:
            raise BadInput(f"There is no parameter {name[:40]!r} here.")
    if len(given) != len(given.multi_items()):
        raise BadInput("A parameter is given twice.")
    as_of, version_no = _day(given.get("as-of", "")), _number(given.get("version", ""))
    old, new = _number(given.get("from", "")), _number(given.get("to", ""))
    if sum((as_of is not None, version_no is not None, (old or new) is not None)) > 1:
        raise BadInput("Ask for a day, for a version or for a difference, not for more than one.")
    return _Wanted(When(as_of, _moment(given.get("known-at", ""))), version_no, old, new)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"{text[:40]!r} is not a day; write it as 2027-01-01.") from None


def _moment(text: str) -> datetime | None:
    try:
        return in_a_zone(datetime.fromisoformat(text)) if text else None
    except ValueError:
        raise BadInput(f"{text[:40]!r} is not a time; write it as 2027-01-01T09:30:00Z.") from None


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LARGEST and int(text) > 0):
        raise BadInput(f"{text[:40]!r} is not the number of a version.")
    return int(text)
