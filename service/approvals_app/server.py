"""Runs the approvers' pages on the loopback."""

from __future__ import annotations

from service.approvals_app.app import approvals_app
from service.loopback import serve_on_loopback
from tasks.app import App


def serve(app: App, url: str, port: int) -> None:
    """Serve until a signal. Raises `ServiceEnded` where the port is taken."""
    serve_on_loopback(approvals_app(app, url), port)
