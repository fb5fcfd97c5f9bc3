"""From when a revision is in force: one date for all of it, and others for single units.

A date may be past or future, and it may be unknown; that is said, and never guessed. Where single
units have dates of their own, they stand in a small file, one line a unit:

    # address, date, where it is said
    art_5, 2027-01-01, Gazette 12 of 2026
    art_7a, unknown, left to an order of the minister

Fields are separated by commas or tabs; the third may hold commas. An address may be without the
document's code. Empty lines and lines that begin with `#` are left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

from domain.digests import records_sha256, text_sha256
from domain.errors import BadInput
from domain.revision.pairing import bare

UNKNOWN: Final = "unknown"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SEPARATOR: Final = re.compile(r"[ ]*[,\t][ ]*")


@dataclass(frozen=True, slots=True)
class UnitDate:
    """From when one unit's new version is in force; None is unknown. `source` says who says so."""

    in_force_from: date | None
    source: str = ""


@dataclass(frozen=True)
class Dates:
    """The dates of a revision: `all_from` is that of every unit without one in `single`, which goes
    by full address.
    """

    all_from: date | None = None
    single: Mapping[str, UnitDate] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, address: str) -> date | None:
        """From when the unit at an address is in force; None is unknown."""
        own = self.single.get(address)
        return self.all_from if own is None else own.in_force_from

    @property
    def digest(self) -> str:
        """SHA-256 that pins every date and its source."""
        return records_sha256(
            [
                ("iu-cutter dates 1", said(self.all_from)),
                *(
                    (address, said(one.in_force_from), text_sha256(one.source))
                    for address, one in sorted(self.single.items())
                ),
            ]
        )


NO_DATES: Final = Dates()
"""Nothing is known: every unit's date is unknown."""


def parse_day(typed: str, where: str = "--in-force-from") -> date | None:
    """A date as it is typed: `2027-01-01`, or `unknown` for None. Raises `BadInput`.

    >>> parse_day("2027-01-01"), parse_day("unknown")
    (datetime.date(2027, 1, 1), None)
    >>> parse_day("1.1.2027", "line 3")
    Traceback (most recent call last):
    domain.errors.BadInput: line 3: '1.1.2027' is no date; write one such as 2027-01-01, or unknown.
    """
    typed = typed.strip()
    if typed.casefold() == UNKNOWN:
        return None
    try:
        if _DAY.fullmatch(typed):
            return date.fromisoformat(typed)
    except ValueError:  # the 30th of February
        pass
    raise BadInput(
        f"{where}: {typed[:40]!r} is no date; write one such as 2027-01-01, or {UNKNOWN}."
    )


def parse_dates(text: str, name: str, addresses: Collection[str]) -> dict[str, UnitDate]:
    """The dates of a file, by full address; `addresses` are those that it may name.

    Raises `BadInput` naming the file and the line: not three fields, no date, an address that is
    unknown or that came before.
    """
    full = {bare(address): address for address in addresses}
    dates: dict[str, UnitDate] = {}
    for line, (address, day, source) in _fields(text, name):
        where = f"{name}, line {line}"
        short = bare(address) if re.search("[~!]", address) else f"~{address}"
        if short not in full:
            raise BadInput(f"{where}: nothing happens to {address[:80]}; name a unit that changes.")
        if full[short] in dates:
            raise BadInput(f"{where}: {address[:80]} has a date already; keep one of them.")
        dates[full[short]] = UnitDate(parse_day(day, where), source)
    return dates


def _fields(text: str, name: str) -> Iterator[tuple[int, tuple[str, str, str]]]:
    for line, printed in enumerate(_lines(text), 1):
        content = printed.strip()
        if not content or content.startswith("#"):
            continue
        fields = _SEPARATOR.split(content, maxsplit=2)
        if len(fields) != 3 or not all(fields):
            raise BadInput(
                f"{name}, line {line}: write address, date and source, such as "
                f"art_5, 2027-01-01, Gazette 12 of 2026."
            )
        yield line, (fields[0], fields[1], fields[2])


def _lines(text: str) -> Iterable[str]:
    return text.removeprefix("\ufeff").splitlines()


def said(day: date | None) -> str:
    """A date as it is typed and signed.

    >>> said(date(2027, 1, 1)), said(None)
    ('2027-01-01', 'unknown')
    """
    return UNKNOWN if day is None else day.isoformat()
