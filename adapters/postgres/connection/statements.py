"""The reviewed SQL: every statement stands in `sql/*.sql` under a name with a description, and is
loaded once.

-- name: journal_find
-- What the journal holds for a phase of a change set.
SELECT ...
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Final, LiteralString, cast

_NAME: Final = re.compile(r"^-- name: (\w+)\n((?:--[^\n]*\n)+)", re.MULTILINE)


@cache
def _statements() -> dict[str, LiteralString]:
    found: dict[str, LiteralString] = {}
    for file in (resources.files("adapters.postgres") / "sql").iterdir():
        if not file.name.endswith(".sql"):
            continue
        pieces = _NAME.split(file.read_text(encoding="utf-8"))
        for name, body in zip(pieces[1::3], pieces[3::3], strict=True):
            if name in found:
                raise ValueError(f"two statements are named {name}")
            # Reviewed files of our own are as good as literals, and only literals may be executed
            # (psycopg's typing).
            found[name] = cast("LiteralString", body.strip().rstrip(";"))
    return found


def statement(name: str) -> LiteralString:
    """The text of a named statement. Raises KeyError for a name that no file holds."""
    return _statements()[name]
