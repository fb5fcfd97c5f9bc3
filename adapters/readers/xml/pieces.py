"""Text with signs cut at its signs, and its white space reduced to what is between words and
lines.

This works on bytes and on whole stretches, with the methods of `bytes` alone: a law has a sign
every few dozen characters, and a step of Python for each would take most of the time of reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import repeat
from typing import Final

from adapters.readers.xml import stylesheet as sign

_SIGN: Final = sign.SIGN.encode()
# A number's end, then a `LINE`, with nothing but white space and signs of numbers, headings and
# notes between them: the one place where a `LINE` is more than a line break, for it ends the
# number's line.
_NUMBER_THEN_LINE: Final = re.compile(
    rb"(%b%b(?:[ \n\t]|%b[nNhHtTfF])*)\r" % (_SIGN, sign.NUM_END.encode(), _SIGN)
)
# A `LINE` right at what was `GLUE` (NUL stands for it): between a number's words and their line.
_LINE_AT_GLUE: Final = sign.LINE.rstrip("\n").encode() + b"\0"
_UNIT_END: Final = _SIGN + sign.END.encode()
_STRETCH_BYTES: Final = 128 * 1024  # stays in the processor's cache
_LINE_END: Final = _SIGN + sign.LINE_END.encode()
_GLUE: Final = sign.GLUE.encode()


def pieces_of(raw: bytes) -> Iterator[str]:
    """The text cut at its signs, with single spaces, and with line breaks and tabs where they stay.

    A piece is the character of a sign, the text after it, and the first character of the next sign.
    The first piece has no sign. White space is reduced stretch by stretch; a stretch ends with a
    unit, since white space after that has no meaning.
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

    `bytes.strip` takes the white space of XML and no other, so that no-break spaces stay.
    """
    if _GLUE in raw:
        glued = list(map(bytes.strip, raw.split(_GLUE), repeat(b" \n\t")))
        raw = b" ".join(glued)
        # A `LINE` ends a number, or stands alone between two.
        if any(map(bytes.endswith, glued, repeat(b"\r"))):
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
