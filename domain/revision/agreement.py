"""Two signals side by side: what a comparison says of units, and what the amending act says.

The act is read into claims (`domain.amending`), the texts are compared, and neither knows of the
other. Where they agree nobody has to look; each disagreement is for a person to settle before
anybody signs.

A claim names a unit by its number, as people cite it. It is looked for among the units that an act
can amend, whatever paragraph of it was cut as a unit of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.amending.claims import Claim, Says
from domain.digests import records_sha256, text_sha256
from domain.errors import BadInput
from domain.reading.address import parse_address
from domain.reading.address_steps import Step
from domain.revision.same_text import telling
from domain.revision.units import VersionUnit
from domain.revision.verdicts import Change, Comparison, Verdict

_CITED: Final = ("article", "section", "rule", "clause", "recital")
_ANNEXES: Final = ("annex", "attachment", "schedule", "appendix")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that only one of the two signals says, or that they say differently, in a sentence.

    The claim is None where no instruction names a unit that has changed.
    """

    reason: str
    claim: Claim | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Agreement:
    """The claims of an amending act beside a comparison. `agree` counts claims."""

    act: str
    claims: tuple[Claim, ...]
    agree: int
    disagreements: tuple[Disagreement, ...]

    @property
    def digest(self) -> str:
        """SHA-256 that pins every claim; what agrees and what does not follows from it and the
        comparison.
        """
        return records_sha256(
            [
                ("iu-cutter claims 1",),
                *(
                    (
                        claim.says.value,
                        claim.number,
                        str(claim.line),
                        text_sha256(claim.quote),
                        claim.to,
                        str(claim.part),
                        str(claim.annex),
                    )
                    for claim in self.claims
                ),
            ]
        )


@dataclass
class _Named:
    """What a comparison says of the units that one number names, in one place."""

    verdicts: list[Verdict] = field(default_factory=list)

    def has(self, *changes: Change) -> bool:
        return any(verdict.change in changes for verdict in self.verdicts)


_Key = tuple[str, bool]  # number in small letters, and whether it is of an annex


def set_beside(act: str, claims: Sequence[Claim], comparison: Comparison) -> Agreement:
    """Set the claims beside the comparison. Time is linear in both.

    A change that is editorial needs no instruction; what stands in no unit that an act cites, such
    as a chapter's heading, is not asked for either.
    """
    old, new = _by_number(comparison, old=True), _by_number(comparison, old=False)
    found = [_about(claim, old, new) for claim in claims]
    disagreements = [
        Disagreement(reason, claim, _first(claim, old, new))
        for claim, reason in zip(claims, found, strict=True)
        if reason
    ]
    disagreements += _unnamed(claims, comparison)
    return Agreement(act, tuple(claims), found.count(""), tuple(disagreements))


def _by_number(comparison: Comparison, *, old: bool) -> dict[_Key, _Named]:
    named: dict[_Key, _Named] = defaultdict(_Named)
    for verdict in comparison.verdicts:
        for unit in verdict.old if old else verdict.new:
            key = _key_of(unit)
            if key is not None:
                named[key].verdicts.append(verdict)
    return named


def _key_of(unit: VersionUnit) -> _Key | None:
    """The number by which a unit, or the one that it is a part of, is cited."""
    address = unit.address if not unit.address.startswith(("~", "!")) else f"xx{unit.address}"
    try:
        parsed = parse_address(address)
    except BadInput:  # an address that is not of our making can not be cited
        return None
    if parsed.component:  # whatever stands in an annex is of that annex
        return parsed.component.rpartition("_")[2].casefold(), True
    step = _cited(parsed.steps)
    if step is None or not step.number:
        return None
    return step.number.casefold(), step.unit_kind in _ANNEXES


def _cited(steps: Sequence[Step]) -> Step | None:
    """The step that people cite first: of an article below an article the inner one, of a clause
    below a section the section.
    """
    kinds = [step.unit_kind for step in steps]
    outer = next((kind for kind in kinds if kind in (*_CITED, *_ANNEXES)), None)
    if outer is not None:
        return steps[max(n for n, kind in enumerate(kinds) if kind == outer)]
    return steps[0] if kinds[0] == "paragraph" else None


def _about(claim: Claim, old: dict[_Key, _Named], new: dict[_Key, _Named]) -> str:
    """Why a claim and the comparison do not agree; "" where they do."""
    key = (claim.number.casefold(), claim.annex)
    before, after = old.get(key), new.get(key)
    if claim.says is Says.ADD:
        return _about_added(claim, after)
    if claim.says is Says.REPEAL:
        return _about_repealed(claim, before, after)
    if claim.says is Says.RENUMBER:
        return _about_renumbered(claim, before)
    return _about_changed(claim, before, after)


def _about_added(claim: Claim, after: _Named | None) -> str:
    if after is None:
        return f"The act inserts {claim.number}, and the new version has no such unit."
    if after.has(Change.ADDED, Change.SPLIT):
        return ""
    return f"The act inserts {claim.number}, and the comparison says {_words(after)}."


def _about_repealed(claim: Claim, before: _Named | None, after: _Named | None) -> str:
    if before is None:
        return f"The act repeals {claim.number}, and the old version has no such unit."
    emptied = after and all(not telling(unit.own) for v in after.verdicts for unit in v.new)
    if before.has(Change.REPEALED) or (before.has(Change.CHANGED) and emptied):
        return ""
    return f"The act repeals {claim.number}, and the comparison says {_words(before)}."


def _about_renumbered(claim: Claim, before: _Named | None) -> str:
    if before is None:
        return f"The act renumbers {claim.number}, and the old version has no such unit."
    to = (claim.to.casefold(), claim.annex)
    for verdict in before.verdicts:
        if verdict.change is Change.RENUMBERED and to in map(_key_of, verdict.new):
            return ""
    return (
        f"The act renumbers {claim.number} as {claim.to}, and the comparison says {_words(before)}."
    )


def _about_changed(claim: Claim, before: _Named | None, after: _Named | None) -> str:
    named = [one for one in (before, after) if one]
    if not named:
        return f"The act changes {claim.number}, and neither version has such a unit."
    for one in named:
        if any(_changed(verdict) for verdict in one.verdicts):
            return ""
    return f"The act changes {claim.number}, and the comparison says {_words(named[0])}."


def _changed(verdict: Verdict) -> bool:
    """Whether words of it differ, or of what is below it."""
    if verdict.change in (Change.SPLIT, Change.MERGED):
        return True
    partial = verdict.units[0].address.count("__") > 0  # added or repealed below a unit
    if verdict.change in (Change.ADDED, Change.REPEALED):
        return partial
    return "text" in verdict.what and (not verdict.editorial or bool(verdict.doubts))


def _words(named: _Named) -> str:
    """What the comparison says, each word once."""
    words = [
        "editorial" if one.change is Change.CHANGED and one.editorial else one.change.value
        for one in named.verdicts
    ]
    return ", ".join(dict.fromkeys(words))


def _first(claim: Claim, old: dict[_Key, _Named], new: dict[_Key, _Named]) -> Verdict | None:
    key = (claim.number.casefold(), claim.annex)
    named = new.get(key) or old.get(key)
    return named.verdicts[0] if named else None


def _unnamed(claims: Sequence[Claim], comparison: Comparison) -> Iterator[Disagreement]:
    """Changes that no instruction names."""
    named = {(claim.number.casefold(), claim.annex) for claim in claims}
    named |= {(claim.to.casefold(), claim.annex) for claim in claims if claim.to}
    for verdict in comparison.verdicts:
        keys = {_key_of(unit) for unit in (*verdict.old, *verdict.new)} - {None}
        plain = verdict.change is Change.SAME or verdict.folded
        if keys and not plain and not keys & named and not _only_signs(verdict):
            yield Disagreement(
                f"The comparison says {verdict.change.value}, and no instruction of the act names "
                f"it.",
                None,
                verdict,
            )


def _only_signs(verdict: Verdict) -> bool:
    return verdict.change is Change.CHANGED and verdict.editorial
