"""Who may do what: the privilege matrix as data.

The schema applies it; doctor and the tests compare it with the catalog.

Rules (docs/architecture.md, Safety rules): the owner can not log in; the executor can not insert a
verify result; the verifier writes its half of VERIFY only; nobody may DELETE, TRUNCATE, or use DDL
or GRANT.
"""

from __future__ import annotations

from typing import Final, NamedTuple

OWNER: Final = "cutter_owner"
EXEC: Final = "cutter_exec"
VERIFY: Final = "cutter_verify"
REHEARSE: Final = "cutter_rehearse"
"""The rehearsal's login.

It has no privilege of its own, becomes a principal for each phase, and can not commit.
"""

UNIT_TABLES: Final = ("information_unit", "unit_version", "iu_vocabulary", "source_document")
LEDGER_TABLES: Final = (
    "decision_backlog_entry",
    "decision_backlog_history",
    "decision_backlog_dependency",
    "sweep_log",
    "manifest_envelope",
    "manifest_unit_block",
    "review_decision",
    "dot_pair_signature",
    "cut_change_set",
    "cut_change_set_affected_row",
    "verify_result",
    "cut_phase_journal",
)
PERMIT_TABLES: Final = ("approver_key", "cut_permit", "cut_approval", "cut_halt")
OTHER_TABLES: Final = (
    *PERMIT_TABLES,
    "principal_key",
    "cutter_schema",
    "rehearsal_mark",
    "restore_proof",
)
ALL_TABLES: Final = (*UNIT_TABLES, *LEDGER_TABLES, *OTHER_TABLES)

FN_IU_CREATE: Final = "fn_iu_create(text, text, text, text, text, text, text, text, text)"
FN_IU_ENACT: Final = "fn_iu_enact(text, uuid, text)"
FN_IU_WITHDRAW: Final = "fn_iu_withdraw(uuid, uuid, text, uuid, text)"
FN_PERMIT_FENCE: Final = "fn_permit_fence(uuid, text, text, boolean)"
FN_PERMIT_OPEN: Final = "fn_permit_open(uuid, bytea[], bytea[])"
FN_HALT: Final = "fn_halt(text, text)"
FN_PERMITS_REVOKE: Final = "fn_permits_revoke(text, text)"
FN_HALT_LIFT: Final = "fn_halt_lift(text, text)"
FUNCTIONS: Final = {
    FN_IU_CREATE: True,
    FN_IU_ENACT: True,
    FN_IU_WITHDRAW: True,
    FN_PERMIT_FENCE: True,
    FN_PERMIT_OPEN: True,
    FN_HALT: True,
    FN_PERMITS_REVOKE: True,
    FN_HALT_LIFT: True,
    "fn_ends_once()": False,
    "fn_person(text)": False,
    "fn_journal_fence()": True,
    "fn_history_sha256(decision_backlog_history)": False,
    "fn_history_chain()": False,
    "fn_append_only()": False,
    "fn_entry_step()": False,
    "fn_change_set_step()": False,
    "fn_sealed()": False,
    "fn_own_half()": False,
    "fn_revert_rests_on()": False,
    "fn_refuse_direct_write()": False,
    "fn_canonical_writer_only()": False,
    "fn_rehearsal_mark()": True,
    "fn_rehearsal_never_commits()": False,
    "fn_restore_proof()": False,
}
"""Every function of the schema, and whether it is SECURITY DEFINER."""


class Grant(NamedTuple):
    """One privilege of one role on one object. `column` is empty for a whole object."""

    role: str
    kind: str  # "table", "column", "function" or "schema"
    name: str
    column: str
    privilege: str


class RoleAttributes(NamedTuple):
    """What a role is allowed to be."""

    role: str
    login: bool
    inherit: bool = False
    superuser: bool = False
    createrole: bool = False
    createdb: bool = False
    replication: bool = False
    bypassrls: bool = False


ROLES: Final = (
    RoleAttributes(OWNER, login=False, inherit=True),
    RoleAttributes(EXEC, login=True),
    RoleAttributes(VERIFY, login=True),
    RoleAttributes(REHEARSE, login=True),
)


class Membership(NamedTuple):
    """That a role may become another with SET ROLE.

    Before PostgreSQL 16 `inherit` is the member's own attribute.
    """

    member: str
    role: str
    inherit: bool = False
    set_role: bool = True
    admin: bool = False


MEMBERSHIPS: Final = (Membership(REHEARSE, EXEC), Membership(REHEARSE, VERIFY))

_EXEC_INSERTS: Final = tuple(table for table in LEDGER_TABLES if table != "verify_result")
_VERIFY_INSERTS: Final = (
    "decision_backlog_history",
    "dot_pair_signature",
    "verify_result",
    "cut_phase_journal",
    "restore_proof",
)


def expected_grants() -> frozenset[Grant]:
    """Every privilege that the two principals have, and no other."""
    grants = {Grant(role, "schema", "public", "", "USAGE") for role in (EXEC, VERIFY)}
    grants |= {
        Grant(role, "table", table, "", "SELECT") for role in (EXEC, VERIFY) for table in ALL_TABLES
    }
    grants |= {Grant(EXEC, "table", table, "", "INSERT") for table in _EXEC_INSERTS}
    grants |= {Grant(VERIFY, "table", table, "", "INSERT") for table in _VERIFY_INSERTS}
    grants |= {
        Grant(role, "column", "decision_backlog_entry", "status", "UPDATE")
        for role in (EXEC, VERIFY)
    }
    grants |= {
        Grant(VERIFY, "column", "cut_change_set", column, "UPDATE")
        for column in ("status", "verifier_signature_id")
    }
    writes = (FN_IU_CREATE, FN_IU_ENACT, FN_IU_WITHDRAW, FN_PERMIT_OPEN, FN_HALT_LIFT)
    grants |= {Grant(EXEC, "function", name, "", "EXECUTE") for name in writes}
    stops = (FN_PERMIT_FENCE, FN_HALT, FN_PERMITS_REVOKE)  # whoever is there may stop
    grants |= {
        Grant(role, "function", name, "", "EXECUTE") for role in (EXEC, VERIFY) for name in stops
    }
    grants |= {
        Grant(role, "function", name, "", "EXECUTE")
        for role in (EXEC, VERIFY)
        for name in _trigger_helpers()
    }
    return frozenset(grants)


def _trigger_helpers() -> tuple[str, ...]:
    """Functions that trigger bodies call as the role that writes.

    Trigger functions themselves need no EXECUTE to fire.
    """
    return ("fn_history_sha256(decision_backlog_history)",)
