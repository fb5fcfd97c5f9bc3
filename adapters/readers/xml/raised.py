"""Raised and lowered text in a text with signs: kept apart from the digits beside it.

>>> keep_apart("\\n30=\\r^1=\\r_ coins\\n=\\r^2=\\r_ Text, 10=\\r^-=\\r^3=\\r_=\\r_")
'\\n30¹ coins\\n2 Text, 10⁻³'
"""

from __future__ import annotations

import re
from typing import Final

from adapters.readers.numbers.raised_digits import kept_apart
from adapters.readers.xml import stylesheet as sign

_SHIFTS: Final = {sign.RAISED: 1, sign.LOWERED: -1, sign.SHIFT_END: 0}
_SHIFT: Final = re.compile(f"{sign.SIGN}([{re.escape(''.join(_SHIFTS))}])")
# Other signs: a raised text with one in it is several.
_OTHER: Final = re.compile(rf"({sign.SIGN}.|[\n\r\t]+)")
# Signs that end no line: of numbers, headings and notes. A space stands for each.
_IN_LINE: Final = re.compile(
    f"{sign.SIGN}[{sign.NUM}{sign.NUM_END}{sign.HEADING}{sign.HEADING_END}{sign.HEADS}"
    f"{sign.HEADS_END}{sign.NOTE}{sign.NOTE_END}{sign.GLUE[-1]}]"
)
_LINE_START: Final = re.compile(rf".*(?:\n|{sign.SIGN}.)", re.DOTALL)
_CONTEXT: Final = 64  # characters before a raised text that may tell what it hangs on


def keep_apart(text: str) -> str:
    """The text without the signs of what is raised or lowered, whose digits are now such that they
    join no others.
    """
    # The character that ends both is rare in a law, and so soon found to be missing.
    if sign.SHIFT_END not in text or sign.SIGN + sign.SHIFT_END not in text:
        return text
    runs = _runs(text)
    out: list[str] = []
    for i, (shift, run) in enumerate(runs):
        if not shift:
            out.append(run)
            continue
        after = runs[i + 1][1] if i + 1 < len(runs) else ""
        pieces = _OTHER.split(run)
        for j, piece in enumerate(pieces):
            follows = after if j + 1 == len(pieces) else pieces[j + 1]
            out.append(kept_apart(piece, _before(out), follows, lowered=shift < 0))
    return "".join(out)


def _runs(text: str) -> list[tuple[int, str]]:
    """The text in runs of one shift each; those side by side are one."""
    first, *rest = _SHIFT.split(text)
    runs, open_shifts = [(0, first)], [0]
    for kind, run in zip(rest[::2], rest[1::2], strict=True):
        if shift := _SHIFTS[kind]:
            open_shifts.append(shift)
        elif len(open_shifts) > 1:
            open_shifts.pop()
        shift = open_shifts[min(1, len(open_shifts) - 1)]  # the outermost counts
        if not run:
            continue
        if runs[-1][0] == shift:
            runs[-1] = shift, runs[-1][1] + run
        else:
            runs.append((shift, run))
    return runs


def _before(out: list[str]) -> str:
    """What stands before a run in its line."""
    near, at = "", len(out) - 1
    while at >= 0 and len(near) < _CONTEXT:
        near = out[at][-_CONTEXT:] + near
        at -= 1
    return _LINE_START.sub("", _IN_LINE.sub(" ", near))
