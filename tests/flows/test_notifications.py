"""People are told once what waits, is declined, expires and is done, and no run depends on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock

from adapters.home.approvals import keep_decline
from blocks import notify as notify_module
from blocks.in_process import in_process
from blocks.notify import NOTIFY_BLOCK
from cli.proposals.go import go_command
from cli.terminal import SafeConsole
from domain.approval.approvals import Gate
from flows.status_check import status_check
from tasks.app import production_app
from tasks.records.proposals import decline_statement
from tests.flows.test_proposals import approve, propose, the_proposal
from tests.flows.test_watch import artifact
from tests.support.knowledge import Knowledge
from tests.support.webhook import Webhook, listening_webhook

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


def saved(url: str) -> None:
    block = CustomWebhookNotificationBlock(
        name="on call", url=url, json_data={"subject": "{{subject}}", "body": "{{body}}"}
    )
    block.save(NOTIFY_BLOCK, overwrite=True)


@pytest.fixture
def webhook(api: str) -> Iterator[Webhook]:
    """A real receiver behind a block of the agreed name."""
    with listening_webhook() as listening:
        saved(listening.url)
        yield listening
        CustomWebhookNotificationBlock.delete(NOTIFY_BLOCK)


def watched() -> int:
    with in_process():
        return int(status_check())


def test_each_thing_is_told_once(knowledge: Knowledge, law: str, webhook: Webhook) -> None:
    assert watched() == 0
    propose(law)
    watched()
    watched()
    (waits,) = webhook.posted
    assert waits["subject"] == "cutter: test-law waits for approval"
    assert "`cutter approve test-law --key KEY`" in waits["body"]
    assert "Waits for SG_1 and SG_2" in artifact("cut-inbox")

    app, ann = production_app(), knowledge.approvers.keys[Gate.SG_1]
    no = decline_statement(app, the_proposal(knowledge), ann.key_id, "Article 2 is the old one")
    path = keep_decline(knowledge.home / "state", ann.decline(no))
    watched()
    assert webhook.posted[-1]["subject"] == "cutter: test-law was declined"
    assert "Article 2 is the old one" in webhook.posted[-1]["body"]

    path.unlink()
    approve(knowledge, "test-law", hours=0.4)
    watched()
    expiring = [one["body"] for one in webhook.posted if "about to expire" in one["subject"]]
    assert [body.split()[0] for body in expiring] == ["SG_1", "SG_2"]

    go_command(SafeConsole(), "test-law", reason=None, minutes=5, actor=None, as_json=False)
    watched()
    watched()
    assert webhook.posted[-1]["subject"] == "cutter: test-law is done"
    assert len(webhook.posted) == 5


def test_a_receiver_that_is_gone_or_hangs_stops_nothing_and_is_told_later(
    knowledge: Knowledge, law: str, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening_webhook() as gone:
        saved(gone.url)
    propose(law)
    assert watched() == 0
    with listening_webhook() as back:
        saved(back.url)
        assert watched() == 0
        assert [one["subject"] for one in back.posted] == ["cutter: test-law waits for approval"]
    CustomWebhookNotificationBlock.delete(NOTIFY_BLOCK)
    monkeypatch.setattr(notify_module, "PATIENCE", 0.0)
    assert not notify_module.notify("to nobody", "at all")


def test_without_the_block_nothing_is_told_and_nothing_fails(
    knowledge: Knowledge, law: str
) -> None:
    propose(law)
    assert watched() == 0
    assert "Waits for SG_1 and SG_2" in artifact("cut-inbox")
