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

OURS: Final = "cutter"
"""The schema of everything that is cutter's own: ledger, permits, keys, halts, journal, and the
port to the units.
"""
REFERENCE: Final = "public"
"""The schema of the reference implementation of information units, one implementation among
others.
"""
SCHEMAS: Final = (OURS, REFERENCE)
READ: Final = "cutter_read"
"""Whoever reads out units is a member of this group: applications, people, auditors."""
READER: Final = "cutter_reader"
"""The login of the command line for reading out. It has nothing but that membership."""
CONNECTING: Final = (EXEC, VERIFY, REHEARSE, READ, READER)
"""The roles that may connect to the database; members of a group may with it."""

UNIT_TABLES: Final = (
    "public.information_unit",
    "public.unit_version",
    "public.unit_lineage",
    "public.iu_vocabulary",
)
SOURCE_TABLES: Final = ("cutter.source_document",)
LEDGER_TABLES: Final = (
    "cutter.decision_backlog_entry",
    "cutter.decision_backlog_history",
    "cutter.decision_backlog_dependency",
    "cutter.sweep_log",
    "cutter.manifest_envelope",
    "cutter.manifest_unit_block",
    "cutter.review_decision",
    "cutter.dot_pair_signature",
    "cutter.cut_change_set",
    "cutter.cut_change_set_affected_row",
    "cutter.verify_result",
    "cutter.cut_phase_journal",
)
PERMIT_TABLES: Final = (
    "cutter.approver_key",
    "cutter.cut_permit",
    "cutter.cut_approval",
    "cutter.cut_halt",
    "cutter.release_permit",
    "cutter.release_approval",
    "cutter.release_place",
    "cutter.approval_policy",
)
RELEASE_TABLES: Final = ("cutter.release_backup", "cutter.release_work")
"""How the workers of a release share it; no permit hangs on them."""
OTHER_TABLES: Final = (
    *PERMIT_TABLES,
    "cutter.principal_key",
    "cutter.cutter_schema",
    "cutter.rehearsal_mark",
    "cutter.restore_proof",
    "cutter.adoption",
    "cutter.adopted_unit",
    *RELEASE_TABLES,
    "cutter.cleared",
)
ALL_TABLES: Final = (*UNIT_TABLES, *SOURCE_TABLES, *LEDGER_TABLES, *OTHER_TABLES)
PORT_VIEWS: Final = ("cutter.iu_unit", "cutter.iu_version", "cutter.iu_lineage")
"""What the units look like through the port, whoever implements them."""
READING_VIEWS: Final = (
    "cutter.v_unit",
    "cutter.v_unit_history",
    "cutter.v_document",
    "cutter.v_change_set",
    "cutter.v_text_block",
    "cutter.v_lineage",
    "cutter.v_unit_change",
)
"""What everybody may see who reads out units: nothing that was not enacted."""
VIEWS: Final = (*PORT_VIEWS, *READING_VIEWS)

FN_IU_CREATE: Final = "public.fn_iu_create(text, text, text, text, text, text, text, text, text)"
FN_IU_ENACT: Final = "public.fn_iu_enact(text, uuid, text)"
FN_IU_WITHDRAW: Final = "public.fn_iu_withdraw(uuid, uuid, text, uuid, text)"
PORT_CREATE: Final = "cutter.fn_iu_create(text, text, text, text, text, text, text, text, text)"
PORT_ENACT: Final = "cutter.fn_iu_enact(text, uuid, text)"
PORT_WITHDRAW: Final = "cutter.fn_iu_withdraw(uuid, uuid, text, uuid, text)"
PORT_FUNCTIONS: Final = (PORT_CREATE, PORT_ENACT, PORT_WITHDRAW)
"""The port's functions: what cutter calls, whoever implements the units."""
REVISING_PORT: Final = (
    "cutter.fn_iu_add(text, text, text, text, text, text, text, text, text, date)",
    "cutter.fn_iu_revise(text, uuid, text, text, text, text, text, text, date)",
    "cutter.fn_iu_repeal(text, uuid, text, date)",
    "cutter.fn_iu_restate(uuid, text, text, text)",
    "cutter.fn_iu_derive(uuid, uuid, text)",
    "cutter.fn_iu_enact_version(uuid, uuid, text)",
    "cutter.fn_iu_restore(uuid, uuid, text)",
)
"""The port's functions for revisions; a site whose units are its own may be without."""
BATCH_PORT: Final = (
    f"cutter.fn_iu_create_batch({', '.join(['text[]'] * 3)}, text, {', '.join(['text[]'] * 5)})",
    "cutter.fn_iu_enact_batch(text[], uuid, text)",
)
"""The port's functions for many units at once; without them units are written one by one."""
PUT_BACK: Final = "cutter.fn_iu_put_back(uuid, uuid)"
"""An administrator's alone: lets a unit stand again that a revert has taken back and left so."""
OPTIONAL_PORT: Final = (*REVISING_PORT, *BATCH_PORT, PUT_BACK)
"""What a port may be without."""
_BATCHES: Final = tuple(name.replace("cutter.", "public.", 1) for name in BATCH_PORT)
_REVISING: Final = tuple(name.replace("cutter.", "public.", 1) for name in REVISING_PORT)
FN_REVISION_RELEASED: Final = "cutter.fn_revision_released(text)"
FN_PERMIT_FENCE: Final = "cutter.fn_permit_fence(uuid, text, text, boolean)"
FN_PERMIT_OPEN: Final = "cutter.fn_permit_open(uuid, bytea[], bytea[])"
FN_RELEASE_OPEN: Final = "cutter.fn_release_open(uuid, bytea[], bytea[])"
FN_RELEASE_PLACE_OPEN: Final = "cutter.fn_release_place_open(uuid, uuid, integer, text[], bytea[])"
FN_PERMIT_CONFIRM: Final = "cutter.fn_permit_confirm(uuid)"
FN_HALT: Final = "cutter.fn_halt(text, text)"
FN_HALT_CLEAR: Final = "cutter.fn_halt_clear()"
FN_HALTED_SINCE: Final = "cutter.fn_halted_since(timestamp with time zone)"
FN_DOCUMENT_RELEASED: Final = "cutter.fn_document_released(text)"
FN_PERMITS_REVOKE: Final = "cutter.fn_permits_revoke(text, text)"
FN_HALT_LIFT: Final = "cutter.fn_halt_lift(text, text)"
FN_POLICY_SET: Final = "cutter.fn_policy_set(bytea, text, bytea)"
FN_HISTORY_SHA256: Final = "cutter.fn_history_sha256(cutter.decision_backlog_history)"
READING_FUNCTIONS: Final = (
    "cutter.fn_iu_at(text, date, timestamp with time zone)",
    "cutter.fn_iu_document_at(text, date, timestamp with time zone)",
    "cutter.fn_iu_history(text)",
    "cutter.fn_iu_lineage(text)",
)
"""What stood where, on a day and as far as it was known. The first two read with their owner's
rights, and show what was enacted alone; the others with the rights of whoever asks.
"""
FUNCTIONS: Final = {
    FN_IU_CREATE: True,
    FN_IU_ENACT: True,
    FN_IU_WITHDRAW: True,
    PORT_CREATE: False,
    PORT_ENACT: False,
    PORT_WITHDRAW: False,
    **dict.fromkeys(_REVISING, True),
    **dict.fromkeys(REVISING_PORT, False),
    **dict.fromkeys(_BATCHES, True),
    **dict.fromkeys(BATCH_PORT, False),
    _BATCHES[0].replace("fn_iu_create_batch", "fn_iu_creates_all"): False,
    PUT_BACK: False,
    "public.fn_iu_new_version(text, uuid, text, text, text, text, text, text, text, date)": False,
    "cutter.fn_version_enact_check(uuid, uuid, text)": False,
    "cutter.fn_restore_check(uuid, uuid, text)": False,
    FN_REVISION_RELEASED: True,
    **dict.fromkeys(READING_FUNCTIONS[:2], True),
    **dict.fromkeys(READING_FUNCTIONS[2:], False),
    "cutter.fn_unit_change_told()": False,
    "cutter.fn_enact_check(text, uuid, text)": False,
    "cutter.fn_withdraw_check(uuid, uuid, text, uuid, text)": False,
    FN_PERMIT_FENCE: True,
    FN_PERMIT_OPEN: True,
    FN_RELEASE_OPEN: True,
    FN_RELEASE_PLACE_OPEN: True,
    "cutter.fn_merkle_root(bytea, integer, integer, bytea[])": False,
    FN_PERMIT_CONFIRM: True,
    FN_HALT: True,
    FN_HALT_CLEAR: True,
    FN_HALTED_SINCE: True,
    FN_DOCUMENT_RELEASED: True,
    FN_PERMITS_REVOKE: True,
    FN_HALT_LIFT: True,
    FN_POLICY_SET: True,
    "cutter.fn_policy_fault(text, text, text[], timestamp with time zone)": False,
    "cutter.fn_approvals_fault("
    "text, bytea[], bytea[], text[], text[], timestamp with time zone)": False,
    "cutter.fn_document_clear(text, text, text, boolean)": False,
    "cutter.fn_ends_once()": False,
    "cutter.fn_person(text)": False,
    "cutter.fn_is_address(text)": False,
    "cutter.fn_journal_fence()": True,
    FN_HISTORY_SHA256: False,
    "cutter.fn_history_chain()": False,
    "cutter.fn_append_only()": False,
    "cutter.fn_entry_step()": False,
    "cutter.fn_change_set_step()": False,
    "cutter.fn_sealed()": False,
    "cutter.fn_own_half()": False,
    "cutter.fn_revert_rests_on()": False,
    "public.fn_refuse_direct_write()": False,
    "public.fn_canonical_writer_only()": False,
    "cutter.fn_rehearsal_mark()": True,
    "cutter.fn_rehearsal_never_commits()": False,
    "cutter.fn_restore_proof()": False,
}
"""Every function of the schema, and whether it is SECURITY DEFINER."""


class Grant(NamedTuple):
    """One privilege of one role on one object.

    `name` is written with its schema, `column` is empty for a whole object.
    """

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
    RoleAttributes(READ, login=False, inherit=True),
    RoleAttributes(READER, login=True, inherit=True),
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


MEMBERSHIPS: Final = (
    Membership(REHEARSE, EXEC),
    Membership(REHEARSE, VERIFY),
    Membership(READER, READ, inherit=True),
    *(Membership(OWNER, role, inherit=True, set_role=False) for role in (EXEC, VERIFY, REHEARSE)),
)

_EXEC_INSERTS: Final = tuple(table for table in LEDGER_TABLES if table != "cutter.verify_result")
_VERIFY_INSERTS: Final = (
    "cutter.decision_backlog_history",
    "cutter.dot_pair_signature",
    "cutter.verify_result",
    "cutter.cut_phase_journal",
    "cutter.restore_proof",
)


def expected_grants() -> frozenset[Grant]:
    """Every privilege that the two principals and the readers have, and no other."""
    grants = {
        Grant(role, "schema", schema, "", "USAGE") for role in (EXEC, VERIFY) for schema in SCHEMAS
    }
    grants |= {
        Grant(role, "table", table, "", "SELECT")
        for role in (EXEC, VERIFY)
        for table in (*ALL_TABLES, *VIEWS)
    }
    grants |= {
        Grant(EXEC, "table", table, "", "INSERT") for table in (*_EXEC_INSERTS, *RELEASE_TABLES)
    }
    grants |= {
        Grant(EXEC, "column", "cutter.release_work", column, "UPDATE")
        for column in ("state", "holder", "held_until", "claims", "reason", "changed_at")
    }
    grants |= {Grant(VERIFY, "table", table, "", "INSERT") for table in _VERIFY_INSERTS}
    grants |= {
        Grant(role, "column", "cutter.decision_backlog_entry", "status", "UPDATE")
        for role in (EXEC, VERIFY)
    }
    grants |= {
        Grant(VERIFY, "column", "cutter.cut_change_set", column, "UPDATE")
        for column in ("status", "verifier_signature_id")
    }
    units = (FN_IU_CREATE, FN_IU_ENACT, FN_IU_WITHDRAW, *_REVISING, *_BATCHES)
    opens = (FN_PERMIT_OPEN, FN_RELEASE_OPEN, FN_RELEASE_PLACE_OPEN)
    writes = (*units, *PORT_FUNCTIONS, *REVISING_PORT, *BATCH_PORT, *opens)
    grants |= {Grant(EXEC, "function", name, "", "EXECUTE") for name in writes}
    grants.add(Grant(VERIFY, "function", FN_PERMIT_CONFIRM, "", "EXECUTE"))
    stops = (FN_PERMIT_FENCE, FN_HALT, FN_PERMITS_REVOKE, FN_HALT_CLEAR)  # whoever is there stops
    grants |= {
        Grant(role, "function", name, "", "EXECUTE") for role in (EXEC, VERIFY) for name in stops
    }
    grants |= {
        Grant(role, "function", name, "", "EXECUTE")
        for role in (EXEC, VERIFY)
        for name in _trigger_helpers()
    }
    grants.add(Grant(READ, "schema", OURS, "", "USAGE"))
    grants |= {
        Grant(role, "function", name, "", "EXECUTE")
        for role in (EXEC, VERIFY, READ)
        for name in READING_FUNCTIONS
    }
    grants |= {Grant(READ, "table", view, "", "SELECT") for view in READING_VIEWS}
    return frozenset(grants)


def core_tables() -> tuple[str, ...]:
    """The tables that are cutter's own, whoever implements the units."""
    return tuple(table for table in ALL_TABLES if table.startswith(f"{OURS}."))


def core_grants() -> frozenset[Grant]:
    """The privileges on what is cutter's own, the port included."""
    return frozenset(
        grant
        for grant in expected_grants()
        if (grant.name == OURS or grant.name.startswith(f"{OURS}."))
        and grant.name not in OPTIONAL_PORT
    )


def _trigger_helpers() -> tuple[str, ...]:
    """Functions that trigger bodies call as the role that writes.

    Trigger functions themselves need no EXECUTE to fire.
    """
    return (FN_HISTORY_SHA256, FN_DOCUMENT_RELEASED)
