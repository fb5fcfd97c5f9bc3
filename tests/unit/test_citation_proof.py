"""A citation that proves itself: what holds is accepted by the program that has no cutter, and
nothing else is.
"""

from __future__ import annotations

import ast
import base64
import copy
import dataclasses
import hashlib
import importlib.util
import json
import operator
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.keys.signing import signature_is_valid
from domain.approval.approvals import Gate
from domain.approval.passkeys import challenge_for
from domain.errors import BadInput, DatabaseUnsuitable
from domain.evidence.bundle import Bundle, Outcome
from domain.evidence.citation import FORMAT, FORMAT_IN_RELEASE, citation_of, proof_text
from domain.evidence.rules import examine
from domain.ledger.signed import pre_authentication_encoding
from domain.phases import Kind, Mode
from domain.plan.cut_plan import CutPlan
from domain.release.approval import ReleaseRoot
from tests.support.evidence import (
    TARGET,
    Keys,
    in_release,
    made_bundle,
    made_permit,
    new_keys,
    signed_approval,
)
from tests.support.passkeys import HAS_KEY, THERE, PasskeySigner, SoftPasskey
from tests.support.plans import context

PROGRAM = Path(__file__).parents[2] / "docs" / "verify_citation.py"
MUTATIONS = 10_000
FEW = 500
OLD = Path(__file__).parent / "proofs"


def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_citation", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LOADED = program()
VERIFY: Callable[[str, set[str]], str] = LOADED.verify


@dataclasses.dataclass(frozen=True)
class Case:
    keys: Keys
    units: int = 7
    released: bool = False

    @staticmethod
    def of(name: str) -> Case:
        """Approved alone, in a release, or by a passkey of each algorithm."""
        keys = new_keys()
        if name == "by passkeys":
            ed25519 = PasskeySigner(SoftPasskey(Ed25519PrivateKey.generate()))
            keys = replace(keys, authoriser=PasskeySigner(), releaser=ed25519)  # type: ignore[arg-type]
        return Case(keys, released=name == "in a release")

    @property
    def known(self) -> set[str]:
        keys = self.keys
        signers = (keys.executor, keys.verifier, keys.authoriser, keys.releaser)
        return {signer.key_id for signer in signers}

    def proof(self, address: str = "test.law~art_3") -> dict[str, Any]:
        return citation_of(self.bundle(), address)

    def bundle(self) -> Bundle:
        made = made_bundle(self.keys, self.units)
        return in_release(made, self.keys) if self.released else made


@pytest.fixture(scope="module", params=["alone", "in a release", "by passkeys"])
def case(request: pytest.FixtureRequest) -> Case:
    return Case.of(request.param)


def written(proof: dict[str, Any]) -> str:
    return proof_text(proof)


def holds(text: str, known: set[str]) -> bool:
    try:
        VERIFY(text, known)
    except Exception:  # noqa: BLE001  # whatever it says, it does not hold
        return False
    return True


@pytest.mark.parametrize("units", [1, 2, 3, 8, 25])
def test_every_unit_of_a_run_is_proved(units: int) -> None:
    case = Case(new_keys(), units)
    for row in made_bundle(case.keys, units).plan.rows:  # type: ignore[union-attr]
        said = VERIFY(written(case.proof(row.canonical_address)), case.known)
        assert said.startswith(f"{row.canonical_address} is what Ann Lee and Ben Oak approved")


@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 4), (2, 0), (5, 7)])
def test_a_unit_of_a_release_is_proved_by_one_step_more(before: int, after: int) -> None:
    case = Case(new_keys())
    bundle = in_release(made_bundle(case.keys, 3), case.keys, before, after)
    assert {check.outcome for check in examine(bundle, signature_is_valid)} == {Outcome.HOLDS}
    for row in bundle.plan.rows:  # type: ignore[union-attr]
        proof = citation_of(bundle, row.canonical_address)
        assert proof["format"] == FORMAT_IN_RELEASE
        assert holds(written(proof), case.known)


def test_a_release_and_an_approval_of_one_run_do_not_pass_for_each_other() -> None:
    alone = Case(new_keys())
    released = Case(alone.keys, released=True)
    one, other = alone.proof(), released.proof()
    assert not holds(written(one | {"format": FORMAT_IN_RELEASE}), alone.known)
    assert not holds(written(other | {"format": FORMAT}), alone.known)
    assert not holds(written(one | {"release": other["release"]}), alone.known)
    swapped = other | {"approvals": one["approvals"]}
    assert not holds(written(swapped), alone.known)
    elsewhere = citation_of(
        in_release(made_bundle(alone.keys, 7), alone.keys, 4, 1), "test.law~art_3"
    )
    assert holds(written(elsewhere), alone.known)
    assert not holds(written(other | {"release": elsewhere["release"]}), alone.known)


@pytest.mark.parametrize(("before", "after"), [(0, 0), (1, 2), (2, 1), (6, 0)])
def test_a_place_in_a_release_has_one_number(before: int, after: int) -> None:
    case = Case(new_keys())
    proof = citation_of(in_release(case.bundle(), case.keys, before, after), "test.law~art_3")
    place, leaf, path = proof["release"]
    for number in range(-40, 40):
        for spelled in (str(number), f"0{number}", f" {number}"):
            said = proof | {"release": [spelled, leaf, path]}
            assert holds(written(said), case.known) is (spelled == place), spelled


def signed_otherwise(
    case: Case, proof: dict[str, Any], told: Callable[[ReleaseRoot], ReleaseRoot]
) -> dict[str, Any]:
    """The proof with approvals of both over what `told` makes of the root of its release."""
    (permit,) = in_release(case.bundle(), case.keys, 0, 0, told).permits
    return proof | {"approvals": [approval.envelope for approval in permit.approvals]}


def test_a_release_for_another_database_or_of_another_count_proves_nothing_here() -> None:
    case = Case(new_keys())
    proof = citation_of(in_release(case.bundle(), case.keys, 0, 0), "test.law~art_3")
    assert holds(written(signed_otherwise(case, proof, lambda root: root)), case.known)

    elsewhere = signed_otherwise(case, proof, lambda root: replace(root, target="another@1/2"))
    assert not holds(written(elsewhere), case.known), "its leaf says another target"

    place, (form, _count, *run), path = proof["release"]
    for leaf in ([form, "2", *run], ["iu-cutter release 9", "1", *run]):
        root_of_it = hashlib.sha256(f"\0{chr(31).join(leaf)}".encode()).hexdigest()
        told = partial(replace, root=root_of_it)
        forged = signed_otherwise(case, proof | {"release": [place, leaf, path]}, told)
        assert not holds(written(forged), case.known), "its leaf says another release"


@pytest.mark.parametrize(
    "spoiled",
    [
        PasskeySigner(client={"type": "webauthn.create"}),
        PasskeySigner(client={"challenge": challenge_for(b"another statement")}),
        PasskeySigner(client={"origin": "https://elsewhere.example"}),
        PasskeySigner(client={"crossOrigin": True}),
        PasskeySigner(client={"topOrigin": "https://elsewhere.example"}),
        PasskeySigner(flags=0x01),
        PasskeySigner(flags=0x04),
        PasskeySigner(flags=THERE | HAS_KEY),
        PasskeySigner(flags=THERE | 0x80),
        PasskeySigner(rp_id="elsewhere.example"),
        PasskeySigner(more=b"an extension"),
    ],
    ids=[
        "made to register",
        "another challenge",
        "another origin",
        "in a page of another",
        "below another",
        "not verified",
        "not there",
        "with a key",
        "with extensions",
        "another site",
        "more than asked",
    ],
)
def test_a_passkey_that_was_asked_otherwise_proves_nothing(spoiled: PasskeySigner) -> None:
    sound = Case(replace(new_keys(), authoriser=PasskeySigner()))  # type: ignore[arg-type]
    case = Case(replace(sound.keys, authoriser=spoiled))  # type: ignore[arg-type]
    assert holds(written(sound.proof()), sound.known)
    assert not holds(written(case.proof()), case.known)


@pytest.mark.parametrize(
    ("gates", "people", "changed", "counts"),
    [
        (("SG_1", "SG_2"), ("Ann Lee", "Ben Oak"), {}, True),
        (("SG_2", "SG_1"), ("Ann Lee", "Ben Oak"), {}, True),
        (("SG_1", "SG_1"), ("Ann Lee", "Ben Oak"), {}, False),
        (("SG_3", "SG_2"), ("Ann Lee", "Ben Oak"), {}, False),
        (("SG_1", "SG_2"), ("Ann Lee", "Ann Lee"), {}, False),
        (("SG_1", "SG_2"), ("Ann Lee", "Ben Oak"), {"kind": Kind.REVERT}, False),
        (("SG_1", "SG_2"), ("Ann Lee", "Ben Oak"), {"attempt": 2}, False),
    ],
)
def test_two_people_approve_one_run_at_its_two_gates(
    gates: tuple[str, str], people: tuple[str, str], changed: dict[str, Any], counts: bool
) -> None:
    case = Case(new_keys())
    bundle = case.bundle()
    assert isinstance(bundle.plan, CutPlan)
    run = (context(bundle.plan, Mode.LIVE, TARGET), bundle.plan)
    signers = (case.keys.authoriser, case.keys.releaser)
    signed = [
        signed_approval(*run, Gate(gate), person, signer, **changed).envelope
        for gate, person, signer in zip(gates, people, signers, strict=True)
    ]
    proof = citation_of(bundle, "test.law~art_3") | {"approvals": signed}
    assert holds(written(proof), case.known) is counts


@pytest.mark.parametrize("one", ["verifier", "authoriser", "releaser"])
def test_a_key_signs_once(one: str) -> None:
    keys = new_keys()
    assert holds(written(Case(keys).proof()), Case(keys).known)
    shared = Case(replace(keys, **{one: keys.executor}))
    assert not holds(written(shared.proof()), shared.known)


def test_fields_that_are_joined_to_one_are_not_the_same_record(case: Case) -> None:
    """A leaf is hashed as its fields joined, so the hash alone does not say where each ends."""
    proof = case.proof()
    leaves = [("leaf",), *([("release", 1)] if case.released else [])]
    for where in leaves:
        fields = value_at(proof, where)
        for at in range(len(fields) - 1):
            again: Any = copy.deepcopy(proof)
            holder = value_at(again, where)
            holder[at : at + 2] = ["\x1f".join(holder[at : at + 2])]
            assert not holds(written(again), case.known), (where, at)


@pytest.mark.parametrize(("form", "counts"), [("iu-cutter unit 1", True), ("another", False)])
def test_a_root_over_leaves_of_another_form_proves_no_unit(form: str, counts: bool) -> None:
    """Both approvers have signed it: what its fields mean is not what this program reads."""
    case = Case(new_keys())
    bundle = case.bundle()
    assert isinstance(bundle.plan, CutPlan)
    proof = case.proof()
    leaf = [form, *proof["leaf"][1:]]
    units_root = LOADED.root(leaf, leaf[1], len(bundle.plan.rows), proof["path"])
    run = (context(bundle.plan, Mode.LIVE, TARGET), bundle.plan)
    signed = [
        signed_approval(*run, gate, person, signer, units_root=units_root).envelope
        for gate, person, signer in (
            (Gate.SG_1, "Ann Lee", case.keys.authoriser),
            (Gate.SG_2, "Ben Oak", case.keys.releaser),
        )
    ]
    assert holds(written(proof | {"leaf": leaf, "approvals": signed}), case.known) is counts


@pytest.mark.parametrize("at", [0, 1, 5, 6, 7, 8, 9])
def test_a_record_of_another_run_that_both_principals_signed_proves_nothing(
    case: Case, at: int
) -> None:
    """They may sign what nobody has approved; it is not what the approvers' root is for."""
    keys, proof = case.keys, case.proof()
    assert holds(written(with_record(keys, proof, proof["record"])), case.known)
    other = "7" if at in {8, 9} else "another"
    record = [*proof["record"][:at], other, *proof["record"][at + 1 :]]
    forged = with_record(keys, proof, record)
    forged |= {"change_set": record[1], "target": record[7]}
    assert not holds(written(forged), case.known)


def with_record(keys: Keys, proof: dict[str, Any], record: list[str]) -> dict[str, Any]:
    """The proof with another record, signed by both principals as they sign."""
    kind, *rest = record
    message = pre_authentication_encoding(kind.encode(), rest)
    signature = keys.executor.sign(message)
    seen = (message.hex(), signature.hex(), proof["source"])
    verified = keys.verifier.sign(pre_authentication_encoding(b"iu-cutter verification v1", seen))
    halves = {"executor": signature, "verifier": verified}
    named = {name: [proof[name][0], base64.b64encode(one).decode()] for name, one in halves.items()}
    return proof | named | {"record": record}


def test_two_approvals_of_different_runs_prove_nothing() -> None:
    case = Case(new_keys())
    one, other = case.proof(), Case(case.keys, 9).proof()
    for two in ([0, 1], [1, 0]):
        mixed = [(one, other)[which]["approvals"][gate] for gate, which in enumerate(two)]
        assert not holds(written(one | {"approvals": mixed}), case.known)


@pytest.mark.parametrize("file", sorted(OLD.glob("*.json")), ids=lambda file: file.stem)
def test_a_proof_that_was_made_once_holds_for_ever(file: Path) -> None:
    """They were printed by the version that first had their format, and are never made anew."""
    kept = json.loads(file.read_text())
    assert holds(kept["proof"], set(kept["keys"]))


def test_the_program_runs_by_itself(case: Case, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    file.write_text(written(case.proof()), encoding="utf-8")
    command = [sys.executable, "-I", "-O", str(PROGRAM), str(file), *case.known]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    fewer = subprocess.run(command[:-1], capture_output=True, text=True, check=False)
    assert fewer.returncode == 1
    assert "signed by a key that you did not name" in fewer.stderr
    none = subprocess.run(command[:5], capture_output=True, text=True, check=False)
    assert (none.returncode, none.stdout) == (1, "")
    assert "PROOF.json KEY KEY KEY KEY" in none.stderr
    file.write_text(written(case.proof() | {"body": "Another text.\n"}), encoding="utf-8")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_the_program_is_short_and_needs_nothing_but_cryptography() -> None:
    text = PROGRAM.read_text()
    assert len([line for line in text.splitlines() if line.strip()]) < 80
    imported = {
        name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
        if name
    }
    outside = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names
    assert outside == {"cryptography"}
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assert)]


@pytest.mark.parametrize("missing", range(4))
def test_a_key_that_nobody_has_named_proves_nothing(case: Case, missing: int) -> None:
    known = sorted(case.known)
    assert not holds(written(case.proof()), {*known[:missing], *known[missing + 1 :]})


def test_a_proof_of_one_unit_with_the_text_of_another_is_refused(case: Case) -> None:
    bundle = case.bundle()
    one, other = (citation_of(bundle, f"test.law~art_{number}") for number in (1, 2))
    for name in one:
        if one[name] != other[name]:
            assert not holds(written(one | {name: other[name]}), case.known), name


def test_a_proof_of_another_run_with_the_same_keys_lends_nothing(case: Case) -> None:
    one, other = (
        case.proof("test.law~art_3"),
        Case(case.keys, 9, case.released).proof("test.law~art_3"),
    )
    assert holds(written(other), case.known)
    for name in one:
        if one[name] != other[name]:
            assert not holds(written(one | {name: other[name]}), case.known), name


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a text stands in a proof."""
    if isinstance(value, str):
        return [path]
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    return [found for key, one in inside for found in places(one, (*path, key))]


def value_at(proof: Any, path: tuple[Any, ...]) -> Any:
    """What stands at a place in a proof."""
    return reduce(operator.getitem, path, proof)


def other_text(text: str, chance: random.Random) -> str:
    """A text with one small thing changed, in one of the ways in which texts are changed."""
    at = chance.randrange(len(text) + 1)
    ways: list[Callable[[], str]] = [
        lambda: text[:at] + chance.choice("0aA=+/ \n\x1f\u200b") + text[at:],
        lambda: text[:at] + text[at + 1 :],
        lambda: text[:at] + chr(ord((text + "x")[at]) ^ 1) + text[at + 1 :],
        text.upper,
        text.swapcase,
        lambda: text + text[-1:],
        lambda: "",
        lambda: text[::-1],
    ]
    return chance.choice(ways)()


def mutated(proof: dict[str, Any], chance: random.Random) -> str:
    """The proof with one thing changed: a text in it, its shape, or a byte of how it is written."""
    text = written(proof)
    way = chance.randrange(4)
    if way == 0:  # any character of the file
        at = chance.randrange(len(text))
        return (
            text[:at] + chance.choice(["", chr(ord(text[at]) ^ 1), text[at] * 2]) + text[at + 1 :]
        )
    again = copy.deepcopy(proof)
    if way == 1:  # an item more, less, or in another place
        lists = [one for one in again.values() if isinstance(one, list)]
        lists += [one for one in again.get("release", []) if isinstance(one, list)]
        items = chance.choice(lists)
        at = chance.randrange(len(items)) if items else 0
        chance.choice(
            [lambda: items.insert(at, "0"), lambda: items and items.pop(at), items.reverse]
        )()
        if chance.random() < 0.2:
            again[chance.choice(["more", "title ", "Format"])] = ""
        return written(again)
    path = chance.choice(places(again))
    holder: Any = again
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = other_text(holder[path[-1]], chance)
    return written(again)


@pytest.mark.parametrize(
    "mutations", [FEW, pytest.param(MUTATIONS, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_of_ten_thousand_changed_proofs_none_is_accepted(case: Case, mutations: int) -> None:
    proof = case.proof()
    original, chance = written(proof), random.Random(6962)  # noqa: S311  # the same each time
    tried = 0
    while tried < mutations:
        changed = mutated(proof, chance)
        if changed != original:
            tried += 1
            assert not holds(changed, case.known), changed


def test_every_field_counts(case: Case) -> None:
    """Each text of a proof, also within what the approvers have signed."""
    proof = case.proof()
    for path in places(proof):
        for new in ("x", "", "0" * 64):
            again: Any = copy.deepcopy(proof)
            holder = again
            for key in path[:-1]:
                holder = holder[key]
            if holder[path[-1]] != new:
                holder[path[-1]] = new
                assert not holds(written(again), case.known), path


def test_a_proof_has_one_spelling_and_nothing_more_in_it(case: Case) -> None:
    proof = case.proof()
    assert holds(written(proof), case.known)
    backwards = dict(sorted(proof.items(), reverse=True))
    for spelled in (json.dumps(proof, sort_keys=True) + "\n", written(proof).strip()):
        assert not holds(spelled, case.known)
    assert not holds(json.dumps(backwards, separators=(",", ":")) + "\n", case.known)
    assert not holds(written(proof | {"more": ""}), case.known)


def test_two_spellings_of_one_base64_are_not_both_accepted(case: Case) -> None:
    proof = case.proof()
    key = proof["executor"][0]
    assert base64.b64decode(key[:-2] + chr(ord(key[-2]) + 1) + "=") == base64.b64decode(key)
    proof["executor"][0] = key[:-2] + chr(ord(key[-2]) + 1) + "="
    assert not holds(written(proof), case.known)


def test_what_is_not_finished_or_not_there_has_no_proof(case: Case) -> None:
    bundle = made_bundle(case.keys)
    with pytest.raises(BadInput, match="has not written"):
        citation_of(bundle, "test.law~art_99")
    assert bundle.change_set is not None
    torn = dataclasses.replace(
        bundle, change_set=dataclasses.replace(bundle.change_set, status="cut_applied")
    )
    with pytest.raises(BadInput, match="not finished"):
        citation_of(torn, "test.law~art_1")


def test_a_run_that_was_approved_without_a_root_says_so() -> None:
    case = Case(new_keys())
    bundle = made_bundle(case.keys)
    assert isinstance(bundle.plan, CutPlan)
    ctx = context(bundle.plan, Mode.LIVE, TARGET)
    permit = made_permit(ctx, bundle.plan, case.keys, units_root="")
    with pytest.raises(DatabaseUnsuitable, match="before statements named the root"):
        citation_of(dataclasses.replace(bundle, permits=(permit,)), "test.law~art_1")


def test_the_proof_is_small(case: Case) -> None:
    proof = Case(case.keys, 2500, case.released).proof("test.law~art_1234")
    assert len(written(proof)) < 10_000
    assert json.loads(written(proof))["path"]
    assert hashlib.sha256(proof["body"].encode()).hexdigest() in proof["leaf"]
