"""Numbers that stand behind a margin note on the same line: `Quorum. 6. (1) The meeting ...`.

Where a page has notes in its left margin, what takes the text out of it puts the note before the
first line of the section, so that no line begins with the number. Such lines are never sought for
their own sake, since sentences have the same form; they are what a sequence may lack (`gaps`).

>>> from adapters.readers.profiles.en import EN
>>> view = View("Quorum. 6. (1) Five are enough.\\nSee section 7. It tells more.\\n")
>>> [(c.number, c.title, c.rest) for c in numbers_behind_notes(view, EN)]
[('6', 'Quorum', '(1) Five are enough.')]
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from adapters.readers.lines.candidates import Candidate, heading_words
from adapters.readers.numbers.numbering import Order, order_of
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.text.normalised import View

_NOTE_CHARS: Final = 40  # a margin is narrow
# `Meetings of the 5. (1) The board`: a note that begins with a capital, a whole number with a stop,
# and a first paragraph or a sentence.
_LINE: Final = re.compile(
    rf"\n[ \t]*(?P<note>(?=[^\W\d_])[^\n]{{1,{_NOTE_CHARS}}}?)[ \t]+(?P<n>\d{{1,3}}[A-Z]{{0,2}})\."
    r"[ \t]*(?:[—–-][ \t]*)?(?=\(1\)|[^\W\d_])"
)
# The rest of a date, whatever the language of its month: `Dresden, den 4. Februar 2004`.
_DATE: Final = re.compile(r"(?:de[ ])?[^\W\d_]{3,12}\.?,?[ ](?:del?[ ])?\d{4}(?!\d)")
_WEIGHT: Final = 0.0  # less than any line that begins with the number: the clearest is taken


def numbers_behind_notes(view: View, profile: Profile) -> list[Candidate]:
    """Every line with a note before its number, in the order of the text.

    The words of a note that ends there are the title; the rest of one that does not stands on the
    lines below, mixed with the text.
    """
    found = []
    for m in _LINE.finditer(view.text):
        rest = heading_words(view.line(m.end()))
        if m["note"][0].islower() or rest[:1].islower() or _refers(profile).search(m["note"]):
            continue
        if _DATE.match(" ".join(rest.split())):
            continue
        found.append(
            Candidate(
                at=m.start() + 1,
                rest_at=m.end(),
                word=None,
                kind="section",
                role=UnitRole.BASIC,
                label=f"{m['n']}.",
                number=m["n"],
                order=Order(order_of(m["n"]).whole),
                sep=".",
                rest=rest,
                quoted=False,
                weight=_WEIGHT,
                title=m["note"][:-1] if m["note"][-1] == "." else "",
            )
        )
    return found


@cache
def _refers(profile: Profile) -> re.Pattern[str]:
    """The end of what names a number: a heading word, an abbreviation, another number."""
    forms = {form for word in profile.words for form in word.forms}
    words = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?i:(?:^|\W)(?:{words}|\w{{1,2}}\.))$|[\d(]\W*$")
