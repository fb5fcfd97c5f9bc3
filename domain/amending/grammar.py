"""What a language's instructions look like, as data: its words for units, and its phrases.

A phrase is a pattern with the groups `refs` (where the units stand that it is about) and, where a
unit gets a number or is new, `to`. It is matched within one sentence, in which quotations are left
out and signs after abbreviations do not end it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from domain.amending.claims import Says

NUMBER: Final = (
    r"(?:[LRD]{1,2}\.? ?\*? ?)?(?:\d+(?:[-.]\d+)*"
    r"(?:(?:er)? ?(?:bis|ter|quater|quinquies|sexies|septies)\b(?!\s*\d)|"
    r"[a-zA-Zđ]{1,2}\b)?|[IVXLC]+\b)"
)
"""A number as it is printed: `12a`, `7 bis`, `L. 111-1`, `IV`."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to give an instruction. `everywhere` takes every unit that `refs` names, where
    otherwise the first list of them is meant.
    """

    says: Says
    pattern: str
    everywhere: bool = False


@dataclass(frozen=True)
class Grammar:
    """How one language instructs.

    `unit` and `annex` are its words for units that can be amended, `between` what joins numbers of
    a list, `through` what joins the ends of a range, `before` and `after` how a part of a unit is
    named before or after it. A sentence without one of `signals` instructs nothing: to look for
    them first saves nearly all of the time.
    """

    name: str
    quotes: tuple[tuple[str, str], ...]
    unit: str
    annex: str
    between: str
    through: str
    before: str
    after: str
    signals: str
    phrases: tuple[Phrase, ...]
    abbreviations: str = ""

    @cached_property
    def reference(self) -> re.Pattern[str]:
        """One reference: the unit's word, numbers, and before or after them words of a part."""
        listed = rf"\s*(?:,\s*(?:{self.between})?|\b(?:{self.between})\b)\s*"
        ranged = rf"\s*(?:\b(?:{self.through})\b|[–—])\s*(?:{self.unit})?\s*"
        numbers = rf"{NUMBER}(?:(?:{listed}|{ranged}){NUMBER}(?!\w|[.)]\s*\w))*"
        return re.compile(
            rf"(?P<before>(?:{self.before})\s*)?"
            rf"(?<!\w)(?:(?:{self.unit})|(?P<annex>{self.annex}))\s*(?P<numbers>{numbers})"
            rf"(?P<after>\s*(?:{self.after}))?",
            re.IGNORECASE,
        )

    @cached_property
    def signal(self) -> re.Pattern[str]:
        """What every instruction holds one of."""
        return re.compile(self.signals, re.IGNORECASE)

    @cached_property
    def rules(self) -> tuple[tuple[Phrase, re.Pattern[str]], ...]:
        """The phrases, compiled."""
        return tuple((one, re.compile(one.pattern, re.DOTALL)) for one in self.phrases)

    @cached_property
    def dotted(self) -> re.Pattern[str]:
        """Abbreviations whose dot does not end a sentence."""
        return re.compile(rf"\b(?:{self.abbreviations})\.") if self.abbreviations else _NOTHING


_NOTHING: Final = re.compile(r"(?!)")
