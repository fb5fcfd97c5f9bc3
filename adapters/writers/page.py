"""A document as one page of HTML, to be read on a screen and on paper: its contents as a list of
links, then each unit under its heading, with what is known of its version.

The page loads nothing and runs nothing: its policy forbids both, and names its one style sheet by
hash. Every text is escaped.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Final
from urllib.parse import quote

from domain.counted import counted
from domain.units.records import REPEALED, SUSPENDED, DocumentText, UnitText

_DEEPEST: Final = 5  # headings below the document's own
_STATES: Final = {REPEALED: "repealed", SUSPENDED: "suspended"}
STYLE: Final = """
body { max-width: 46rem; margin: 0 auto; padding: 1rem; font: 1rem/1.6 Georgia, serif;
  color: #111; background: #fff; overflow-wrap: anywhere; }
h1 { line-height: 1.2; } h2, h3, h4, h5, h6 { margin: 1.6em 0 .4em; line-height: 1.3; }
p { margin: .3em 0; white-space: pre-wrap; }
.facts, nav { font: .8rem/1.5 system-ui, sans-serif; color: #444; }
nav ol { list-style: none; padding-left: 1.2em; margin: 0; } nav > ol { padding: 0; }
a { color: #00508c; text-decoration: none; } a:hover, a:focus { text-decoration: underline; }
.gone { color: #666; text-decoration: line-through; }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #161616; }
  a { color: #8cc4ff; } .facts, nav { color: #bbb; } .gone { color: #999; } }
@media print { nav { display: none; } body { max-width: none; font-size: 11pt; }
  h2, h3, h4, h5, h6 { break-after: avoid; } }
"""


@cache
def policy() -> str:
    """Content Security Policy, level 3: the one style sheet, and nothing else at all."""
    pinned = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{pinned}'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'none'"
    )


def page_of(document: DocumentText) -> str:
    """The document as one page."""
    return "".join(_pieces(document))


def _pieces(document: DocumentText) -> Iterator[str]:
    title = escape(document.title or document.code)
    meta_policy = policy().partition("; frame-ancestors")[0]  # a meta element may not have that
    yield (
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(meta_policy)}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<main>\n<h1 dir="auto">{title}</h1>\n<p class="facts">{_about(document)}</p>\n'
    )
    depths = _depths(document)
    yield from _contents(document, depths)
    for unit in document.units:
        yield from _unit(unit, depths[unit.address])
    yield "</main>\n</body>\n</html>\n"


def _about(document: DocumentText) -> str:
    day = f"in force on {document.as_of}" if document.as_of else "as it stands"
    facts = [document.code, counted(len(document.units), "unit"), day]
    return escape(" · ".join(facts))


def _depths(document: DocumentText) -> dict[str, int]:
    """How deep each unit stands, from 0."""
    depths: dict[str, int] = {}
    for unit in document.units:
        above = depths.get(unit.parent) if unit.parent else None
        depths[unit.address] = 0 if above is None else min(above + 1, _DEEPEST - 1)
    return depths


def _contents(document: DocumentText, depths: dict[str, int]) -> Iterator[str]:
    yield '<nav aria-label="Contents"><ol>\n'
    at = 0
    for number, unit in enumerate(document.units):
        depth = min(depths[unit.address], at + 1) if number else 0
        yield "<li><ol>" * max(depth - at, 0) + "</ol></li>\n" * max(at - depth, 0)
        at = depth
        yield f'<li><a href="#{quote(_name(unit))}" dir="auto">{escape(unit.title)}</a></li>\n'
    yield "</ol></li>\n" * at + "</ol></nav>\n"


def _unit(unit: UnitText, depth: int) -> Iterator[str]:
    level = depth + 2
    state = _STATES.get(unit.version.state)
    gone = ' class="gone"' if state else ""
    yield (
        f'<section id="{escape(_name(unit))}">\n'
        f'<h{level} dir="auto"{gone}>{escape(unit.title)}</h{level}>\n'
    )
    for line in unit.body.strip().splitlines():
        if line.strip():
            yield f'<p dir="auto">{escape(line)}</p>\n'
    yield f'<p class="facts">{escape(_facts(unit, state))}</p>\n</section>\n'


def _facts(unit: UnitText, state: str | None) -> str:
    version = unit.version
    facts = [unit.address, f"version {version.version_no}"]
    if version.in_force_from:
        facts.append(f"in force from {version.in_force_from}")
    return " · ".join([*facts, *([state] if state else [])])


def _name(unit: UnitText) -> str:
    """The unit's place on the page: its address without the document's code."""
    head, _, steps = unit.address.partition("~")
    component = head.partition("!")[2]
    return f"{component}~{steps}" if component else steps
