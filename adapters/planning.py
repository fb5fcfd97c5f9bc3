"""From a source to a checked plan: load, read, plan. Writes nothing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from adapters.collector import collector_paused
from adapters.readers.by_content import read_document
from adapters.readers.text.document_title import document_title, publication_type
from adapters.readers.text.imprint import imprint_of
from adapters.sources import load_source
from domain.errors import BadInput, PlanRefused
from domain.plan.cut_plan import CutPlan, TargetDocument, build_plan
from domain.reading.imprint import CodeFrom, Imprint
from domain.reading.marks import Granularity, Level, ReadDocument
from domain.reading.options import AS_IT_IS, ReadingOptions
from domain.reading.source import DocumentStore, StandingDocument, StoredDocument

_LONGEST_CODE: Final = 80
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def plan_document(
    source: str,
    options: ReadingOptions = AS_IT_IS,
    *,
    database: DocumentStore | None = None,
    stands: StandingDocument | None = None,
    shared_steps: bool = False,
) -> CutPlan:
    """Read a source and plan its cut.

    What the options leave open comes from the document's front matter, then from what `stands`
    under its code, then from its title and its name.

    `shared_steps` names containers as earlier versions did (`assign_addresses`): for a document
    that stands so, since an address is for ever.

    `db:CODE` is read from `database`, which also says what the document is. Raises `BadInput`,
    `DocumentRefused` or `PlanRefused` in one sentence.
    """
    try:
        depth = Granularity(options.granularity)
    except ValueError:
        raise BadInput(
            f"Granularity {options.granularity!r} is unknown; choose basic or sub."
        ) from None
    fetched = _Fetched(database)
    data = load_source(source, database=fetched if database else None)
    stored = fetched.document
    name = stored.file_name if stored else _name_of(source)
    with collector_paused():  # around both: `read_document` alone would let it run in between
        read = read_document(data, name=name, granularity=depth, profile=options.profile)
        code, code_from = _code(read, name, options, stored)
        plan = build_plan(
            read,
            _target_document(read, code, options, stored, stands),
            source_name=name,
            granularity=depth,
            shared_steps=shared_steps,
        )
    return replace(plan, imprint=_imprint(read, plan.document.title, code_from))


class _Fetched:
    """Fetches a text from the store and remembers what the store says about it."""

    def __init__(self, store: DocumentStore | None) -> None:
        self._store = store
        self.document: StoredDocument | None = None

    def __call__(self, code: str) -> bytes:
        if self._store is None:
            raise BadInput(f"db:{code} is in a database, and none is at hand; give a path instead.")
        self.document = self._store(code)
        return self.document.content


def _name_of(source: str) -> str:
    return (
        "standard-input"
        if source == "-"
        else PurePosixPath(source.split("?", 1)[0].split("#", 1)[0]).name
    )


def _code(
    read: ReadDocument, name: str, given: ReadingOptions, stored: StoredDocument | None
) -> tuple[str, CodeFrom]:
    """The document's code, and where it is from. What a document says of itself outdoes the name of
    its file, so that two files of one work are two versions of it.
    """
    if given.code:
        return given.code, CodeFrom.SAID
    if stored:
        return stored.document_code, CodeFrom.STORED
    if said := read.metadata.get("document_code"):
        return said, CodeFrom.DOCUMENT
    if work := code_of_work(read.metadata.get("work", "")):
        return work, CodeFrom.WORK
    return code_from_name(name), CodeFrom.FILE_NAME


def _imprint(read: ReadDocument, title: str, code_from: CodeFrom) -> Imprint:
    """What the document says apart, else what stands before the first unit that people cite."""
    number, day = read.metadata.get("number", ""), _DAY.match(read.metadata.get("date", ""))
    if number or day:
        return Imprint(number, day[0] if day else "", code_from)
    basic = next((mark.start for mark in read.marks if mark.level is Level.BASIC), 0)
    return Imprint(*imprint_of(title, read.text[:basic]), code_from)


def _target_document(
    read: ReadDocument,
    code: str,
    given: ReadingOptions,
    stored: StoredDocument | None,
    stands: StandingDocument | None,
) -> TargetDocument:
    """What the document is: as was said, else as the database knows it, else as it says itself,
    else as it stands.
    """
    meta = read.metadata
    title = (stored.title if stored else "") or document_title(read)
    kind = given.publication_type or (
        stored.publication_type if stored else meta.get("publication_type")
    )
    owner = given.owner_ref or (stored.owner_ref if stored else meta.get("owner"))
    if stands is not None:
        kind = kind or _the_one(stands.publication_types, code, "publication type")
        owner = owner or _the_one(stands.owners, code, "owner")
    return TargetDocument(
        code=code,
        publication_type=kind or publication_type(title) or "law",
        owner_ref=owner or "unassigned",
        title=title or (stands.title if stands else ""),
    )


def _the_one(words: tuple[str, ...], code: str, what: str) -> str | None:
    """The word that all units of a document have. Raises `PlanRefused` if they have several."""
    if len(words) > 1:
        option = f"--{what.replace(' ', '-')}"
        raise PlanRefused(
            f"The units of {code} stand with several words for the {what} "
            f"({', '.join(words)}); say with {option} which one all of them get."
        )
    return words[0] if words else None


def code_of_work(uri: str) -> str:
    """A document code made of the address of a work in an Akoma Ntoso repository; "" where it is
    none or too long.

    >>> code_of_work("/akn/it/act/legge/stato/1941-04-22/633"), code_of_work("/akn/xx")
    ('it.act.legge.stato.1941-04-22.633', '')
    """
    steps = [step for step in uri.lower().split("/") if step not in ("", "akn")]
    code = ".".join(re.sub(r"[^a-z0-9]+", "-", step).strip("-") for step in steps)
    return code if len(steps) > 2 and len(code) <= _LONGEST_CODE and ".." not in code else ""


def code_from_name(name: str) -> str:
    """A document code made of a file name, for documents that name none.

    >>> code_from_name("Bộ luật_Dân sự 2015.txt")
    'bo-luat-dan-su-2015'
    """
    stem = name.rsplit(".", 1)[0] if "." in name else name
    plain = (
        unicodedata.normalize("NFKD", stem.replace("đ", "d").replace("Đ", "D"))
        .encode("ascii", "ignore")
        .decode()
    )
    return re.sub(r"[^a-z0-9.]+", "-", plain.lower()).strip("-.")[:_LONGEST_CODE] or "document"
