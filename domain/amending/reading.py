"""Read the instructions of an amending act into claims.

What an act quotes is the amended law's text and instructs nothing, so it is left out, but for the
number that a new unit begins with. Every sentence is tried with the phrases of its language, in
order; the first that fits says what is meant.

>>> act = "1. Section 5 is repealed.\\n2. After section 7 insert—\\n“7A Fees\\nA fee is due.”\\n"
>>> [(claim.says.value, claim.number) for claim in read_claims(act, "en")]
[('repeal', '5'), ('add', '7A')]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from domain.amending.claims import Claim, Says
from domain.amending.grammar import NUMBER, Grammar
from domain.amending.languages import GRAMMARS
from domain.errors import BadInput
from domain.reading.address_steps import normal_number

_LEFT_OUT: Final = "\ufffc"  # OBJECT REPLACEMENT CHARACTER, one for each that is quoted
_NO_END: Final = "\u2024"  # ONE DOT LEADER, for a dot that ends nothing
_LONGEST_QUOTE: Final = 200_000
_LONGEST: Final = 4_000  # characters of a sentence that are read
_QUOTED_NUMBER: Final = 60  # characters in which a quoted unit's number has to stand
_SHOWN: Final = 200
_SENTENCE: Final = re.compile(
    r"\n[ \t]*\n\s*"
    r"|(?<=[.;:\ufffc])[ \t]*\n\s*"
    r"|\n\s*(?=(?:\(?\d{1,3}[a-z]?[.)]|\(?[a-zđ]{1,2}[.)])\s)"
    r"|(?<=[.;])\s+(?=[^\Wa-zà-ỹđ_]|[§(])"
)
_QUOTE: Final = re.compile('[“„«"]')
_RANGE_MOST: Final = 500


class _Sentence(NamedTuple):
    start: int
    text: str  # quotations left out
    whole: str  # with the quotation that follows it


def read_claims(text: str, language: str) -> list[Claim]:
    """The claims of an act's text, in order. Raises `BadInput` for a language without a grammar."""
    grammar = GRAMMARS.get(language)
    if grammar is None:
        raise BadInput(
            f"Instructions in the language {language!r} can not be read; there are: "
            f"{', '.join(sorted(GRAMMARS))}."
        )
    claims: list[Claim] = []
    line, at = 1, 0
    for sentence in _sentences(text, grammar):
        line, at = line + text.count("\n", at, sentence.start), sentence.start
        claims += _claims_of(sentence, grammar, line)
    return list(dict.fromkeys(claims))


def _sentences(text: str, grammar: Grammar) -> Iterator[_Sentence]:
    masked = grammar.dotted.sub(lambda m: m[0][:-1] + _NO_END, _without_quotes(text, grammar))
    start = 0
    for found in [*_SENTENCE.finditer(masked), None]:
        end = found.start() if found else len(masked)
        after = found.end() if found else len(masked)
        piece = masked[start:end]
        if any(map(str.isalnum, piece)):
            yield _Sentence(start, piece.replace(_NO_END, "."), text[start : end + 200])
        start = after


def _without_quotes(text: str, grammar: Grammar) -> str:
    """The text with a sign in the place of every quoted character, so that offsets stay."""
    for opening, closing in grammar.quotes:
        pieces: list[str] = []
        at = 0
        for start, end in _quotes(text, opening, closing):
            pieces += [text[at:start], _LEFT_OUT * (end - start)]
            at = end
        text = "".join([*pieces, text[at:]])
    return text


def _quotes(text: str, opening: str, closing: str) -> Iterator[tuple[int, int]]:
    """Outermost quotations. One that never ends is none; a sign at a line's beginning opens a
    further paragraph of the same quotation.
    """
    start, depth = -1, 0
    for found in re.finditer(f"[{re.escape(opening + closing)}]", text):
        at = found.start()
        closes = found[0] in closing and (found[0] != opening or depth)
        if start >= 0 and at - start > _LONGEST_QUOTE:
            start, depth = -1, 0
        if closes and depth:
            depth -= 1
            if not depth:
                yield start, at + 1
                start = -1
        elif found[0] == opening:
            continues = depth and not text[text.rfind("\n", 0, at) + 1 : at].strip()
            if not depth:
                start = at
            depth += not continues


def _claims_of(sentence: _Sentence, grammar: Grammar, line: int) -> Iterator[Claim]:
    if not grammar.signal.search(sentence.text) or not grammar.reference.search(sentence.text):
        return
    text = " ".join(sentence.text.replace(_LEFT_OUT, " ").split())
    for phrase, pattern in grammar.rules:
        found = pattern.search(sentence.text, 0, _LONGEST)
        if found is None:
            continue
        refs = _references(found["refs"], grammar, everywhere=phrase.everywhere)
        shown = text[:_SHOWN]
        claims = list(_claims(phrase.says, refs, found, sentence, grammar))
        if claims:
            yield from (
                Claim(says, number, line, shown, to, part, annex)
                for says, number, to, part, annex in claims
            )
            return


class _Reference(NamedTuple):
    numbers: tuple[str, ...]
    part: bool
    annex: bool


_Said = tuple[Says, str, str, bool, bool]


def _claims(
    says: Says,
    refs: list[_Reference],
    found: re.Match[str],
    sentence: _Sentence,
    grammar: Grammar,
) -> Iterator[_Said]:
    named = [(number, ref.part, ref.annex) for ref in refs for number in ref.numbers]
    if says is Says.ADD:
        if found["refs"] and not named:
            return
        new = _new_units(found["to"], sentence, found.start("to"), grammar)
        if new and not any(part for _, part, _ in named):
            yield from ((Says.ADD, number, "", False, annex) for number, annex in new)
        else:  # what is inserted is below the unit that is named
            yield from ((Says.CHANGE, number, "", True, annex) for number, _, annex in named)
    elif says is Says.RENUMBER:
        to = [n for ref in _references(found["to"], grammar) for n in ref.numbers]
        if len(to) == len(named):
            for (number, part, annex), other in zip(named, to, strict=True):
                if not part:
                    yield Says.RENUMBER, number, other, False, annex
    else:
        for number, part, annex in named:
            yield (Says.CHANGE if part else says), number, "", part, annex


def _new_units(said: str, sentence: _Sentence, at: int, grammar: Grammar) -> list[tuple[str, bool]]:
    """The numbers of new units: named by the instruction, else the first of what it quotes."""
    named = [(n, r.annex) for r in _references(said, grammar) if not r.part for n in r.numbers]
    if named:
        return named
    quoted = _QUOTE.search(sentence.whole, at, len(sentence.text) + _QUOTED_NUMBER)
    if quoted is None or (
        quoted.start() >= len(sentence.text)
        and sentence.whole[len(sentence.text) : quoted.start()].strip()
    ):
        return []
    number = re.compile(
        rf"\s*(?:[#*]+\s*)?(?:(?:{grammar.unit})\s*)?(?P<number>{NUMBER})(?=[.\s—–:)])",
        re.IGNORECASE,
    ).match(sentence.whole, quoted.end())
    return [(normal_number(number["number"]), False)] if number else []


def _references(said: str, grammar: Grammar, *, everywhere: bool = False) -> list[_Reference]:
    """The references of a stretch: the first list of them, if the stretch begins with one, else the
    last one; all of them with `everywhere`.
    """
    matches = list(grammar.reference.finditer(said))
    if not matches:
        return []
    if not everywhere:
        rows = [[matches[0]]]
        for before, after in pairwise(matches):
            joint = said[before.end() : after.start()]
            if re.fullmatch(
                rf"\W*(?:(?:{grammar.between})\b)?\W*(?:the |die |der |les |l['’])?", joint
            ):
                rows[-1].append(after)
            else:
                rows.append([after])
        leads = len(said[: rows[0][0].start()].split()) <= 2
        matches = rows[0] if leads else rows[-1]
    return [
        _Reference(
            tuple(_numbers(one["numbers"], grammar)),
            bool(one["before"] or one["after"]),
            bool(one["annex"]),
        )
        for one in matches
    ]


def _numbers(printed: str, grammar: Grammar) -> Iterator[str]:
    """The numbers of a list, ranges filled where they count in whole numbers.

    >>> from domain.amending.languages import GERMAN
    >>> list(_numbers("5, 7a und 9 bis 11", GERMAN))
    ['5', '7a', '9', '10', '11']
    """
    found = list(re.finditer(NUMBER, printed))
    for before, one in zip([None, *found], found, strict=False):
        number = normal_number(one[0])
        if before is not None:
            joint = printed[before.end() : one.start()]
            first = normal_number(before[0])
            ranged = re.search(rf"\b(?:{grammar.through})\b|[–—]", joint)
            if ranged and first.isdecimal() and number.isdecimal():
                missing = range(int(first) + 1, int(number))
                yield from map(str, missing[:_RANGE_MOST])
        yield number
