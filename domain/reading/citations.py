"""Citations as people of a country write them, from the steps of an address and back.

A style is data: the word of each unit kind, in the order from the outside in. A number is printed
as the style prints it (`3 bis` in Italy) and read back normalised (`3bis`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_lowercase
from typing import Final

from domain.errors import BadInput
from domain.reading.address import parse_address
from domain.reading.address_steps import Step, normal_number
from domain.reading.citation_styles import STYLES, CitationStyle, Word
from domain.reading.numerals import HAN_NUMERAL, han_numeral
from domain.reading.vocabulary import UNIT_KINDS

_NUMBER: Final = re.compile(r"[^\W_]+(?:[.\-/][^\W_]+)*(?:\.\.[^\W_]+(?:[.\-/][^\W_]+)*)?")
_SUFFIX: Final = re.compile(r"(\d)(bis|ter|quater|quinquies|sexies|septies|octies|novies|decies)\b")
_BRACKETED: Final = re.compile(r"\(([^()]+)\)")


def style_of(name: str) -> CitationStyle:
    """The style of a name. Raises `BadInput` naming those there are."""
    if name not in STYLES:
        raise BadInput(f"Citation style {name!r} is unknown; choose one of: {', '.join(STYLES)}.")
    return STYLES[name]


def render_citation(steps: Sequence[Step], style: str) -> str:
    """Steps as a citation, from the article or section down.

    Raises `BadInput` where the style can not say them.

    >>> steps = parse_address("vn.91-2015~art_112__para_2__point_a").steps
    >>> render_citation(steps, "vi"), render_citation(steps, "en"), render_citation(steps, "it")
    ('điểm a khoản 2 Điều 112', 'Article 112(2)(a)', 'art. 112, comma 2, lettera a)')
    """
    chosen = style_of(style)
    parts: list[str] = []
    level = -1
    for step in steps:
        found = _find(chosen, step)
        if (
            found is None
            or found[0] <= level
            or not _NUMBER.fullmatch(step.number)
            or (level < 0 < found[0])
        ):
            raise BadInput(
                f"The style {style} can not cite {step} in {'__'.join(map(str, steps))}."
            )
        parts.append(
            _printed(chosen, found[1], step.number, bracket=chosen.brackets and found[0] > 0)
        )
        level = found[0]
    text = chosen.between.join(reversed(parts) if chosen.inner_first else parts)
    if not parts or parse_citation(text, style) != tuple(steps):
        raise BadInput(
            f"The style {style} can not cite {'__'.join(map(str, steps)) or 'nothing'} without "
            f"doubt."
        )
    return text


def parse_citation(citation: str, style: str) -> tuple[Step, ...]:
    """The steps of a citation, from the article or section down.

    Raises `BadInput` naming what can not be read.

    >>> [str(step) for step in parse_citation("§ 15b Abs. 2 Nr. 3", "de")]
    ['sec_15b', 'para_2', 'point_3']
    >>> [str(step) for step in parse_citation("art. 3 bis, comma 2, lettera a)", "it")]
    ['art_3bis', 'para_2', 'point_a']
    """
    chosen = style_of(style)
    head, brackets = citation, ""
    if chosen.brackets and (opening := citation.find("(")) >= 0:
        head, brackets = citation[:opening], citation[opening:]
    pairs = _worded(chosen, head)
    if pairs is not None and brackets:
        inner = _bracketed(chosen, brackets)
        pairs = None if inner is None else pairs + inner
    if (
        not pairs
        or [level for level, _ in pairs] != sorted({level for level, _ in pairs})
        or pairs[0][0] != 0
    ):
        raise BadInput(f"{citation[:80]!r} is not a citation in the style {style}.")
    return tuple(step for _, step in pairs)


def cite_address(address: str, style: str) -> str:
    """The citation of an address.

    Raises `BadInput` where it is no address or the style can not say it.

    >>> cite_address("eu.32014l0092~art_5__para_2__point_a", "fr")
    'article 5, paragraphe 2, point a)'
    """
    return render_citation(parse_address(address).steps, style)


def _find(style: CitationStyle, step: Step) -> tuple[int, Word] | None:
    found: tuple[int, Word] | None = None
    for level, words in enumerate(style.levels):
        for word in words:
            if UNIT_KINDS[word.kind] != step.abbreviation:
                continue
            if found is None and not word.series:
                found = level, word
            # `ek-geçici-1` is of the series `ek-geçici`, and not 1 of a series `ek`.
            if word.series and step.number.rpartition("-")[0] == word.series:
                return level, word
    return found


def _printed(style: CitationStyle, word: Word, number: str, *, bracket: bool) -> str:
    if word.opening:
        return _closed(style, word, number)
    if style.joined:
        return f"{number.replace('..', '–')}-{word.one}"
    if word.leading:
        first, *last = (number.rstrip(ascii_lowercase) or number).split("..")
        inserted = number[len("..".join([first, *last])) :]
        return f"{'.–'.join([first, *last])}. {word.one} {inserted}".rstrip()
    number = number.removeprefix(f"{word.series}-") if word.series else number
    shown = number.replace("..", f" {style.range_word} ")
    if style.digits:
        shown = shown.translate(str.maketrans("0123456789", style.digits))
    if style.spaced_suffix:
        shown = _SUFFIX.sub(r"\1 \2", shown)
    if bracket:
        return f"({number})"
    name = word.several if ".." in number and word.several else word.one
    return f"{name} {word.before}{shown}{word.after}"


def _closed(style: CitationStyle, word: Word, number: str) -> str:
    """A number within its word: `第五条`, and `第五条之一` for one that was inserted."""
    ends = []
    for end in number.split(".."):
        first, *inserted = (
            han_numeral(int(part)) if style.han and _below_10_000(part) else part
            for part in end.split("-")
        )
        tail = "".join(style.inserted + part for part in inserted)
        ends.append(f"{word.opening}{first}{word.one}{tail}")
    return style.range_word.join(ends) + (style.range_end if len(ends) > 1 else "")


def _below_10_000(part: str) -> bool:
    return part.isdecimal() and part.isascii() and 0 < int(part) < 10_000 and part[0] != "0"


def _closed_words(style: CitationStyle, text: str) -> list[tuple[int, Step]] | None:
    """Levels and steps of words that close their numbers, None where something is left over."""
    words = {word.one: (level, word) for level, row in enumerate(style.levels) for word in row}
    pattern = _closed_pattern(style, "".join(words))
    pairs: list[tuple[int, Step]] = []
    at = 0
    while found := pattern.match(text, at):
        level, word = words[found["word"]]
        number = normal_number(f"{found['number']}{found['inserted']}")
        if found["range"] and pairs and pairs[-1][0] == level:
            number = f"{pairs.pop()[1].number}..{number}"
        elif found["range"]:
            return None
        if not _NUMBER.fullmatch(number):
            return None
        pairs.append((level, Step(UNIT_KINDS[word.kind], number)))
        at = found.end()
    return pairs if at == len(text) else None


def _closed_pattern(style: CitationStyle, words: str) -> re.Pattern[str]:
    """One word with its number, and what was inserted, from the sign that opens it."""
    opening = style.levels[0][0].opening
    return re.compile(
        rf"\s*(?P<range>{style.range_word})?\s*{opening}\s*"
        rf"[（(]?(?P<number>[^{opening}{words}\s]+?)[)）]?\s*(?P<word>[{words}])"
        rf"(?P<inserted>(?:\s*{style.inserted}\s*(?:\d+|{HAN_NUMERAL}))*)"
        rf"(?:{style.range_end or '(?!)'})?\s*"
    )


def _worded(style: CitationStyle, text: str) -> list[tuple[int, Step]] | None:
    """Levels and steps of the words with their numbers, from the outside in; None where something
    is left over.
    """
    if style.levels[0][0].opening:
        return _closed_words(style, text)
    if style.levels[0][0].leading:
        return _leading_numbers(style, text)
    if style.joined:
        return _joined_numbers(style, text)
    names = {
        name.casefold(): (level, word)
        for level, words in enumerate(style.levels)
        for word in words
        for name in (word.one, word.several)
        if name
    }
    either = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    before, *rest = re.split(rf"(?<!\w)({either})(?!\w)", text, flags=re.IGNORECASE)
    if before.strip() or not rest:
        return None
    pairs: list[tuple[int, Step]] = []
    for name, printed in zip(rest[::2], rest[1::2], strict=True):
        level, word = names[name.casefold()]
        inner = printed.strip(" ,،\u00a0").removesuffix(word.after or "\0")
        number = normal_number(inner.removeprefix(word.before))
        if not _NUMBER.fullmatch(number):
            return None
        number = f"{word.series}-{number}" if word.series else number
        pairs.append((level, Step(UNIT_KINDS[word.kind], number)))
    return pairs[::-1] if style.inner_first else pairs


def _leading_numbers(style: CitationStyle, text: str) -> list[tuple[int, Step]] | None:
    """Levels and steps of numbers that stand before their words: `1. mgr. 2. gr. a`; None where
    something is left over.
    """
    words = {word.one: (level, word) for level, row in enumerate(style.levels) for word in row}
    either = "|".join(map(re.escape, words))
    part = re.compile(
        rf"\s*(?P<n>\d+|[a-z])\.(?:\s*[–-]\s*(?P<last>\d+)\.)?\s*(?P<word>{either})"
        r"(?:\s(?P<letters>[a-z]{1,9})(?!\w))?"
    )
    pairs: list[tuple[int, Step]] = []
    at = 0
    while found := part.match(text, at):
        level, word = words[found["word"]]
        last = f"..{found['last']}" if found["last"] else ""
        number = f"{found['n']}{last}{found['letters'] or ''}"
        pairs.append((level, Step(UNIT_KINDS[word.kind], number)))
        at = found.end()
    return pairs[::-1] if pairs and not text[at:].strip() else None


def _joined_numbers(style: CitationStyle, text: str) -> list[tuple[int, Step]] | None:
    """Levels and steps of numbers that a hyphen joins to their words, as in `12-бап, 3-тармақ`;
    None where something is left over.
    """
    words = {word.one: (level, word) for level, row in enumerate(style.levels) for word in row}
    part = re.compile(
        rf"[\s,]*(?P<n>\w[\w.–-]*?)\s?-\s?(?P<word>{'|'.join(words)})(?!\w)", re.IGNORECASE
    )
    pairs: list[tuple[int, Step]] = []
    at = 0
    while found := part.match(text, at):
        level, word = words[found["word"].casefold()]
        number = normal_number(found["n"].replace("–", ".."))
        if not _NUMBER.fullmatch(number):
            return None
        pairs.append((level, Step(UNIT_KINDS[word.kind], number)))
        at = found.end()
    return pairs if pairs and not text[at:].strip() else None


def _bracketed(style: CitationStyle, text: str) -> list[tuple[int, Step]] | None:
    """Levels and steps of `(2)(a)`: they follow each other; the first may be left out where the
    form of the next tells.
    """
    numbers = _BRACKETED.findall(text)
    if "".join(f"({number})" for number in numbers) != text.replace(" ", ""):
        return None
    below = style.levels[1:]
    starts_with_digit = style.counted_first or below[0][0].kind == "paragraph"
    skip = int(numbers[0][:1].isdigit() != starts_with_digit)
    if len(numbers) + skip > len(below) or not all(_NUMBER.fullmatch(number) for number in numbers):
        return None
    return [
        (i + 1, Step(UNIT_KINDS[below[i][0].kind], number))
        for i, number in enumerate(numbers, skip)
    ]
