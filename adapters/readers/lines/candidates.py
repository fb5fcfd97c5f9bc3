"""Candidates: the lines that begin like the heading of a unit.

A line is a candidate by these rules, which one compiled pattern per profile holds in this order:

1. It begins with a heading word of the profile. Before the word may stand white space, marks of
   Markdown, a bullet or a rule, quotation marks, opening brackets and the mark of an amendment
   (`►M1`): documents set headings so, and whether a line is quoted or listed has to be known.
2. The word stands with a number of its own patterns, where the profile says: after the word (on the
   same line or the next), before it, or none. Words with the same role, place and patterns form one
   branch of the pattern; branches stand in the order of the profile, and in a branch longer forms
   stand before shorter ones (`Phụ lục số` before `Phụ lục`).
3. The number ends there: no letter, digit, `/` or `%` follows. `Decree 5/2015` names no unit 5.
4. What follows the number is its separator (a full stop, a dash, a closing bracket), and after that
   the words of the heading.

Nothing is judged here. A reference that happens to begin a line is a candidate like a heading; that
takes one pass over the text, and only the few lines found have to be weighed (`weights`) and put
into a sequence (`sequences`, `selection`). An example:

>>> from adapters.readers.profiles.en import EN
>>> text = "Article 5. Scope\\nThe duties under\\nArticle 9 of this law.\\n“Article 12a\\n"
>>> for c in find_candidates(View(text), EN):
...     print((c.label, c.number, c.sep, c.rest, c.quoted))
('Article 5.', '5', '.', 'Scope', False)
('Article 9', '9', '', 'of this law.', False)
('Article 12a', '12a', '', '', True)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from operator import attrgetter
from typing import Final, NamedTuple

from adapters.readers.numbers.number_words import word_value
from adapters.readers.numbers.numbering import Order, clean_number, order_of, roman_value
from adapters.readers.numbers.raised_digits import NOTE_MARK, RAISED
from adapters.readers.profiles.base import HeadingWord, NumberPlace, Profile, UnitRole
from adapters.readers.text.normalised import View
from domain.reading.numerals import HAN_NUMERAL

MAX_TITLE_CHARS: Final = 300
# What may stand before a heading on its line, as in a character class: `## **Article 5**`,
# `> “Article 5`, `[Article 5]`, `\# Article 5` (an escaped sign of Markdown).
# Signs of private use are pictures of a font: buttons beside a heading.
_LEAD: Final = r" \t#>*_\\“”„«»‘’\"'\[(「『（【\ue000-\uf8ff"
# Before that a bullet of a list, or a rule: `- Article 5`, `--- Article 5 ---`, `== Article 5 ==`.
_RULE: Final = r"\-–—=~+•·"
_BULLET: Final = re.compile(r"[ \t]*[\-–—+•·*][ \t]")
AMENDED: Final = r"[►▼][A-Z]\d{0,3}"
"""The mark that tells which amendment wrote what follows, in consolidated laws of the EU: `►M1`."""
# Between word and number: blanks, or one line break with blanks around it: `Article\n  5`.
_GAP: Final = r"(?:[ \t]*+(?:\n[ \t]*+)?)"
# Not the first section of what a word without a number heads: `APPENDIX`, then `1. Tools`.
_NOT_FIRST: Final = r"(?![ \t]*\n[ \t]*\d{1,3}[.)][ \t]*[^\s\-–—])"
# Where a number ends.
_END: Final = (
    r"(?:(?<=[IVX])\d{1,2}(?=[ \t]*\n))?"  # the footnote 4 of `Chapter III4` at the line's end
    rf"(?:{NOTE_MARK}|{RAISED})?+"  # a raised mark: `Article 5¹⁾`, `Article 5¹`; see `_part_raised`
    r"(?![\w/%])"  # not `5th`, `5/2015/QH13`, `5%`
    r"(?!,\d)"  # not the 5 of the decimal `5,2`
)
# Between a number and the words after it.
_SEPARATOR: Final = (
    r"(?:/(?=[ \t])|[.:)\]\-–—*_|]*+)"  # signs right at the number: `5.`, `5)`, `5.—`; `5 / Scope`
    r"(?:[ \t]++[\-–—:.](?=[ \t\n])"  # one sign that stands alone: `5 - Scope`
    r"|(?<=\d\.)\d{1,3}(?=[ \t])"  # the footnote 4 of `2.4 Scope`, if the number ended at 2
    r"|(?<=\d[a-zđ]\.)\d{1,3}(?=[ \t]))?"  # the same after a letter: `2a.4 Scope`
)
_QUOTES: Final = frozenset("“”„«»‘’\"'「『")
# The count of what was inserted after a number that stands within its word: `第十条之一`.
_INSERTED: Final = rf"(?:[ ]*[之のノ의][ ]*(?:\d{{1,3}}|{HAN_NUMERAL})){{0,3}}"
# A caption in brackets, alone on the line above a number.
_CAPTION: Final = re.compile(r"[ \t#*_]*[（(](?P<words>[^（）()]{1,160})[）)][ \t*_]*")
# The sign of an ordinal: `1º`, `1.ª`. `ş` is what the byte of `º` is in windows-1250.
_ORDINAL_SIGN: Final = re.compile(r"(?<=[\dIVXLC])\.?[ºª°ş](?!\w)")
_ORDINAL_LETTER: Final = re.compile(r"(?<=\d)[ ]?o(?!\w)")  # the same as a letter: `1o`, `2 o`
_THOUSANDS: Final = re.compile(r"(?<=\d)\.(?=\d{3}(?!\d))")  # the point of `1.228`
_SUPERSCRIPTS: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_MARKED: Final = re.compile(rf"(?<=\d)(?:{NOTE_MARK}|(?P<raised>{RAISED}))(?=\.?$)")
_SIGNS: Final = frozenset("#*_-–—=~")
# The end of `## Scope ##`, of `**Scope**` and of `--- Scope ---`.
_TRAILING: Final = re.compile(r"[ \t]+#+$|[*_]+$|[ \t]+[\-–—=~]{2,}$")

# An Order without its arguments' names and defaults, which take longer.
_new_order: Final = partial(tuple.__new__, Order)

offset_of: Final = attrgetter("at")
"""The order of candidates in the text, to sort by."""


@dataclass(slots=True)
class Candidate:
    """A line that may head a unit. Offsets are the view's.

    The first fields say what is printed. Those with defaults are filled in later, in this order:
    depth by the engine, weight by `weights`, the title by `units.titles`, the rank by `units.tree`
    where no earlier step knew it.
    """

    at: int  # where its line starts
    rest_at: int  # where the words after the number start
    word: HeadingWord | None  # None for a unit that a number or a format alone declares
    kind: str
    role: UnitRole
    label: str  # word and number as people cite them: `Article 5.`
    number: str  # cleaned: `5`, `12a`, `3..6`
    order: Order
    sep: str  # the signs after the number
    rest: str  # the words after the number
    quoted: bool  # a quotation mark stands before the word
    listed: bool = False  # a bullet stands before the word
    depth: int = 0  # of the heading that the format declares; 0 for none
    weight: float = 0.0  # how much it looks like a heading
    title: str = ""
    title_end: int = 0  # where the heading ends
    rank: int = 0  # which unit holds it is decided by this; see `ranks`
    restarts: bool = False  # numbering starts again here
    title_above: str = ""  # the words of the same heading, printed right above as well
    printed: str = ""  # the label as it is printed, where a mark was taken out of its number
    until: int = 0  # where it ends, if what follows it up to the next unit is no part of it


class _Branch(NamedTuple):
    """Words that take the same numbers: one alternative of a profile's pattern."""

    words: dict[str, HeadingWord]  # by their form, spaces folded
    # The numbers of the pattern's groups: lead, label, form, number, separator, rest of the line.
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Scanner:
    """One pattern for all words of a profile, and its branches by the number of the group that is
    around each.
    """

    pattern: re.Pattern[str]
    branches: dict[int, _Branch]


@cache
def _scanner(profile: Profile) -> _Scanner:
    """Compile a profile.

    Branch i has the groups w(hole), l(abel), f(orm), n(umber), s(eparator) and r(est), each with i
    after it. For English the pattern is, shortened:

        \\n(?=[...])(?P<lead>[...]*+)(?=[ABC...])
        (?:(?P<w0>(?P<l0>(?P<f0>Subchapter|Chapter|...)GAP(?P<n0>...)END)(?P<s0>...)(?P<r0>...))
        |  (?P<w1>...(?P<f1>Article|Art\\.)...)|...)

    It begins with a line feed and a look at the next character, since a fixed character is searched
    for many times faster than the start of a line.
    """
    groups: dict[tuple[object, ...], list[HeadingWord]] = {}
    for word in profile.words:
        alike = (
            *(word.role, word.place, word.numbers, word.bare),
            *(word.opening, word.adjoined, word.inserted),
        )
        groups.setdefault(alike, []).append(word)
    branches = [_branch(words, i, profile) for i, words in enumerate(groups.values())]
    prefixes = "|".join(profile.prefixes)
    first = _first_letters(profile)
    starts = rf"(?=[{_LEAD}{_RULE}►▼{first}]{'|' if prefixes else ''}{prefixes})"
    lead = rf"(?:[ \t]*[{_RULE}]++[ \t]++)?[{_LEAD}]*+"
    line = rf"\n{starts}(?:{AMENDED}[ \t]+)?(?P<lead>{lead})(?:{prefixes})?"
    pattern = re.compile(f"{line}(?=[{first}])(?:{'|'.join(branches)})")
    at = pattern.groupindex
    found = {
        at[f"w{i}"]: _Branch(
            _by_form(words), (at["lead"], *(at[f"{group}{i}"] for group in "lfnsr"))
        )
        for i, words in enumerate(groups.values())
    }
    return _Scanner(pattern, found)


def _by_form(words: Sequence[HeadingWord]) -> dict[str, HeadingWord]:
    found = {}
    for word in reversed(words):
        for form in word.forms:
            found[form] = found[form.upper()] = replace(word, is_plural=form in word.plurals)
    return found


def _branch(words: Sequence[HeadingWord], i: int, profile: Profile) -> str:
    """Words, their number and the rest of the line.

    The group around them is the last to close, so that `Match.lastindex` names the branch.
    """
    separator = rf"(?P<s{i}>{_SEPARATOR})"
    label = _numbered(words, i, profile)
    return rf"(?P<w{i}>(?P<l{i}>{label})[ \t]*+{separator}[ \t]*+(?P<r{i}>[^\n]*+))"


def _numbered(words: Sequence[HeadingWord], i: int, profile: Profile) -> str:
    """Words with their number, in the place that the words have it."""
    forms = f"(?P<f{i}>{_forms(words)})"
    numbers = "|".join(words[0].numbers)
    if words[0].place is NumberPlace.NONE:
        return rf"{forms}(?P<n{i}>)(?=[ \t]*[.:*_]*[ \t]*(?:\n|\Z))"
    if words[0].place is NumberPlace.BEFORE:
        return rf"(?P<n{i}>{numbers})[ \t]*{forms}{'' if words[0].adjoined else _END}"
    if words[0].place is NumberPlace.WITHIN:
        end = "" if words[0].adjoined else _END
        inner = rf"(?P<n{i}>(?:{numbers})[ ]*{forms}{words[0].inserted or _INSERTED})"
        return rf"{re.escape(words[0].opening)}[ ]*{inner}{end}"
    # The end of a range or of an enumeration: `3 bis 6`, `114 und 115`, `3-6`, `§§ 3, § 4`.
    joined = (
        rf"(?:(?:[-–]|[ ]*(?:,|\b(?:{'|'.join(profile.joins)})\b)[ ]*)(?:§[ ]?)?\d+[a-z]?)?"
        if profile.joins
        else ""
    )
    number = rf"{_GAP}(?P<n{i}>(?:{numbers}){joined}){_END}"
    # A full stop between a whole word and its number, if one follows the number: `Article. I.`
    forms += r"(?:(?<=[^\W\d_])\.(?=[ \t]+\w{1,9}\.))?"
    # A word without a number is followed by the end of its line, or by a sign: `Anlage (zu § 2)`.
    alone = r"(?=[ \t]*(?:[(:.*–（<【-]|\n|\Z))"
    return rf"{forms}(?:{_NOT_FIRST}{number}|{alone})" if words[0].bare else rf"{forms}{number}"


def _forms(words: Sequence[HeadingWord]) -> str:
    forms = dict.fromkeys(form for word in words for f in word.forms for form in (f, f.upper()))
    return "|".join(
        re.sub(r"\\\.$", r"[ ]?\\.", re.escape(form).replace(r"\ ", r"[ \t]+"))  # `Art . 7`
        for form in sorted(forms, key=len, reverse=True)
    )


def _first_letters(profile: Profile) -> str:
    """What a heading may start with, as in a character class."""
    forms = {
        form
        for word in profile.words
        if word.place is not NumberPlace.BEFORE
        for form in ([word.opening] if word.opening else () if word.initials else word.forms)
    }
    letters = "".join(sorted({letter for form in forms for letter in (form[0], form[0].upper())}))
    return re.escape(letters) + "".join(dict.fromkeys(word.initials for word in profile.words))


def find_candidates(view: View, profile: Profile) -> list[Candidate]:
    """Every line that starts like a unit of the profile, in text order."""
    if not profile.words:
        return []
    scanner = _scanner(profile)
    found = [_candidate(scanner.branches, m) for m in scanner.pattern.finditer(view.text)]
    if not view.text.isascii() and any(digit in view.text for digit in _SUPERSCRIPTS):
        _part_raised(found)
    if profile.captions_above:
        for candidate in found:
            _take_caption(view, candidate)
    return found


def _part_raised(found: Sequence[Candidate]) -> None:
    """Tell a number that was inserted (`Article 5¹` beside `Article 5`) from one with the raised
    mark of a note (`Article 5¹`, and no other article 5).
    """
    plain = {(c.kind, c.number) for c in found if not _MARKED.search(c.label)}
    for c in found:
        marked = _MARKED.search(c.label)
        if marked is None or not c.number.isdecimal():  # the language itself numbers so: `33¹`
            continue
        if (c.kind, c.number) in plain and marked["raised"]:
            c.number = clean_number(c.number + marked["raised"])
            c.order = order_of(c.number)
        else:
            c.label = c.label[: marked.start()] + c.label[marked.end() :]


def _take_caption(view: View, candidate: Candidate) -> None:
    """Let a unit begin at the caption above its number, if there is one."""
    before = view.line_before(candidate.at)
    caption = _CAPTION.fullmatch(before) if candidate.role is UnitRole.BASIC else None
    if caption is not None:
        candidate.at = view.text.rfind("\n", 0, candidate.at - 1) + 1
        candidate.title = caption["words"]


def _candidate(branches: dict[int, _Branch], m: re.Match[str]) -> Candidate:
    words, groups = branches[m.lastindex or 0]  # the group around a branch is the last to close
    lead, printed, form, number, sep, rest = m.group(*groups)
    word = words.get(form) or words[form := " ".join(form.split()).replace(" .", ".")]
    if word.iberian:
        printed, number = (
            _ORDINAL_LETTER.sub("", printed),
            _THOUSANDS.sub("", _ORDINAL_LETTER.sub("", number)),
        )
    if not number:
        number, order = "", Order(0)
    elif number.isdecimal() and number.isascii():
        order = _new_order((int(number[:9]), ()))
    else:
        if word.place is NumberPlace.WITHIN:
            number = " ".join(number.replace(form, "", 1).split())
            sep = sep or (_gap_as_separator(m, groups) if word.opening else "")
        written, number = number, clean_number(number)
        order = _order(number, written)
    label = printed if printed == f"{form} {number}" else _label(printed, form)  # nearly all are
    label = label + "." if number and sep[:1] == "." else label
    return Candidate(
        m.start() + 1,
        m.start(groups[-1]),
        word,
        word.kind,
        word.role,
        label,
        f"{word.series}-{number}" if word.series and number else number,
        order,
        sep.strip() or sep[:1],
        heading_words(rest.removeprefix(label)) if rest else "",
        bool(lead) and not _QUOTES.isdisjoint(lead),
        bool(lead) and _BULLET.match(lead) is not None,
    )


def _gap_as_separator(m: re.Match[str], groups: Sequence[int]) -> str:
    """A space or bracket after a number within its word separates it from what follows, since a
    reference runs on at once: `第五条 文`, `제5조(목적)`, but `第五条第二款`, `제5조에`.
    """
    label, rest = m.end(groups[1]), m.start(groups[5])
    return " " if rest > label or m[groups[5]][:1] in ("(", "（", "【") else ""


def _label(printed: str, form: str) -> str:
    """Word and number as people cite them: spaces folded, one between word and number, no sign of
    an ordinal.
    """
    label = " ".join(printed.split()).replace(" .", ".", 1)
    if label.startswith(f"{form}. "):
        label = form + label[len(form) + 1 :]
    if label.startswith(form) and label[len(form) : len(form) + 1].isdigit() and form[-1].isalpha():
        label = f"{form} {label[len(form) :]}"
    return label if label.isascii() else _ORDINAL_SIGN.sub("", label)


def _order(number: str, written: str) -> Order:
    """The order of a number that is no plain integer: with a suffix, Roman, or in words."""
    order = order_of(number)
    if not order[0] and (value := roman_value(number.removesuffix("er")) or word_value(written)):
        return Order(value)
    return order


def wordless(
    view: View, at: int, rest_at: int, role: UnitRole, kind: str, title: str = ""
) -> Candidate:
    """A unit that neither a profile's word nor a number heads; its heading begins at `at` and
    ends with the line that `rest_at` is on.
    """
    return Candidate(
        at=at,
        rest_at=rest_at,
        word=None,
        kind=kind,
        role=role,
        label="",
        number="",
        order=Order(0),
        sep="",
        rest=title,
        quoted=False,
        title=title,
        title_end=view.line_end(rest_at),
    )


def series_of(candidate: Candidate) -> str:
    """What provisions a candidate is numbered with; "" for those that people cite by number alone.

    >>> from adapters.readers.profiles.more import TR
    >>> found = find_candidates(View("MADDE 1- (1) A\\nGeçici Madde 1- (1) B\\n"), TR)
    >>> [(c.number, series_of(c)) for c in found]
    [('1', ''), ('geçici-1', 'geçici')]
    """
    return candidate.word.series if candidate.word else ""


def heading_words(line: str) -> str:
    """A heading without the closing signs of its mark-up.

    >>> heading_words("Definitions ##"), heading_words("Definitions**")
    ('Definitions', 'Definitions')
    """
    line = line.strip()
    return _TRAILING.sub("", line).strip() if line[-1:] in _SIGNS else line
