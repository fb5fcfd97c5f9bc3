"""Citations as people of a country write them, from the steps of an address and back.

A style is data: the word of each unit kind, in the order from the outside in. A number is printed
as the style prints it (`3 bis` in Italy) and read back normalised (`3bis`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.errors import BadInput
from domain.reading.address import parse_address
from domain.reading.address_steps import Step, normal_number
from domain.reading.vocabulary import UNIT_KINDS


@dataclass(frozen=True, slots=True)
class Word:
    """How a style calls a unit kind.

    `several` is for ranges; `after` closes the number: the bracket of `lettera a)`.
    """

    kind: str
    one: str
    several: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class CitationStyle:
    """A country's way to cite.

    `levels` are from the outside in; a level with several words is one of several kinds.
    """

    name: str
    levels: tuple[tuple[Word, ...], ...]
    between: str = " "
    range_word: str = "to"
    inner_first: bool = False
    spaced_suffix: bool = False  # 3 bis, not 3bis
    brackets: bool = (
        False  # what is below the first level stands in brackets, and its form tells its level
    )


def _level(*words: Word) -> tuple[Word, ...]:
    return words


STYLES: Final[Mapping[str, CitationStyle]] = {
    style.name: style
    for style in (
        CitationStyle(
            "vi",
            (
                _level(Word("article", "Điều")),
                _level(Word("paragraph", "khoản")),
                _level(Word("point", "điểm")),
                _level(Word("item", "tiết")),
            ),
            range_word="đến",
            inner_first=True,
        ),
        CitationStyle(
            "de",
            (
                _level(Word("section", "§", "§§"), Word("article", "Art.")),
                _level(Word("paragraph", "Abs.")),
                _level(Word("subparagraph", "Satz")),
                _level(Word("point", "Nr.")),
                _level(Word("item", "Buchst.")),
            ),
            range_word="bis",
        ),
        CitationStyle(
            "en",
            (
                _level(
                    Word("article", "Article", "Articles"),
                    Word("section", "Section", "Sections"),
                    Word("rule", "Rule", "Rules"),
                ),
                _level(Word("paragraph", "")),
                _level(Word("point", "")),
                _level(Word("item", "")),
            ),
            between="",
            brackets=True,
        ),
        CitationStyle(
            "us",
            (
                _level(Word("section", "section", "sections")),
                _level(Word("subsection", "")),
                _level(Word("paragraph", "")),
                _level(Word("subparagraph", "")),
                _level(Word("clause", "")),
                _level(Word("subclause", "")),
            ),
            between="",
            brackets=True,
        ),
        CitationStyle(
            "it",
            (
                _level(Word("article", "art.", "artt.")),
                _level(Word("paragraph", "comma", "commi")),
                _level(Word("point", "lettera", "lettere", ")")),
                _level(Word("item", "numero", "numeri", ")")),
            ),
            between=", ",
            range_word="a",
            spaced_suffix=True,
        ),
        CitationStyle(
            "fr",
            (
                _level(Word("article", "article", "articles")),
                _level(Word("paragraph", "paragraphe", "paragraphes")),
                _level(Word("subparagraph", "alinéa", "alinéas")),
                _level(Word("point", "point", "points", ")")),
            ),
            between=", ",
            range_word="à",
            spaced_suffix=True,
        ),
        CitationStyle(
            "pt",
            (
                _level(Word("article", "artigo", "artigos")),
                _level(Word("paragraph", "n.º", "n.os")),
                _level(Word("point", "alínea", "alíneas", ")")),
            ),
            between=", ",
            range_word="até",
        ),
    )
}

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
    for level, words in enumerate(style.levels):
        for word in words:
            if UNIT_KINDS[word.kind] == step.abbreviation:
                return level, word
    return None


def _printed(style: CitationStyle, word: Word, number: str, *, bracket: bool) -> str:
    shown = number.replace("..", f" {style.range_word} ")
    if style.spaced_suffix:
        shown = _SUFFIX.sub(r"\1 \2", shown)
    if bracket:
        return f"({number})"
    name = word.several if ".." in number and word.several else word.one
    return f"{name} {shown}{word.after}"


def _worded(style: CitationStyle, text: str) -> list[tuple[int, Step]] | None:
    """Levels and steps of the words with their numbers, from the outside in; None where something
    is left over.
    """
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
        number = normal_number(printed.strip(" ,\u00a0").removesuffix(word.after or "\0"))
        if not _NUMBER.fullmatch(number):
            return None
        pairs.append((level, Step(UNIT_KINDS[word.kind], number)))
    return pairs[::-1] if style.inner_first else pairs


def _bracketed(style: CitationStyle, text: str) -> list[tuple[int, Step]] | None:
    """Levels and steps of `(2)(a)`: they follow each other; the first may be left out where the
    form of the next tells.
    """
    numbers = _BRACKETED.findall(text)
    if "".join(f"({number})" for number in numbers) != text.replace(" ", ""):
        return None
    below = style.levels[1:]
    starts_with_digit = below[0][0].kind == "paragraph"
    skip = int(numbers[0][:1].isdigit() != starts_with_digit)
    if len(numbers) + skip > len(below) or not all(_NUMBER.fullmatch(number) for number in numbers):
        return None
    return [
        (i + 1, Step(UNIT_KINDS[below[i][0].kind], number))
        for i, number in enumerate(numbers, skip)
    ]
