"""The documents of a corpus: the files of a folder, or the lines of a list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adapters.files import read_plain
from domain.errors import BadInput, ConfigMismatch


@dataclass(frozen=True, slots=True)
class Source:
    """One document: a whole path, a URL or `db:CODE`; and the code that a list gives it."""

    place: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents in order, and the files that are none: their names begin with a dot."""

    place: Path
    sources: tuple[Source, ...]
    hidden: tuple[str, ...] = ()


def find_corpus(place: Path) -> Corpus:
    """The documents of a folder and all below it, or of a list.

    A list is a text file: a line for each document, a path (from the list's own folder), a URL or
    `db:CODE`, then perhaps a tab and the document's code. Lines that begin with `#` are none.
    Raises `BadInput` if there are no documents, or one is named twice.
    """
    whole = place.expanduser().absolute()
    try:
        found = _in_folder(whole) if whole.is_dir() else _in_list(whole)
    except (OSError, UnicodeDecodeError, ConfigMismatch):
        raise BadInput(
            f"{place} can not be read; name a folder, or a text file with a path on each line."
        ) from None
    if not found.sources:
        raise BadInput(f"{place} holds no documents; name a folder or a list that does.")
    places = [one.place for one in found.sources]
    if twice := next((one for one in places if places.count(one) > 1), None):
        raise BadInput(f"{place} names {twice} twice; once is enough.")
    return found


def _in_folder(folder: Path) -> Corpus:
    files = sorted(path for path in folder.rglob("*") if not path.is_dir())
    hidden = [path for path in files if _is_hidden(path.relative_to(folder))]
    sources = [Source(str(path)) for path in files if path not in set(hidden)]
    return Corpus(folder, tuple(sources), tuple(map(str, hidden)))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _in_list(path: Path) -> Corpus:
    lines = read_plain(path).splitlines()
    named = [line for line in lines if line.strip() and not line.startswith("#")]
    return Corpus(path, tuple(_named(line, path.parent) for line in named))


def _named(line: str, folder: Path) -> Source:
    name, _, code = (part.strip() for part in line.partition("\t"))
    if not name.startswith("db:") and "://" not in name:
        name = str(folder / Path(name).expanduser())
    return Source(name, code or None)
