"""All profiles by name, and which one a text is written for.

A text is written for the profile with the highest score, which has two parts:

1. The share of the profile's small words (`the`, `of`) among the words of a sample: about a third
   in a text of that language, a tenth in one of a related language, next to nothing elsewhere.
2. A little for each line that begins with a heading word of the profile and a digit, up to
   `_ENOUGH_HEADS` lines. It decides where a text has few words, as one of headings alone. A word
   that several languages share (`§`, `Art.`) counts as so much less.

A text without either is a policy with bare numbers: `NUMBERED`.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import islice
from typing import Final

from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.profiles.de import DE
from adapters.readers.profiles.east import BG, CS, EL, ET, HR, HU, LT, LV, RO, RU, SK, UK
from adapters.readers.profiles.en import EN
from adapters.readers.profiles.fr import FR
from adapters.readers.profiles.it import IT
from adapters.readers.profiles.more import DA, ES, FI, ID, NL, NO, PL, SV, SW, TR
from adapters.readers.profiles.pt import PT
from adapters.readers.profiles.vi import VI
from domain.errors import DocumentRefused

NUMBERED: Final = Profile(
    name="numbered", words=(), stop_words=(), bare_sections=True, stopped_titles=True
)
"""Policies that are headed by numbers alone: `1.`, `2.1.`, `A.4.`."""

_MOST_READ: Final = (VI, DE, EN, FR, IT, PT, ES, NL, SV, FI, DA, NO, PL, ID, SW, TR)
_EAST: Final = (RO, CS, SK, HU, HR, EL, BG, RU, UK, ET, LV, LT)
PROFILES: Final[dict[str, Profile]] = {p.name: p for p in (*_MOST_READ, *_EAST, NUMBERED)}

_WORD: Final = re.compile(r"[^\W\d_]+")
_ENOUGH_HEADS: Final = 5  # more say nothing new, and long lists of articles would outweigh words
# For a heading: with all five (0.1) less than what the small words of the right language have over
# those of a related one (0.33 - 0.1).
_HEAD: Final = 0.02
_SLICE: Final = 4_000  # characters of the sample at the beginning, in the middle and at the end


def profile_named(name: str) -> Profile:
    """The profile of that name. Raises `DocumentRefused` naming the choices."""
    try:
        return PROFILES[name]
    except KeyError:
        raise DocumentRefused(
            f"Profile {name!r} is unknown; choose one of: {', '.join(PROFILES)}."
        ) from None


def detect_profile(text: str) -> Profile:
    """The profile that a text is written for, by the rules at the head of this file.

    >>> detect_profile("The owner of the house shall be liable to the tenant for any damage.").name
    'en'
    >>> detect_profile("Điều 1. ABC").name
    'vi'
    >>> detect_profile("Art. 1º Esta lei entra em vigor.\\n§ 1º Texto.\\n§ 2º Texto.").name
    'pt'
    """
    middle = max(len(text) // 2 - _SLICE // 2, 0)
    sample = (
        text
        if len(text) <= 3 * _SLICE
        else text[:_SLICE] + text[middle : middle + _SLICE] + text[-_SLICE:]
    )
    counts = Counter(_WORD.findall(sample.lower()))
    heads = Counter(_heads().findall("\n" + sample)) or Counter(
        islice((m[1] for m in _heads().finditer("\n" + text)), 1)
    )
    total = max(counts.total(), 1)
    scores = {
        p.name: _small_words(p, counts) / total
        + _HEAD * min(_heading_words(p, heads), _ENOUGH_HEADS)
        for p in _languages()
    }
    best = max(scores, key=lambda name: scores[name])
    return PROFILES[best] if scores[best] > 0 else NUMBERED


def _small_words(profile: Profile, counts: Counter[str]) -> int:
    return sum(counts.get(word, 0) for word in profile.stop_words)


def _heading_words(profile: Profile, heads: Counter[str]) -> float:
    """How often words of the profile head a line, those that several languages share (`§`, `Art.`)
    as so much less.
    """
    forms, languages = _forms(profile), _languages_of_forms()
    return sum(count / languages[form] for form, count in heads.items() if form in forms)


@cache
def _languages_of_forms() -> Counter[str]:
    return Counter(form for profile in _languages() for form in _forms(profile))


@cache
def _forms(profile: Profile) -> frozenset[str]:
    """The forms of the basic words of a profile."""
    return frozenset(
        form
        for w in profile.words
        if w.role is UnitRole.BASIC
        for f in w.forms
        for form in (f, f.upper())
    )


@cache
def _heads() -> re.Pattern[str]:
    """A line that begins with a heading word of any language and a digit: `## Article 5`."""
    forms = frozenset[str]().union(*map(_forms, _languages()))
    listed = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    # Every line of a view follows a line feed, and a fixed character is searched for much faster.
    return re.compile(rf"\n[ \t#>*_]*({listed})[ \t]*\d")


@cache
def _languages() -> tuple[Profile, ...]:
    return tuple(profile for profile in PROFILES.values() if profile.stop_words)
