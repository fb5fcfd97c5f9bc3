"""The pages as a reader meets them: links, anchors and what stands in code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

PROJECT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = PROJECT / "docs"
PACKAGES: Final = ("adapters", "blocks", "cli", "domain", "flows", "service", "tasks", "tests")

_MARKDOWN: Final = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Page:
    """One page, parsed once."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(PROJECT))

    @cached_property
    def text(self) -> str:
        """The page as it is written."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def _tokens(self) -> list[Token]:
        return _MARKDOWN.parse(self.text)

    @cached_property
    def _inline(self) -> list[Token]:
        return [part for token in self._tokens for part in token.children or ()]

    @property
    def links(self) -> Iterator[str]:
        """Where every link and picture goes, as written."""
        for token in self._inline:
            where = token.attrs.get("href") or token.attrs.get("src")
            if where is not None:
                yield str(where)

    @cached_property
    def anchors(self) -> frozenset[str]:
        """What can stand after `#` in a link to this page."""
        found: set[str] = set()
        for head, content in zip(self._tokens, self._tokens[1:], strict=False):
            if head.type == "heading_open":
                slug = slug_of(content.children or [])
                again = sum(one == slug or one.startswith(f"{slug}_") for one in found)
                found.add(f"{slug}_{again}" if again else slug)
        return frozenset(found)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The headings as printed."""
        pairs = zip(self._tokens, self._tokens[1:], strict=False)
        return tuple(after.content for head, after in pairs if head.type == "heading_open")

    @cached_property
    def code(self) -> tuple[str, ...]:
        """What stands between backticks in running text."""
        return tuple(token.content for token in self._inline if token.type == "code_inline")

    @cached_property
    def commands(self) -> tuple[str, ...]:
        """The lines of every shell block, and of indented blocks, without their comments."""
        blocks = [
            token.content
            for token in self._tokens
            if token.type == "code_block" or (token.type == "fence" and token.info == "sh")
        ]
        lines = (line.partition("# ")[0].strip() for block in blocks for line in block.splitlines())
        return tuple(line for line in lines if line)


def slug_of(parts: list[Token]) -> str:
    """The anchor of a heading, as both the site and the usual viewers make it."""
    words = "".join(part.content for part in parts if part.type in ("text", "code_inline"))
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", words).strip().lower())


def pages() -> list[Page]:
    """Every page that people read: the project's own, and all below `docs`."""
    own = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
    return [*(Page(PROJECT / name) for name in own), *site_pages()]


def site_pages() -> list[Page]:
    """The pages of the site."""
    return [Page(path) for path in sorted(DOCS.rglob("*.md"))]
