"""What an error of the server means for a phase: one table, by code; whatever is not in it stops
the run.

Sources: PostgreSQL 16 manual, appendix A; docs/architecture.md, Safety rules; measured with
psycopg 3 (ADR 4).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import psycopg


class Action(Enum):
    """What to do about an error. `LOST` before COMMIT was sent is a retry; at COMMIT it is in
    doubt. Both begin the same way: connect again, take the writers lock, ask the journal.
    """

    RETRY = "retry the whole transaction"
    LOST = "settle by lock and journal, then retry"
    RESUME = "resume if the key is ours and the digest is the same"
    STOP = "stop"


NO_PERMIT: Final = "IU006"
"""The code of the trigger that lets no phase be recorded without an open permit."""

TABLE: Final[dict[str, Action]] = {
    "40001": Action.RETRY,  # serialization_failure
    "40P01": Action.RETRY,  # deadlock_detected
    "55P03": Action.RETRY,  # lock_not_available
    "53300": Action.RETRY,  # too_many_connections
    "57P03": Action.RETRY,  # cannot_connect_now
    "57P01": Action.LOST,  # admin_shutdown
    "57P02": Action.LOST,  # crash_shutdown
    "08000": Action.LOST,  # connection_exception
    "08001": Action.LOST,  # sqlclient_unable_to_establish_sqlconnection
    "08003": Action.LOST,  # connection_does_not_exist
    "08004": Action.LOST,  # sqlserver_rejected_establishment_of_sqlconnection
    "08006": Action.LOST,  # connection_failure
    "08007": Action.LOST,  # transaction_resolution_unknown
    "08P01": Action.LOST,  # protocol_violation
    "25P03": Action.LOST,  # idle_in_transaction_session_timeout
    "25P04": Action.LOST,  # transaction_timeout
    "57P05": Action.LOST,  # idle_session_timeout
    "40003": Action.LOST,  # statement_completion_unknown
    "23505": Action.RESUME,  # unique_violation
    "42501": Action.STOP,  # insufficient_privilege
    "25006": Action.STOP,  # read_only_sql_transaction
    "25P02": Action.STOP,  # in_failed_sql_transaction
    "22023": Action.STOP,  # invalid_parameter_value
    "23502": Action.STOP,  # not_null_violation
    "23503": Action.STOP,  # foreign_key_violation
    "23514": Action.STOP,  # check_violation
    "42883": Action.STOP,  # undefined_function
    "42P01": Action.STOP,  # undefined_table
    "28000": Action.STOP,  # invalid_authorization_specification
    "28P01": Action.STOP,  # invalid_password
    "3D000": Action.STOP,  # invalid_catalog_name
    "53100": Action.STOP,  # disk_full
    "53200": Action.STOP,  # out_of_memory
    "57014": Action.STOP,  # query_canceled
    "IU001": Action.STOP,  # a write to a unit that did not come through a canonical writer
    "IU002": Action.STOP,  # a change to what is append-only
    "IU003": Action.STOP,  # an illegal step of a backlog entry
    "IU004": Action.STOP,  # a principal wrote what is not its half
    "IU005": Action.STOP,  # the rehearsal's login tried to commit
    NO_PERMIT: Action.STOP,  # a phase without an open permit
}

RESUME_CONSTRAINTS: Final = frozenset({"cut_phase_journal_pkey"})
"""A 23505 on these is our own earlier self; on any other it is somebody else's row, and a stop."""


def classify(error: psycopg.Error, *, connection_broken: bool) -> Action:
    """What to do about an error. The driver gives no code for a connection that broke under it."""
    code = error.sqlstate
    if code is None:
        return Action.LOST if connection_broken else Action.STOP
    action = TABLE.get(code, Action.STOP)
    if action is Action.RESUME and error.diag.constraint_name not in RESUME_CONSTRAINTS:
        return Action.STOP
    return action


HINTS: Final[dict[str, str]] = {
    "42501": "the role lacks a privilege; `cutter doctor` names it",
    "25006": "the server is read-only, perhaps a standby; name the primary",
    "23505": "a row with this key is already there; `cutter status` shows what the ledger holds",
    "42883": "a function is missing; `cutter doctor` names it",
    "42P01": "a table is missing, or the schema is of another version; `cutter doctor` says which",
    "53100": "the server's disk is full; make room and run again",
    "53200": (
        "the server is out of memory or locks; raise max_locks_per_transaction or wait, and "
        "run again"
    ),
    "55P03": "another run holds this document; wait for it, or look with `cutter status`",
    "57014": "the statement took longer than statement_timeout; raise it and run again",
    "40001": "other transactions kept getting in the way; run again",
    "IU001": "units are written by fn_iu_create only",
    "IU002": "the ledger is append-only",
    "IU003": "the backlog entry is not where this phase expects it; look with `cutter status`",
    "IU004": (
        "a principal tried to write what is not its half, or its signing key is not registered"
    ),
    "IU005": "a rehearsal never commits; the server refused it",
    NO_PERMIT: (
        "its permit is missing, revoked, expired or used, or everything is halted; `cutter "
        "status` shows it"
    ),
}


_UNCODED: Final[dict[type[psycopg.Error], str]] = {psycopg.OperationalError: "a lost connection"}
"""The driver's own errors have no code; what it raises when a connection breaks is told in words.
"""


def explain(error: psycopg.Error, doing: str, *, hint: str = "") -> str:
    """One sentence for an operator; `hint` takes the place of the code's own.

    Holds the code and our own words only: the driver's text can quote data or secrets.
    """
    code = error.sqlstate or _UNCODED.get(type(error), type(error).__name__)
    return f"{doing} stopped with {code}: {hint or hint_of(code)}. Nothing of it was written."


def hint_of(code: str) -> str:
    """What to do about a code, in a clause."""
    return HINTS.get(code, "look into the server's log for the moment of this run")
