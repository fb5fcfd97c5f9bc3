"""Where a document's bytes come from: a path, a URL, standard input, or the source text in the database."""

from __future__ import annotations

from pathlib import Path

from domain.errors import BadInput


def load_source(source: str) -> bytes:
    """The bytes of a document. Raises `BadInput` naming the source and what to do."""
    path = Path(source)
    if path.is_dir():
        raise BadInput(f"{source} is a directory; name one document in it.")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"{source} does not exist; check the path.") from None
    except OSError as error:
        raise BadInput(f"{source} can not be read: {error.strerror}.") from None
