"""A plan with doubts goes no further than a dry run until each of their codes is accepted by name.

Who accepts a code has looked at its places. So a code that the plan has no doubt for is refused as
well: it was written down for another plan, or accepted in advance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from domain.errors import BadInput, DoubtsNotAccepted
from domain.plan.cut_plan import CutPlan
from domain.plan.shape import shape_doubts
from domain.reading.doubts import DOUBTS, Doubt, codes_of

_NAMED: Final = 4  # doubts that a refusal shows


class Doubted(Protocol):
    """A plan that may be doubtful."""

    @property
    def source_name(self) -> str:
        """What it was read from."""
        ...

    @property
    def doubts(self) -> Sequence[Doubt]:
        """What makes it doubtful."""
        ...


def require_accepted(plan: Doubted, accepted: Sequence[str]) -> None:
    """Raises `DoubtsNotAccepted` unless every doubt's code was accepted, and `BadInput` for a code
    that the plan has no doubt for.
    """
    refuse_others(plan, accepted)
    open_codes = [code for code in codes_of(plan.doubts) if code not in accepted]
    if open_codes:
        raise DoubtsNotAccepted(
            f"The plan of {plan.source_name} is doubtful: {_shown(plan.doubts, open_codes)}. "
            f"Look at these lines with `cutter plan` and on the review page; if the document is "
            f"cut right all the same, accept each by name: "
            f"{' '.join(f'--accept-doubt {code}' for code in open_codes)}. Nothing was written.",
            tuple(open_codes),
        )


def refuse_others(plan: Doubted, accepted: Sequence[str]) -> None:
    """Raises `BadInput` for an accepted code that the plan has no doubt for."""
    held = codes_of(plan.doubts)
    for code in accepted:
        if code not in DOUBTS:
            raise BadInput(f"{code!r} is no code of a doubt; choose one of: {', '.join(DOUBTS)}.")
        if code not in held:
            has = f"its doubts are {', '.join(held)}" if held else "it has no doubts"
            raise BadInput(
                f"The plan of {plan.source_name} has no doubt {code}: {has}; leave "
                f"--accept-doubt {code} out."
            )


def left_out_of_shape(plan: CutPlan) -> str:
    """What the plan leaves out of the doubts that its shape gives, in words; "" if it has them all.

    A plan that came from elsewhere may have lost them.
    """
    for doubt in shape_doubts(plan.rows, plan.gaps, plan.text_chars, plan.account):
        if doubt not in plan.doubts:
            return f"its plan leaves out that line {doubt.line} is doubtful: {doubt.reason}"
    return ""


def _shown(doubts: Sequence[Doubt], codes: Sequence[str]) -> str:
    shown = [doubt for doubt in doubts if doubt.code in codes]
    listed = "; ".join(
        f"{doubt.code} in line {doubt.line} ({doubt.reason.rstrip('.')})"
        for doubt in shown[:_NAMED]
    )
    more = len(shown) - _NAMED
    return f"{listed}; and {more} more" if more > 0 else listed
