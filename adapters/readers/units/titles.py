"""The printed title of a unit: on the line of its number, or on the lines below it.

The rules, in this order:

1. A heading that the format declares has its title on its own line, and so has a unit with a title
   in brackets (`Art. 5 (Scope). - Text ...`), of which the brackets' words are the title.
2. A number that stands alone has its title on the next line that is not blank, if that reads like
   one: no marker of a paragraph, no sentence. `Article 5`, then `Scope`.
3. A title that fills its line goes on below: for containers and annexes while lines are in
   capitals, for cited units while they begin with a small letter.
4. What reads like the text of a cited unit (a sentence, or words that run on) is no title: the unit
   has none. `Article 5. The council shall meet twice a year, and more often if ...`
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from adapters.readers.lines.candidates import AMENDED, MAX_TITLE_CHARS, Candidate, heading_words
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.text.normalised import View

_WRAPPED_CHARS: Final = 130  # a longer line is not wrapped, so its title does not go on below
_LONG_CHARS: Final = 45  # a title that goes on below fills its line first
_MAX_LINES: Final = 5  # of a title
_SENTENCE_WORDS: Final = 14  # from here on words that end with a full stop are a sentence
MARKER: Final = re.compile(
    r"[ \t>*_]*"
    r"(?:\(?(?:\d{1,3}[a-z]?|[a-zđ]{1,2}|[ivxIVX]{1,5})[.)°]"  # `1.`, `(2a)`, `a)`, `(iv)`, `1°`
    r"|[-•|+*]\s"  # an item of a list, a row of a table
    r"|\(|[“”„«\"])"  # a bracket or a quotation
)
"""The pattern of how a paragraph or an item begins, so that the line is no title."""
# A title in brackets, and what may follow on its line: `(Scope). - The council ...`
_RUBRIC: Final = re.compile(r"\((?P<words>[^()\n]{3,160})\)\.?(?:[ \t]*[-–—].*)?$")
# Behind a separator the text may follow at once: `Artículo 1°.- (Objeto) El presente reglamento`.
_RUBRIC_AND_TEXT: Final = re.compile(
    r"\((?P<words>(?=[^()\n]*[^\W\d_]{4})[^\W\d_][^()\n;:]{3,100})\)\.?[ \t]+"
    r"(?=[^\W\d_])[^a-zà-ÿ\n].{30}"
)
_MARK: Final = re.compile(AMENDED)
_SIGNS: Final = " \t#>*_\\"  # of Markdown, before the words of a line
_BASIC = UnitRole.BASIC  # looking up a member takes long in an inner loop


def set_title(view: View, candidate: Candidate, starts: Collection[int], profile: Profile) -> None:
    """Find the title of an accepted unit, and where the heading ends.

    `starts` are the line starts of all units.
    """
    candidate.title_end = view.line_end(candidate.rest_at)
    if candidate.title:  # a caption above the number
        return
    rubric = _rubric(candidate) if candidate.rest[:1] == "(" else None
    if candidate.depth or rubric:
        candidate.title = (
            rubric["words"]
            if rubric and candidate.role is _BASIC
            else candidate.rest[:MAX_TITLE_CHARS]
        )
        return
    lines = [candidate.rest] if candidate.rest else []
    if not lines:
        _read_below(view, candidate, starts, lines)
    elif _goes_on(candidate, view):
        _read_on(view, candidate, starts, lines)
    title = " ".join(lines)
    sentence = candidate.role is _BASIC and _is_sentence(title, profile)
    candidate.title = "" if sentence else (title or candidate.title_above)[:MAX_TITLE_CHARS]


def _rubric(candidate: Candidate) -> re.Match[str] | None:
    found = _RUBRIC.match(candidate.rest)
    if found is None and candidate.sep and candidate.role is _BASIC and not candidate.depth:
        return _RUBRIC_AND_TEXT.match(candidate.rest)
    return found


def _goes_on(candidate: Candidate, view: View) -> bool:
    """True if the title fills its line and the next one goes on with it."""
    if candidate.rest[-1] in ".;:" or len(candidate.rest) > _WRAPPED_CHARS:
        return False
    if candidate.role is not _BASIC:
        return candidate.rest.isupper()
    following = _line(view, candidate.title_end + 1)
    return (
        following[:1].islower()
        and candidate.title_end - candidate.at > _LONG_CHARS
        and MARKER.match(following) is None
    )


def _read_on(view: View, candidate: Candidate, starts: Collection[int], lines: list[str]) -> None:
    """Rule 3: add the lines below that go on with a title that has begun."""
    at = candidate.title_end + 1
    while len(lines) < _MAX_LINES and at < len(view.text) and at not in starts:
        line = _line(view, at)
        capitals = candidate.role is not _BASIC and line.isupper()
        small = candidate.role is _BASIC and line[:1].islower() and lines[-1][-1:] not in ".;:"
        if not (capitals or small) or MARKER.match(line):
            return
        lines.append(line)
        candidate.title_end = view.line_end(at)
        at = candidate.title_end + 1


def _read_below(
    view: View, candidate: Candidate, starts: Collection[int], lines: list[str]
) -> None:
    """Rule 2. One blank line may be in between, and marks of amendments (`►M1`)."""
    at, blank = candidate.title_end + 1, False
    while (
        at < len(view.text)
        and at not in starts
        and (_MARK.fullmatch(line := _line(view, at)) or not (line or blank))
    ):
        blank = blank or not line
        at = view.line_end(at) + 1
    if at >= len(view.text) or at in starts:
        return
    line = _line(view, at)
    rubric = _RUBRIC.match(line)
    if rubric and rubric.end() == len(line):
        lines.append(rubric["words"])
    elif _is_heading(line, _line(view, view.line_end(at) + 1), candidate):
        lines.append(line)
    else:
        return
    candidate.title_end = view.line_end(at)
    if candidate.role is not _BASIC and line.isupper():
        _read_on(view, candidate, starts, lines)


def _is_heading(line: str, following: str, candidate: Candidate) -> bool:
    """True for a line that may be a title: short, no marker, and for a cited unit no sentence that
    ends here or runs on into the following line.
    """
    if not line or MARKER.match(line) or len(line) > MAX_TITLE_CHARS:
        return False
    if candidate.role is not _BASIC:
        return True
    return line[-1] not in ".;:," and not line[0].islower() and not following[:1].islower()


def _line(view: View, at: int) -> str:
    return heading_words(view.line(at).lstrip(_SIGNS)) if at < len(view.text) else ""


def _is_sentence(title: str, profile: Profile) -> bool:
    """Rule 4: true for a first paragraph and for what runs on, or is a whole sentence: long, or in
    a language whose titles do not end with a full stop.
    """
    stopped = title[-1:] == "." and (
        len(title.split()) > _SENTENCE_WORDS or not profile.stopped_titles
    )
    return stopped or title[-1:] in ",;:。：；，।؛։" or title.startswith("(1)")
