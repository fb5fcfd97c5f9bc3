"""The ZIP package around a DOCX: opened within limits, and whatever is not a DOCX refused by name.

Layout after ECMA-376 part 2 (Open Packaging Conventions) and APPNOTE.TXT 6.3 (ZIP). Only the parts
that hold text are ever unpacked; embedded files, nested archives among them, are never opened.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from lxml import etree

from adapters.readers.text.limits import (
    MAX_DIRECTORY_BYTES,
    MAX_PACKAGE_ENTRIES,
    MAX_PART_BYTES,
    MAX_PART_RATIO,
    MAX_SIDE_PART_BYTES,
    MIB,
    PART_RATIO_FROM,
    check_document_size,
)
from domain.errors import DocumentRefused

ZIP_MAGIC: Final = b"PK\x03\x04"
OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK: Final = 1 << 16
_END_OF_DIRECTORY: Final = b"PK\x05\x06"
_ZIP64_LOCATOR: Final = b"PK\x06\x07"
# What zipfile raises for bytes that are no sound package; NotImplementedError is a RuntimeError,
# UnicodeError a ValueError.
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
)
_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"
_RESAVE: Final = "open it in Word and save it as .docx"

_FOREIGN: Final = (
    ("xl/", "an Excel workbook (.xlsx)"),
    ("ppt/", "a PowerPoint presentation (.pptx)"),
    ("meta-inf/container.xml", "an EPUB book"),
    ("meta-inf/manifest.mf", "a Java archive"),
    ("content.xml", "an OpenDocument file (.odt, .ods)"),
)


class Package:
    """An opened DOCX: its parts by name.

    Raises `DocumentRefused` for whatever is not one, or is beyond the limits.
    """

    def __init__(self, data: bytes) -> None:
        check_document_size(len(data), "This DOCX")
        _refuse_ole(data)
        _check_directory(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            infos = self._zip.infolist()
        except _DAMAGED as error:
            raise DocumentRefused(
                f"This DOCX is damaged or cut short ({error}); get a whole copy of it."
            ) from None
        if len(infos) > MAX_PACKAGE_ENTRIES:
            raise DocumentRefused(
                f"This DOCX has {len(infos):,} entries; a package may have "
                f"{MAX_PACKAGE_ENTRIES:,} at most."
            )
        self._infos = {info.filename.lstrip("/").casefold(): info for info in infos}
        self.main = self._main_part()
        self._targets = self._relations(self.main)

    def stream(self, name: str) -> Iterator[bytes]:
        """A part in pieces as it is unpacked, counted as it comes: the sizes that the package
        declares are not believed.
        """
        yield from self._unpack(name, MAX_PART_BYTES)

    def tree(self, relation: str, default: str) -> etree._Element | None:
        """A side part of the main document as a tree, found by its relation (`numbering`,
        `styles`); None without one.
        """
        name = self.side_part(relation, default)
        return None if name is None else self._tree(name)

    def side_part(self, relation: str, default: str) -> str | None:
        """The name of a part that the main document refers to; None if it has none."""
        target = self._targets.get(relation)
        folder = posixpath.dirname(self.main)
        name = _resolve(folder, target) if target else posixpath.join(folder, default)
        return name if name.casefold() in self._infos else None

    def title(self) -> str:
        """The title among the properties of the file; "" without one."""
        name = self._relations("").get("core-properties", "docProps/core.xml").lstrip("/")
        if name.casefold() not in self._infos:
            return ""
        return " ".join((self._tree(name).findtext(_TITLE) or "").split())

    def _main_part(self) -> str:
        if "[content_types].xml" not in self._infos or not any(
            name.startswith("word/") for name in self._infos
        ):
            self._refuse_foreign()
        target = self._relations("").get("officeDocument")
        for name in (_resolve("", target) if target else "", "word/document.xml"):
            if name.casefold() in self._infos:
                return name
        self._refuse_foreign()
        raise DocumentRefused(f"This DOCX has no main document part; {_RESAVE} again.")

    def _refuse_foreign(self) -> None:
        for prefix, kind in _FOREIGN:
            if any(name.startswith(prefix) for name in self._infos):
                raise DocumentRefused(
                    f"This is {kind}, not a DOCX; export its text as .docx first."
                )
        if "[content_types].xml" not in self._infos:
            raise DocumentRefused(
                "This is a ZIP archive without a Word document; unpack it and name one "
                "document in it."
            )

    def _relations(self, part: str) -> dict[str, str]:
        """The targets that a part (or the package itself) refers to, by the last word of the
        relation's type.
        """
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels.casefold() not in self._infos:
            return {}
        found: dict[str, str] = {}
        for element in self._tree(rels):
            if isinstance(element.tag, str) and element.get("TargetMode") != "External":
                found.setdefault(
                    element.get("Type", "").rsplit("/", 1)[-1], element.get("Target", "")
                )
        return found

    def _tree(self, name: str) -> etree._Element:
        data = b"".join(self._unpack(name, MAX_SIDE_PART_BYTES))
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
        )
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise DocumentRefused(
                f"The part {name} of this DOCX is not well-formed XML ({error}); {_RESAVE} again."
            ) from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise DocumentRefused(
                f"The part {name} of this DOCX declares a document type, which a DOCX never does."
            )
        return root

    def _unpack(self, name: str, limit: int) -> Iterator[bytes]:
        info = self._infos[name.casefold()]
        if info.flag_bits & 0x1:
            raise DocumentRefused(
                f"The part {name} of this DOCX is encrypted; save the document without a password."
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DocumentRefused(
                f"The part {name} of this DOCX is packed in a way that no DOCX uses; {_RESAVE} "
                f"again."
            )
        # zipfile never unpacks more than a part declares, so its declared size is checked first.
        _check_part(name, info.file_size, info.compress_size, limit)
        size = 0
        try:
            with self._zip.open(info) as part:
                while chunk := part.read(_CHUNK):
                    size += len(chunk)
                    _check_part(name, size, info.compress_size, limit)
                    yield chunk
        except _DAMAGED as error:
            raise DocumentRefused(
                f"The part {name} of this DOCX is damaged ({error}); get a whole copy of it."
            ) from None


def _check_part(name: str, size: int, packed: int, limit: int) -> None:
    if size > limit:
        raise DocumentRefused(
            f"The part {name} of this DOCX unpacks to more than {limit // MIB} MiB; split the "
            f"document."
        )
    if size > PART_RATIO_FROM and size > packed * MAX_PART_RATIO:
        raise DocumentRefused(
            f"The part {name} of this DOCX unpacks to over {MAX_PART_RATIO} times its size: a "
            f"ZIP bomb."
        )


def _refuse_ole(data: bytes) -> None:
    """Refuse what Word keeps in the older OLE container, told apart by its streams' names (UTF-16,
    [MS-CFB]).
    """
    if not data.startswith(OLE_MAGIC):
        return
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise DocumentRefused(
            "This document is encrypted; open it in Word and save it without a password."
        )
    if "WordDocument".encode("utf-16-le") in data:
        raise DocumentRefused(f"This is a Word 97-2003 document (.doc), not a DOCX; {_RESAVE}.")
    raise DocumentRefused(
        "This is an OLE file (such as .xls, .ppt or .msg), not a DOCX; export its text as "
        ".docx first."
    )


def _check_directory(data: bytes) -> None:
    """Look at the end of the central directory before zipfile does, which would parse a directory
    of any size.
    """
    if not data.startswith(b"PK"):
        raise DocumentRefused(
            "This is not a DOCX: it is not a ZIP package"
            f"{' but text' if _is_text(data) else ''}. Check the file and its suffix."
        )
    end = data.rfind(_END_OF_DIRECTORY, max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 22:
        raise DocumentRefused(
            "This DOCX is cut short: the directory at its end is missing. Get a whole copy of it."
        )
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    if size > MAX_DIRECTORY_BYTES or data[max(0, end - 20) : end].startswith(_ZIP64_LOCATOR):
        raise DocumentRefused(
            f"This DOCX has a directory for more than the {MAX_PACKAGE_ENTRIES:,} entries that "
            f"are allowed."
        )


def _is_text(data: bytes) -> bool:
    try:
        data[:4096].decode()
    except UnicodeDecodeError as error:
        return error.start > 4000  # a character cut in two
    return b"\0" not in data[:4096]


def _resolve(folder: str, target: str) -> str:
    """A relation's target as a part name.

    >>> [_resolve("word", name) for name in ("numbering.xml", "/word/styles.xml", "../x.xml")]
    ['word/numbering.xml', 'word/styles.xml', 'x.xml']
    """
    return (
        target.lstrip("/")
        if target.startswith("/")
        else posixpath.normpath(posixpath.join(folder, target))
    )
