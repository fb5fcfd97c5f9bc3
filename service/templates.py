"""How pages of a service are made of templates: every word that is not ours is escaped, and shows
what it holds.
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from domain.reading.hidden_characters import plain


def templates_of(package: str, folder: str = "") -> Environment:
    """The templates in a folder of a package. A name that is not given to one is an error."""
    made = Environment(
        loader=PackageLoader(package, folder),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["commands"] = _commands
    return made


def _commands(sentence: str) -> Markup:
    """A sentence with what stands between grave accents as code.

    >>> _commands("Run `a<b`.")
    Markup('Run <code>a&lt;b</code>.')
    """
    pieces = [escape(plain(piece)) for piece in sentence.split("`")]
    if len(pieces) % 2 == 0:
        return escape(plain(sentence))
    return Markup("").join(
        Markup("<code>%s</code>") % piece if n % 2 else piece for n, piece in enumerate(pieces)
    )


def _shown(value: object) -> object:
    return plain(value) if type(value) is str else value
