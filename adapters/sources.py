"""Where a document's bytes come from: a path, a URL, standard input, or the source text in the
database.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

from domain.errors import BadInput

MAX_SOURCE_BYTES: Final = 64 * 1024 * 1024
"""What no document of ours reaches; more is refused before it fills the memory."""

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
_SECONDS: Final = 30

DatabaseSource = Callable[[str], bytes]
"""Gives the live source text of a document code. Raises an error of `domain.errors`."""


def load_source(
    source: str,
    *,
    database: DatabaseSource | None = None,
    stdin: BinaryIO | None = None,
    max_bytes: int = MAX_SOURCE_BYTES,
) -> bytes:
    """The bytes of a document: `-` is standard input, `db:CODE` the database, else a URL or a path.

    Raises `BadInput` naming the source and what to do.
    """
    if source == "-":
        return _limited(
            (stdin or sys.stdin.buffer).read(max_bytes + 1), "Standard input", max_bytes
        )
    if source.startswith("db:"):
        return _from_database(source, database, max_bytes)
    if _URL.match(source):
        return _from_url(source, max_bytes)
    return _from_path(source, max_bytes)


def require_source(source: str) -> None:
    """Raises `BadInput` for a path where nothing is: what is slow need not begin for it.

    A URL, standard input and the database answer once they are read.
    """
    named = source == "-" or source.startswith("db:") or _URL.match(source) or "\0" in source
    if not named and not Path(source).exists():
        raise BadInput(_missing(source))


def _missing(source: str) -> str:
    return f"{source} does not exist; check the path."


def _from_path(source: str, max_bytes: int) -> bytes:
    path = Path(source)
    try:
        if path.is_dir():
            raise BadInput(f"{source} is a directory; name one document in it.")
        status = path.stat()
        if S_ISREG(status.st_mode) and status.st_size > max_bytes:
            raise BadInput(_too_large(source, max_bytes))
        with path.open("rb") as file:
            return _limited(file.read(max_bytes + 1), source, max_bytes)
    except FileNotFoundError:
        raise BadInput(_missing(source)) from None
    except OSError as error:
        raise BadInput(
            f"{source} can not be read: {error.strerror or 'the system refuses'}."
        ) from None
    except ValueError:  # a NUL in the name
        raise BadInput(f"{source[:80]!r} is not a path; check the name.") from None


def _from_url(source: str, max_bytes: int) -> bytes:
    import aiohttp  # noqa: PLC0415  # these two take longer to import than a plan takes to make
    import fsspec  # noqa: PLC0415

    name = _shown(source)
    options: dict[str, Any] = {}
    if source.lower().startswith(("http://", "https://")):
        # A stream, not ranges: a server need not know the size, and only as much is read as is
        # allowed.
        options = {
            "block_size": 0,
            "client_kwargs": {"timeout": aiohttp.ClientTimeout(total=_SECONDS)},
        }
    try:
        with fsspec.open(source, "rb", **options) as file:
            return _limited(file.read(max_bytes + 1), name, max_bytes)
    except (
        FileNotFoundError
    ):  # what fsspec makes of every failure over HTTP, a server that is not there included
        raise BadInput(f"{name} does not exist or can not be reached; check the address.") from None
    except IsADirectoryError:
        raise BadInput(f"{name} is a directory; name one document in it.") from None
    except ImportError:
        raise BadInput(
            f"{name} needs a package of fsspec that is not installed; copy the document to a file."
        ) from None
    except TimeoutError:
        raise BadInput(
            f"{name} did not answer within {_SECONDS} seconds; try again or copy the document "
            f"to a file."
        ) from None
    except ValueError:
        raise BadInput(
            f"{name} can not be opened: its protocol is unknown or its address is not complete."
        ) from None
    except (OSError, aiohttp.ClientError, NotImplementedError) as error:
        # The library's own words may hold the whole URL, user and password included.
        raise BadInput(
            f"{name} can not be read ({type(error).__name__}); check that it can be reached."
        ) from None


def _from_database(source: str, database: DatabaseSource | None, max_bytes: int) -> bytes:
    code = source.removeprefix("db:").strip()
    if not code:
        raise BadInput(
            "db: names no document; write db: and the document's code, such as db:vn.91-2015."
        )
    if database is None:
        raise BadInput(
            f"{source} is in a database, and none is configured; name the database or give a file."
        )
    return _limited(database(code), source, max_bytes)


def _shown(url: str) -> str:
    """A URL without what may be secret in it: user, password and query."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return url.partition("://")[0] + "://..."
    return f"{parts.scheme}://{host}{parts.path}"[:200]


def _limited(data: bytes, name: str, max_bytes: int) -> bytes:
    if len(data) > max_bytes:
        raise BadInput(_too_large(name, max_bytes))
    return data


def _too_large(name: str, max_bytes: int) -> str:
    return (
        f"{name} is larger than {max_bytes / 1024 / 1024:,.3g} MiB, the most that is read; "
        f"split it."
    )
