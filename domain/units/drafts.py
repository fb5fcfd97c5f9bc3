"""The citations of a draft, held against what is known: does the text that is cited say what the
draft says that it says?

VERIFIED is said of words that stand there, in order, none left out; and of nothing else. White
space, the shape of quotation marks, apostrophes and dashes, and how a letter is composed in Unicode
do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from domain.errors import BadInput, CannotSay, UnitNotFound
from domain.units.answers import CheckedClaim, Claim, UnitAnswer
from domain.units.citing import Resolved
from domain.units.reader import UnitReader, in_force
from domain.units.records import REPEALED, SUSPENDED, UnitText

MOST_CLAIMS: Final = 200
VERIFIED: Final = "VERIFIED"
DIFFERS: Final = "DIFFERS"
NOT_FOUND: Final = "NOT FOUND"
UNVERIFIED: Final = "UNVERIFIED"

# "quoted words" [citation], [citation, as of 2026-01-01] or [citation, version 2]. A link of
# Markdown, `[words](place)`, is no citation.
_QUOTES: Final = ('"{}"', "“{}”", "„{}“", "„{}”", "«{}»", "»{}«")
_QUOTED: Final = "|".join(pattern.format(f"([^{pattern[0]}{pattern[-1]}]+)") for pattern in _QUOTES)
_CITED: Final = re.compile(rf"(?:(?:{_QUOTED})[\s,.;]*)?\[([^\[\]\n]{{1,300}})\](?!\()")
_WHEN: Final = re.compile(r",\s*(?:as of (\d{4}-\d\d-\d\d)|version (\d{1,6}))\s*$")
_LEFT_OUT: Final = re.compile(r"\[\s*(?:…|\.{3})\s*\]|\(\s*(?:…|\.{3})\s*\)|…|\.{3}")
_ALIKE: Final = {
    **dict.fromkeys(map(ord, "“”„‟«»″"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛′"), "'"),
    **dict.fromkeys(map(ord, "‐‑‒–—−"), "-"),
    ord("\u00ad"): None,
}


def claims_of(draft: str) -> list[Claim]:
    """The citations of a draft that stand in square brackets, in order, each with the words in
    quotation marks right before it.

    Raises `BadInput` for a day that is none, and for more citations than are checked at once.

    >>> (claim,) = claims_of('It says "No dogs." [Article 5 rules], and so on.')
    >>> claim.cite, claim.quote
    ('Article 5 rules', 'No dogs.')
    """
    found = list(_CITED.finditer(draft))
    if len(found) > MOST_CLAIMS:
        raise BadInput(
            f"The draft has {len(found):,} citations, and {MOST_CLAIMS} are checked at once; give "
            f"it in parts."
        )
    return [_claim(one) for one in found]


def checked(
    reader: UnitReader, claim: Claim, meant: Callable[[str], Resolved], target: str
) -> CheckedClaim:
    """One citation and its verdict. `meant` says which unit a citation means."""
    try:
        resolved = meant(claim.cite)
        versions = reader.history(resolved.address)
    except UnitNotFound as error:
        return _said(claim, NOT_FOUND, str(error))
    except CannotSay as error:
        return _said(claim, UNVERIFIED, str(error), candidates=error.candidates)
    unit = _version(versions, claim)
    if unit is None:
        which = f"version {claim.version}" if claim.version else f"text on {claim.as_of}"
        return _said(claim, NOT_FOUND, f"{resolved.address} has no {which}.")
    beyond = "__".join(map(str, resolved.missing))
    verdict, reason = _judged(claim, unit, versions, beyond)
    answer = UnitAnswer.whole(unit, target, beyond=beyond, as_of=claim.as_of)
    return _said(claim, verdict, reason, unit=answer)


def _claim(found: re.Match[str]) -> Claim:
    *quotes, cited = found.groups()
    quote = next(filter(None, quotes), "")
    when = _WHEN.search(cited)
    if when is None:
        return Claim(cite=cited.strip() or "-", quote=quote)
    cite = cited[: when.start()].strip() or "-"
    try:
        as_of = date.fromisoformat(when[1]) if when[1] else None
    except ValueError:
        raise BadInput(f"{when[1]!r} is not a day; write it as 2027-01-01.") from None
    version = max(int(when[2]), 1) if when[2] else None
    return Claim(cite=cite, quote=quote, as_of=as_of, version=version)


def _version(versions: tuple[UnitText, ...], claim: Claim) -> UnitText | None:
    if claim.version is not None:
        wanted: int | None = claim.version
    elif claim.as_of is not None:
        found = in_force((one.version for one in versions), claim.as_of)
        wanted = found.version_no if found else None
    else:
        return versions[-1]
    return next((one for one in versions if one.version.version_no == wanted), None)


def _judged(
    claim: Claim, unit: UnitText, versions: tuple[UnitText, ...], beyond: str
) -> tuple[str, str]:
    number = unit.version.version_no
    if not _folded(claim.quote):
        return UNVERIFIED, "Nothing is quoted, so it was only seen that the unit is there."
    if unit.version.state in (REPEALED, SUSPENDED):
        return DIFFERS, f"Version {number} of the unit is {unit.version.state}."
    if not says(unit, claim.quote):
        return _not_said(claim.quote, unit, versions)
    if beyond:
        return UNVERIFIED, (
            f"The unit has these words, and {beyond} is no unit of its own: whether they stand in "
            f"it can not be said."
        )
    return VERIFIED, f"Version {number} of the unit has these words."


def _not_said(quote: str, unit: UnitText, versions: tuple[UnitText, ...]) -> tuple[str, str]:
    if _says_with_gaps(unit, quote):
        return UNVERIFIED, (
            "The quotation leaves words out; those it keeps stand in the unit, in this order."
        )
    without = f"Version {unit.version.version_no} of the unit does not have these words"
    others = [str(one.version.version_no) for one in versions if says(one, quote)]
    return DIFFERS, f"{without}; version {', '.join(others)} has." if others else f"{without}."


def says(unit: UnitText, quote: str) -> bool:
    """Whether a unit's text or title has the words of a quotation, whole and in order.

    >>> from domain.units.records import VersionFacts
    >>> text = "No dogs may\\nenter."
    >>> unit = UnitText("a~art_1", "Dogs", text, "", "", "", None, VersionFacts(1))
    >>> says(unit, "dogs may enter"), says(unit, "may ent"), says(unit, "dogs enter")
    (True, False, False)
    """
    return any(_stands_at(_folded(text), _folded(quote)) >= 0 for text in (unit.body, unit.title))


def _says_with_gaps(unit: UnitText, quote: str) -> bool:
    """Whether the pieces between marks of omission stand in the text, one behind the other."""
    pieces = [folded for piece in _LEFT_OUT.split(quote) if (folded := _folded(piece))]
    text = _folded(unit.body)
    if len(_LEFT_OUT.findall(quote)) == 0 or not pieces:
        return False
    at = 0
    for piece in pieces:
        found = _stands_at(text, piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).translate(_ALIKE).split())


def _stands_at(text: str, words: str, start: int = 0) -> int:
    """Where words stand in a text, not as a part of longer ones; -1 if nowhere."""
    return next((at for at in _places(text, words, start) if _apart(text, at, len(words))), -1)


def _places(text: str, words: str, start: int) -> Iterator[int]:
    at = text.find(words, start) if words else -1
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def _apart(text: str, at: int, length: int) -> bool:
    return not (_joins(text, at) or _joins(text, at + length))


def _joins(text: str, at: int) -> bool:
    """Whether a word goes on over a place. In scripts without spaces none does."""
    pair = text[max(at - 1, 0) : at + 1]
    return 0 < at < len(text) and all(char.isalnum() and not _unspaced(char) for char in pair)


def _unspaced(char: str) -> bool:
    return unicodedata.category(char) == "Lo"


def _said(
    claim: Claim,
    verdict: str,
    reason: str,
    *,
    candidates: tuple[str, ...] = (),
    unit: UnitAnswer | None = None,
) -> CheckedClaim:
    return CheckedClaim.model_validate(
        {
            "cite": claim.cite,
            "quote": claim.quote,
            "verdict": verdict,
            "reason": reason,
            "candidates": list(candidates),
            "unit": unit,
        }
    )
