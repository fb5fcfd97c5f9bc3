"""Text with signs cut at its signs, and its white space reduced to what is between words and
lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import repeat
from typing import Final

from adapters.readers.xml import stylesheet as sign

_SIGN: Final = sign.SIGN.encode()
_NUMBER_THEN_LINE: Final = re.compile(
    rb"(%b%b(?:[ \n\t]|%b[nNhHtTfF])*)\r" % (_SIGN, sign.NUM_END.encode(), _SIGN)
)
_LINE_AT_GLUE: Final = sign.LINE.rstrip("\n").encode() + b"\0"
_UNIT_END: Final = _SIGN + sign.END.encode()
_STRETCH_BYTES: Final = 128 * 1024
_LINE_END: Final = _SIGN + sign.LINE_END.encode()
_GLUE: Final = sign.GLUE.encode()


def pieces_of(raw: bytes) -> Iterator[str]:
    """The text cut at its signs, with single spaces, and with line breaks and tabs where they stay.

    The first has no sign.

    It is made clean in stretches, which stay in the processor's cache. White space after the end of
    a unit says nothing, so that is where a stretch ends.
    """
    at, last = 0, ""
    while at < len(raw):
        end = raw.find(_UNIT_END, at + _STRETCH_BYTES)
        end = end + len(_UNIT_END) if end >= 0 else len(raw)
        # One byte is found much faster than two. What remains of a sign ends the piece before it.
        pieces = _single_spaced(raw[at:end]).decode().split(sign.SIGN[1])
        pieces[0] = last + pieces[0]
        last = pieces.pop()
        yield from pieces
        at = end
    yield last + sign.SIGN[0]


def _single_spaced(raw: bytes) -> bytes:
    """Text with signs, white space reduced to what is between its words and lines.

    Everything here runs over a whole stretch at once: doing it piece by piece takes several times
    as long. `bytes.strip` takes the white space of XML and no other, so that the no-break spaces of
    a law stay.
    """
    if _GLUE in raw:
        glued = list(map(bytes.strip, raw.split(_GLUE), repeat(b" \n\t")))
        raw = b" ".join(glued)
        if any(
            map(bytes.endswith, glued, repeat(b"\r"))
        ):  # a `LINE` ends a number, or stands alone between two
            raw = (
                _lines_before_glue(b"\0".join(glued)).replace(b"\r\0", b"\r\n").replace(b"\0", b" ")
            )
    raw = _NUMBER_THEN_LINE.sub(_line_end_kept, raw)
    # A `LINE` that follows no number is a line break like others: its sign goes with the space at
    # the ends of lines.
    raw = b"\n".join(filter(None, map(bytes.strip, raw.split(b"\n"))))
    if b"  " in raw:
        raw = b" ".join(filter(None, map(bytes.strip, raw.split(b"  "), repeat(b" "))))
    if b"\t" in raw:
        raw = b"\t".join(filter(None, map(bytes.strip, raw.split(b"\t"), repeat(b" "))))
    return raw


def _lines_before_glue(raw: bytes) -> bytes:
    """The text without each `LINE` that stands between a number's words and its glue, which is NUL
    here.
    """
    *before, last = raw.split(_LINE_AT_GLUE)
    kept = [
        words + b"\0" if (words := one.rstrip()) and words[-1] else one + _LINE_AT_GLUE
        for one in before
    ]
    return b"".join((*kept, last))


def _line_end_kept(found: re.Match[bytes]) -> bytes:
    return found[1] + _LINE_END
