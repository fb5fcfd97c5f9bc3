"""Which reading of a text was chosen: what the doubts have to know of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """Which reading of a text was chosen, and how sure that is."""

    chosen: str  # "words", "numbers", or as a sentence goes on after "by"
    runner_up: str = ""  # "" where no other reading was plausible
    margin: float = 1.0  # between their scores: thin below 0.1
