"""From what a person writes to a unit's address: `§ 15b Abs. 2 BDSG`, `Article 5 house-rules`.

A citation is tried in every style that has a parser, with the document's name behind or before it.
What names no document is looked for in all of them. Only addresses that stand are answers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from domain.errors import BadInput, CannotSay, UnitNotFound
from domain.reading.address import parse_address
from domain.reading.address_steps import Step
from domain.reading.citation_styles import STYLES
from domain.reading.citations import parse_citation
from domain.units.records import DocumentLine

# Words between a citation and the name of what is cited. They name nothing.
_BETWEEN: Final = frozenset(
    ["of", "the", "der", "des", "du", "de", "la", "le", "del", "della", "do", "da", "của"]
)
MAX_CITATION_CHARS: Final = 300
_SHOWN: Final = 10
# What a unit may have been cut no smaller than. The name of an unknown law behind a number is none.
_PLAIN: Final = re.compile(r"\d+[a-z]?|[a-z]")


class Resolved(NamedTuple):
    """The unit that a citation means. `missing` is what it says beyond that unit, which was cut no
    smaller: `para_2` of § 15b, where only § 15b is a unit.
    """

    address: str
    missing: tuple[Step, ...] = ()


class _Reading(NamedTuple):
    steps: tuple[Step, ...]
    documents: tuple[str, ...]
    named: bool


def resolve(
    citation: str,
    documents: Sequence[DocumentLine],
    addresses_of: Callable[[str], Sequence[str]],
) -> Resolved:
    """The one unit that a citation means, among documents.

    Raises `CannotSay` where it is no citation or means several units, which it names, and
    `UnitNotFound` where it is one and nothing stands there.
    """
    every = list(_readings(citation[:MAX_CITATION_CHARS], documents))
    # Words that name a document are its name, and not a part of a number as others would read them.
    readings = [one for one in every if one.named] or every
    if not readings:
        raise CannotSay(
            f"{citation[:80]!r} is neither an address nor a citation of a document that is in the "
            f"knowledge base; `cutter units` lists the documents."
        )
    deepest = max(len(one.steps) for one in readings)
    for cut in range(deepest):
        found = dict.fromkeys(
            Resolved(address, one.steps[len(one.steps) - cut :])
            for one in readings
            if len(one.steps) > cut
            and all(_PLAIN.fullmatch(step.number) for step in one.steps[len(one.steps) - cut :])
            for code in one.documents
            for address in _standing(one.steps[: len(one.steps) - cut], addresses_of(code))
        )
        several = {one.address: one for one in found}
        if len(several) == 1:
            return next(iter(several.values()))
        if several:
            shown = ", ".join(list(several)[:_SHOWN])
            more = f" and {len(several) - _SHOWN} more" if len(several) > _SHOWN else ""
            raise CannotSay(
                f"{citation[:80]!r} can mean {len(several)} units: {shown}{more}. Name one by its "
                f"address.",
                tuple(several),
            )
    raise UnitNotFound(
        f"No unit stands at {citation[:80]!r} in {', '.join(sorted(_codes(readings))[:_SHOWN])}."
    )


def _codes(readings: Sequence[_Reading]) -> set[str]:
    return {code for one in readings for code in one.documents}


def _readings(citation: str, documents: Sequence[DocumentLine]) -> Iterator[_Reading]:
    """Every way to take the words for a citation and the name of documents; none twice."""
    words = unicodedata.normalize("NFC", citation).replace("\u00a0", " ").split()
    seen = set()
    for at in range(len(words) + 1):
        for cited, name in ((words[:at], words[at:]), (words[at:], words[:at])):
            if not cited or not (codes := _named(name, documents)):
                continue
            for style in STYLES:
                try:
                    reading = _Reading(parse_citation(" ".join(cited), style), codes, bool(name))
                except BadInput:  # not in this style
                    continue
                if reading not in seen:
                    seen.add(reading)
                    yield reading


def _named(name: Sequence[str], documents: Sequence[DocumentLine]) -> tuple[str, ...]:
    """The codes of the documents that a name can mean; all of them without a name. A number alone
    is no name.
    """
    if not name:
        return tuple(one.code for one in documents)
    exact = " ".join(name).casefold()
    for one in documents:
        if exact == one.code.casefold():
            return (one.code,)
    wanted = _words(" ".join(name)) - _BETWEEN
    if all(word.isdecimal() for word in wanted):
        return ()
    return tuple(one.code for one in documents if wanted <= _words(f"{one.code} {one.title}"))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _standing(steps: tuple[Step, ...], addresses: Sequence[str]) -> list[str]:
    """The addresses whose steps are these; if there is none, those that end with them, as where
    numbering restarts in each part.
    """
    exact, ending = list[str](), list[str]()
    for address in addresses:
        try:
            found = parse_address(address)
        except BadInput:  # a site's own, which is not of our making
            continue
        if found.steps == steps:
            (ending if found.component else exact).append(address)
        elif found.steps[-len(steps) :] == steps:
            ending.append(address)
    return exact or ending
