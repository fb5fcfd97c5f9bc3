"""The site is built without a warning, and fetches nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.docs.pages import DOCS, PACKAGES, PROJECT, site_pages

pytestmark = pytest.mark.slow

CLICKED: Final = "a"
"""What goes elsewhere only when a person clicks it."""
FETCHING: Final = ("src", "srcset", "href", "poster", "data", "action", "xlink:href")
ELSEWHERE: Final = re.compile(r"(?:https?:)?//[^/\s\"')]+\.", re.IGNORECASE)
IN_STYLE: Final = re.compile(r"(?:url\(|@import)\s*['\"]?\s*((?:https?:)?//[^)'\"\s;]+)")
BY_SCRIPT: Final = {
    "https://unpkg.com/mermaid@": r'class="[^"]*\bmermaid\b',
    "https://api.github.com/": r'data-md-component="source"',
    "https://${e}/api/v4/": r'data-md-component="source"',
    "https://unpkg.com/resize-observer-polyfill": r"^$",  # for browsers of before 2020 only
}
"""Every address in the theme's script, and what a page would hold if it were asked for."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(made)]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return made


def fetched_from_elsewhere(html: str) -> list[str]:
    """Every address at another host that a browser would ask for by itself."""
    tree = LexborHTMLParser(html)
    found = [
        f"{node.tag} {name}={value}"
        for node in tree.css("*")
        if node.tag != CLICKED
        for name, value in node.attributes.items()
        if name in FETCHING and value and ELSEWHERE.match(value)
    ]
    styles = [node.text() for node in tree.css("style")]
    styles += [node.attributes["style"] or "" for node in tree.css("[style]")]
    return found + [address for style in styles for address in IN_STYLE.findall(style)]


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    for page in _html(site):
        html = page.read_text(encoding="utf-8")
        assert fetched_from_elsewhere(html) == [], page
        for address, reason in BY_SCRIPT.items():
            assert not re.search(reason, html), (page, address)


def test_the_scripts_know_no_other_address(site: Path) -> None:
    folder = site / "assets" / "javascripts"  # below it, `lunr` is for other languages
    scripts = [*folder.glob("*.js"), *folder.glob("workers/*.js")]
    assert len(scripts) >= 2
    for script in scripts:
        for address in re.findall(
            r"[\"'`](https?://[^\s\"'`)]+)", script.read_text(encoding="utf-8")
        ):
            assert address.startswith(tuple(BY_SCRIPT)), (script, address)


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://unpkg.com/mermaid.js"></script>',
        '<link rel="stylesheet" href="//fonts.googleapis.com/css">',
        '<img src="http://example.org/1.png">',
        "<style>@import 'https://example.org/a.css';</style>",
        '<p style="background: url(https://example.org/a.png)">',
    ],
)
def test_what_a_browser_would_fetch_is_found(html: str) -> None:
    assert len(fetched_from_elsewhere(html)) == 1
    assert fetched_from_elsewhere('<a href="https://example.org">a link</a>') == []


def test_no_style_sheet_fetches_anything_from_elsewhere(site: Path) -> None:
    sheets = list(site.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        assert IN_STYLE.findall(sheet.read_text(encoding="utf-8")) == [], sheet


def test_pictures_hold_nothing_from_elsewhere_and_say_what_they_show() -> None:
    drawn = sorted((DOCS / "pictures").glob("*.svg"))
    assert [path.stem for path in drawn] == ["layers", "run"]
    for path in drawn:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not ELSEWHERE.search(text), path
        assert "<script" not in text
        assert re.search(r"<title id=\"title\">.+</title>\s*<desc id=\"desc\">.{100,}</desc>", text)
        assert "prefers-color-scheme: dark" in text


def test_every_page_and_every_package_is_there(site: Path) -> None:
    for page in site_pages():
        name = page.path.relative_to(DOCS).with_suffix(".html")
        assert (site / name.parent / name.name.replace("README", "index")).is_file(), page
    for package in _packages():
        assert (site / "reference" / f"{package}.html").is_file(), package


def test_the_reference_says_what_the_docstrings_say(site: Path) -> None:
    text = (site / "reference" / "domain.html").read_text(encoding="utf-8")
    for wanted in ("domain.errors.ConfigMissing", "domain.switch.parse_switch"):
        assert f'id="{wanted}"' in text, wanted
    assert "<blockquote>" not in text, "doctests are shown as code, not as quotations"


def _packages() -> Iterator[str]:
    for package in PACKAGES:
        if package != "tests":
            for file in (PROJECT / package).rglob("__init__.py"):
                yield ".".join(file.parent.relative_to(PROJECT).parts)


def _html(site: Path) -> list[Path]:
    found = list(site.rglob("*.html"))
    assert len(found) > 50
    return found
