"""How the pages look. Every word that is not ours is escaped, and shows what it holds."""

from __future__ import annotations

from importlib import resources
from typing import Any, Final

from fastapi.responses import HTMLResponse

from service.templates import templates_of

POLICY: Final = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
WITH_SCRIPT: Final = {"Content-Security-Policy": f"{POLICY}; script-src 'self'"}
"""Of the two pages that ask a passkey: browsers offer that to scripts only."""
_SITE: Final = resources.files("service.approvals_app") / "site"
STYLE: Final = (_SITE / "style.css").read_text(encoding="utf-8")
SCRIPT: Final = (_SITE / "passkey.js").read_text(encoding="utf-8")
_PAGES: Final = templates_of("service.approvals_app", "site")


def page(name: str, *, status: int = 200, script: bool = False, **given: Any) -> HTMLResponse:
    """A page by the name of its template; `script` lets it load ours."""
    text = _PAGES.get_template(f"{name}.html.j2").render(**given)
    return HTMLResponse(text, status, headers=WITH_SCRIPT if script else None)
