"""A document in each of the formats that it is written in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from adapters.writers.akn import akn_of
from adapters.writers.markdown import markdown_of
from adapters.writers.page import page_of
from domain.units.formats import Format
from domain.units.records import DocumentText, UnitText, VersionFacts

FORMAT: Final = "iu-cutter document 1"


def written(document: DocumentText, to: Format) -> str:
    """The document in a format, as text."""
    return _WRITERS[to](document)


def json_of(document: DocumentText) -> str:
    """The document as one JSON object with all that is known of it."""
    content = {
        "format": FORMAT,
        "document": document.code,
        "title": document.title,
        "publication_type": document.publication_type,
        "owner": document.owner_ref,
        "as_of": _day(document.as_of),
        "target": document.target,
        "units": [_unit(unit) for unit in document.units],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _unit(unit: UnitText) -> dict[str, Any]:
    content = {
        "address": unit.address,
        "title": unit.title,
        "body": unit.body,
        "body_sha256": unit.body_sha256,
        "unit_kind": unit.unit_kind,
        "section_type": unit.section_type,
        "parent": unit.parent,
        "label": unit.label,
        **_version(unit.version),
    }
    if unit.versions:
        content["versions"] = [_version(one) for one in unit.versions]
    return content


def _version(version: VersionFacts) -> dict[str, Any]:
    return {
        "version": version.version_no,
        "state": version.state,
        "in_force_from": _day(version.in_force_from),
        "change_set": version.change_set_id and str(version.change_set_id),
        "enacted_at": _day(version.enacted_at),
    }


def _day(moment: Any) -> str | None:
    return None if moment is None else str(moment.isoformat())


_WRITERS: Final[Mapping[Format, Callable[[DocumentText], str]]] = {
    Format.AKN: akn_of,
    Format.HTML: page_of,
    Format.JSON: json_of,
    Format.MD: markdown_of,
}
