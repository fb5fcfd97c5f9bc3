"""The tree over a plan's units: as RFC 6962 has it, and its root in what approvers sign."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.keys.signing import signature_is_valid
from domain.approval.approvals import judge, parse_statement
from domain.approval.request import cut_effect
from domain.errors import ApprovalRefused
from domain.evidence.rules import examine
from domain.phases import Mode
from domain.plan.merkle import audit_path, leaf_hash, root_from, root_hash
from domain.plan.unit_tree import leaves_of, path_of, units_root
from tests.support.approvers import Approvers
from tests.support.evidence import TARGET, made_bundle, made_permit, new_keys
from tests.support.plans import context, made_plan

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
# The test vectors of Certificate Transparency, of which RFC 6962 is the description
# (google/certificate-transparency, merkletree): eight records, and the root over the first n.
RECORDS = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_published_test_vectors(size: int) -> None:
    assert root_hash([leaf_hash(record) for record in RECORDS[:size]]).hex() == ROOTS[size - 1]


@given(st.integers(1, 200), st.data())
def test_each_leaf_leads_to_the_root_from_its_own_place_and_from_no_other(
    size: int, data: st.DataObject
) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    place = data.draw(st.integers(0, size - 1))
    path = audit_path(leaves, place)
    assert root_from(leaves[place], place, size, path) == root_hash(leaves)
    other = data.draw(st.integers(-1, size))
    if other != place:
        assert root_from(leaves[place], other, size, path) != root_hash(leaves)
    assert root_from(leaves[place], place, size, [*path, path[0] if path else b""]) is None
    if path:
        assert root_from(leaves[place], place, size, path[:-1]) is None


def test_a_node_does_not_pass_for_a_leaf() -> None:
    leaves = [leaf_hash(record) for record in RECORDS[:2]]
    node = root_hash(leaves)
    forged = leaf_hash(b"".join(leaves))
    assert forged != node
    assert node == hashlib.sha256(b"\x01" + leaves[0] + leaves[1]).digest()


def test_everything_that_is_written_for_a_unit_is_in_its_leaf() -> None:
    plan = made_plan(3)
    for changed in (
        {"seq": 9},
        {"canonical_address": "test.law~art_99"},
        {"title": "Other"},
        {"body": "Other"},
        {"unit_kind": "section"},
        {"section_type": "annex"},
        {"publication_type": "policy"},
        {"owner_ref": "other"},
        {"parent_ref": "test.law~chp_9"},
    ):
        rows = (*plan.rows[:-1], plan.rows[-1]._replace(**changed))
        assert units_root(dataclasses.replace(plan, rows=rows)) != units_root(plan), changed


def test_a_statement_names_the_root_in_a_format_of_its_own() -> None:
    plan = made_plan(3)
    effect = cut_effect(context(plan, Mode.LIVE), plan)
    assert effect.units_root == units_root(plan)
    [one, other] = Approvers().sign(effect, NOW)
    assert b'"format":"iu-cutter approval 2"' in one.payload
    assert parse_statement(one.payload).units_root == units_root(plan)
    for forged in (b"approval 1", b"approval 3"):
        with pytest.raises(ApprovalRefused, match="another format"):
            parse_statement(other.payload.replace(b"approval 2", forged))


def test_a_statement_that_was_signed_without_a_root_counts_as_it_did() -> None:
    plan, approvers = made_plan(3), Approvers()
    wanted = cut_effect(context(plan, Mode.LIVE), plan)
    older = approvers.sign(dataclasses.replace(wanted, units_root=""), NOW)
    assert b'"format":"iu-cutter approval 1"' in older[0].payload
    assert b"units_root" not in older[0].payload
    judge(older, wanted, approvers.registry(NOW), "operator", NOW, signature_is_valid)


def test_another_root_than_the_plans_authorises_nothing() -> None:
    plan, approvers = made_plan(3), Approvers()
    wanted = cut_effect(context(plan, Mode.LIVE), plan)
    pair = approvers.sign(dataclasses.replace(wanted, units_root="0" * 64), NOW)
    with pytest.raises(ApprovalRefused, match="approves another units root"):
        judge(pair, wanted, approvers.registry(NOW), "operator", NOW, signature_is_valid)


@pytest.mark.parametrize(("root", "outcome"), [("", "holds"), ("0" * 64, "FAILS")])
def test_evidence_holds_without_a_root_and_not_with_a_wrong_one(root: str, outcome: str) -> None:
    keys = new_keys()
    bundle = made_bundle(keys)
    plan = made_plan(3)  # as in the bundle
    permit = made_permit(context(plan, Mode.LIVE, TARGET), plan, keys, units_root=root)
    checks = examine(dataclasses.replace(bundle, permits=(permit,)), signature_is_valid)
    assert {check.name: check.outcome.value for check in checks}["approvals"] == outcome


def test_a_path_is_some_hashes_long_and_no_more() -> None:
    leaves = leaves_of(made_plan(1000))
    assert max(len(path_of(leaves, place)) for place in range(0, len(leaves), 99)) == 11
