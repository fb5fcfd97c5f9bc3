"""`cutter verifier`: the verifier as a service of its own, apart from Prefect.

It looks for what waits when somebody asks, and every second. A database that goes away is waited
for. Several at once do no harm: each change set is verified under its document's lock, once.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.files import keep_bytes, read_plain
from adapters.home.target import require_target
from adapters.postgres.apart.waiting import VerifierAtWork
from adapters.postgres.connection.driver import Connection
from adapters.postgres.schema.keys import registered_keys
from domain.errors import ConfigMismatch, CutterError, OutsideWorld, ServiceEnded
from domain.phases import Principal
from service.signals import on_signals
from tasks.app import App

LOOK_EVERY: Final = 1.0
"""Seconds."""
QUIET_FOR: Final = 3.0
"""Seconds without anything to do after which `--once` ends: a run that waits asks every second."""
AGAIN_AFTER: Final = 5.0
"""Seconds after which a database that does not answer is asked again."""
FRESH: Final = timedelta(seconds=30)
BEAT_EVERY: Final = 5.0
FILE_NAME: Final = "verifier.json"

Tell = Callable[[str], None]


def serve(app: App, tell: Tell, *, once: bool = False) -> int:
    """Confirm and verify what waits until SIGINT, SIGTERM or SIGHUP, or with `once` until nothing
    waits any more; how much was taken or refused.

    What is under way is finished before it ends. Raises `ConfigMissing` or `ConfigMismatch` for a
    home without login, key or target; with `once` also `DatabaseUnavailable`.
    """
    if app.settings.verifier_elsewhere:
        raise ConfigMismatch(
            "CUTTER_VERIFIER says that the verifier of this home is elsewhere; run `cutter "
            "verifier` in the home that has the verifier's login and key."
        )
    target = require_target(app.settings.state)
    signer = app.signer(Principal.VERIFY)
    _ = signer.key_id  # a key that is not there is told at once
    at_work = VerifierAtWork(app.connections(target), signer, target, tell)
    beats = _Beats(app.settings.state / FILE_NAME)
    ended, done = threading.Event(), 0
    with on_signals(ended):
        try:
            while not ended.is_set():
                try:
                    done += _session(app, at_work, beats, ended, tell, once=once)
                    if once:
                        break
                except OutsideWorld as lost:
                    if once:
                        raise
                    beats.beat(ready=False)
                    tell(f"{lost} Trying again every {AGAIN_AFTER:.0f} s.")
                    ended.wait(AGAIN_AFTER)
        finally:
            beats.stop()
    return done


def require_answering(state: Path) -> None:
    """Raises `ServiceEnded` unless this home's verifier runs, and reached its database just now."""
    try:
        found = json.loads(read_plain(state / FILE_NAME))
        fresh = datetime.now(UTC) - datetime.fromisoformat(found["at"]) < FRESH
        ready = bool(found["ready"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ServiceEnded("The verifier does not run here; start `cutter verifier`.") from None
    if not fresh:
        raise ServiceEnded(f"The verifier has not been heard of since {found['at']}; start it.")
    if not ready:
        raise ServiceEnded("The verifier runs, and does not reach its database; its log says why.")


def _session(
    app: App,
    at_work: VerifierAtWork,
    beats: _Beats,
    ended: threading.Event,
    tell: Tell,
    *,
    once: bool,
) -> int:
    done = 0
    with closing(at_work.session()) as session:
        _require_registered(app, session)
        tell(f"The verifier is there, as {session.info.user} on {session.info.host}.")
        quiet_since = time.monotonic()
        while not ended.is_set():
            took = at_work.turn(session)
            done += took
            beats.beat(ready=True)
            if at_work.asked(session, LOOK_EVERY) or took:
                quiet_since = time.monotonic()
            if once and time.monotonic() - quiet_since >= QUIET_FOR:
                break
    return done


def _require_registered(app: App, session: Connection) -> None:
    key_id = app.signer(Principal.VERIFY).key_id
    known = [key for key in registered_keys(session) if key.retired_at is None]
    if not any((key.principal, key.key_id) == (Principal.VERIFY.value, key_id) for key in known):
        raise ConfigMismatch(
            f"The verifier's key {key_id[:12]} does not count in this database; have an "
            f"administrator register it: cutter key register verify --public FILE"
        )


class _Beats:
    """Tells `--check` and systemd that the service is there (sd_notify(3))."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: tuple[bool, float] | None = None

    def beat(self, *, ready: bool) -> None:
        """Say so now, unless that was said a moment ago."""
        now = time.monotonic()
        if self._told and self._told[0] == ready and now - self._told[1] < BEAT_EVERY:
            return
        self._told = ready, now
        at = datetime.now(UTC).isoformat()
        content = json.dumps({"pid": os.getpid(), "at": at, "ready": ready})
        with suppress(CutterError):  # a full disk is no reason to verify nothing
            keep_bytes(self._path, content.encode())
        _tell_systemd("READY=1\nWATCHDOG=1" if ready else "WATCHDOG=1")

    def stop(self) -> None:
        """Say that it ends."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        _tell_systemd("STOPPING=1")


def _tell_systemd(state: str) -> None:
    if not (address := os.environ.get("NOTIFY_SOCKET")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        sock.sendall(state.encode())
