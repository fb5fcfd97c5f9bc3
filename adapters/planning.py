"""From a source to a checked plan: load, read, plan. Writes nothing."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from adapters.collector import collector_paused
from adapters.readers.by_content import read_document
from adapters.readers.text.document_title import document_title, publication_type
from adapters.sources import load_source
from domain.errors import BadInput, PlanRefused
from domain.plan.cut_plan import CutPlan, TargetDocument, build_plan
from domain.reading.marks import Granularity, ReadDocument
from domain.reading.options import AS_IT_IS, ReadingOptions
from domain.reading.source import DocumentStore, StandingDocument, StoredDocument


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
        return build_plan(
            read,
            _target_document(read, name, options, stored, stands),
            source_name=name,
            granularity=depth,
            shared_steps=shared_steps,
        )


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


def _target_document(
    read: ReadDocument,
    name: str,
    given: ReadingOptions,
    stored: StoredDocument | None,
    stands: StandingDocument | None,
) -> TargetDocument:
    """What the document is: as was said, else as the database knows it, else as it says itself,
    else as it stands.
    """
    meta = read.metadata
    title = (stored.title if stored else "") or document_title(read)
    code = (
        given.code
        or (stored.document_code if stored else meta.get("document_code"))
        or code_from_name(name)
    )
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
    return re.sub(r"[^a-z0-9.]+", "-", plain.lower()).strip("-.")[:80] or "document"
