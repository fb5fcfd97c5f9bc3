"""What approves a release, and what the kill-switch says to the runs of one."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.keys.signing import signature_is_valid
from domain.approval.approvals import parse_envelope
from domain.approval.dsse import canonical_json
from domain.errors import ApprovalRefused
from domain.phases import Kind
from domain.release.approval import (
    Place,
    ReleaseRoot,
    SignedRelease,
    judge_release,
    parse_release_envelope,
    parse_release_statement,
    require_place,
)
from domain.release.covered import CoveredSwitch
from domain.release.manifest import Release, effect_from, leaf_fields, release_of
from domain.switch import SwitchReading, SwitchState, off
from tests.support.approvers import Approvers
from tests.support.many import sign_release
from tests.unit.test_release import effect, release

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def judged(
    signed: list[SignedRelease],
    wanted: ReleaseRoot,
    approvers: Approvers,
    actor: str = "operator",
    at: datetime = NOW,
) -> None:
    judge_release(signed, wanted, approvers.registry(NOW), actor, at, signature_is_valid)


def test_two_people_approve_a_release_and_nothing_else() -> None:
    approvers, root = Approvers(), ReleaseRoot.of(release(5))
    signed = sign_release(approvers, root, NOW)
    judged(signed, root, approvers)
    assert [parse_release_envelope(one.envelope()) for one in signed] == signed
    for other in (
        ReleaseRoot.of(release(4)),
        replace(root, documents=4),
        replace(root, root="a" * 64),
        replace(root, target="another:1@2"),
        replace(root, release_id=uuid.UUID(int=1)),
    ):
        with pytest.raises(ApprovalRefused, match="approves another"):
            judged(signed, other, approvers)
    for actor, at, several in (
        ("somebody", NOW, signed),
        ("operator", NOW + timedelta(hours=2), signed),
        ("operator", NOW, signed[:1]),
        ("operator", NOW, [signed[0], signed[0]]),
        ("operator", NOW, sign_release(approvers, root, NOW, submitter="Ben")),
        ("operator", NOW, sign_release(Approvers(), root, NOW)),
        ("operator", NOW, [replace(signed[0], signature=signed[1].signature), signed[1]]),
    ):
        with pytest.raises(ApprovalRefused):
            judged(several, root, approvers, actor, at)


def test_the_id_of_a_release_is_held_to_its_root() -> None:
    """Both would have signed it; the id that people compare has to be the root's all the same."""
    approvers = Approvers()
    root = replace(ReleaseRoot.of(release(5)), release_id=uuid.UUID(int=9))
    with pytest.raises(ApprovalRefused, match="its root does not make"):
        judged(sign_release(approvers, root, NOW), root, approvers)


def test_an_approval_of_a_release_passes_for_no_other_and_has_one_spelling() -> None:
    (one, _) = sign_release(Approvers(), ReleaseRoot.of(release(2)), NOW)
    with pytest.raises(ApprovalRefused, match="another kind"):
        parse_envelope(one.envelope())
    content = json.loads(one.payload)
    changes: list[Callable[[dict[str, Any]], Any]] = [
        lambda content: content.update(documents="2"),
        lambda content: content.update(documents=True),
        lambda content: content.update(documents=0),
        lambda content: content.update(root="A" * 64),
        lambda content: content.update(nonce="1"),
        lambda content: content.update(approver="An\u200bn"),
        lambda content: content.update(gate="SG_9"),
        lambda content: content.update(format="iu-cutter approval 1"),
        lambda content: content.update(more=1),
        lambda content: content.pop("target"),
    ]
    for change in changes:
        other = dict(content)
        change(other)
        with pytest.raises(ApprovalRefused):
            parse_release_statement(canonical_json(other))
    with pytest.raises(ApprovalRefused):
        parse_release_statement(one.payload + b" ")


def test_a_change_set_has_one_place() -> None:
    whole = release(7)
    root = ReleaseRoot.of(whole)
    places = [Place(root, place, whole.path_of(place)) for place in range(7)]
    for number, one in enumerate(whole.effects):
        for place in places:
            if place.place == number:
                require_place(one, place)
                continue
            with pytest.raises(ApprovalRefused, match="is not the one at place"):
                require_place(one, place)
        with pytest.raises(ApprovalRefused):
            require_place(replace(one, doubts=()), places[number])


def test_a_release_takes_nothing_back() -> None:
    """A revert needs SG_3, which nobody signs for a release."""
    taken = replace(effect(1), kind=Kind.REVERT, base_digest="")
    whole: Release = release_of([taken])
    with pytest.raises(ApprovalRefused, match="a release has no revert"):
        require_place(taken, Place(ReleaseRoot.of(whole), 0, whole.path_of(0)))


def test_a_leaf_says_an_effect_and_back() -> None:
    for number in range(6):
        assert effect_from(leaf_fields(effect(number))) == effect(number)
    fields = list(leaf_fields(effect(1)))
    for at in range(len(fields)):
        with pytest.raises(ValueError, match=r".+"):
            effect_from([*fields[:at], *fields[at + 1 :]])
    with pytest.raises(ValueError, match="not the fields"):
        effect_from([*fields[:3], "01", *fields[4:]])


class Standing:
    """A switch that stands somewhere."""

    def __init__(self, reading: SwitchReading) -> None:
        self.reading = reading

    def read(self) -> SwitchReading:
        return self.reading


def test_a_switch_that_is_armed_for_a_release_covers_its_change_sets_and_nothing_else() -> None:
    whole, mine, other = uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=3)
    until = NOW + timedelta(hours=1)

    def read(armed_for: uuid.UUID, change_set: uuid.UUID) -> SwitchReading:
        armed = SwitchReading(SwitchState.LIVE, "armed", armed_for, until)
        return CoveredSwitch(Standing(armed), whole, {mine}, change_set).read()

    assert read(whole, mine) == SwitchReading(SwitchState.LIVE, "armed", mine, until)
    for armed_for, change_set in ((whole, other), (mine, mine), (other, mine), (other, other)):
        found = read(armed_for, change_set)
        assert (found.state, found.change_set_id) == (SwitchState.OFF, None)
    stands = off("because")
    assert CoveredSwitch(Standing(stands), whole, {mine}, mine).read() == stands
