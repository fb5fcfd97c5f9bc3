"""Page furniture of text that was taken out of a PDF: running heads, page numbers, and headings
that a page break repeats.

Such lines stand in the middle of sentences and begin with numbers, so that they look like units,
titles, or the end of a paragraph. They are found by these rules, in this order:

1. Numbers alone on their lines are page numbers if they rise through the document and the pages are
   about as long as each other.
2. Lines with the same words are running heads if they hold a number that rises in the same way, in
   step with the page numbers found so far: `3 Cap. 12 Boats`, `Cap. 12 Boats 4`, `Page 3 of 40`.
   The words may stand in any order: left and right pages differ.
3. A line that comes again and again, nearly always beside a line found so far or beside a form
   feed, is a part of the running head that has no number.
4. `Article 2 (continued)` goes on with an article and heads none.

An author's own numbering is none of these: headings have words of their own (rule 2) or a separator
after their number, and articles are not all as long as each other (rule 1).

>>> pages = ["\\n".join(f"A boat {a * n} floats." for a in "abcdefghijklm") for n in range(1, 5)]
>>> heads = ["1 Cap. 12 Boats", "Cap. 12 Boats 2", "3 Cap. 12 Boats", "Cap. 12 Boats 4"]
>>> text = "\\n".join(f"{head}\\n{page}" for head, page in zip(heads, pages))
>>> find_furniture(View(text))
[1, 15, 29, 43]
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from adapters.readers.text.normalised import View

_DIGITS: Final = re.compile(r"\d+")
# A number alone on its line, with what may stand around a page number: `12`, `- 12 -`, `[12]`.
_ALONE: Final = re.compile(r"\n[ \t\-–—|\[]*(?P<n>\d{1,4})[ \t\-–—|\]]*(?=\n|\Z)")
_WORD: Final = re.compile(r"[^\W\d_]{3,}")  # shorter words are often garbled in scanned text
# How an author sets a number: `5.`, `(a)`, `Article 5.`, `[5`. `#` stands for digits.
_SET_APART: Final = re.compile(r"[\[(«“\"]|\W*#[a-z]?[.)\-–—:]|\W*[^\W\d_]+[ ]#[.):]")
_PAGE: Final = re.compile(  # the word for a page: with a number alone it is no heading
    r"(?:page|seite|p[áa]gina|pag|trang|sida|side|sivu|strona|strana|stran|oldal|стр|сторінка)\b",
    re.IGNORECASE,
)
_GLUED: Final = re.compile(r"[^\W\d_]{3,}#")  # a page number that the word before runs into
# Only what follows the bracket is asked in any case, which keeps the search for it fast.
_CONTINUED: Final = re.compile(
    r"\((?i:continued|cont[’']?d?\.?|suite|Fortsetzung|continuación|continuação|segue|vervolg"
    r"|tiếp theo|продовження|продолжение|ciąg dalszy|fortsatt)\)[ \t.]*(?=\n|\Z)"
)
_LONGEST: Final = 120  # characters of a running head
_SAMPLE: Final = 2_000  # lines: a running head comes in the first forty pages or not at all
_FEWEST_HEADS: Final = 3
_FEWEST_NUMBERS: Final = 5  # numbers alone have no words that tell
_SHORTEST: Final = 10  # lines of a page below a running head
_SHORTEST_NUMBERED: Final = 20  # the same where only a number tells
_SPREAD: Final = 2.5  # how many times longer or shorter than most a page may be
_REGULAR: Final = 0.6  # so many of the pages are that long
_SHARE: Final = 0.6  # so many lines with the same words have a rising number
_IN_STEP: Final = 0.8  # so many of these fit between the page numbers found so far
_THROUGH: Final = 0.3  # of the document's lines
_EVERY: Final = 0.4  # of the pages, since some are garbled
_BESIDE: Final = 2  # lines: how far from another part of a running head
_NEARLY_ALL: Final = 0.7  # of a line's repetitions stand there
_TENTH: Final = 0.1  # of the pages have it
_ROUNDS: Final = 3  # of rule 3: a running head has only so many lines


class _Page(NamedTuple):
    """A line with the number of the page that it stands on."""

    line: int
    number: int


def find_furniture(view: View) -> list[int]:
    """The lines of the view, counted from 1, that are page furniture."""
    lines = view.text.split("\n")
    pages = _page_numbers(view.text)
    found = {page.line for page in pages}
    found |= _running_heads(lines, pages)
    breaks = view.lines_after_form_feeds() if "\f" in view.source else []
    if found or breaks:
        stripped = [line.strip() for line in lines]
        for _ in range(_ROUNDS):
            more = _parts_without_number(stripped, found, breaks)
            if not more:
                break
            found |= more
    found.update(line for line, _ in _numbered_lines(_CONTINUED, view.text))
    return sorted(found)


def _numbered_lines(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """The matches of a pattern, each with the line that it starts on or, if it starts with a line
    feed, right before.
    """
    line, at = 0, 0
    for found in pattern.finditer(text):
        line += text.count("\n", at, found.start() + 1)
        at = found.start() + 1
        yield line, found


def _page_numbers(text: str) -> list[_Page]:
    """Rule 1."""
    pages = _rising((line, [int(found["n"])]) for line, found in _numbered_lines(_ALONE, text))
    enough = len(pages) >= _FEWEST_NUMBERS
    return pages if enough and _are_pages(pages, _SHORTEST_NUMBERED) else []


def _running_heads(lines: Sequence[str], pages: Sequence[_Page]) -> set[int]:
    """Rule 2. The words are those of the document's first pages."""
    sample = lines[:_SAMPLE]
    groups = _repeated_words(sample)
    found: set[int] = set()
    for words, members in sorted(groups.items(), key=lambda group: -len(group[1])):
        run = _rising(_changing_numbers(lines, members))
        if (
            len(run) >= max(_FEWEST_HEADS, _SHARE * len(members))
            and _are_pages(run, _SHORTEST)
            and (_in_step(run, pages) if pages else _run_through(run, len(sample)))
        ):
            found.update(_with_words(lines, words))
            pages = pages or run
    return found


def _changing_numbers(lines: Sequence[str], members: Sequence[int]) -> list[tuple[int, list[int]]]:
    """The numbers of each line but for those that most of the lines have: years and chapters."""
    numbers = [{int(n[:9]) for n in _DIGITS.findall(lines[i])} for i in members]
    counted = Counter(number for found in numbers for number in found)
    usual = {number for number, count in counted.items() if count > len(members) / 2}
    return [(i, list(found - usual)) for i, found in zip(members, numbers, strict=True)]


def _repeated_words(lines: Sequence[str]) -> dict[frozenset[str], list[int]]:
    """The lines with a number whose words are those of a line that comes again but for its digits,
    by these words.
    """
    masked = _DIGITS.sub("#", "\n".join(lines)).split("\n")
    counted: Counter[frozenset[str]] = Counter()
    for mask, count in Counter(masked).items():
        if count > 1 and "#" in mask and may_be_head(mask):
            counted[_words(mask)] += count
    likely = {words for words, count in counted.items() if count >= _FEWEST_HEADS}
    groups: dict[frozenset[str], list[int]] = defaultdict(list)
    for i, mask in enumerate(masked if likely else ()):
        if "#" in mask and (words := _words(mask)) in likely and may_be_head(mask):
            groups[words].append(i)
    return groups


def _with_words(lines: Sequence[str], words: frozenset[str]) -> list[int]:
    """The lines with these words and no others, in any order, and with a number."""
    longest = max(words, key=len)
    return [
        i
        for i, line in enumerate(lines)
        if len(line) <= _LONGEST
        and longest in line.casefold()
        and _words(line) == words
        and "#" in (mask := _DIGITS.sub("#", line))
        and may_be_head(mask)
    ]


def may_be_head(mask: str) -> bool:
    """False for what an author numbers, and for a single word with one number: `Article 5`."""
    mask = mask.strip()
    words = _words(mask)
    if len(mask) > _LONGEST or not words or _SET_APART.match(mask):
        return False
    return len(words) > 1 or mask.count("#") > 1 or bool(_PAGE.match(mask) or _GLUED.search(mask))


def _run_through(run: Sequence[_Page], lines: int) -> bool:
    """True if a run goes through most of a document, and has every page or every second one."""
    pages = run[-1].number - run[0].number + 1
    return run[-1].line - run[0].line >= _THROUGH * lines and len(run) >= _EVERY * pages


def _in_step(run: Sequence[_Page], pages: Sequence[_Page]) -> bool:
    """True if the numbers of a run fit between the page numbers around them."""
    lines = [page.line for page in pages]
    fits = 0
    for line, number in run:
        i = bisect_left(lines, line)
        low = pages[i - 1].number if i else 0
        high = pages[i].number if i < len(pages) else low + len(pages)
        fits += low <= number <= high
    return fits >= _IN_STEP * len(run)


def _parts_without_number(lines: Sequence[str], found: set[int], breaks: Sequence[int]) -> set[int]:
    """Rule 3: the lines next to found ones, and those at the top and the bottom of a page."""
    near: dict[str, set[int]] = defaultdict(set)
    marks = found.union(breaks)
    for line in marks:
        for step in (1, -1):
            passed, at = 0, line if step > 0 and line not in found else line + step
            while 0 < at < len(lines) and passed < _BESIDE:
                text = lines[at]
                if at not in found and not text.isdecimal() and text:
                    near[text].add(at)
                passed += bool(text)
                at += step
    least = max(_FEWEST_HEADS, _TENTH * len(marks))
    often = {t for t, places in near.items() if len(places) >= least and len(t) <= _LONGEST}
    counted = Counter(text for text in lines if text in often) if often else {}
    return {
        at for t, count in counted.items() if len(near[t]) >= _NEARLY_ALL * count for at in near[t]
    }


def _words(line: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(line))


def _rising(lines: Iterable[tuple[int, list[int]]]) -> list[_Page]:
    """The longest run of lines with rising numbers; a line with two numbers counts by one of them.

    >>> [page.number for page in _rising([(1, [3]), (40, [4, 12]), (50, [2]), (80, [12, 5])])]
    [3, 4, 5]
    """
    tops: list[int] = []  # the lowest last number of a run of each length
    ends: list[int] = []  # where that run ends in `seen`
    seen: list[tuple[_Page, int]] = []  # each with what comes before it in its run
    for line, numbers in lines:
        for number in sorted(numbers, reverse=True):
            length = bisect_left(tops, number)
            seen.append((_Page(line, number), ends[length - 1] if length else -1))
            tops[length : length + 1] = [number]
            ends[length : length + 1] = [len(seen) - 1]
    run, at = [], ends[-1] if ends else -1
    while at >= 0:
        page, at = seen[at]
        run.append(page)
    return run[::-1]


def _are_pages(run: Sequence[_Page], shortest: int) -> bool:
    """True if the lines between two numbers, by page, are about as many each time."""
    lengths = [(b.line - a.line) / (b.number - a.number) for a, b in pairwise(run)]
    usual = median(lengths)
    fits = sum(usual / _SPREAD <= length <= usual * _SPREAD for length in lengths)
    return usual >= shortest and fits >= _REGULAR * len(lengths)
