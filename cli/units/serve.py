"""`cutter serve` and `cutter mcp`: the units over HTTP, and for models."""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec
from typing import Final

from rich.console import Console

from cli.services import home_settings, the_app, without_prefect
from domain.errors import ToolMissing

PORT: Final = 4202
SERVICE: Final = "service.reading_app"


def serve_units(console: Console, port: int) -> None:
    """Serve until Ctrl-C. Raises `OutsideWorld` where the port is taken, and `HomeNotReady`."""
    with without_prefect():
        from service.loopback import serve_on_loopback
        from service.reading_app.app import reading_app
        from tasks.questions.readers import open_desk

        app, url = the_app(), home_settings().reading_address(port)
        with open_desk(app) as desk:
            console.print(
                f"The units are at {url}, for programs at {url}/api/openapi.json; the log says "
                f"when something was asked, and not what.",
                highlight=False,
            )
            _log_to_standard_error()
            serve_on_loopback(reading_app(desk, url), port)


def _log_to_standard_error() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    ours = logging.getLogger(SERVICE)
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    ours.propagate = False


def serve_models(console: Console, port: int | None) -> None:
    """Answer a model's client over standard input and output, or with a port over HTTP, until it
    has gone or Ctrl-C.

    Raises `ToolMissing` without the extra, `OutsideWorld` where the port is taken, and
    `HomeNotReady`.
    """
    if not _has_the_extra():
        raise ToolMissing(
            "`cutter mcp` needs the extra `mcp`, which is not installed; in the clone: `pip "
            "install '.[mcp]'`."
        )
    with without_prefect():
        from service.loopback import LOOPBACK, serve_on_loopback
        from service.mcp_server.server import http_application, mcp_server
        from service.mcp_server.stdio import serve_on_stdio
        from tasks.questions.readers import open_desk

        with open_desk(the_app()) as desk:
            server = mcp_server(desk)
            if port is None:
                serve_on_stdio(server)
                return
            console.print(f"The tools are at http://{LOOPBACK}:{port}/mcp.", highlight=False)
            serve_on_loopback(http_application(server, f"{LOOPBACK}:{port}"), port)


def _has_the_extra() -> bool:
    try:
        return find_spec("mcp") is not None
    except ValueError:  # as of a package that was taken out of this process
        return False
