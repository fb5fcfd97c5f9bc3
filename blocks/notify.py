"""Tell people by the notification block `cutter-notify`, of any kind, if there is one."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from typing import Any, Final

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block

from blocks.api import bounded_client

NOTIFY_BLOCK: Final = "cutter-notify"
"""Its name; an administrator makes it, for mail, Slack, a webhook or whatever Prefect has."""
PATIENCE: Final = 20.0
"""Seconds; who does not take a message by then is not told."""

log = logging.getLogger(__name__)


def notify(subject: str, body: str) -> bool:
    """Whether it was told. Raises nothing and takes no longer than `PATIENCE`: no run ends, or
    waits, because somebody could not be told.
    """
    taken = threading.Event()
    sender = threading.Thread(target=_send, args=(subject, body, taken), daemon=True)
    sender.start()
    sender.join(PATIENCE)
    return taken.is_set()


def _send(subject: str, body: str, taken: threading.Event) -> None:
    try:
        block = _block()
        if block is not None:
            _finished(block.notify(body, subject))
            taken.set()
    except Exception as error:  # noqa: BLE001  # a block of any kind raises anything
        log.warning("%s could not tell anybody: %s.", NOTIFY_BLOCK, type(error).__name__)


def _finished(answer: Any) -> Any:
    """What a block's method has answered: called from no loop, some answer and some have to be
    awaited.
    """
    if not inspect.isawaitable(answer):
        return answer

    async def finish() -> Any:
        return await answer

    return asyncio.run(finish())


def _block() -> NotificationBlock | None:
    with bounded_client() as client:
        slugs = [
            one.block_type.slug
            for one in client.read_block_documents(include_secrets=False)
            if one.name == NOTIFY_BLOCK and one.block_type is not None
        ]
    for slug in slugs:
        found = _finished(Block.load(f"{slug}/{NOTIFY_BLOCK}"))
        if isinstance(found, NotificationBlock):
            return found
    return None
