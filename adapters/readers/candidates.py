"""Candidates: the lines that look like the heading of a unit, found with one compiled pattern a profile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from adapters.readers.lines import View
from adapters.readers.numbering import Order, clean_number, order_of, roman
from adapters.readers.profiles.base import Place, Profile, Role, Word

MAX_TITLE_CHARS: Final = 300
_LEAD: Final = r"\n(?P<lead>[ \t#>*_\\“”„«»‘’\"'\[(]*+)"
_GAP: Final = r"(?:[ \t]*+(?:\n[ \t]*+)?)"
_END: Final = r"(?:(?<=[IVX])\d{1,2}(?=[ \t]*\n))?(?![\w/%])(?!,\d)"  # `III4` at a line's end is III with a footnote
_TAIL: Final = re.compile(r"[ \t]*(?P<sep>[.:)\]\-–—*_|]*(?:[ \t]+[\-–—:.](?=[ \t\n]))?)[ \t]*")
_QUOTES: Final = frozenset("“”„«»‘’\"'")
_ORDINAL_SIGN: Final = re.compile(r"(?<=\d)[ºª°ş](?!\w)")  # the last is what a wrong code page made of the first
_SIGNS: Final = frozenset("#*_")
_TRAILING: Final = re.compile(r"[ \t]+#+$|[*_]+$")


@dataclass(slots=True)
class Candidate:
    """A line that may head a unit. Offsets are the view's; `at` is the start of its line, `rest_at` what follows the number."""

    at: int
    rest_at: int
    word: Word | None
    kind: str
    role: Role
    label: str
    number: str
    order: Order
    sep: str
    rest: str
    quoted: bool
    depth: int = 0  # of the heading that the format declares; 0 for none
    weight: float = 0.0
    title: str = ""
    title_end: int = 0  # where the heading ends, in the view
    rank: int = 0  # 0 highest: what a unit's parent is decided by
    restarts: bool = False  # numbering starts again here


@dataclass(frozen=True, slots=True)
class _Scanner:
    """One pattern for all words of a profile. Words that take the same numbers share a branch; the form tells them apart."""

    pattern: re.Pattern[str]
    words: tuple[dict[str, Word], ...]  # by branch and form, spaces folded


@cache
def _scanner(profile: Profile) -> _Scanner:
    groups: dict[tuple[object, ...], list[Word]] = {}
    for word in profile.words:
        groups.setdefault((word.role, word.place, word.numbers, word.bare), []).append(word)
    branches = [_branch(words, i, profile) for i, words in enumerate(groups.values())]
    prefix = f"(?:{'|'.join(profile.prefixes)})?" if profile.prefixes else ""
    pattern = re.compile(f"{_LEAD}{prefix}(?={_first_letters(profile)})(?:{'|'.join(branches)})")
    return _Scanner(pattern, tuple(_by_form(words) for words in groups.values()))


def _by_form(words: Sequence[Word]) -> dict[str, Word]:
    return {form: word for word in reversed(words) for f in word.forms for form in (f, f.upper())}


def _branch(words: Sequence[Word], i: int, profile: Profile) -> str:
    forms = f"(?P<f{i}>{_forms(words)})"
    numbers = "|".join(words[0].numbers)
    if words[0].place is Place.NONE:
        return rf"(?P<w{i}>{forms}(?=[ \t]*[.:*_]*[ \t]*(?:\n|\Z)))"
    if words[0].place is Place.BEFORE:
        return rf"(?P<w{i}>(?P<n{i}>{numbers})[ \t]*{forms}{_END})"
    joined = rf"(?:(?:[-–]|[ ]*(?:,|\b(?:{'|'.join(profile.joins)})\b)[ ]*)(?:§[ ]?)?\d+[a-z]?)?" if profile.joins else ""
    number = rf"{_GAP}(?P<n{i}>(?:{numbers}){joined}){_END}"
    alone = r"(?=[ \t]*(?:[(:.*–-]|\n|\Z))"
    return rf"(?P<w{i}>{forms}(?:{number}|{alone}))" if words[0].bare else rf"(?P<w{i}>{forms}{number})"


def _forms(words: Sequence[Word]) -> str:
    forms = dict.fromkeys(form for word in words for f in word.forms for form in (f, f.upper()))
    return "|".join(re.escape(form).replace(r"\ ", r"[ \t]+") for form in sorted(forms, key=len, reverse=True))


def _first_letters(profile: Profile) -> str:
    letters = {c for word in profile.words if word.place is not Place.BEFORE for f in word.forms for c in (f[0], f[0].upper())}
    other = "|".join(dict.fromkeys(n for word in profile.words if word.place is Place.BEFORE for n in word.numbers))
    own = f"[{re.escape(''.join(sorted(letters)))}]"
    return f"(?:{own}|{other})" if other else own


def find_candidates(view: View, profile: Profile) -> list[Candidate]:
    """Every line that starts like a unit of the profile, in text order."""
    if not profile.words:
        return []
    scanner = _scanner(profile)
    return [_candidate(view, scanner, m) for m in scanner.pattern.finditer(view.text)]


def _candidate(view: View, scanner: _Scanner, m: re.Match[str]) -> Candidate:
    branch = (m.lastgroup or "w0")[1:]
    form = m[f"f{branch}"]
    words = scanner.words[int(branch)]
    word = words.get(form) or words[" ".join(form.split())]
    number = clean_number(m[f"n{branch}"] or "") if word.place is not Place.NONE else ""
    tail = _TAIL.match(view.text, m.end())
    rest_at = tail.end() if tail else m.end()
    sep = tail["sep"].strip() if tail else ""
    return Candidate(
        at=m.start() + 1,
        rest_at=rest_at,
        word=word,
        kind=word.kind,
        role=word.role,
        label=_label(m[f"w{branch}"]) + ("." if sep.startswith(".") else ""),
        number=number,
        order=_order(number),
        sep=sep,
        rest=heading_words(view.line(rest_at)),
        quoted=not _QUOTES.isdisjoint(m["lead"]),
    )


def _label(printed: str) -> str:
    label = " ".join(printed.split())
    return label if label.isascii() else _ORDINAL_SIGN.sub("", label)


def _order(number: str) -> Order:
    order = order_of(number)
    if order.whole == 0 and number:
        value = roman(number)
        return Order(value) if value else order
    return order


def heading_words(line: str) -> str:
    """A heading without the closing signs of its mark-up.

    >>> heading_words("Definitions ##"), heading_words("Definitions**")
    ('Definitions', 'Definitions')
    """
    line = line.strip()
    return _TRAILING.sub("", line).strip() if line[-1:] in _SIGNS else line
