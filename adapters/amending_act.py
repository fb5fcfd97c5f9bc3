"""Read the instructions of an amending act, in whatever format it comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from adapters.readers.by_content import read_document
from adapters.sources import load_source
from domain.amending.claims import Claim
from domain.amending.languages import GRAMMARS
from domain.amending.reading import read_claims
from domain.errors import BadInput
from domain.reading.address import assign_addresses
from domain.reading.marks import ReadDocument, line_of
from domain.revision.agreement import Agreement, set_beside
from domain.revision.verdicts import Comparison

_LANGUAGES: Final = {"deu": "de", "ger": "de", "eng": "en", "fra": "fr", "fre": "fr", "vie": "vi"}


def claims_of_act(source: str, *, language: str) -> tuple[str, list[Claim]]:
    """The act's name and its claims, in order.

    `FILE#art_3` takes the instructions of one unit of the act only: an act that amends several laws
    has one for each. `language` is that of the amended document, for an act that does not show its
    own. Raises `BadInput` or `DocumentRefused`.
    """
    path, _, unit = source.partition("#")
    name = path.rsplit("/", 1)[-1]
    read = read_document(load_source(path), name=name)
    of_act = _language(read.profile) or _language(language)
    if not of_act:
        raise BadInput(
            f"{name} is in a language whose instructions can not be read; there are: "
            f"{', '.join(sorted(GRAMMARS))}."
        )
    start, end = _unit(read, unit, name) if unit else (0, len(read.text))
    before = line_of(read.text, start) - 1
    claims = read_claims(read.text[start:end], of_act)
    return source, [_moved(claim, before) for claim in claims]


def beside_act(comparison: Comparison, act: str | None, language: str) -> Agreement | None:
    """The amending act's claims beside a comparison, if an act was named.

    Raises `BadInput` or `DocumentRefused`.
    """
    if act is None:
        return None
    name, claims = claims_of_act(act, language=language)
    return set_beside(name, claims, comparison)


def _language(profile: str) -> str:
    word = profile.partition("-")[0]
    word = _LANGUAGES.get(word, word)
    return word if word in GRAMMARS else ""


def _moved(claim: Claim, lines: int) -> Claim:
    return Claim(
        claim.says, claim.number, claim.line + lines, claim.quote, claim.to, claim.part, claim.annex
    )


def _unit(read: ReadDocument, step: str, name: str) -> tuple[int, int]:
    """Where the unit with this step stands, with all that is below it."""
    addresses, _ = assign_addresses("act", read.text, read.marks)
    for n, address in enumerate(addresses):
        if address.partition("~")[2] == step:
            return read.marks[n].start, max(read.marks[k].end for k in _below(read, n))
    raise BadInput(f"{name} has no unit {step}; `cutter plan` lists them.")


def _below(read: ReadDocument, unit: int) -> Iterator[int]:
    family = {unit}
    for n, mark in enumerate(read.marks):
        if n == unit or mark.parent in family:
            family.add(n)
            yield n
