"""DOCX files made for the tests, part by part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Final

W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MC: Final = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_NAMESPACES: Final = f'xmlns:w="{W}" xmlns:r="{_R}" xmlns:mc="{_MC}"'


def part(root: str, inner: str) -> str:
    """A part with its root element: `document`, `numbering`, `styles`, `footnotes`."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{root} {_NAMESPACES}>{inner}</w:{root}>'


def run(text: str, properties: str = "") -> str:
    """A run of text."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str, properties: str = "") -> str:
    """A paragraph of runs; plain words become a run."""
    inner = "".join(r if r.startswith("<") else run(r) for r in runs)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def numbered(text: str, num_id: int, level: int = 0) -> str:
    """A paragraph in a list."""
    return paragraph(
        text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num_id}"/></w:numPr>'
    )


def table(*rows: tuple[str, ...]) -> str:
    """A table of rows of cells; a cell is a paragraph's text."""
    cells = ("".join(f"<w:tc><w:tcPr/>{paragraph(text)}</w:tc>" for text in row) for row in rows)
    return "<w:tbl><w:tblPr/>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def docx(body: str, **parts: str) -> bytes:
    """A DOCX with this body, and further parts of the main document by the names of their roots
    (`numbering=...`).
    """
    relations = "".join(
        f'<Relationship Id="r{i}" Type="{_R}/{name}" Target="{name}.xml"/>'
        for i, name in enumerate(sorted(parts))
    )
    rels = f'<Relationships xmlns="{_PACKAGE}/relationships">'
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'{rels}<Relationship Id="r" Type="{_R}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f"{rels}{relations}</Relationships>",
        "word/document.xml": part("document", f"<w:body>{body}<w:sectPr/></w:body>"),
        **{f"word/{name}.xml": part(name, inner) for name, inner in parts.items()},
    }
    return package(files)


def package(files: Mapping[str, str | bytes]) -> bytes:
    """A ZIP package of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
