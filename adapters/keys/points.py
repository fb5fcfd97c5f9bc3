"""Whether 32 bytes are a public Ed25519 key that only its owner can sign for (RFC 8032, section
5.1).

Libraries take any 32 bytes. A point of small order makes signatures valid that nobody has made, and
a second spelling of a point would be a second key of one person.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_P: Final = 2**255 - 19
_L: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE: Final = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int, int, int]
"""Extended homogeneous coordinates (X, Y, Z, T), with x = X/Z, y = Y/Z and x * y = T/Z."""

_NEUTRAL: Final[_Point] = (0, 1, 1, 0)


@lru_cache(maxsize=1024)
def fault_of(public_key: bytes) -> str | None:
    """Why these bytes can not be a person's key, in words; None if they can.

    >>> fault_of(bytes(32))
    'it is a point of small order, for which anybody can sign'
    """
    point = _decoded(public_key)
    if point is None:
        return "it is no point of the curve in its one spelling"
    if _is_neutral(_times(8, point)):
        return "it is a point of small order, for which anybody can sign"
    if not _is_neutral(_times(_L, point)):
        return "it is no point of the group that keys are made in"
    return None


def _decoded(public_key: bytes) -> _Point | None:
    """The point of an encoding (RFC 8032, section 5.1.3), None if there is none."""
    if len(public_key) != 32:
        return None
    number = int.from_bytes(public_key, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        return None
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if (v * x * x + u) % _P == 0:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (v * x * x - u) % _P != 0 or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _times(scalar: int, point: _Point) -> _Point:
    result = _NEUTRAL
    while scalar:
        if scalar & 1:
            result = _sum(result, point)
        point = _sum(point, point)
        scalar >>= 1
    return result


def _sum(one: _Point, other: _Point) -> _Point:
    """RFC 8032, section 5.1.4."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _is_neutral(point: _Point) -> bool:
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0
