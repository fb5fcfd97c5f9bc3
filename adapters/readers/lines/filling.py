"""Numbers that a run lacks and that stand exactly where they belong, if in a quotation that was not
closed.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.sequences import Chain
from adapters.readers.numbers.numbering import last_of


def filled(items: Sequence[Candidate], chain: Chain) -> list[Candidate]:
    """The chain, with numbers that it lacks where exactly they stand between their neighbours, even
    in a doubtful quotation.
    """
    accepted: list[Candidate] = []
    before = -1
    for a in chain.chosen:
        if before < 0 or a in chain.restarts:
            accepted += _beyond(items, before, a)
            accepted += _led_in(items, before, a)
        elif a > before + 1:
            accepted += _between(items, before, a)
        accepted.append(items[a])
        before = a
    return accepted + _beyond(items, before, len(items))


def _beyond(items: Sequence[Candidate], last: int, end: int) -> list[Candidate]:
    """The numbers that go on after a run in a doubtful quotation: not those of the heading that the
    quotation opens with.
    """
    if last < 0:
        return []
    found: list[Candidate] = []
    stood = max(last_of(items[last].number), items[last].order.whole)
    opened = -1
    for c in items[last + 1 : end]:
        if c.quoted:
            opened = c.order.whole
        elif (
            opened >= 0
            and c.order.whole == stood + 1
            and opened not in (stood, stood + 1)
            and _has_title(c)
        ):
            found.append(c)
            stood += 1
    return found


def _between(items: Sequence[Candidate], a: int, b: int) -> list[Candidate]:
    stood = max(last_of(items[a].number), items[a].order.whole)
    found = []
    for c in items[a + 1 : b]:
        if c.order.whole == stood + 1 < items[b].order.whole and _has_title(c):
            found.append(c)
            stood += 1
    return found


def _led_in(items: Sequence[Candidate], before: int, first: int) -> list[Candidate]:
    """The numbers from 1 up to the first of a run, if all of them stand before it."""
    wanted = items[first].order.whole - 1
    found: list[Candidate] = []
    for c in reversed(items[before + 1 : first]):
        if wanted >= 1 and c.order.whole == wanted and not c.order.inserted and _has_title(c):
            found.append(c)
            wanted -= 1
    return found[::-1] if wanted == 0 else []


def _has_title(c: Candidate) -> bool:
    return bool(c.sep) and not c.quoted and c.rest[:1].isupper()
