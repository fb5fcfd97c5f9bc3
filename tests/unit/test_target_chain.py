"""The statements about targets, as a chain: none can be taken away from among them, exchanged, or
put into another order.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from adapters.keys.signing import signature_is_valid
from domain.approval.approvals import Gate
from domain.approval.dsse import Envelope
from domain.approval.targets import (
    PAYLOAD_TYPE,
    SignedTarget,
    Target,
    statement,
    targets_that_count,
)
from domain.errors import ConfigMismatch
from tests.support.approvers import Approvers

NOW = datetime(2030, 1, 31, tzinfo=UTC)
HERE = "kb:1@2"
APPROVERS = Approvers()
WORDS = [("water", False), ("water", True), ("forest", False), ("water", False), ("forest", True)]
"""What is signed one after the other: a name, and whether it is removed."""


def chain(words: Sequence[tuple[str, bool]] = WORDS, database: str = HERE) -> list[Envelope]:
    signed: list[Envelope] = []
    for minutes, (name, removed) in enumerate(words):
        said = statement(
            database,
            "Ann",
            NOW + timedelta(minutes=minutes),
            Target(name, f"{name}.pdf"),
            signed[-1].digest if signed else None,
            removed=removed,
        )
        signed.append(APPROVERS.keys[Gate.SG_3].envelope(PAYLOAD_TYPE, said))
    return signed


def counting(envelopes: Sequence[Envelope]) -> dict[str, SignedTarget]:
    return targets_that_count(envelopes, HERE, APPROVERS.registry(NOW), signature_is_valid)


def offered(envelopes: Sequence[Envelope]) -> set[str]:
    return {name for name, one in counting(envelopes).items() if one.target}


def test_the_last_word_about_each_name_counts_in_whatever_order_they_are_read() -> None:
    whole = chain()
    assert offered(whole) == offered(whole[::-1]) == {"water"}
    assert [offered(whole[:last]) for last in range(5)] == [
        set(),
        {"water"},
        set(),
        {"forest"},
        {"forest", "water"},
    ]


@pytest.mark.parametrize("place", range(len(WORDS) - 1))
def test_none_can_be_taken_away_from_among_them(place: int) -> None:
    whole = chain()
    with pytest.raises(ConfigMismatch, match="A signed statement about targets is missing"):
        counting(whole[:place] + whole[place + 1 :])


@pytest.mark.parametrize("place", range(1, len(WORDS) - 1))
def test_none_can_be_exchanged_for_another_that_sg_3_has_signed(place: int) -> None:
    """For one of another database, of the same place in another chain, or for a doubled one."""
    whole = chain()
    others = [chain(database="other:1@2")[place], chain([("other", False)] * 5)[place], whole[0]]
    for other in others:
        with pytest.raises(ConfigMismatch, match="is missing"):
            counting([*whole[:place], other, *whole[place + 1 :]])


def test_what_does_not_count_is_no_link() -> None:
    """Else a removal that is damaged, or signed again by a key without SG_3, would stand in."""
    whole = chain()
    damaged = Envelope(PAYLOAD_TYPE, whole[1].payload, whole[1].key_id, bytes(64))
    ben = APPROVERS.keys[Gate.SG_2].envelope(PAYLOAD_TYPE, json.loads(whole[1].payload))
    for stand_in in (damaged, ben):
        with pytest.raises(ConfigMismatch, match="is missing"):
            counting([whole[0], stand_in, *whole[2:]])
    elsewhere = chain([("water", False), ("other", False)] * 3, "other:1@2")
    assert offered([*whole, *elsewhere]) == {"water"}
