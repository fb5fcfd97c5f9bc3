"""Numbers that a sequence lacks although they stand exactly where they belong: inside a quotation
that was not closed, or with the mark of a note run into them.

A closing mark that was forgotten makes all that follows look quoted, and quoted candidates are left
out (`weights`). So after the sequence is found, a candidate is taken back that has a title set like
a heading, is not quoted by a mark of its own, and has the very number that is missing:

1. between two neighbours of a run: of 3, (4), 5 the 4;
2. before the first of a run: all numbers from 1 on, or none;
3. after the last of a run, if a quotation opened since with a heading of another number: of 3,
   “7, (4), (5) the 4 and the 5. If the quotation opened with 4, the 5 is that of the quoted law.

What takes text out of a page writes a raised mark like a digit: article 2 with the mark 1 becomes
article 21. So

4. of 1, 21, 3 the 21 is a 2 with the mark 1, if no 2 stands between these neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.sequences import Chain
from adapters.readers.numbers.numbering import Order, last_of

_GOOD_WEIGHT: Final = 0.8  # as for what may start a numbering, see `weights`
_MARK_DIGITS: Final = 2  # of the mark of a note


def filled(items: Sequence[Candidate], chain: Chain) -> list[Candidate]:
    """The candidates of a chain, and those that fill its gaps by the rules at the head of this
    file.
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
    """Rule 3. `last` is the run's last candidate, `end` is where the next run begins."""
    if last < 0:
        return []
    found: list[Candidate] = []
    stood = max(last_of(items[last].number), items[last].order.whole)
    opened = -1  # the number of the heading that the last quotation opened with
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
    """Rule 1."""
    stood = max(last_of(items[a].number), items[a].order.whole)
    found = []
    for c in items[a + 1 : b]:
        if stood + 1 >= items[b].order.whole:
            break
        if c.order.whole == stood + 1 and _has_title(c):
            found.append(c)
            stood += 1
        elif _has_mark(c, stood + 1) and all(o.order.whole != stood + 1 for o in items[a:b]):
            found.append(_without_mark(c, stood + 1))
            stood += 1
    return found


def _has_mark(c: Candidate, wanted: int) -> bool:
    """True for a heading with the number that is wanted and one or two more digits."""
    extra = len(c.number) - len(str(wanted))
    return (
        c.weight >= _GOOD_WEIGHT
        and not c.quoted
        and c.number.isdecimal()
        and c.number.startswith(str(wanted))
        and 1 <= extra <= _MARK_DIGITS
    )


def _without_mark(c: Candidate, number: int) -> Candidate:
    c.printed, c.order = c.label, Order(number)
    c.label = c.label.replace(c.number, str(number), 1)
    c.number = str(number)
    return c


def _led_in(items: Sequence[Candidate], before: int, first: int) -> list[Candidate]:
    """Rule 2: the numbers from 1 up to the first of a run, if all of them stand before it."""
    wanted = items[first].order.whole - 1
    found: list[Candidate] = []
    for c in reversed(items[before + 1 : first]):
        if wanted >= 1 and c.order.whole == wanted and not c.order.inserted and _has_title(c):
            found.append(c)
            wanted -= 1
    return found[::-1] if wanted == 0 else []


def _has_title(c: Candidate) -> bool:
    """True for a candidate with a title set like a heading and no quotation mark of its own."""
    return bool(c.sep) and not c.quoted and c.rest[:1].isupper()
