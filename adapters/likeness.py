"""How alike texts are, by rapidfuzz: the port `domain.revision.likeness.Likeness`."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from domain.revision.likeness import Edit


class RapidLikeness:
    """The normalised Indel similarity, and the longest common subsequence of words."""

    def ratio(self, old: str, new: str, *, at_least: float) -> float:
        """See the port.

        >>> RapidLikeness().ratio("the board meets", "the board met", at_least=60) > 85
        True
        """
        return fuzz.ratio(old, new, score_cutoff=at_least)

    def edits(self, old: Sequence[str], new: Sequence[str]) -> list[Edit]:
        """See the port.

        >>> RapidLikeness().edits(["the", "board"], ["the", "council"])
        [Edit(old_start=1, old_end=2, new_start=1, new_end=2)]
        """
        found: list[Edit] = []
        for code in LCSseq.opcodes(old, new):
            if code.tag == "equal":
                continue
            edit = Edit(code.src_start, code.src_end, code.dest_start, code.dest_end)
            if found and (found[-1].old_end, found[-1].new_end) == (edit.old_start, edit.new_start):
                first = found.pop()
                edit = Edit(first.old_start, edit.old_end, first.new_start, edit.new_end)
            found.append(edit)
        return found
