"""Canonical addresses: `<document code>[!<component>]~<step>(__<step>)*` (DESIGN, section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.marks import Mark, PlanWarning, line_of
from domain.vocabulary import UNIT_KINDS

MAX_ADDRESS_CHARS: Final = 255


def assign_addresses(document_code: str, text: str, marks: Sequence[Mark]) -> tuple[list[str], list[PlanWarning]]:
    """One unique address a mark, in order, and a warning for every real duplicate."""
    seen: dict[str, int] = {}
    addresses: list[str] = []
    warnings: list[PlanWarning] = []
    for mark in marks:
        head = f"{document_code}!{mark.component}" if mark.component else document_code
        address = f"{head}~{UNIT_KINDS.get(mark.unit_kind, 'unit')}_{mark.number}"
        count = seen[address] = seen.get(address, 0) + 1
        if count > 1:
            warnings.append(PlanWarning("duplicate-number", line_of(text, mark.start), f"{mark.label} comes {count} times"))
            address = f"{address}.{count}"
        addresses.append(address)
    return addresses, warnings
