"""Waiting for something outside to become so, within a bound."""

from __future__ import annotations

from collections.abc import Callable

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed


def until(true: Callable[[], bool], *, within: float, every: float) -> bool:
    """Whether it came true within so many seconds, asked at once and then every so many.

    >>> until(lambda: True, within=1.0, every=0.1), until(lambda: False, within=0.01, every=0.01)
    (True, False)
    """
    asked = Retrying(
        stop=stop_after_delay(within),
        wait=wait_fixed(every),
        retry=retry_if_result(lambda found: not found),
        retry_error_callback=lambda _last: False,
    )
    return bool(asked(true))
