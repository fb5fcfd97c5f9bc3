"""What a person is told about the language of a text: that it has no profile, and which profiles
would find units.

    unknown-language    the text is in a language that has no profile
    ad-hoc-profile      units were cut at a word that the text itself shows
    other-profile       nothing was found; which profiles would find something
    legacy-encoding     letters of Arabic script are turned, as some programs take them out of a PDF
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from adapters.readers.lines.candidates import Candidate, find_candidates
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.profiles.detection import ad_hoc
from adapters.readers.profiles.detection.languages import UNKNOWN, profiles_of
from adapters.readers.profiles.detection.scripts import language_of, main_script
from adapters.readers.profiles.registry import NUMBERED
from adapters.readers.text.normalised import LineCounter, View
from domain.reading.marks import PlanWarning

_SAMPLE: Final = 12_000  # characters that tell a language
_SEVERAL: Final = 2  # headings of a profile: one may be a reference
_MOST_NAMED: Final = 6  # profiles that a person is told of
# The sign for lam and alef, its letters turned, behind the alef of the article: `األحكام` for
# `الأحكام`. No word begins so.
_TURNED: Final = re.compile(r"(?<!\w)[وبكف]?ا[أإآ]ل\w{2}")
_FEW: Final = 5  # such words are no accident


def language_warnings(
    view: View, profile: Profile, units: Sequence[Candidate]
) -> tuple[PlanWarning, ...]:
    """The warnings about a text's language, for the profile that it was read with."""
    return tuple(_warnings(view, profile, units))


def _warnings(view: View, profile: Profile, units: Sequence[Candidate]) -> Iterator[PlanWarning]:
    if profile is UNKNOWN:
        language = language_of(view.text[:_SAMPLE])
        yield PlanWarning(
            "unknown-language", 1, f"The text is in {language}, for which there is no profile."
        )
    elif profile.name == ad_hoc.NAME:
        word = profile.words[0].forms[0]
        language = language_of(view.text[:_SAMPLE])
        yield PlanWarning(
            "ad-hoc-profile",
            1,
            f"No profile fits the text, which is in {language}: its units were cut at the word "
            f"{word!r} before 1, 2, 3 and so on. Check that this is what people cite.",
        )
    turned = list(islice(_TURNED.finditer(view.text), _FEW)) if not view.text.isascii() else []
    if len(turned) == _FEW:
        line = view.line_number(LineCounter(view.text).line_of(turned[0].start()) - 1)
        yield PlanWarning(
            "legacy-encoding",
            max(line, 1),
            "Letters of the text are turned, as in this line: the lam of the article stands behind "
            "the letter that follows it. Take the text out of its source with another program.",
        )
    if not units and view.text.strip():
        yield PlanWarning("other-profile", 1, _others(view, profile))


def _others(view: View, profile: Profile) -> str:
    found = {
        other.name: count
        for other in profiles_of(main_script(view.text[:_SAMPLE]))
        if other is not profile and (count := _count(view, other)) >= _SEVERAL
    }
    named = sorted(found, key=lambda name: found[name], reverse=True)[:_MOST_NAMED]
    if not named:
        return (
            f"No other profile finds articles or sections; {NUMBERED.name!r} would cut at numbers."
        )
    return f"Name another profile with --profile; headings are found with: {', '.join(named)}."


def _count(view: View, profile: Profile) -> int:
    return sum(c.role is UnitRole.BASIC for c in find_candidates(view, profile))
