"""DOCX: the text that Word would print, list labels and all, and the units in it.

Headings are found by what they say, never by their style: laws come from converters that know no
styles. Headers, footers and comments are not text. Foot- and endnotes follow the text, outside of
every unit. Tables hold no units.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from adapters.readers.docx.numbering import Numbering
from adapters.readers.docx.package import OLE_MAGIC, ZIP_MAGIC, Package
from adapters.readers.docx.state import PartState
from adapters.readers.docx.styles import Styles
from adapters.readers.docx.text import read_part
from adapters.readers.line_writer import WrittenText, read_written
from domain.errors import DocumentRefused
from domain.reading.marks import Granularity, PlanWarning, ReadDocument, line_of

_NOTE_PARTS: Final = {"footnote": "footnotes", "endnote": "endnotes"}
_SUFFIXES: Final = (".docx", ".docm", ".dotx", ".dotm")


class DocxReader:
    """Reads DOCX files, and refuses by name what else comes in a ZIP or OLE container."""

    name = "docx"

    def accepts(self, head: bytes, suffix: str) -> bool:
        """True for every ZIP package, OLE file or .docx name: nobody else can say what is wrong
        with those.
        """
        return head.startswith((ZIP_MAGIC, OLE_MAGIC, b"PK\x05\x06")) or suffix in _SUFFIXES

    def read(self, data: bytes, *, granularity: Granularity, profile: str | None) -> ReadDocument:
        """Read a DOCX.

        Raises `DocumentRefused` for whatever is not one, is damaged or is beyond the limits.
        """
        package = Package(data)
        written = _written(package)
        return read_written(
            written,
            reader=self.name,
            granularity=granularity,
            profile=profile,
            metadata=MappingProxyType({"named": package.title()}),
        )


def docx_text(data: bytes) -> WrittenText:
    """The text of a DOCX, one line a paragraph, with the spans of its tables and of its table of
    contents.
    """
    return _written(Package(data))


def _written(package: Package) -> WrittenText:
    styles = Styles(package.tree("styles", "styles.xml"))
    state = _read(package, package.main, styles)
    text = state.writer.text()
    if not text.strip():
        raise DocumentRefused(
            "This DOCX holds no text; if its pages are pictures, run a text recognition over "
            "them first."
        )
    return WrittenText(
        text=text,
        excluded=state.writer.excluded,
        tables=state.tables,
        headings=state.writer.headings,
        notes=_notes(package, state.notes, styles),
        warnings=_warnings(state, text),
    )


def _warnings(state: PartState, text: str) -> list[PlanWarning]:
    """What a person should know about the text."""
    warnings = []
    if state.hidden_chars:
        reason = f"{state.hidden_chars} hidden characters, which Word does not print, are left out"
        warnings.append(PlanWarning("hidden-text", 1, reason))
    for font, at in state.legacy_fonts.items():
        reason = (
            f"text is set in the font {font}, which shows Vietnamese letters in the place of those "
            f"that the file holds; convert it to Unicode first"
        )
        warnings.append(PlanWarning("legacy-encoding", line_of(text, at), reason))
    for line in dict.fromkeys(line_of(text, at) for at in state.unstored):
        reason = (
            "a number that Word counts is not stored in the file; open it in Word, update its "
            "fields (Ctrl+A, F9), turn them into text (Ctrl+Shift+F9), save it and read that"
        )
        warnings.append(PlanWarning("number-not-stored", line, reason))
    return warnings


def _notes(package: Package, references: list[tuple[str, str]], styles: Styles) -> str:
    """The foot- and endnotes in the order of their references, each with the number that stands in
    the text.
    """
    kinds = {kind for kind, _ in references}
    texts = {kind: _note_texts(package, _NOTE_PARTS[kind], styles) for kind in kinds}
    lines = [
        f"[{number}] {texts[kind].get(note, '').strip()}\n"
        for number, (kind, note) in enumerate(references, 1)
    ]
    return "".join(lines)


def _note_texts(package: Package, part: str, styles: Styles) -> dict[str, str]:
    name = package.side_part(part, f"{part}.xml")
    if name is None:
        return {}
    return _read(package, name, styles).texts


def _read(package: Package, part: str, styles: Styles) -> PartState:
    numbering = Numbering(package.tree("numbering", "numbering.xml"), styles)
    return read_part(part, package.stream(part), PartState(numbering, styles))
