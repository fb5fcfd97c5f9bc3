"""A claim: what one instruction of an amending act says of one unit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Says(StrEnum):
    """What an instruction says happens to a unit."""

    CHANGE = "change"  # its text, or a part of it, is amended or replaced
    ADD = "add"
    REPEAL = "repeal"
    RENUMBER = "renumber"


@dataclass(frozen=True, slots=True)
class Claim:
    """What one instruction says of one unit.

    `number` is the unit's number as an address has it, `to` its new one where it gets another.
    `part` says that the instruction is about a part of the unit only. `line` is that of the
    amending act, from 1, and `quote` the instruction's own words, of which a quotation is left out.
    """

    says: Says
    number: str
    line: int
    quote: str
    to: str = ""
    part: bool = False
    annex: bool = False
