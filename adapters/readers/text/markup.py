"""What marks of Markdown and AsciiDoc look like once they are taken out of a line.

Headings are matched on such lines, so that a document reads the same whatever wrote it: converters
escape signs (`Article 1\\.`), set headings in bold and name them for links. Bodies are cut from the
source and keep all of it.

Each function keeps the number of lines, and takes away or replaces characters of a line only.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

# What is taken out, by a sign without which a text has none of it. In this order: `\\**` is an
# escaped sign and a mark, not a mark after a backslash.
_MARKDOWN: Final = {
    "\\": r"\\(?P<sign>[!-/:-@\[-`{-~])",  # an escape (CommonMark 0.31, section 2.4)
    "**": r"\*{2,3}",  # bold; a single star may be the bullet of a list
    # bold as well; not `____`, a blank of a form
    "__": r"(?<![\w_])_{2,3}(?=[^\s_])|(?<=[^\s_])_{2,3}(?![\w_])",
    "{": r"\{[#.][^{}\n]*\}(?=[ \t]*(?:\n|\Z))",  # `{#scope}` at its end: what links to a heading
    "<sup>": r"(?<=\d)<sup>(?P<raised>\d{1,3})</sup>",  # `5<sup>1</sup>` is 5¹ and not 51
    "<": r"</?(?:a|b|em|i|span|strong|u)(?:[ ][^<>\n]*)?>",
    "[^": r"\[\^[^\]\s]{1,20}\](?!:)",  # the mark of a footnote, but not the footnote itself
}
_SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LINK: Final = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_LINKED_HEADING: Final = re.compile(r"\n[ ]{0,3}#{1,6}[ \t][^\n]*\]\([^\n]*")
_ASCIIDOC: Final = re.compile(
    r"(?<=\n)={1,6}[ \t]+|[ \t]+={2,6}[ \t]*(?=\n|\Z)|(?<=\n)\[\[[^\]\n]*\]\]"
)


def without_markdown(text: str) -> str:
    """The text without escapes, marks of bold and anchors; links in headings become their words.

    >>> without_markdown("## **2\\\\.1** Scope {#scope}\\n1\\\\. See [5](#five)\\n")
    '## 2.1 Scope \\n1. See [5](#five)\\n'
    >>> without_markdown("**Article 5<sup>1</sup>.** Fees\\n")
    'Article 5¹. Fees\\n'
    """
    signs = tuple(sign for sign in _MARKDOWN if sign in text)
    if signs:
        text = _pattern(signs).sub(_plain, text)
    if "](" in text:
        text = _LINKED_HEADING.sub(lambda m: _LINK.sub(r"\1", m[0]), text)
    return text


@cache
def _pattern(signs: tuple[str, ...]) -> re.Pattern[str]:
    """What these signs stand for. It looks at one character first, which is most of its speed."""
    first = "".join(re.escape(sign[0]) for sign in signs)
    return re.compile(rf"(?=[{first}])(?:{'|'.join(_MARKDOWN[sign] for sign in signs)})")


def _plain(found: re.Match[str]) -> str:
    groups = found.groupdict()
    return groups.get("sign") or (groups.get("raised") or "").translate(_SUPERSCRIPTS)


def without_asciidoc(text: str) -> str:
    """The text without the signs around its headings and without anchors. It begins with a line
    feed.

    >>> without_asciidoc("\\n== Members\\n=== 3.1 Who\\nNot == here\\n")
    '\\nMembers\\n3.1 Who\\nNot == here\\n'
    """
    return _ASCIIDOC.sub("", text)
