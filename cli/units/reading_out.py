"""`cutter units`, `show`, `history` and `search`: what was cut, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.home.target import require_target
from cli.json_output import as_json_line
from cli.services import home_settings, the_app, without_prefect
from cli.terminal import words as safe
from domain.counted import counted
from domain.errors import BadInput
from domain.units.reader import FULL_TEXT, LETTERS, LIKENESS, UnitReader
from domain.units.records import DocumentLine, DocumentText, UnitText

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.console import Console
    from rich.tree import Tree

UNKNOWN: Final = "unknown"
_HOW: Final = {
    FULL_TEXT: "by full text",
    LETTERS: "by letters, for no unit has the words",
    LIKENESS: "by likeness (pg_trgm), for no unit has the words or the letters",
}


def answered(ask: Callable[[UnitReader, str], BaseModel]) -> None:
    """Print one answer for a program: the very shape in which HTTP and tools answer the question.

    `ask` gets the reader and the name of the target. Raises what it raises.
    """
    with reading() as reader:
        print_answer(ask(reader, target_name()))


def print_answer(answer: BaseModel) -> None:
    """Print an answer for a program."""
    print(as_json_line(answer.model_dump(mode="json")))


def target_name() -> str:
    """What answers call the home's knowledge base."""
    return str(require_target(home_settings().state))


@contextmanager
def reading() -> Iterator[UnitReader]:
    """The home's units while the block runs. No Prefect server is started."""
    with without_prefect():
        from tasks.records.units import reading_out

        with reading_out(the_app()) as reader:
            yield reader


def every_unit_command(console: Console, code: str | None, *, as_json: bool) -> None:
    """List every unit that was ever enacted, of a document or of all. Raises `UnitNotFound`."""
    with reading() as reader:
        found = reader.ever(code)
    if as_json:
        print(as_json_line({"units": [one._asdict() for one in found]}))
        return
    for one in found:
        console.print(
            f"[cyan]{safe(one.address)}[/cyan]  {safe(one.title)}  "
            f"[dim]version {one.version_no}, {one.standing}[/dim]",
            highlight=False,
            soft_wrap=True,
        )
    console.print(f"{counted(len(found), 'unit')} ever enacted.", highlight=False)


def units_command(console: Console, code: str | None, *, tree: bool, as_json: bool) -> None:
    """List the documents, or the units of one. Raises `UnitNotFound`."""
    if as_json:
        from tasks.questions import asking

        if code is None:
            answered(asking.documents)
        else:
            answered(lambda reader, _: asking.document(reader, code))
        return
    with reading() as reader:
        found = reader.documents() if code is None else reader.document(code)
    if isinstance(found, DocumentText):
        if tree:
            console.print(_tree(found))
        else:
            _list_units(console, found)
    else:
        _list_documents(console, found)


class Wanted(NamedTuple):
    """What is to be read out: named by address, citation or code, in which document, and when."""

    named: str
    code: str | None = None
    as_of: str | None = None
    version_no: int | None = None
    known_at: str | None = None

    @property
    def moment(self) -> datetime | None:
        """The time as of which it is asked what was known; a day is its beginning, and without a
        zone it is UTC. Raises `BadInput` for what is none.
        """
        if self.known_at is None:
            return None
        try:
            found = datetime.fromisoformat(self.known_at)
        except ValueError:
            raise BadInput(
                f"{self.known_at!r} is not a time; write it as 2027-01-01 or 2027-01-01T09:30:00Z."
            ) from None
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    @property
    def day(self) -> date | None:
        """The day that is asked for. Raises `BadInput` for what is none."""
        try:
            return date.fromisoformat(self.as_of) if self.as_of is not None else None
        except ValueError:
            raise BadInput(f"{self.as_of!r} is not a day; write it as 2027-01-01.") from None


def show_command(console: Console, notes: Console, wanted: Wanted, *, as_json: bool) -> None:
    """Show a unit, or the text of a document.

    Raises `UnitNotFound`, `CannotSay`, and `BadInput` for what is no day.
    """
    named, day, moment = wanted.named, wanted.day, wanted.moment
    if day is not None and wanted.version_no is not None:
        raise BadInput("Ask for a version or for a day, not for both: --version or --as-of.")
    with reading() as reader:
        from tasks.records.units import unit_meant

        if "~" not in named and any(one.code == named for one in reader.documents()):
            if wanted.version_no is not None:
                raise BadInput("A document has no version of its own; ask for a day by --as-of.")
            _show_document(console, reader.document(named, day, moment), as_json=as_json)
            return
        if as_json:
            from tasks.questions import asking

            asked = asking.Asked(named, wanted.code, day, wanted.version_no, moment)
            print_answer(asking.unit(reader, asked, target_name()))
            return
        meant = unit_meant(reader, named, wanted.code)
        unit = reader.unit(meant.address, version_no=wanted.version_no, as_of=day, known_at=moment)
    beyond = "__".join(map(str, meant.missing))
    if beyond:
        notes.print(
            f"{safe(beyond)} is no unit of its own: it is a part of the text of this one.",
            highlight=False,
        )
    show_unit(console, unit)


def history_command(console: Console, wanted: Wanted, *, as_json: bool) -> None:
    """List the versions of a unit. Raises `UnitNotFound` and `CannotSay`."""
    if as_json:
        from tasks.questions import asking

        asked = asking.Asked(wanted.named, wanted.code)
        answered(lambda reader, target: asking.history(reader, asked, target))
        return
    with reading() as reader:
        from tasks.records.units import unit_meant

        versions = reader.history(unit_meant(reader, wanted.named, wanted.code).address)
    console.print(f"[bold]{safe(versions[-1].address)}[/bold]", highlight=False)
    for unit in versions:
        version = unit.version
        console.print(
            f"  {_since(unit)}, {version.state}, enacted {version.enacted_at or UNKNOWN}, "
            f"change set {version.change_set_id or UNKNOWN}",
            highlight=False,
        )


def search_command(
    console: Console, words: str, code: str | None, *, limit: int, as_json: bool
) -> None:
    """Search the units, and say by what they were found. Raises `UnitNotFound` for a document that
    is not there.
    """
    if as_json:
        from tasks.questions import asking

        answered(lambda reader, target: asking.search(reader, words, target, code, limit))
        return
    with reading() as reader:
        if code is not None:
            reader.about(code)
        found = reader.search(words, code, limit)
    for hit in found.hits:
        console.print(f"[bold]{safe(hit.unit.address)}[/bold]  {safe(hit.unit.title)}")
        console.print(f"  {safe(hit.snippet)}", highlight=False)
    how = _HOW[found.by]
    most = ", as many as --limit allows" if len(found.hits) == limit else ""
    console.print(f"{counted(len(found.hits), 'unit')} found {how}{most}.", highlight=False)


def _list_documents(console: Console, documents: tuple[DocumentLine, ...]) -> None:
    for one in documents:
        facts = f"{counted(one.units, 'unit')}, {one.publication_type}"
        when = f", enacted {one.enacted_at:%Y-%m-%d}" if one.enacted_at else ""
        title = f"  {safe(one.title)}" if one.title else ""
        console.print(f"[bold]{safe(one.code)}[/bold]{title}  {facts}{when}", highlight=False)
    if not documents:
        console.print("No document was cut into this knowledge base yet.")


def _list_units(console: Console, document: DocumentText) -> None:
    for unit in document.units:
        console.print(
            f"[cyan]{safe(unit.address)}[/cyan]  {safe(unit.title)}",
            highlight=False,
            soft_wrap=True,
        )
    console.print(f"{counted(len(document.units), 'unit')} of {safe(document.code)}.")


def _tree(document: DocumentText) -> Tree:
    from rich.tree import Tree  # for those who ask for one

    tree = Tree(f"[bold]{safe(document.code)}[/bold]", highlight=False)
    nodes: dict[str | None, Tree] = {None: tree}
    for unit in document.units:
        step = unit.address.split("~", 1)[-1]
        nodes[unit.address] = nodes.get(unit.parent, tree).add(
            f"[cyan]{safe(step)}[/cyan]  {safe(unit.title)}", highlight=False
        )
    return tree


def _show_document(console: Console, document: DocumentText, *, as_json: bool) -> None:
    if as_json:
        from adapters.writers.formats import json_of

        print(as_json_line(json.loads(json_of(document))))
        return
    for unit in document.units:
        console.print(unit.body.rstrip("\n"), highlight=False, markup=False)


def show_unit(console: Console, unit: UnitText) -> None:
    """One unit, whole, and which version it is."""
    version = unit.version
    for name, value in (
        ("address", unit.address),
        ("title", unit.title),
        ("kind", unit.unit_kind),
        ("parent", unit.parent or "-"),
        ("version", _since(unit)),
        ("state", version.state),
        ("enacted", version.enacted_at or UNKNOWN),
        ("change set", version.change_set_id or UNKNOWN),
        ("sha-256", unit.body_sha256),
    ):
        console.print(f"[dim]{name:<12}[/dim]{safe(value)}", highlight=False)
    console.print()
    console.print(unit.body.rstrip("\n"), highlight=False, markup=False)


def _since(unit: UnitText) -> str:
    version = unit.version
    since = version.in_force_from or f"a day that is {UNKNOWN}"
    of = f" of {len(unit.versions)}" if len(unit.versions) > 1 else ""
    return f"{version.version_no}{of}, in force from {since}"
