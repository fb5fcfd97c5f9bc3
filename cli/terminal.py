"""What a terminal is given: nobody's words can move its cursor, hide a line or be markup."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from domain.reading.hidden_characters import plain


def words(text: object) -> str:
    r"""Somebody else's words, to be put into what is printed: they show as they are.

    >>> words("[/dim] of \x1b[2K")
    '\\[/dim] of [U+001B][2K'
    """
    return escape(plain(str(text)))


class SafeConsole(Console):
    """A console whose texts can not control the terminal, whoever wrote them.

    Markup still counts in them: what is not ours goes through `words` first.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(emoji=False, **options)

    def on_broken_pipe(self) -> None:
        """Print no more: who read has gone, as `head` does, and what is under way goes on.

        Rich would end the program here, a live run between two phases too.
        """
        self.quiet = True
        discard_output()

    def render_str(self, text: str, **options: Any) -> Text:
        """The text to show. Raises what rich raises for broken markup."""
        return super().render_str(plain(text), **options)


def discard_output() -> None:
    """Let nothing that is still printed reach a pipe that nobody reads any more."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def close_output() -> None:
    """Hand over what was printed; that nobody reads it any more is no failure of the command."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
