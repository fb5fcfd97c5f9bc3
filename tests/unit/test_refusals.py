"""Why a server lets nobody in: in our words, and never in the driver's, which can hold secrets."""

from __future__ import annotations

import psycopg
import pytest
from pydantic import SecretStr

from adapters.postgres.connection.errors import error_for
from adapters.postgres.connection.refusals import WHY, refusal
from adapters.postgres.connection.session import open_connection
from domain.errors import DatabaseUnavailable
from domain.ports import Credentials, Endpoint

CANARY = "hunter2-in-the-drivers-words"
HERE = Endpoint("127.0.0.1", 1, "kb", "disable")


@pytest.mark.parametrize(
    "known", ["", "password authentication failed ", "server does not support SSL "]
)
def test_nothing_of_the_drivers_words_goes_along(known: str) -> None:
    said = refusal(HERE, "cutter_exec", f"{known}{CANARY}")
    assert CANARY not in said
    assert said.startswith("PostgreSQL at 127.0.0.1:1 ")


def test_what_nobody_knows_is_an_answer_that_did_not_come() -> None:
    assert refusal(HERE, "cutter_exec", CANARY) == (
        "PostgreSQL at 127.0.0.1:1 does not answer; start it, or correct DOT_CUTTER_DB_HOST and "
        "DOT_CUTTER_DB_PORT."
    )


def test_each_reason_is_filled_in_with_facts_of_ours_only() -> None:
    facts = dict.fromkeys(("where", "sslmode", "host", "database", "user"), "")
    assert all(why.format(**facts) for why in WHY.values())


def test_a_server_that_is_not_there_is_refused_in_our_words() -> None:
    login = Credentials("cutter_exec", SecretStr(CANARY))
    with pytest.raises(DatabaseUnavailable) as refused:
        open_connection(HERE, login, "a test")
    assert CANARY not in str(refused.value)
    assert "Connection refused" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("kind", [psycopg.OperationalError, psycopg.errors.CheckViolation])
def test_an_error_of_the_driver_is_translated_without_its_text(kind: type[psycopg.Error]) -> None:
    assert CANARY not in str(error_for(kind(CANARY), "Reading"))
