"""What the doctor found, ordered for a person."""

from __future__ import annotations

import pytest

from domain.ledger.diagnosis import UNMAPPED_FROM, Diagnosis, diagnosis
from domain.ledger.drift import Difference, Severity

FAILS, NOTE = Severity.FAILS, Severity.NOTE
ORIGIN = Difference(NOTE, "schema", "origin", "The schema was not made by this project.")


def missing(number: int) -> list[Difference]:
    names = [f"t{i}" for i in range(number)]
    return [Difference(FAILS, "table", name, f"The table {name} is missing.") for name in names]


def lacking(number: int) -> list[Difference]:
    return [
        Difference(FAILS, "privilege", f"p{i}", f"cutter_exec lacks SELECT on table t{i}.")
        for i in range(number)
    ]


def titles(found: Diagnosis) -> list[str]:
    return [group.remedy.title for group in found.groups]


def test_what_makes_the_rest_meaningless_comes_first() -> None:
    setting = Difference(NOTE, "setting", "fsync", "The setting fsync is off.")
    pooler = Difference(FAILS, "connection", "pooler", "A transaction pooler.")
    halt = Difference(FAILS, "halt", "1", "Everything is halted.")
    found = diagnosis([setting, *lacking(2), *missing(1), pooler, halt], registered=True)
    assert titles(found) == [
        "Halted",
        "The way to the server",
        "Missing objects",
        "Missing privileges",
        "Settings",
    ]
    assert (found.fails, found.notes) == (5, 1)
    assert found.next.startswith("cutter lift")


def test_notes_come_after_everything_that_forbids_a_cut() -> None:
    note = Difference(NOTE, "connection", "pooler", "Something stands between.")
    assert titles(diagnosis([note, *lacking(1)], registered=True)) == [
        "Missing privileges",
        "The way to the server",
    ]


def test_hundreds_of_missing_things_are_one_missing_mapping_and_it_says_so() -> None:
    inherits = Difference(FAILS, "role", "cutter_exec", "The role cutter_exec has inherit on.")
    member = Difference(FAILS, "membership", "m", "cutter_rehearse should be a member.")
    findings = [ORIGIN, *missing(300), *lacking(323), inherits, member]
    found = diagnosis(findings, registered=False)
    assert titles(found) == ["Not a knowledge base that cutter knows"]
    assert "no mapping" in found.groups[0].remedy.do
    assert found.next == "cutter db adopt --plan"
    assert len(found.findings) == len(findings)


def test_a_few_missing_things_or_a_base_of_our_own_are_named_as_they_are() -> None:
    few = diagnosis([ORIGIN, *missing(UNMAPPED_FROM - 1)], registered=False)
    assert titles(few)[0] == "Missing objects"
    ours = diagnosis(missing(300), registered=True)
    assert titles(ours) == ["Missing objects"]


@pytest.mark.parametrize(
    ("lacking", "whose"),
    [(("cutter_exec", "cutter_verify"), "exec"), (("cutter_verify",), "verify")],
)
def test_the_next_command_names_the_principal_that_has_no_key(
    lacking: tuple[str, ...], whose: str
) -> None:
    findings = [Difference(FAILS, "key", name, "No public key.") for name in lacking]
    assert diagnosis(findings, registered=False).next == f"cutter key register {whose}"


@pytest.mark.parametrize(
    ("registered", "command"), [(True, "cutter status"), (False, "cutter doctor --register")]
)
def test_a_healthy_base_has_a_next_command_too(registered: bool, command: str) -> None:
    assert diagnosis([], registered=registered).next == command
