"""What a person has said about units: `OLD=NEW`, which settles a doubt of the matching.

One old unit may be named with several new ones (it was split), and several with one (they were
merged). `OLD=` says that nothing came of a unit, `=NEW` that nothing was before it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.errors import BadInput
from domain.revision.pairing import How, Join, Pairing, bare
from domain.revision.units import Version


@dataclass(frozen=True, slots=True, order=True)
class Settled:
    """One statement; an empty address stands for nothing."""

    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.old}={self.new}"


def parse_settled(said: str) -> Settled:
    """A statement as it is typed. Raises `BadInput`.

    >>> parse_settled("art_5=art_6"), parse_settled("art_7=")
    (Settled(old='art_5', new='art_6'), Settled(old='art_7', new=''))
    """
    old, sign, new = (part.strip() for part in said.partition("="))
    if not sign or "=" in new or not (old or new):
        raise BadInput(
            f"{said[:80]!r} matches nothing; write OLD=NEW, such as art_5=art_6, OLD= for a unit "
            f"that is repealed, or =NEW for one that is added."
        )
    return Settled(old, new)


def join_settled(pairing: Pairing, settled: Iterable[Settled]) -> tuple[Settled, ...]:
    """Join what a person has said. Answers with the statements by full addresses, in order.

    Raises `BadInput` where an address is unknown, or where statements contradict each other.
    """
    said = sorted({_known(pairing, one) for one in settled})
    _refuse_contradictions(said)
    pairing.close(
        old=(pairing.old_places[bare(one.old)] for one in said if not one.new),
        new=(pairing.new_places[bare(one.new)] for one in said if not one.old),
    )
    for before, after in _groups(said):
        pairing.join(
            Join(
                tuple(sorted(pairing.old_places[bare(a)] for a in before)),
                tuple(sorted(pairing.new_places[bare(a)] for a in after)),
                How.SETTLED,
            )
        )
    return tuple(said)


def _known(pairing: Pairing, one: Settled) -> Settled:
    old = _found(one.old, pairing.old_places, [u.address for u in pairing.old], "old")
    new = _found(one.new, pairing.new_places, [u.address for u in pairing.new], "new")
    return Settled(old, new)


def _found(address: str, places: Mapping[str, int], addresses: list[str], which: str) -> str:
    """The full address; the document's code may be left out."""
    if not address:
        return ""
    short = bare(address) if "~" in address or "!" in address else f"~{address}"
    if short not in places:
        raise BadInput(
            f"The {which} version has no unit {address[:80]}; `cutter compare` lists the addresses."
        )
    return addresses[places[short]]


def _refuse_contradictions(said: list[Settled]) -> None:
    old = Counter(one.old for one in said if one.old)
    new = Counter(one.new for one in said if one.new)
    for one in said:
        alone = not one.old or not one.new
        if (alone and (old[one.old] > 1 or new[one.new] > 1)) or (
            old[one.old] > 1 and new[one.new] > 1
        ):
            raise BadInput(
                f"{one} contradicts another --match; a unit is split, or merged with others, or "
                f"has no counterpart, and only one of these."
            )


def _groups(said: list[Settled]) -> list[tuple[list[str], list[str]]]:
    split: dict[str, list[str]] = defaultdict(list)
    merged: dict[str, list[str]] = defaultdict(list)
    for one in said:
        if one.old and one.new:
            split[one.old].append(one.new)
            merged[one.new].append(one.old)
    groups = [([old], news) for old, news in split.items() if len(news) > 1]
    groups += [(olds, [new]) for new, olds in merged.items() if len(olds) > 1]
    groups += [
        ([old], news) for old, news in split.items() if len(news) == 1 and len(merged[news[0]]) == 1
    ]
    return groups


def settle(before: Version, after: Version, old: int, new: int) -> str:
    """How a doubt about two units is settled, as it is typed."""
    return (
        f"--match '{bare(before.units[old].address).removeprefix('~')}="
        f"{bare(after.units[new].address).removeprefix('~')}'"
    )
