"""Text as HTML that can not act and can not deceive: escaped, with a visible mark for each
character that does not show.

`text_marks` keeps every character: with each `<b data-c="202E">` read as that code point, the
element's text is the source.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from domain.reading.hidden_characters import is_hidden, is_odd_space


def text_marks(text: str) -> Markup:
    """A stretch of the source text, for an element of its own with `dir="auto"`.

    A carriage return is written as a reference, because a browser would drop it; a lone one gets a
    mark.

    >>> print(text_marks("<b>" + chr(0x202E)))
    &lt;b&gt;<b data-c="202E">U+202E</b>
    """
    # Markup outside what `escape` made is only from this table; its keys are never characters that
    # `escape` writes.
    escaped = str(escape(text)).replace("\r\n", "&#13;\n")
    special = {
        ord(char): _mark(char) for char in set(text) if is_hidden(char) or is_odd_space(char)
    }
    return Markup(escaped.translate(special) if special else escaped)  # noqa: S704 -- escaped just above


def inline(value: Any) -> Any:
    """Jinja's `finalize`: every string that a template writes comes through here, so none can be
    forgotten.

    What is not plain ASCII is isolated too, so that it does not reorder the words around it.
    Numbers and markup pass.

    >>> inline("a&b"), inline(7), inline(Markup("<p>"))
    (Markup('a&amp;b'), 7, Markup('<p>'))
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    marked = text_marks(value)
    return marked if value.isascii() else Markup("<bdi>%s</bdi>") % marked


def plain(text: str) -> Markup:
    """For places where an element can not stand, such as the page's title: hidden characters become
    `[U+202E]`.

    >>> print(plain("a" + chr(0x202E)))
    a[U+202E]
    """
    return escape("".join(f"[U+{ord(char):04X}]" if is_hidden(char) else char for char in text))


def _mark(char: str) -> str:
    if is_odd_space(char):
        return f"<i>{char}</i>"
    return f'<b data-c="{ord(char):X}">U+{ord(char):04X}</b>'
