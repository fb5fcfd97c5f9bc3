"""Shows the doctests of a docstring as code.

They stand in running text here, where Markdown would read `>>>` as a quotation.
"""

from __future__ import annotations

import doctest
from typing import Any, Final

from griffe import Extension, Object

_FENCE: Final = "```"


class FencedDoctests(Extension):
    """Griffe loads this by its file's name and asks it about every object that it has read."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Put the doctests of the object's docstring between fences."""
        if obj.docstring is not None and ">>>" in obj.docstring.value:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(docstring: str) -> str:
    """A docstring with its doctests between fences, those that follow each other in one.

    >>> fenced("Adds.\\n\\n>>> 1 + 1\\n2").splitlines()
    ['Adds.', '', '```pycon', '>>> 1 + 1', '2', '```']
    """
    shown: list[str] = []
    examples: list[str] = []
    for part in doctest.DocTestParser().parse(docstring):
        if isinstance(part, doctest.Example):
            examples.append(_as_written(part))
        elif part.strip():
            shown += [*_block(examples), part]
            examples = []
    return "".join([*shown, *_block(examples)])


def _block(examples: list[str]) -> list[str]:
    return [f"{_FENCE}pycon\n{''.join(examples)}{_FENCE}\n"] if examples else []


def _as_written(example: doctest.Example) -> str:
    first, *more = example.source.splitlines()
    source = [f">>> {first}", *(f"... {line}" for line in more)]
    return "\n".join([*source, *example.want.splitlines()]) + "\n"
