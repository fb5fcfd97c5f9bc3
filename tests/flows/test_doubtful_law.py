"""A doubtful law through the real wiring: refused for a rehearsal, for approval and for a live run
until its doubts are accepted by name, and then cut, with the doubts in everything that is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.home.approvals import keep_approval
from blocks.secrets import register_rehearsal_login
from domain.approval.approvals import parse_statement
from domain.errors import ApprovalRefused, BadInput, DoubtsNotAccepted
from domain.phases import Mode
from domain.switch import SwitchState
from flows.cut import run_cut
from flows.rehearse import run_rehearsal
from tasks.app import production_app
from tasks.records.requests import request_for_cut
from tests.support.knowledge import Knowledge
from tests.support.live import row_hashes, scalar
from tests.support.prefect import arm, set_variable

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

HOLE = ("number-holes",)
TEXT = "The keeper of the lamp shall be liable to the town for any damage that it does.\n"


@pytest.fixture
def knowledge(knowledge: Knowledge) -> Iterator[Knowledge]:
    register_rehearsal_login(knowledge.database.rehearsal_login())
    yield knowledge
    set_variable(None)


@pytest.fixture
def doubtful(tmp_path: Path) -> str:
    """The path of a law that lacks an article."""
    path = tmp_path / "lamps.txt"
    path.write_text("".join(f"Article {n}. Lamps {n}\n{TEXT}\n" for n in (1, 2, 4, 5)), "utf-8")
    return str(path)


def test_a_doubtful_law_is_cut_only_with_its_doubts_accepted(
    knowledge: Knowledge, doubtful: str
) -> None:
    before = row_hashes(knowledge.database)
    change_set = knowledge.dry_run(doubtful).change_set_id
    page = (production_app().settings.runs / str(change_set) / "review.html").read_text("utf-8")
    assert "--accept-doubt number-holes" in page[: page.index("</header>")]

    arm(change_set, SwitchState.REHEARSE)
    with pytest.raises(DoubtsNotAccepted, match="--accept-doubt number-holes"):
        run_rehearsal(doubtful)
    arm(change_set, SwitchState.REHEARSE)
    assert run_rehearsal(doubtful, accepted=HOLE).units == 4

    with pytest.raises(DoubtsNotAccepted):
        request_for_cut(production_app(), doubtful)
    request = request_for_cut(production_app(), doubtful, accepted=HOLE)
    for approval in knowledge.approvers.sign(
        request.effect, datetime.now(UTC), submitter=request.submitter
    ):
        keep_approval(request.state, approval)
    for refused, accepted in (
        (DoubtsNotAccepted, ()),
        (BadInput, (*HOLE, "contents-cut")),
    ):
        arm(change_set)
        with pytest.raises(refused):
            run_cut(doubtful, Mode.LIVE, accepted=accepted)
    assert row_hashes(knowledge.database) == before

    arm(change_set)
    outcome = run_cut(doubtful, Mode.LIVE, accepted=HOLE)
    assert outcome.units == 4
    with knowledge.database.connect() as admin:
        assert scalar(admin, "SELECT status FROM decision_backlog_entry") == "enacted"
        payload = scalar(admin, "SELECT payload FROM cut_approval LIMIT 1")
    assert [doubt.split()[0] for doubt in parse_statement(bytes(payload)).doubts] == list(HOLE)
    [head] = production_app().settings.runs.rglob("plan.json")
    assert [doubt["code"] for doubt in json.loads(head.read_text("utf-8"))["doubts"]] == list(HOLE)


def test_approvals_without_the_doubts_do_not_let_it_by(knowledge: Knowledge, doubtful: str) -> None:
    request = request_for_cut(production_app(), doubtful, accepted=HOLE)
    plain = replace(request.effect, doubts=())
    for approval in knowledge.approvers.sign(plain, datetime.now(UTC), submitter=request.submitter):
        keep_approval(request.state, approval)
    before = row_hashes(knowledge.database)
    arm(request.effect.change_set_id)
    with pytest.raises(ApprovalRefused, match="doubts"):
        run_cut(doubtful, Mode.LIVE, accepted=HOLE)
    assert row_hashes(knowledge.database) == before
