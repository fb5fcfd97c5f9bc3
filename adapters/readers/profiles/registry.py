"""All profiles by name."""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.asia import FIL, HI, MS, NE, TH
from adapters.readers.profiles.base import Profile
from adapters.readers.profiles.cjk import JA, KO, ZH
from adapters.readers.profiles.de import DE
from adapters.readers.profiles.east import BG, CS, EL, ET, HR, HU, LT, LV, RO, RU, SK, SL, UK
from adapters.readers.profiles.en import EN
from adapters.readers.profiles.europe import CA, EU, GA, HY, IS, KA, SQ
from adapters.readers.profiles.fr import FR
from adapters.readers.profiles.it import IT
from adapters.readers.profiles.more import DA, ES, FI, ID, NL, NO, PL, SV, SW, TR
from adapters.readers.profiles.pt import PT
from adapters.readers.profiles.right_to_left import AR, FA, HE
from adapters.readers.profiles.vi import VI
from adapters.readers.profiles.world import AZ, KK, KY, MK, MN, RW, SR, TG, UZ
from domain.errors import DocumentRefused

NUMBERED: Final = Profile(
    name="numbered", words=(), stop_words=(), bare_sections=True, stopped_titles=True
)
"""Policies that are headed by numbers alone: `1.`, `2.1.`, `A.4.`."""

_MOST_READ: Final = (VI, DE, EN, FR, IT, PT, ES, NL, SV, FI, DA, NO, PL, ID, SW, TR)
_EAST: Final = (RO, CS, SK, HU, HR, SL, EL, BG, RU, UK, ET, LV, LT)
_FURTHER: Final = (ZH, JA, KO, AR, FA, HE, TH, HI, NE, MS, FIL, HY, KA, SQ, CA, IS, GA, EU)
_WORLD: Final = (SR, MK, MN, AZ, RW, KK, KY, UZ, TG)
PROFILES: Final[dict[str, Profile]] = {
    p.name: p for p in (*_MOST_READ, *_EAST, *_FURTHER, *_WORLD, NUMBERED)
}


def profile_named(name: str) -> Profile:
    """The profile of that name. Raises `DocumentRefused` naming the choices."""
    try:
        return PROFILES[name]
    except KeyError:
        raise DocumentRefused(
            f"Profile {name!r} is unknown; choose one of: {', '.join(PROFILES)}."
        ) from None
