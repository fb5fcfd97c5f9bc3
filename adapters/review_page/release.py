"""Sets a release on a page: one line a document, sorted in several ways without a script, and each
document that was left out, with the reason.

Every way to sort is a table of its own, and the page shows the one that its address names (CSS
`:target`): nothing on it can run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup

from adapters.review_page.layout import in_groups
from adapters.review_page.page import content_security_policy, environment, style
from domain.release.looked import Found, Looked, Shape
from domain.release.manifest import Release


@dataclass(frozen=True, slots=True)
class Line:
    """One document of the release."""

    shape: Shape
    link: Markup

    @property
    def kinds(self) -> str:
        """The unit kinds of the whole text: `12 article, 3 chapter`."""
        return ", ".join(f"{count:,} {kind}" for kind, count in self.shape.kinds)


@dataclass(frozen=True, slots=True)
class View:
    """The lines in one order; the page shows one view at a time."""

    name: str
    words: str
    lines: list[Line]


_Key = Callable[[Shape], Any]
_ORDERS: Final[tuple[tuple[str, str, _Key], ...]] = (
    ("by-units", "number of units", lambda shape: -shape.units),
    ("by-doubts", "doubts and warnings", lambda shape: (-len(shape.doubts), -shape.warnings)),
    ("by-largest", "largest unit", lambda shape: -shape.largest_share),
    ("by-gaps", "text in no unit", lambda shape: -shape.gap_share),
    ("by-code", "code", lambda shape: shape.code),
)
"""The last one is shown where the address names none."""


def render_release(
    release: Release, looked: Sequence[Looked], folder: Path, made_at: datetime
) -> str:
    """The page, for a file in `folder`: links to the documents' own pages are relative to it."""
    lines = [
        Line(one.shape, _link(one.page, folder))
        for one in looked
        if one.found is Found.READY and one.shape
    ]
    return (
        environment()
        .get_template("release.html.j2")
        .render(
            release=release,
            root=in_groups(release.root),
            policy=content_security_policy(),
            style=Markup(style()),  # noqa: S704 -- our own file
            views=[_view(lines, *order) for order in _ORDERS],
            units=sum(line.shape.units for line in lines),
            left_out=[
                (one, _link(one.page, folder)) for one in looked if one.found is not Found.READY
            ],
            made_at=made_at,
        )
    )


def _view(lines: Sequence[Line], name: str, words: str, key: _Key) -> View:
    return View(name, words, sorted(lines, key=lambda line: (key(line.shape), line.shape.code)))


def _link(page: str, folder: Path) -> Markup:
    """A page's address as seen from a folder, with nothing in it that could end an attribute."""
    return Markup(quote(os.path.relpath(page, folder)) if page else "")  # noqa: S704 -- quoted
