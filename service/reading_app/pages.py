"""How the pages look: no script, nothing from elsewhere. Every word that is not ours is escaped,
and shows what it holds.
"""

from __future__ import annotations

from importlib import resources
from typing import Any, Final

from service.reading_app.views import permalink
from service.templates import templates_of

STYLE: Final = (resources.files("service.reading_app") / "style.css").read_text(encoding="utf-8")
_PAGES: Final = templates_of("service.reading_app")
_PAGES.globals["permalink"] = permalink


def page(name: str, **given: Any) -> bytes:
    """A page by the name of its template."""
    return _PAGES.get_template(f"{name}.html.j2").render(**given).encode()
