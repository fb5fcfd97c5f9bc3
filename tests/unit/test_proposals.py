"""Proposals are kept with their reading options, and a name means one of them or lists what it
could mean.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from adapters.home.proposals import FOLDER, keep_proposal, kept_proposals
from domain.errors import BadInput, ConfigMismatch
from domain.reading.options import ReadingOptions
from domain.release.waiting import WaitingRelease
from domain.reports.proposal import Given, Proposal, ProposalStanding, Stage, meant_by, require_one

ONE = Proposal(
    code="vn.91-2015",
    title="The civil code",
    document="/laws/91.docx",
    reading=ReadingOptions(granularity="sub", owner_ref="assembly"),
    attempt=1,
    change_set_id=UUID("eae5f6a6-472d-5262-8670-ce11fcf0bd6f"),
    plan_digest="0" * 64,
    target="knowledge:1@2",
    units=700,
    warnings=2,
    proposed_by="operator",
    proposed_at=datetime(2026, 1, 2, tzinfo=UTC),
)
TWO = replace(ONE, code="vn.92-2015", change_set_id=UUID("0ae5f6a6-472d-5262-8670-ce11fcf0bd6f"))
THREE = replace(ONE, code="vn.91-2015.annex", change_set_id=UUID(int=3))


def test_a_proposal_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    for one in (ONE, TWO):
        keep_proposal(tmp_path, one)
    assert kept_proposals(tmp_path) == [ONE, TWO]
    keep_proposal(tmp_path, replace(ONE, withdrawn="a typing error (operator)"))
    assert len(kept_proposals(tmp_path)) == 2


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"code": "vn"}'])
def test_a_damaged_proposal_is_named(tmp_path: Path, damage: str) -> None:
    path = keep_proposal(tmp_path, ONE)
    path.write_text(damage)
    with pytest.raises(ConfigMismatch, match=f"{FOLDER}/{ONE.code}"):
        kept_proposals(tmp_path)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("vn.91-2015", [ONE]),
        ("92", [TWO]),
        ("91", [ONE, THREE]),
        ("annex", [THREE]),
        (str(TWO.change_set_id), [TWO]),
        ("eae5f6a6", [ONE]),
        ("eae5", []),
        ("de.bgb", []),
    ],
)
def test_what_a_name_means(name: str, found: list[Proposal]) -> None:
    assert meant_by(name, [ONE, TWO, THREE]) == found


def test_an_ambiguous_name_lists_what_it_could_mean() -> None:
    with pytest.raises(BadInput, match=r"could mean vn\.91-2015, vn\.92-2015"):
        require_one("vn.9", [ONE, TWO])
    with pytest.raises(BadInput, match="Nothing is proposed as de"):
        require_one("de", [ONE, TWO])
    assert require_one(ONE.code, [ONE, TWO, THREE]) is ONE


@pytest.mark.parametrize("stage", [Stage.WAITING, Stage.BEGUN, Stage.DONE])
def test_what_comes_next_names_the_code(stage: Stage) -> None:
    assert ONE.code in ProposalStanding(ONE, stage, missing=("SG_1",)).next_step


def test_approvals_that_last_for_days_are_said_with_the_day() -> None:
    end = datetime(2027, 1, 3, 4, 5, tzinfo=UTC)
    given = tuple(Given(gate, who, end) for gate, who in (("SG_1", "Ann"), ("SG_2", "Ben")))
    said = ProposalStanding(ONE, Stage.APPROVED, given).next_step
    assert said == f"Approved: `cutter go {ONE.code}` until 2027-01-03 04:05 UTC."
    release = WaitingRelease(ONE.change_set_id, 3, 12, given, ())
    assert release.next_step == "Approved: `cutter corpus go eae5f6a6` until 2027-01-03 04:05 UTC."
    assert "cutter approve eae5f6a6" in replace(release, missing=("SG_1",)).next_step
