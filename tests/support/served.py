"""An application that a real client or browser asks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


@contextmanager
def served(made_for: Callable[[str], Any], host: str = "127.0.0.1") -> Iterator[str]:
    """What is made for its own address, on a free port and in a thread of its own; the address.

    The port listens before the application does, so that who asks early waits and is not refused.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://{host}:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(made_for(url), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join()
