"""The profile of a language that a document declares by its code.

Codes are those of BCP 47, of which the first part counts: ISO 639-1 (`sv`), and ISO 639-2 and 639-3
with both of their codes where there are two (`swe`, `deu` and `ger`). A part of a code is never
enough: `swe` is Swedish, and `sw` Swahili.
"""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.registry import PROFILES

_CODES: Final = (
    "eng en|fra fr|fre fr|deu de|ger de|ita it|spa es|por pt|nld nl|dut nl|swe sv|fin fi|dan da"
    "|nor no|nob no|nno no|nb no|nn no|pol pl|ind id|swa sw|swh sw|tur tr|vie vi|ron ro|rum ro"
    "|ces cs|cze cs|slk sk|slo sk|hun hu|hrv hr|slv sl|ell el|gre el|bul bg|rus ru|ukr uk|est et"
    "|lav lv|lit lt|zho zh|chi zh|jpn ja|kor ko|ara ar|fas fa|per fa|heb he|tha th|hin hi|nep ne"
    "|msa ms|may ms|tgl fil|tl fil|hye hy|arm hy|kat ka|geo ka|sqi sq|alb sq|cat ca|isl is|ice is"
    "|gle ga|eus eu|baq eu|srp sr|mkd mk|mac mk|mon mn|aze az|kin rw|kaz kk|kir ky|uzb uz|tgk tg"
)
_NAMES: Final = dict(code.split(" ") for code in _CODES.split("|"))


def profile_of_code(code: str) -> str:
    """The name of the profile for a declared language; "" where there is none.

    >>> [profile_of_code(code) for code in ("sv", "swe", "SWE", "sw-TZ", "pt_BR", "nb", "xyz", "")]
    ['sv', 'sv', 'sv', 'sw', 'pt', 'no', '', '']
    """
    first = code.strip().replace("_", "-").split("-", 1)[0].casefold()
    name = _NAMES.get(first, first)
    return name if name in PROFILES else ""
