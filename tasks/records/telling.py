"""Tell people what has become of proposals, each thing once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.home.told import keep_told, told
from domain.reports.notice import notices
from domain.reports.proposal import ProposalStanding
from tasks.app import App

Tell = Callable[[str, str], bool]
"""Subject and body; whether somebody was told."""


def tell_news(app: App, standings: Sequence[ProposalStanding], tell: Tell) -> int:
    """Tell what was not told yet, and how many notices that were.

    What could not be told is tried again the next time. What was done before anybody was ever told
    anything is no news. Raises `BadInput` if the home can not be written.
    """
    found, state = notices(standings, app.clock()), app.settings.state
    before = told(state)
    if before is None:
        before = frozenset(one.key for one in found if " done " in one.key)
    news = [one for one in found if one.key not in before]
    now_told = {one.key for one in news if tell(one.subject, one.body)}
    keep_told(state, (before & {one.key for one in found}) | now_told)
    return len(now_told)
