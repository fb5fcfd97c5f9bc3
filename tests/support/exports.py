"""Documents as they are read back, made of plans, for tests of what is written of them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from lxml import etree

from domain.plan.cut_plan import CutPlan
from domain.units.records import DocumentText, UnitText, VersionFacts

SCHEMA: Final = Path(__file__).parents[1] / "fixtures" / "akomantoso" / "akomantoso30.xsd"


def document_of(plan: CutPlan) -> DocumentText:
    """The document that a plan would leave."""
    return DocumentText(
        plan.document_code,
        plan.document.title,
        plan.document.publication_type,
        plan.document.owner_ref,
        tuple(
            UnitText(
                row.canonical_address,
                row.title,
                row.body,
                row.body_sha256,
                row.unit_kind,
                row.section_type,
                row.parent_ref,
                VersionFacts(1),
            )
            for row in plan.rows
        ),
    )


@lru_cache(maxsize=1)
def akn_schema() -> etree.XMLSchema:
    """The official schema of Akoma Ntoso 3.0."""
    return etree.XMLSchema(etree.parse(SCHEMA))


def schema_faults(text: str) -> list[str]:
    """What the official schema says against a document; it is parsed as any program would."""
    schema = akn_schema()
    if schema.validate(etree.fromstring(text.encode())):
        return []
    return str(schema.error_log).splitlines()
