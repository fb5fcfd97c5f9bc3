"""Lines that begin with a number and may head a unit without a heading word: `1. Introduction`,
`2.1. General rules`, `A.4. Voting`; and how much each reads like a heading.

A number with parts belongs to the one that it continues: 2.1 to 2. Its path says so: the parts as
integers that compare as numbers stand.

>>> view = View("1. Introduction\\n\\nA text.\\n\\n12 apples\\n\\n1.1 Scope\\n\\n  1. an item;\\n")
>>> lines = numbered_lines(view)
>>> weigh_lines(view, lines, Quotations((), ()))
>>> [(line.number, line.rest, round(line.weight, 2)) for line in lines]
[('1', 'Introduction', 2.8), ('12', 'apples', 0.3), ('1.1', 'Scope', 3.3), ('1', 'an item;', 0.14)]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from adapters.readers.lines.candidates import Candidate, heading_words
from adapters.readers.lines.quotations import Quotations
from adapters.readers.lines.weights import QUOTED, UNWRAPPED_CHARS, fills_line, line_width
from adapters.readers.numbers.numbering import Order, order_of
from adapters.readers.numbers.paths import STEP, Path
from adapters.readers.profiles.base import UnitRole
from adapters.readers.text.normalised import View

# A line that begins with a number. Examples: `1. Introduction`, `**2.1** Scope`, `A.4 - Voting`.
_LINE: Final = re.compile(
    r"\n(?P<indent>[ \t]*+)"
    r"(?P<bold>[*_]{0,3}|\d{0,2}\[)"  # marks of Markdown; `[` or `2[` opens what an amendment wrote
    # the name of a code before the number of its chapter and section: `NRS 1.010`, `NRS 1.0435`
    r"(?P<code>[A-Z]{2,5}[ ](?=\d{1,3}[A-Z]?\.\d{3}))?"
    r"(?P<n>(?:\d{1,3}[A-Z]{0,2}|[IVXL]{2,7}|[A-Z])"  # 12, 12A, XIV, A
    r"(?:(?<=[\dA-Z])\.\d{4}(?=[ \t])|(?:\.\d{1,3}){0,5}))"  # 1.0435, 2.1.4, A.4
    r"(?P<sep>[.)][*_]{0,3}"  # `1.`, `1)`, `**1.**`
    r"|[*_]{1,3}[.)]"  # `**1.1**.`
    r"|[*_]{0,3}[ \t]+[\-–—]"  # `1 -`
    r"|(?=[*_ \t]))"  # nothing: `2.1 Scope`
    r"(?:[ \t]+(?=\S)"  # then words
    r"|(?:(?<=\d\.)|(?<=\d[A-Z]\.))(?=[^\W\d_a-zà-ÿ][^\W\d_A-ZÀ-Þ]{2})"  # `8.Powers of ...`
    r"|(?=[—–-]?\(1\))"  # or the first subsection at once: `1.—(1) A person ...`, `2.-(1)`
    r"|(?<=\d\.)[ \t]*(?=\n))"  # or nothing: `1.` alone on its line
)
_LONG_PART: Final = re.compile(r"\.\d{4}")  # of a decimal: 1.0435 stands between 1.043 and 1.044
# A number that is all there is on its line: `4`, `IV.`.
_ALONE: Final = re.compile(r"\n[ \t*_#]*(?P<n>\d{1,3}[A-Z]?|[IVXL]{1,7})\.?[ \t*_]*(?=\n)")
# What makes a number at the start of a line that of a day or of an act: `May 2018`, `of 2006`.
_DATE: Final = re.compile(
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|March|April|May|June|July|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|of)\.?,?[ ]\d{4}\b"
)
# How a note begins on what is no longer there; it may end lines below: `[6. Omitted under ...`.
_GONE: Final = re.compile(r"(?:Omitted|Deleted|Repealed|Expired|Spent)\b")
_TERMINATED: Final = ".;:,"
# How the text of a section begins that has its heading above the number, or none.
_FIRST_PARAGRAPH: Final = ("(1) ", "(1)\t", "—(1)", "–(1)", "-(1)", "[Repealed")
_HEADING_CHARS: Final = 90  # a longer line is a sentence; twice that where lines are not wrapped

# A line begins with 1 and has to come to `sections.ENOUGH`: `3. Duties` in its place does by its
# title alone (1 + 1), one that begins with a small letter never does (1 - 1.5 + 0.5 + ...).
_PARTS: Final = 0.5  # for a number with parts: lists rarely count so
_INDENT: Final = -0.08  # for each column of indentation, up to 10: lists are indented
# For a title: a capital, no stop at the end, short; and for a number alone above a capital.
_TITLE: Final = 1.0
_STOPPED_TITLE: Final = 0.3  # for the same with a stop: it may as well be a short item of a list
_OPENS_TEXT: Final = 0.5  # for the first paragraph of a section
_SMALL_LETTER: Final = -1.5  # for a small letter: an item of a list or the rest of a sentence
_SMALL_TITLE: Final = -0.4  # for one in a title that stands alone, after a number with parts
_BLANK_BEFORE: Final = 0.5  # for a blank line before
_RUNS_ON: Final = -1.5  # for a full line before that ends within a sentence
_BLANK_AFTER: Final = 0.3  # for a blank line after, which lists seldom have


def numbered_lines(view: View) -> list[Candidate]:
    """Every line that begins with a number and may head a unit, in the order of the text."""
    return [c for m in _LINE.finditer(view.text) if (c := _candidate(view, m)) is not None]


def lone_numbers(view: View) -> list[Candidate]:
    """Every number that is alone on its line, in the order of the text."""
    return [_section(m, m["n"], "", "") for m in _ALONE.finditer(view.text)]


def _candidate(view: View, m: re.Match[str]) -> Candidate | None:
    """None for what only looks alike: `A person who ...` is text, and so is an indented
    `12 months`; a line in brackets is a note on what was there: `[10. Deleted by Act 28.]`; and
    `1 May 2018: Sections 2 to 9` tells a day, `2 of 2006` an act.
    """
    line = view.line(m.end())
    if not m["sep"].strip() and ("." not in m["n"] and (m["indent"] or not m["n"][0].isdigit())):
        return None
    if m["bold"] == "[" and (line.endswith("]") or _GONE.match(line)):
        return None
    if not m["sep"].strip() and _DATE.match(line):
        return None
    if m["code"] is None and _LONG_PART.search(m["n"]):
        return None
    label = (m["code"] or "") + m["n"] + ("." if "." in m["sep"] else "")
    return _section(m, label, m["sep"].strip(), heading_words(line))


def _section(m: re.Match[str], label: str, sep: str, rest: str) -> Candidate:
    return Candidate(
        at=m.start() + 1,
        rest_at=m.end(),
        word=None,
        kind="section",
        role=UnitRole.BASIC,
        label=label,
        number=m["n"],
        order=Order(order_of(m["n"]).whole),
        sep=sep,
        rest=rest,
        quoted=False,
    )


def weigh_lines(view: View, items: Sequence[Candidate], quotations: Quotations) -> None:
    """Give every line its weight."""
    width = line_width(view)
    for item in items:
        item.weight = _weight(view, item, width, quotations)


def _weight(view: View, item: Candidate, width: int, quotations: Quotations) -> float:
    rest, before = item.rest, view.line_before(item.at)
    indent = len(view.text[item.at : item.rest_at]) - len(
        view.text[item.at : item.rest_at].lstrip()
    )
    weight = 1.0 + _INDENT * min(indent, 10) + (_PARTS if "." in item.number else 0.0)
    if quotations.holds(item.at):
        weight += QUOTED
    # Where lines are not wrapped, a heading is on one line however long it is.
    longest = _HEADING_CHARS if width <= UNWRAPPED_CHARS else 2 * _HEADING_CHARS
    if rest[:1].isupper() and len(rest) <= longest:
        is_open = rest[-1] not in _TERMINATED or rest.endswith("etc.")
        weight += _TITLE if is_open else _STOPPED_TITLE
    elif rest.startswith(_FIRST_PARAGRAPH):
        weight += _OPENS_TEXT
    below = view.line(view.line_end(item.rest_at) + 1).strip()
    is_apart = not below
    if not rest and below[:1].isupper():
        weight += _TITLE
    if rest[:1].islower():
        heads = is_apart and not before and item.sep and "." in item.number
        weight += _SMALL_TITLE if heads and rest[-1] not in _TERMINATED else _SMALL_LETTER
    if not before:
        weight += _BLANK_BEFORE
    elif before[-1].isalnum() and fills_line(before, width):
        weight += _RUNS_ON
    return weight + (_BLANK_AFTER if is_apart else 0.0)


def follows(path: Path, seen: set[Path]) -> bool:
    """True if the number before this one is there too, or the unit that it is the first of; always
    for one that was inserted (12A).

    >>> from adapters.readers.numbers.paths import path_of
    >>> two, two_one = path_of("2"), path_of("2.1")
    >>> follows(two, {path_of("1")}), follows(two_one, {two}), follows(two_one, set())
    (True, True, False)
    >>> follows(path_of("0.0.1"), {path_of("0.0")})
    True

    Laws that number what they insert by parts begin with zeros: 39.0.0.1 comes after 39.
    """
    *above, last = path
    holder = list(above)
    while holder and not holder[-1]:
        holder.pop()
    return (
        (*above, last - STEP) in seen
        or (last <= STEP and (not above or tuple(above) in seen or tuple(holder) in seen))
        or last % STEP > 0
    )
