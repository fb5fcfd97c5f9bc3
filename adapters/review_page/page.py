"""What every page has: its template's environment, its one style sheet and its policy."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from adapters.review_page.layout import in_groups
from adapters.review_page.visible import inline, plain, text_marks
from domain.counted import counted

LANGUAGES: Final = frozenset(
    {"da", "de", "en", "es", "fi", "fr", "id", "it", "nl", "pl", "pt", "sv", "sw", "vi"}
)
"""Profiles that are named after the language they are for (BCP 47)."""


def content_security_policy() -> str:
    """Nothing may be loaded, run or sent; the one style sheet is named by its hash (Content
    Security Policy Level 3).
    """
    pinned = b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{pinned}'; base-uri 'none'; form-action 'none'"


@cache
def style() -> str:
    """The style sheet of all pages."""
    return (resources.files("adapters.review_page") / "style.css").read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """What templates are rendered in: every string goes through `inline`, and a name that is not
    given is an error.
    """
    made = Environment(
        loader=PackageLoader("adapters.review_page", ""),
        autoescape=True,
        finalize=inline,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "below": _below,
        "commands": _commands,
        "counted": counted,
        "groups": in_groups,
        "marks": text_marks,
        "moment": _moment,
        "plain": plain,
    }
    return made


def lang_of(profile: str) -> Markup:
    """The attribute that says in which language the text is; "" where the profile does not say."""
    return Markup(f' lang="{profile}"') if profile in LANGUAGES else Markup("")  # noqa: S704 -- one of our own words


def _below(address: str, code: str) -> str:
    """An address without the document's code, which all of a document's addresses have in front."""
    return address.removeprefix(code).removeprefix("~")


def _commands(text: str) -> Markup:
    """A sentence with what stands between grave accents as code.

    >>> _commands("Run `a<b`.")
    Markup('Run <code>a&lt;b</code>.')
    """
    pieces = [escape(inline(piece)) for piece in text.split("`")]
    if len(pieces) % 2 == 0:
        return escape(inline(text))
    return Markup("").join(
        Markup("<code>%s</code>") % piece if n % 2 else piece for n, piece in enumerate(pieces)
    )


def _moment(when: datetime) -> str:
    return f"{(when.astimezone(UTC) if when.tzinfo else when):%Y-%m-%d %H:%M:%S} UTC"
