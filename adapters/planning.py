"""From a source to a checked plan: load, read, plan. Writes nothing."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from adapters.readers.by_content import read_document
from adapters.sources import load_source
from domain.cut_plan import CutPlan, TargetDocument, build_plan
from domain.errors import BadInput
from domain.marks import Granularity, ReadDocument


def plan_document(
    source: str,
    *,
    code: str | None = None,
    granularity: str = "basic",
    profile: str | None = None,
    publication_type: str | None = None,
    owner_ref: str | None = None,
) -> CutPlan:
    """Read a source and plan its cut. What is not given comes from the document's front matter, then from its name."""
    try:
        depth = Granularity(granularity)
    except ValueError:
        raise BadInput(f"Granularity {granularity!r} is unknown; choose basic or sub.") from None
    name = PurePosixPath(source).name
    read = read_document(load_source(source), name=name, granularity=depth, profile=profile)
    document = _target_document(read, name, code, publication_type, owner_ref)
    return build_plan(read, document, source_name=name, granularity=depth)


def _target_document(
    read: ReadDocument, name: str, code: str | None, publication_type: str | None, owner_ref: str | None
) -> TargetDocument:
    meta = read.metadata
    return TargetDocument(
        code=code or meta.get("document_code") or code_from_name(name),
        publication_type=publication_type or meta.get("publication_type") or "law",
        owner_ref=owner_ref or meta.get("owner") or "unassigned",
        title=meta.get("title", ""),
    )


def code_from_name(name: str) -> str:
    """A document code made of a file name, for documents that name none.

    >>> code_from_name("Bộ luật_Dân sự 2015.txt")
    'bo-luat-dan-su-2015'
    """
    stem = name.rsplit(".", 1)[0] if "." in name else name
    plain = unicodedata.normalize("NFKD", stem.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9.]+", "-", plain.lower()).strip("-.")[:80] or "document"
