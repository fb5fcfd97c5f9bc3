"""What marks of Markdown and AsciiDoc look like once they are taken out of a line.

Headings are matched on such lines, so that a document reads the same whatever wrote it: converters
escape signs (`Article 1\\.`), set headings in bold, name them for links and use entities. Bodies
are cut from the source and keep all of it.

Each function keeps the number of lines, and takes away or replaces characters of a line only.
"""

from __future__ import annotations

import re
from typing import Final

# In this order: `\\**` is an escaped sign and a mark, not a mark after a backslash.
_MARKDOWN: Final = re.compile(
    r"\\(?P<sign>[!-/:-@\[-`{-~])"  # an escape (CommonMark 0.31, section 2.4)
    r"|\*{2,3}"  # bold; a single star may be the bullet of a list
    r"|(?<![\w_])_{2,3}(?=[^\s_])|(?<=[^\s_])_{2,3}(?![\w_])"  # bold; not `____`, a blank of a form
    r"|[ \t]*\{[#.][^{}\n]*\}(?=[ \t]*(?:\n|\Z))"  # `{#scope}`, what links to a heading, at its end
    r"|</?(?:a|b|em|i|span|strong|u)(?:[ ][^<>\n]*)?>"
    r"|\[\^[^\]\s]{1,20}\](?!:)"  # the mark of a footnote, but not the footnote itself
    r"|&(?P<entity>nbsp|#160|shy|#173|#8203|amp|quot|sect|#167);"
)
_ENTITIES: Final = {
    "nbsp": " ",
    "#160": " ",
    "amp": "&",
    "quot": '"',
    "sect": "§",
    "#167": "§",
}
_MARKDOWN_SIGNS: Final = ("\\", "**", "__", "{", "<", "[^", "&")
_LINK: Final = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_LINKED_HEADING: Final = re.compile(r"\n[ ]{0,3}#{1,6}[ \t][^\n]*\]\([^\n]*")
_ASCIIDOC: Final = re.compile(
    r"(?<=\n)={1,6}[ \t]+|[ \t]+={2,6}[ \t]*(?=\n|\Z)|(?<=\n)\[\[[^\]\n]*\]\]"
)


def without_markdown(text: str) -> str:
    """The text without escapes, marks of bold, anchors and entities; links in headings become their
    words.

    >>> without_markdown("## **2\\\\.1** Scope {#scope}\\n1\\\\. See [5](#five)\\n")
    '## 2.1 Scope\\n1. See [5](#five)\\n'
    """
    if any(sign in text for sign in _MARKDOWN_SIGNS):
        text = _MARKDOWN.sub(_plain, text)
    if "](" in text:
        text = _LINKED_HEADING.sub(lambda m: _LINK.sub(r"\1", m[0]), text)
    return text


def _plain(found: re.Match[str]) -> str:
    return found["sign"] or _ENTITIES.get(found["entity"] or "", "")


def without_asciidoc(text: str) -> str:
    """The text without the signs around its headings and without anchors. It begins with a line
    feed.

    >>> without_asciidoc("\\n== Members\\n=== 3.1 Who\\nNot == here\\n")
    '\\nMembers\\n3.1 Who\\nNot == here\\n'
    """
    return _ASCIIDOC.sub("", text)
