"""How pages of a service are made of templates: every word that is not ours is escaped, and shows
what it holds.
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.reading.hidden_characters import plain


def templates_of(package: str, folder: str = "") -> Environment:
    """The templates in a folder of a package. A name that is not given to one is an error."""
    return Environment(
        loader=PackageLoader(package, folder),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: object) -> object:
    return plain(value) if type(value) is str else value
