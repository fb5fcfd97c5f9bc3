"""Which profile a text is written for, or that none is.

The rules, in this order:

1. The script that most letters are of decides which profiles are asked. Where only one profile is
   written in that script (Thai, Georgian), it is the one.
2. A profile needs support in the text (`_supported`): of its small words (`the`, `of`) so many
   different ones have to be there as a text of that length has. One that no word supports is not
   chosen, however often a short word of another language looks like one of its own.
3. Among those the highest score wins. It has two parts: the share of the profile's small words
   among the words of a sample (about a third in a text of that language, a tenth in one of a
   related language), and a little for each line that begins with a heading word of the profile and
   a digit, up to `_ENOUGH_HEADS` lines. A word that several languages share (`§`, `Art.`) counts as
   so much less.
4. Without support, a short text has too few words to tell: of the profiles that find a heading in
   it the one with the highest score wins, and if none does, it is a policy with bare numbers
   (`NUMBERED`). A longer one is `UNKNOWN`, and so is one with letters of a language that has no
   profile.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.profiles.detection.scripts import main_script, telling_language
from adapters.readers.profiles.registry import NUMBERED, PROFILES

UNKNOWN: Final = Profile(name="unknown", words=(), stop_words=())
"""Of a text whose language has no profile: nothing but declared headings is read from it."""

_WORD: Final = re.compile(r"[^\W\d_]+")
# Vowels of these are marks that no word pattern holds; words are what stands between spaces.
_SPACED: Final = frozenset(("Devanagari",))
_ENOUGH_HEADS: Final = 5  # more say nothing new, and long lists of articles would outweigh words
# For a heading: with all five (0.1) less than what the small words of the right language have over
# those of a related one (0.33 - 0.1).
_HEAD: Final = 0.02
_SLICE: Final = 4_000  # characters of the sample at the beginning, in the middle and at the end
_FEW_WORDS: Final = 18  # different ones; a text with fewer can not tell its language by words
# Of the small words of a profile so many have to be in a text of this many words or more. In the
# right language it is two thirds or more, in any other but the closest relatives less than half.
_COVERED: Final = 0.45
_COVERED_AT: Final = 400
# A text that has so many of them is of that language whatever single letters it quotes.
_PLAINLY: Final = 0.7
# Of two scores: what some four small words more or less in a hundred would turn round.
_THIN: Final = 0.04
_MANY: Final = 50  # words; in a text of fewer a single one makes much of a share


class _Sample(NamedTuple):
    """What is counted in a text."""

    words: Counter[str]
    total: int
    heads: Counter[str]  # heading words with a digit after them at the start of a line


class Detection(NamedTuple):
    """The profile that a text is written for, and which other one came second."""

    profile: Profile
    runner_up: str = ""  # "" where no other was plausible
    margin: float = 1.0  # between their scores, less in a text of few words

    @property
    def is_thin(self) -> bool:
        """Whether so little told them apart that a few words more could have changed the choice."""
        return bool(self.runner_up) and self.margin < _THIN


def detect_profile(text: str) -> Profile:
    """The profile that a text is written for, by the rules at the head of this file.

    >>> detect_profile("The owner of the house shall be liable to the tenant for any damage.").name
    'en'
    >>> detect_profile("Điều 1. ABC").name
    'vi'
    >>> detect_profile("Art. 1º Esta lei entra em vigor.\\n§ 1º Texto.\\n§ 2º Texto.").name
    'pt'
    >>> detect_profile("第一条 为了管理灯具，制定本法。").name
    'zh'
    """
    return detection_of(text).profile


def detection_of(text: str) -> Detection:
    """The profile that a text is written for, with what came second.

    >>> detection_of("Artículo 1. Ley").runner_up, detection_of("Artikel 1. x").is_thin
    ('', True)
    """
    part = _part(text)
    script = main_script(part)
    asked = profiles_of(script)
    if len(asked) == 1:
        return Detection(asked[0])
    sample = _sample(text, part, script)
    supported = [p for p in asked if _supported(p, sample)]
    best = max(supported, key=lambda p: _score(p, sample), default=None)
    if best is not None and (
        len(sample.words) < _FEW_WORDS
        or _covered(best, sample) >= _PLAINLY
        or not telling_language(part, script)
    ):
        few = len(sample.words) < _FEW_WORDS
        headed = [p for p in asked if few and _heading_words(p, sample.heads)]
        return _compared(best, [*supported, *headed], sample)
    if len(sample.words) >= _FEW_WORDS or (script and not asked):
        return Detection(UNKNOWN)
    headed = [p for p in asked if _heading_words(p, sample.heads)]
    best = max(headed, key=lambda p: _score(p, sample), default=None)
    return Detection(NUMBERED) if best is None else _compared(best, headed, sample)


def _compared(best: Profile, asked: Iterable[Profile], sample: _Sample) -> Detection:
    others = [p for p in asked if p is not best]
    second = max(others, key=lambda p: _score(p, sample), default=None)
    if second is None:
        return Detection(best)
    margin = _score(best, sample) - _score(second, sample)
    return Detection(best, second.name, margin * min(sample.total / _MANY, 1.0))


def _part(text: str) -> str:
    if len(text) <= 3 * _SLICE:
        return text
    middle = len(text) // 2 - _SLICE // 2
    return text[:_SLICE] + text[middle : middle + _SLICE] + text[-_SLICE:]


def _sample(text: str, part: str, script: str) -> _Sample:
    small = part.lower()
    words = Counter(small.split() if script in _SPACED else _WORD.findall(small))
    heads = Counter(_heads().findall("\n" + part)) or Counter(
        islice((m[1] for m in _heads().finditer("\n" + text)), 1)
    )
    return _Sample(words, max(words.total(), 1), heads)


def _score(profile: Profile, sample: _Sample) -> float:
    """Rule 3."""
    small = sum(sample.words.get(word, 0) for word in profile.stop_words)
    heads = min(_heading_words(profile, sample.heads), _ENOUGH_HEADS)
    return small / sample.total + _HEAD * heads


def _covered(profile: Profile, sample: _Sample) -> float:
    """How many of the profile's small words are in the sample, of 1."""
    return sum(word in sample.words for word in profile.stop_words) / len(profile.stop_words)


def _supported(profile: Profile, sample: _Sample) -> bool:
    """Rule 2. At least one word is asked for, two where no heading of the profile is there."""
    found = sum(word in sample.words for word in profile.stop_words)
    expected = _COVERED * min(sample.total / _COVERED_AT, 1.0) * len(profile.stop_words)
    heads = _heading_words(profile, sample.heads)
    return found >= expected and found + heads >= 2 and found > 0


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
    listed = "|".join(
        re.escape(form) for form in sorted(forms, key=len, reverse=True) if form[0].isalnum()
    )
    # Every line of a view follows a line feed, and a fixed character is searched for much faster.
    return re.compile(rf"\n[ \t#>*_]*({listed}|§§?)[ \t]*\d")


@cache
def _languages() -> tuple[Profile, ...]:
    return tuple(profile for profile in PROFILES.values() if profile.stop_words)


@cache
def profiles_of(script: str) -> tuple[Profile, ...]:
    """The profiles that are written in a script."""
    return tuple(p for p in _languages() if main_script(" ".join(p.stop_words)) == script)
