"""Two homes on one database: what one has done the other sees, neither does it twice, and each goes
on after the other.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.home.approvals import keep_approval
from adapters.home.layout import ENV_FILE, make_home, owner_of_home, set_values
from adapters.home.target import register_target, registered_target
from domain.approval.approvals import Gate
from domain.phases import Mode
from flows.cut import run_cut
from flows.revert import run_revert
from tasks.app import production_app
from tasks.records.evidence import audit
from tasks.records.knowledge_base import status
from tasks.records.requests import request_for_revert
from tests.support.knowledge import Knowledge
from tests.support.live import row_hashes, scalar
from tests.support.prefect import arm

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


@pytest.fixture
def other(knowledge: Knowledge, tmp_path: Path) -> Path:
    """Another home, with the same database registered."""
    home = tmp_path / "other-home"
    make_home(home, owner_of_home(None))
    set_values(home / ENV_FILE, {"CUTTER_BLOCKS": "cutter"})
    target = registered_target(knowledge.home / "state")
    assert target is not None
    register_target(home / "state", target)
    return home


def test_what_one_home_has_done_the_other_replays_takes_back_and_cuts_again(
    knowledge: Knowledge, law: str, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = knowledge.live_run(law).change_set_id
    written = row_hashes(knowledge.database)
    with monkeypatch.context() as patch:
        patch.setenv("CUTTER_HOME", str(other))
        arm(cut)
        again = run_cut(law, Mode.LIVE)
        assert all(phase.replayed for phase in again.phases)
        assert row_hashes(knowledge.database) == written
        request = request_for_revert(production_app(), str(cut))
        for gate in (Gate.SG_3, Gate.SG_2):
            signed = knowledge.approvers.sign_one(
                request.effect, gate, datetime.now(UTC), submitter=request.submitter
            )
            keep_approval(request.state, signed)
        arm(request.effect.change_set_id)
        run_revert(str(cut), Mode.LIVE)
        assert audit(production_app()).findings == ()
    assert {one.status for one in status(production_app())} == {"reverted", "enacted"}
    assert audit(production_app()).findings == ()
    assert knowledge.live_run(law, attempt=2).phases
    with knowledge.database.connect() as admin:
        living = "SELECT count(*) FROM information_unit WHERE lifecycle = 'enacted'"
        assert scalar(admin, living) == written["public.information_unit"][0]
    monkeypatch.setenv("CUTTER_HOME", str(other))
    assert audit(production_app()).findings == ()
