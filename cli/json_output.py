"""JSON for a program, printed where a person may see it too."""

from __future__ import annotations

import json

from domain.reading.hidden_characters import is_hidden


def as_json_line(value: object) -> str:
    r"""One line of JSON that reads well and can not control a terminal.

    What a terminal would not show stands as an escape, which a program reads as the same text.

    >>> as_json_line({"title": "Điều\x9b2J"})
    '{"title": "Điều\\u009b2J"}'
    """
    text = json.dumps(value, default=str, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(json.dumps(char)[1:-1] if is_hidden(char) else char for char in text)
