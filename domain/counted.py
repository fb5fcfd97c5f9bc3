"""A number and what it counts, as a person writes it."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """The number with its noun; `many` if the plural is not `one` with an s.

    >>> counted(1, "unit"), counted(2500, "unit"), counted(0, "entry", "entries")
    ('1 unit', '2,500 units', '0 entries')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
