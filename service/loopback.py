"""Serves an application on the loopback, and nowhere else."""

from __future__ import annotations

import socket
from typing import Any, Final

import uvicorn

from domain.errors import ServiceEnded

LOOPBACK: Final = "127.0.0.1"


def serve_on_loopback(application: Any, port: int) -> None:
    """Serve until a signal, with no log of what is asked. Raises `ServiceEnded` where the port is
    taken.
    """
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Inherited by each connection: an answer's text does not wait for its head to be confirmed.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            listening.bind((LOOPBACK, port))
        except OSError as error:
            raise ServiceEnded(
                f"Port {port} of {LOOPBACK} can not be had: {error.strerror}; name another with "
                f"--port."
            ) from None
        config = uvicorn.Config(
            application, log_level="warning", access_log=False, server_header=False
        )
        uvicorn.Server(config).run(sockets=[listening])
