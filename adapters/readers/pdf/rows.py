"""From the letters of a page to its rows: what stands on one line from the left edge to the right
one, in words.

1. Letters that follow each other in the file, on one line and in one size, are a run.
2. Runs on one line are a row, whatever stands between them: columns are parted later.
3. A run that is smaller and stands a little higher or lower than the letters beside it is raised or
   lowered, and a part of their row.
4. A gap between two letters parts two words if the file has a blank there and the gap can be seen,
   or if it is wide. A blank alone parts nothing: some programs write one into the middle of a word.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from adapters.readers.pdf.glyphs import Glyph
from adapters.readers.pdf.right_to_left import is_right_to_left, turned

_SAME_LINE: Final = 0.12  # of the size: letters on one line stand so evenly
_SAME_SIZE: Final = 0.1
_BACK: Final = 0.6  # of the size: a run does not go back further
_AHEAD: Final = 1.0  # nor ahead
_SMALLER: Final = 0.85  # of the size of the letters beside it is what is raised or lowered
_RAISED: Final = (0.1, 0.8)  # of their size: how far
_LOWERED: Final = (0.05, 0.45)
_BESIDE: Final = 0.6  # of their size: how near it stands
_LEADER: Final = ".·…_ "  # the signs of the dots in a contents list
_SEEN: Final = 0.06  # of the size: a gap that the eye sees, where the file has a blank
_LAM: Final = "\u0644"
_WIDE: Final = 0.17  # a gap that parts words without one
_WIDE_WITHOUT: Final = 0.12  # the same in a row without any: only gaps part its words
_TOUCHES: Final = 0.005  # of the size: ink that ends where the room of its letter does
_WIDE_IDEOGRAPHS: Final = 0.9  # in scripts without blanks: justified lines are drawn apart


class Part(NamedTuple):
    """A piece of a word; `shift` is 1 for a raised one and -1 for a lowered one."""

    text: str
    shift: int


class Word(NamedTuple):
    """What no gap parts."""

    left: float
    right: float
    parts: tuple[Part, ...]
    weight: int  # how bold its first letter is

    @property
    def text(self) -> str:
        """The word's letters."""
        return "".join(part.text for part in self.parts)


@dataclass(slots=True)
class Row:
    """The words on one line of a page, from left to right."""

    base: float  # of the line, downwards
    em: float  # the size of most letters
    words: list[Word]

    @property
    def left(self) -> float:
        """Where the row begins."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(word.right for word in self.words)


@dataclass(slots=True)
class _Run:
    glyphs: list[Glyph]
    base: float
    em: float
    shift: int = 0
    left: float = 0.0
    right: float = 0.0

    def close(self) -> None:
        self.left = min(glyph.left for glyph in self.glyphs)
        self.right = max(glyph.right for glyph in self.glyphs)


@dataclass(slots=True)
class _Line:
    base: float
    em: float
    runs: list[_Run] = field(default_factory=list)


def page_rows(glyphs: Iterable[Glyph]) -> list[Row]:
    """The rows of a page from top to bottom."""
    lines = _with_shifted(_lines(_runs(glyphs)))
    rows = [_row(line) for line in lines]
    return [row for row in rows if row.words]


def _runs(glyphs: Iterable[Glyph]) -> list[_Run]:
    """Rule 1."""
    runs: list[_Run] = []
    run: _Run | None = None
    last: Glyph | None = None
    for glyph in glyphs:
        if glyph.is_blank:
            if run is not None:
                run.glyphs.append(glyph)
            continue
        if run is None or last is None or not _follows(last, glyph):
            run = _Run([], glyph.base, glyph.em)
            runs.append(run)
        run.glyphs.append(glyph)
        last = glyph
    for run in runs:
        run.close()
    return runs


def _follows(last: Glyph, glyph: Glyph) -> bool:
    em = max(last.em, glyph.em, 0.1)
    return (
        abs(glyph.base - last.base) <= _SAME_LINE * em / 2
        and abs(glyph.em - last.em) <= _SAME_SIZE * em
        and -_BACK * em <= glyph.left - last.right <= _AHEAD * em
    )


def _lines(runs: Sequence[_Run]) -> list[_Line]:
    """Rule 2."""
    lines: list[_Line] = []
    for run in sorted(runs, key=lambda run: run.base):
        line = lines[-1] if lines else None
        if line is None or abs(run.base - line.base) > _SAME_LINE * max(line.em, run.em):
            line = _Line(run.base, run.em)
            lines.append(line)
        line.runs.append(run)
        _measure(line)
    return lines


def _measure(line: _Line) -> None:
    """Base and size of a line are those of its longest run."""
    longest = max(line.runs, key=lambda run: len(run.glyphs))
    line.base, line.em = longest.base, longest.em


def _with_shifted(lines: list[_Line]) -> list[_Line]:
    """Rule 3: the lines with the runs in them that are raised or lowered."""
    bases = [line.base for line in lines]
    for i, line in enumerate(lines):
        for run in list(line.runs):
            home = _home(lines, bases, i, run)
            if home is None:
                continue
            target, shift = home
            run.shift = shift
            if target is not line:
                line.runs.remove(run)
                target.runs.append(run)
    kept = [line for line in lines if line.runs]
    return sorted(kept, key=lambda line: line.base)


def _home(
    lines: Sequence[_Line], bases: Sequence[float], at: int, run: _Run
) -> tuple[_Line, int] | None:
    """The line that a small run is raised or lowered in, and which of both; None for a run that
    stands on its own line.
    """
    reach = 4 * run.em
    first = bisect_left(bases, run.base - reach)
    for line in lines[first : at + 40]:
        if line.base > run.base + reach:
            break
        shift = _shift(run, line)
        if shift and any(_is_beside(run, other, line.em) for other in line.runs):
            return line, shift
    return None


def _shift(run: _Run, line: _Line) -> int:
    if run.em > _SMALLER * line.em:
        return 0
    up = (line.base - run.base) / line.em
    if _RAISED[0] <= up <= _RAISED[1]:
        return 1
    return -1 if _LOWERED[0] <= -up <= _LOWERED[1] else 0


def _is_beside(run: _Run, other: _Run, em: float) -> bool:
    if other is run or other.shift or other.em * _SMALLER < run.em:
        return False
    near = _BESIDE * em
    return -near <= run.left - other.right <= near or -near <= other.left - run.right <= near


def _row(line: _Line) -> Row:
    return Row(line.base, line.em, _words(line))


def _words(line: _Line) -> list[Word]:
    """Rule 4."""
    words: list[Word] = []
    parts: list[Part] = []
    left = right = 0.0
    weight = 0
    last: Glyph | None = None
    blank = False
    letters = _in_line(line)
    wide = _WIDE if any(glyph.is_blank for glyph, _ in letters) else _WIDE_WITHOUT
    for glyph, shift in letters:
        if glyph.is_blank:
            blank = True
            continue
        if last is None or _is_apart(last, glyph, line.em, wide, blank=blank):
            if parts:
                words.append(Word(left, right, tuple(parts), weight))
            parts, left, right, weight = [], glyph.left, glyph.right, glyph.weight
        if parts and parts[-1].shift == shift:
            parts[-1] = Part(parts[-1].text + glyph.text, shift)
        else:
            parts.append(Part(glyph.text, shift))
        left, right = min(left, glyph.left), max(right, glyph.right)
        last, blank = glyph, False
    if parts:
        words.append(Word(left, right, tuple(parts), weight))
    return _with_leaders(words)


def _with_leaders(words: Sequence[Word]) -> list[Word]:
    """The words, dots in a row as one: they lead the eye over a gap, and part nothing."""
    found: list[Word] = []
    for word in words:
        last = found[-1] if found else None
        if last is not None and _is_leader(last) and _is_leader(word):
            text = f"{last.text} {word.text}"
            found[-1] = last._replace(right=word.right, parts=(Part(text, 0),))
        else:
            found.append(word)
    return found


def _is_leader(word: Word) -> bool:
    return not word.text.strip(_LEADER)


def _in_line(line: _Line) -> list[tuple[Glyph, int]]:
    """The letters of a line from left to right.

    Within a run the order of the file holds, which knows where accents belong; text that runs from
    right to left is in no order to be relied on.
    """
    runs = sorted(line.runs, key=lambda run: run.left)
    letters = [(glyph, run.shift) for run in runs for glyph in run.glyphs]
    if not any(is_right_to_left(glyph.text) for glyph, _ in letters):
        return letters
    whole = [(_as_seen(glyph), shift) for glyph, shift in _with_marks(letters)]
    return sorted(whole, key=lambda letter: (letter[0].left + letter[0].right) / 2)


def _as_seen(glyph: Glyph) -> Glyph:
    """A sign for several letters, these in the order of the eye.

    Some programs write them into the file in that order already. It shows where a lam comes last:
    no sign of Arabic script joins a lam to the letter before it.
    """
    if len(glyph.text) == 1 or not is_right_to_left(glyph.text):
        return glyph
    letters = [char for char in glyph.text if unicodedata.category(char)[0] != "M"]
    if letters[-1] == _LAM != letters[0]:
        return glyph
    return glyph._replace(text=turned(glyph.text))


def _with_marks(letters: Sequence[tuple[Glyph, int]]) -> list[tuple[Glyph, int]]:
    """The letters, each with the marks that stand over or under it."""
    bases = [pair for pair in letters if not _is_mark(pair[0])]
    for mark, _ in (pair for pair in letters if _is_mark(pair[0])):
        middle = (mark.left + mark.right) / 2
        inked = [i for i, (glyph, _) in enumerate(bases) if not glyph.is_blank]
        if not inked:
            continue
        i = min(inked, key=lambda i: abs((bases[i][0].left + bases[i][0].right) / 2 - middle))
        glyph, shift = bases[i]
        bases[i] = (glyph._replace(text=glyph.text + mark.text), shift)
    return bases


def _is_mark(glyph: Glyph) -> bool:
    return unicodedata.category(glyph.text[0])[0] == "M"


def _is_apart(last: Glyph, glyph: Glyph, em: float, wide: float, *, blank: bool) -> bool:
    size = em or 1.0
    ink, room = (glyph.left - last.right) / size, (glyph.start - last.end) / size
    if blank and (min(ink, room) > _SEEN or room > wide):  # the ink of a slanted f reaches far
        return True
    if last.end - last.right < _TOUCHES * size and wide == _WIDE_WITHOUT:
        room = max(room, ink)  # the ink of an f reaches into the gap, and its room with it
    wide = _WIDE_IDEOGRAPHS if _has_no_blanks(last.text, glyph.text) else wide
    return room > wide and ink > wide / 2


def _has_no_blanks(before: str, after: str) -> bool:
    """True between two characters of a script that sets no blanks between words."""
    return all(unicodedata.east_asian_width(char[0]) in "WF" for char in (before, after))
