"""Laws that the benchmarks and the fuzzer make up: regular, long, and in every format."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Iterator
from typing import Final

_SENTENCES: Final = (
    "the council shall take measures under this act and report on them to the minister within "
    "thirty days of the date on which "
    "a person who holds a licence has given notice in writing of any change in the place of "
    "business or in the means used"
)
_WORDS: Final = _SENTENCES.split()
_TITLES: Final = (
    "Scope",
    "Definitions",
    "Duties of the council",
    "Licences",
    "Notice and appeal",
    "Offences",
    "Entry into force",
)
_AKN: Final = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"

Article = tuple[int, str, list[str]]


def articles(chars: int, seed: int = 11) -> Iterator[Article]:
    """Articles (number, title, paragraphs) of about so many characters in total."""
    dice = random.Random(seed)  # noqa: S311 - repeatable text, no secret
    written = number = 0
    while written < chars:
        number += 1
        paragraphs = [sentence(dice) for _ in range(dice.randint(2, 6))]
        written += sum(len(text) + 5 for text in paragraphs) + 40
        yield number, dice.choice(_TITLES), paragraphs


def sentence(dice: random.Random) -> str:
    """A sentence of 15 to 60 words."""
    return " ".join(dice.choices(_WORDS, k=dice.randint(15, 60))).capitalize() + "."


def plain_law(chars: int) -> str:
    """A law as plain text, in chapters of ten articles, in lines of 80 characters as laws are
    mostly stored.
    """
    return "\n".join(_lines(chars, chapter="Chapter {}", article="Article {}. {}")) + "\n"


def markdown_law(chars: int) -> str:
    """The same law as Markdown."""
    return "\n\n".join(_lines(chars, chapter="# Chapter {}", article="## Article {}. {}")) + "\n"


def html_law(chars: int) -> str:
    """The same law as a page."""
    body = "\n".join(
        f"<h2>Article {number}. {title}</h2>\n"
        + "\n".join(f"<p>{i}. {text}</p>" for i, text in enumerate(paragraphs, 1))
        for number, title, paragraphs in articles(chars)
    )
    head = "<!DOCTYPE html><html><head><meta charset=utf-8><title>An Act</title></head>"
    return f"{head}<body><h1>An Act</h1>\n{body}</body></html>"


def akn_law(chars: int) -> str:
    """The same law as Akoma Ntoso."""
    body = "\n".join(
        f'<article eId="art_{number}"><num>Article {number}</num><heading>{title}</heading>'
        + "".join(
            f'<paragraph eId="art_{number}__para_{i}"><num>{i}.</num><content><p>{text}</p></content></paragraph>'
            for i, text in enumerate(paragraphs, 1)
        )
        + "</article>"
        for number, title, paragraphs in articles(chars)
    )
    root = f'<akomaNtoso xmlns="{_AKN}"><act name="act"><body>{body}</body></act></akomaNtoso>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{root}'


def _lines(chars: int, *, chapter: str, article: str) -> Iterator[str]:
    yield "An Act to provide for licences"
    for number, title, paragraphs in articles(chars):
        if number % 10 == 1:
            yield chapter.format(number // 10 + 1)
        yield article.format(number, title)
        yield from (textwrap.fill(f"{i}. {text}", 80) for i, text in enumerate(paragraphs, 1))
