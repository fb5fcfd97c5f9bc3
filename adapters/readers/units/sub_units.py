"""Paragraphs and points below the basic units: an outline of the markers at line starts.

A marker is a number or letter in one of the forms of the profile: `1.`, `(a)`, `(iv)`. Those of a
unit are asked in order, but for those in quotations:

1. Does it go on with an open level? The innermost is asked first; levels below it are closed.
2. Else, is it the first of a form that no open level has? Then it opens a level below all others.
3. Else, is it the first of a form that a level further out has? Then it opens a level as well if
   what follows proves it: a marker that goes on with a level around the new one. Otherwise it is
   ambiguous, as in `1. a) 1. 2.`, whose last marker may belong to either list. All of the list is
   then left in the text around it, and a warning says so.
4. Else it is text.
5. A marker right behind another on its line, as in `(a)(1)`, opens a level as well, if it is the
   first of a form that no open level has and a later marker goes on with it. Else it is text.

So a form has no fixed level, and `(i)` is the letter after `(h)` or the first Roman number, by what
is open. Of the markers

    1.   (a)   (b)   2.   (a)   4.

the first opens level 1, `(a)` level 2, `(b)` goes on there, `2.` goes on with level 1, `(a)` opens
level 2 anew, and `4.` is text, since 3 is missing. In `(a) (1) (i) (a) (b) (ii)` the second `(a)`
opens a level below `(i)`, since `(ii)` shows that `(i)` was open all the time.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.quotations import Quotations
from adapters.readers.numbers.numbering import roman_value
from adapters.readers.profiles.base import Profile
from adapters.readers.text.normalised import View
from adapters.readers.units.list_forms import KINDS, pattern_of, place_of
from domain.reading.marks import Level, Mark

# The forms of markers, each named by its first marker, with the pattern of all.
_MARKERS: Final = {
    "Section 1.": r"(?:Section|SECTION|Sec\.|SEC\.|§)[ ]*\d{1,3}[a-zA-Z]?\.",
    "(1)": r"\(\d{1,3}[a-z]{0,2}\)",
    "1.": r"\d{1,3}[a-zđ]?\.(?![\d.])",  # not `1.2`, which is a number with parts
    # The sign of a footnote may follow the dot: `1.4 Terms` is 1 with footnote 4.
    "1.¹": r"\d{1,3}[a-zđ]?\.(?:(?![\d.])|(?=\d{1,3}[ \t]+[^\W\d_]))",
    "1)": r"\d{1,3}[a-z]?\)",
    "1°": r"\d{1,3}°\.?",
    "1°.": r"\d{1,3}°\.",
    "1.º": r"\d{1,3}\.[ºª]",
    "1 -": r"\d{1,3}[ ][\-–—](?=\s)",
    "§ 1": r"§[ ]*\d{1,3}[ºª°ş]?(?:-[A-Z])?\.?|Parágrafo único\.?",
    "(a)": r"\([a-z]{1,2}\)",
    "a)": r"[a-zđ]\d?\)",
    "aa)": r"([a-z])\2\)",  # group 1 of the whole pattern is around the marker
    "a.": r"[a-z]\.(?=\s)",
    "(i)": r"\([ivxlc]+\)",
    "(A)": r"\([A-Z]\)",
    "(I)": r"\([IVXLC]+\)",
    "I.": r"[IVXLC]+\.(?=\s)(?:[ ]*[\-–—])?",
    "I -": r"[IVXLC]+(?:-[A-Z])?[ ]?[\-–—](?=\s)",
}
_VALUE: Final = re.compile(r"[\w]+(?:-[A-Z])?")  # of a marker: 2a of `(2a)`, iv of `(iv)`, V-A
_DIGITS: Final = re.compile(r"\d+[a-zđ]{0,2}(?:-[A-Z])?")  # the same if it has digits
# Forms with a word or sign, and the kind of their units, which are right below the basic unit.
_AHEAD: Final = re.compile(r"\(\?=(?:\\s|\[ \])\)")  # a look at the space after a marker
_WORD_FORMS: Final = {"Section 1.": "section", "§ 1": "paragraph"}
_FIRST_LEVEL: Final = frozenset((*_WORD_FORMS, "２　"))
_ROMAN_FORMS: Final = frozenset(("(i)", "(I)", "I.", "I -"))
_PROOF: Final = 200  # markers that are looked at for a proof
_LETTER_FORMS: Final = frozenset(("(a)", "a)", "a.", "(A)"))


@dataclass(frozen=True, slots=True)
class _Marker:
    at: int  # the start of its line, or of itself behind another, in the view
    text: str
    behind: bool = False  # another, on its line


@dataclass(slots=True)
class _Open:
    """A level of the outline that is open."""

    form: str  # a key of `_MARKERS`
    ordinal: float  # of its last marker
    mark: int = -1  # that marker's mark, an index; none in what is left as text
    is_text: bool = False


def add_sub_units(
    view: View,
    marks: Sequence[Mark],
    units: Sequence[Candidate],
    profile: Profile,
    quotations: Quotations,
) -> tuple[list[Mark], list[int]]:
    """The marks with those of their paragraphs and points in between, parents set anew; and where
    in the view ambiguous lists begin.
    """
    markers = list(_markers(view, profile))
    offsets = [marker.at for marker in markers]
    result: list[Mark] = []
    ambiguous: list[int] = []
    index = {}
    for i, (mark, unit) in enumerate(zip(marks, units, strict=True)):
        index[i] = len(result)
        result.append(mark._replace(parent=None if mark.parent is None else index[mark.parent]))
        if mark.level in (Level.BASIC, Level.SUB):  # sections inside articles are declared
            end = units[i + 1].at if i + 1 < len(units) else len(view.text)
            inside = markers[
                bisect_right(offsets, max(unit.title_end, unit.at)) : bisect_right(offsets, end - 1)
            ]
            outline = _Outline(view, profile, result, quotations)
            outline.add(inside)
            ambiguous += outline.ambiguous[:1]  # the first of a unit is enough for a person to look
    return result, ambiguous


def _markers(view: View, profile: Profile) -> Iterator[_Marker]:
    behind = _behind(profile)
    for found in _pattern(profile).finditer(view.text):
        yield _Marker(found.start() + 1, found["marker"])
        after = behind.match(view.text, found.end())
        while after:
            yield _Marker(after.start("marker"), after["marker"], behind=True)
            after = behind.match(view.text, after.end())


class _Outline:
    """The markers of one basic unit, the last mark of `result`, as marks below it."""

    def __init__(
        self, view: View, profile: Profile, result: list[Mark], quotations: Quotations
    ) -> None:
        self.view, self.profile, self.result, self.quotations = view, profile, result, quotations
        self.unit = len(result) - 1
        kinds = profile.sub_kinds
        self.kinds = kinds.get(result[-1].unit_kind, kinds["article"])
        self.stack: list[_Open] = []
        self.ambiguous: list[int] = []

    def add(self, markers: Sequence[_Marker]) -> None:
        markers = [marker for marker in markers if not self.quotations.holds(marker.at)]
        for i, marker in enumerate(markers):
            self._take(marker, markers[i + 1 : i + 1 + _PROOF])

    def _take(self, marker: _Marker, ahead: Sequence[_Marker]) -> None:
        """Rules 1 to 5."""
        if marker.behind:
            self._take_behind(marker, ahead)
            return
        found = self._goes_on(marker, self.stack)
        if found:
            depth, form, ordinal = found
            self._push(marker, depth, form, ordinal, is_text=self.stack[depth].is_text)
            return
        firsts = [
            form
            for form in _forms_of(marker.text, self.profile)
            if _ordinal_of(marker.text, form, self.profile) == 1
        ]
        used = {level.form for level in self.stack}
        new = next((form for form in firsts if form not in used), None)
        if new:
            self._push(marker, 0 if new in _FIRST_LEVEL else len(self.stack), new, 1)
        elif firsts and firsts[0] not in _FIRST_LEVEL and self._begins_list(marker):
            proven = self._is_proven(firsts[0], ahead)
            if not proven:
                self.ambiguous.append(marker.at)
            self._push(marker, len(self.stack), firsts[0], 1, is_text=not proven)

    def _take_behind(self, marker: _Marker, ahead: Sequence[_Marker]) -> None:
        """Rule 5."""
        if not self.stack or self.stack[-1].is_text:
            return
        used = {level.form for level in self.stack}
        for form in _forms_of(marker.text, self.profile):
            first = form not in used and _ordinal_of(marker.text, form, self.profile) == 1
            if first and self._comes_again(form, ahead):
                self._push(marker, len(self.stack), form, 1)
                return

    def _comes_again(self, form: str, ahead: Sequence[_Marker]) -> bool:
        """True if the first marker that goes on with an open level goes on with a new one of this
        form.
        """
        stack = [*self.stack, _Open(form, 1)]
        found = next((found for m in ahead if (found := self._goes_on(m, stack))), None)
        return found is not None and found[0] == len(self.stack)

    def _goes_on(self, marker: _Marker, stack: Sequence[_Open]) -> tuple[int, str, float] | None:
        """Rule 1: the depth, form and ordinal with which a marker goes on with an open level."""
        forms = _forms_of(marker.text, self.profile)
        for depth in range(len(stack) - 1, -1, -1):
            level = stack[depth]
            if level.form in forms:
                ordinal = _ordinal_of(marker.text, level.form, self.profile)
                if _follows(level.ordinal, ordinal):
                    return depth, level.form, ordinal
        return None

    def _begins_list(self, marker: _Marker) -> bool:
        """False for a reference that begins a line: `under paragraph`, then `(1) of`."""
        before = self.view.line_before(marker.at)
        return not before or not before[-1].isalnum()

    def _is_proven(self, form: str, ahead: Sequence[_Marker]) -> bool:
        """Rule 3: true if the first marker that leaves a new level of this form goes on with a
        level between it and the outer one of its form, or with that one.
        """
        outer = max(i for i, level in enumerate(self.stack) if level.form == form)
        if outer == len(self.stack) - 1 or self.stack[-1].is_text:
            return False
        stack = [*(replace(level) for level in self.stack), _Open(form, 1)]
        inner = len(self.stack)
        for marker in ahead:
            found = self._goes_on(marker, stack)
            if found is None:
                continue
            depth, _, ordinal = found
            if depth < inner:
                return depth >= outer
            stack[depth].ordinal = ordinal
        return False

    def _push(
        self, marker: _Marker, depth: int, form: str, ordinal: float, *, is_text: bool = False
    ) -> None:
        """Add the marker's mark at a depth of the outline; the last mark ends where it starts. What
        is left as text, and what is below it, gets none.
        """
        del self.stack[depth:]
        start, last = self.view.to_source(marker.at), self.result[-1]
        if marker.behind and start <= last.start:  # the view tells the source's lines alone
            start = self.view.source.find(marker.text, last.start + 1, last.end)
        if is_text or start < 0 or (self.stack and self.stack[-1].is_text):
            self.stack.append(_Open(form, ordinal, is_text=True))
            return
        parent = self.stack[-1].mark if self.stack else self.unit
        kind = (
            _WORD_FORMS.get(form) or KINDS.get(form) or self.kinds[min(depth, len(self.kinds) - 1)]
        )
        self.result[-1] = last._replace(end=start)
        mark = Mark(
            start,
            last.end,
            Level.SUB,
            kind,
            marker.text,
            _number(marker.text),
            "",
            parent,
            last.component,
        )
        self.stack.append(_Open(form, ordinal, len(self.result)))
        self.result.append(mark)


@cache
def _pattern(profile: Profile) -> re.Pattern[str]:
    forms = "|".join(_marker(form, profile) for form in profile.sub_forms)
    # A list of Markdown may print `- a) ...`.
    return re.compile(rf"\n[ \t>*_]*+(?:-[ \t]+)?(?P<marker>{forms})(?!\w\))")


@cache
def _behind(profile: Profile) -> re.Pattern[str]:
    """A marker right behind another: `(1)` of `(a)(1)`, of `1. (1)`."""
    forms = "|".join(_marker(form, profile) for form in profile.sub_forms)
    return re.compile(rf"[ \t]?(?P<marker>{forms})(?!\w\))")


def _marker(form: str, profile: Profile) -> str:
    return _MARKERS.get(form) or pattern_of(form, profile.letters)


@cache
def _shapes(profile: Profile) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The forms of a profile with a pattern each, for a marker without the text around it."""
    return tuple(
        (form, re.compile(_AHEAD.sub("", _marker(form, profile)).replace("\\2", "\\1")))
        for form in profile.sub_forms
    )


@lru_cache(maxsize=8192)
def _forms_of(text: str, profile: Profile) -> tuple[str, ...]:
    """The forms that a marker may have: `(i)` is a letter and a Roman number."""
    return tuple(form for form, shape in _shapes(profile) if shape.fullmatch(text))


@lru_cache(maxsize=8192)
def _ordinal_of(text: str, form: str, profile: Profile) -> float:
    """Where a marker stands in its level if it has this form, from 1. What was inserted stands in
    between.

    >>> from adapters.readers.profiles.en import EN
    >>> _ordinal_of("(c)", "(a)", EN), _ordinal_of("(iv)", "(i)", EN), _ordinal_of("2a.", "1.", EN)
    (3.0, 4.0, 2.01)
    """
    if form not in _MARKERS:
        return place_of(text, form, profile.letters)
    found = _VALUE.search(text)
    value = found[0] if found else ""
    if form in _WORD_FORMS:
        digits = re.search(r"\d+", text)
        return float(digits[0]) if digits else 1.0
    if form in _ROMAN_FORMS:
        return float(roman_value(value.split("-")[0]))
    if form == "aa)":
        return float(profile.letters.find(value[0]) + 1)
    if form in _LETTER_FORMS:
        return _letter_ordinal(value, profile.letters)
    digits = re.match(r"\d+", value)
    letter = value[len(digits[0]) :] if digits else ""
    return (float(digits[0]) if digits else 0.0) + (
        0.01 * (ord(letter[0]) - 96) if letter and letter[0].isascii() else 0.0
    )


def _letter_ordinal(value: str, letters: str) -> float:
    """The place of `c`, of `c1` inserted after it, and of `cc`, which comes after `z`."""
    ordinal = float(letters.find(value[0].lower()) + 1) if value else 0.0
    if len(value) == 2 and value[1].isdigit():
        return ordinal + 0.01 * int(value[1])
    if len(value) == 2:
        return 26.0 + ordinal if value[0] == value[1] else 0.0
    return ordinal


def _follows(before: float, ordinal: float) -> bool:
    """True for the next whole number, and for what was inserted after the last."""
    inserted = ordinal != int(ordinal)
    return before < ordinal < int(before) + 1 if inserted else ordinal == int(before) + 1


def _number(text: str) -> str:
    found = _DIGITS.search(text) or _VALUE.search(text)
    return found[0] if found and not text.startswith("Par") else "1"
