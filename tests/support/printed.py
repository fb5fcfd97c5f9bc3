"""Texts printed into PDF files by the machine's Chromium, as a gazette prints laws."""

from __future__ import annotations

import html
import os
import subprocess
from pathlib import Path
from typing import Final

from tests.support.browser import chromium

_PAGES: Final = (
    "@page{margin:2cm;@top-left{content:'Running head of the law'}"
    "@bottom-center{content:'- ' counter(page) ' -'}}"
)


def printed(folder: Path, text: str, *, columns: int = 1, margins: bool = True) -> bytes:
    """A PDF with a paragraph for each line of a text, with or without head and foot of pages.

    `folder` is an empty one of its own.
    """
    style = f"body{{columns:{columns};column-gap:2em;font:10pt serif;text-align:justify}}p{{margin:0 0 4pt}}"
    style = _PAGES + style if margins else style
    body = "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n") if line.strip())
    page, file = folder / "law.html", folder / "law.pdf"
    page.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{body}")
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []  # its sandbox does not work for root
    command = [str(chromium()), "--headless", "--disable-gpu", "--no-pdf-header-footer", *alone]
    home = f"--user-data-dir={folder / 'profile'}"
    done = subprocess.run(
        [*command, home, f"--print-to-pdf={file}", page.as_uri()],
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert file.exists(), done.stderr
    return file.read_bytes()
