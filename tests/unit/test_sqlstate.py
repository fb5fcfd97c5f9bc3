"""What each code of the server means: one test a code, and whatever is not in the table stops."""

from __future__ import annotations

from functools import partial

import psycopg
import pytest
from psycopg import errors

from adapters.postgres.connection.errors import REFUSALS, error_for, translated
from adapters.postgres.connection.sqlstate import HINTS, NO_PERMIT, TABLE, Action, classify, explain
from domain.errors import (
    AppendOnlyViolation,
    DatabaseUnsuitable,
    Lock,
    PhaseStop,
    PrincipalCapabilityError,
    ProductionExecutionNotAuthorized,
)

RETRY = {"40001", "40P01", "55P03", "53300", "57P03"}
LOST = {
    *(
        "57P01",
        "57P02",
        "57P05",
        "08000",
        "08001",
        "08003",
        "08004",
        "08006",
        "08007",
        "08P01",
        "25P03",
        "25P04",
        "40003",
    ),
}
STOP = {
    *(
        "42501",
        "25006",
        "25P02",
        "22023",
        "23502",
        "23503",
        "23514",
        "42883",
        "42P01",
        "28000",
        "28P01",
        "3D000",
        "53100",
    ),
    *("53200", "57014", "IU001", "IU002", "IU003", "IU004", "IU005", "IU006"),
}
UNKNOWN = ["XX000", "XX001", "22001", "2D000", "0A000", "57P04", "42703", "ZZ999", "00000"]


class Coded(psycopg.Error):
    """An error with a code of the test's choice, whether or not the driver has a class for it."""

    def __init__(self, code: str | None) -> None:
        super().__init__("the server's words, with a secret: hunter2")
        self.sqlstate = code


@pytest.mark.parametrize("code", sorted(RETRY))
def test_passing_trouble_is_retried(code: str) -> None:
    assert classify(Coded(code), connection_broken=False) is Action.RETRY


@pytest.mark.parametrize("code", sorted(LOST))
def test_a_lost_connection_is_settled_and_not_a_failure(code: str) -> None:
    assert classify(Coded(code), connection_broken=True) is Action.LOST


@pytest.mark.parametrize("code", sorted(STOP))
def test_what_will_not_pass_stops(code: str) -> None:
    assert classify(Coded(code), connection_broken=False) is Action.STOP


@pytest.mark.parametrize("code", UNKNOWN)
def test_the_unknown_stops(code: str) -> None:
    assert code not in TABLE
    assert classify(Coded(code), connection_broken=False) is Action.STOP


def test_a_unique_violation_stops_unless_it_is_our_own_key() -> None:
    assert TABLE["23505"] is Action.RESUME
    assert classify(errors.UniqueViolation("x"), connection_broken=False) is Action.STOP


def test_no_code_is_a_lost_connection_only_if_the_connection_is_broken() -> None:
    assert classify(Coded(None), connection_broken=True) is Action.LOST
    assert classify(Coded(None), connection_broken=False) is Action.STOP


def test_the_table_holds_these_codes_and_no_other() -> None:
    assert RETRY | LOST | {"23505"} <= set(TABLE)
    assert {code for code in TABLE if TABLE[code] is Action.RETRY} == RETRY
    assert {code for code in TABLE if TABLE[code] is Action.LOST} == LOST
    assert {code for code in TABLE if TABLE[code] is Action.STOP} >= STOP
    assert {code for code in TABLE if TABLE[code] is Action.RESUME} == {"23505"}


@pytest.mark.parametrize("code", sorted({*TABLE, *UNKNOWN}))
def test_every_code_is_explained_in_one_sentence_without_the_servers_words(code: str) -> None:
    sentence = explain(Coded(code), "mark")
    assert sentence.startswith(f"mark stopped with {code}: ")
    assert "hunter2" not in sentence
    assert HINTS.get(code, "look into the server's log") in sentence


def test_hints_are_for_codes_of_the_table() -> None:
    assert set(HINTS) <= set(TABLE)


# --- the error that a code becomes -----------------------------------------------------------


@pytest.mark.parametrize("code", sorted({*TABLE, *UNKNOWN}))
def test_a_code_becomes_what_operators_know_or_what_the_place_says(code: str) -> None:
    error = error_for(Coded(code), "mark", partial(PhaseStop, phase="mark"))
    known = {
        "42501": PrincipalCapabilityError,
        "IU004": PrincipalCapabilityError,
        "IU002": AppendOnlyViolation,
        "IU006": ProductionExecutionNotAuthorized,
    }
    assert type(error) is known.get(code, PhaseStop)
    assert error.sqlstate == code
    assert error.exit_status == (3 if code in known else 4)
    assert "hunter2" not in str(error)


def test_a_code_with_a_name_of_its_own_is_a_stop() -> None:
    assert {TABLE[code] for code in (*REFUSALS, NO_PERMIT)} == {Action.STOP}


def test_what_has_no_permit_is_refused_at_its_lock() -> None:
    error = error_for(Coded(NO_PERMIT), "mark of change set x", PhaseStop)
    assert isinstance(error, ProductionExecutionNotAuthorized)
    assert error.lock is Lock.PERMIT
    assert str(error).startswith("Refused at the permit lock: mark of change set x: its permit is")


def test_a_hint_of_the_place_takes_the_place_of_the_codes_own() -> None:
    error = error_for(Coded("42501"), "Preparing", DatabaseUnsuitable, hint="call a superuser")
    assert str(error) == (
        "Preparing stopped with 42501: call a superuser. Nothing of it was written."
    )


@pytest.mark.parametrize("error", [errors.OperationalError("gone"), errors.UndefinedTable("x")])
def test_a_driver_error_of_any_class_is_translated_and_leaves_no_cause(
    error: psycopg.Error,
) -> None:
    with pytest.raises(DatabaseUnsuitable) as told, translated("Counting"):
        raise error
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__
    assert told.value.sqlstate == error.sqlstate


def test_an_error_of_our_own_passes_as_it_is() -> None:
    with pytest.raises(PhaseStop, match="by itself"), translated("Counting"):
        raise PhaseStop("it stopped by itself")
