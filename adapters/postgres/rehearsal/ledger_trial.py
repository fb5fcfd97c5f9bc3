"""The ledger of a change set of one unit, written by the phases' own statements in a trial that is
rolled back: what the functions that enact and withdraw ask for.

The server can not check a signature, so any 64 bytes will do here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg.types.json import Jsonb

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_value
from adapters.postgres.connection.statements import statement
from domain.digests import text_sha256
from domain.errors import DatabaseUnsuitable
from domain.phases import Phase, Principal

ACTOR: Final = "cutter conform"
SIGNATURE: Final = bytes(64)


@dataclass
class LedgerTrial:
    """One unit's change set: reviewed, then verified, then reverted."""

    conn: Connection
    roles: Mapping[Principal, str]
    document: str
    unit_id: uuid.UUID
    version_id: uuid.UUID
    address: str
    title: str
    body: str
    digest: str = text_sha256("a trial of the contract")
    entry: uuid.UUID = field(default_factory=uuid.uuid4)
    change_set: uuid.UUID = field(default_factory=uuid.uuid4)
    envelope: uuid.UUID = field(default_factory=uuid.uuid4)
    decision: uuid.UUID = field(default_factory=uuid.uuid4)

    def reviewed(self) -> uuid.UUID:
        """The decision of a cut that is reviewed and no more."""
        self._open(self.entry, self.change_set, "cut")
        self._decide(self.entry, self.envelope, self.decision)
        return self.decision

    def verified(self) -> uuid.UUID:
        """The same decision, its change set recorded by one principal and verified by the other."""
        executor = self._signature("executor", Principal.EXEC)
        record = {
            "change_set_id": self.change_set,
            "entry_id": self.entry,
            "envelope_id": self.envelope,
            "decision_id": self.decision,
            "document_code": self.document,
            "plan_digest": self.digest,
            "target": "a trial",
            "attempt": 1,
            "unit_count": 1,
            "rows_sha256": self.digest,
            "actor": ACTOR,
            "executor_signature_id": executor,
        }
        self._do("change_set_record", record)
        row = {"seq": [1], "unit_id": [self.unit_id], "version_id": [self.version_id]}
        ids = {"change_set_id": self.change_set, "action": ["created"]}
        self._do("affected_rows_record", {**row, **ids})
        self._move("reviewed", "cut_applied")
        self._become(Principal.VERIFY)
        half = self._signature("verifier", Principal.VERIFY)
        counts = {"expected_units": 1, "found_units": 1, "source_sha256": self.digest}
        verifier = {"change_set_id": self.change_set, "verifier_signature_id": half}
        self._do("verify_record", {**counts, **verifier})
        self._do("change_set_verified", verifier)
        self._move("cut_applied", "verified_complete")
        self._become(Principal.EXEC)
        return self.decision

    def reverting(self) -> uuid.UUID:
        """The decision of a reviewed revert of the change set, once it is enacted."""
        self._move("verified_complete", "enacted")
        journal = {"change_set_id": self.change_set, "phase": Phase.CUT_LEG_A.value}
        self._do(
            "journal_record",
            {**journal, "plan_digest": self.digest, "result": Jsonb({}), "actor": ACTOR},
        )
        entry, envelope, decision = (uuid.uuid4() for _ in range(3))
        self._open(entry, uuid.uuid4(), "revert")
        depends = {"entry_id": entry, "kind": "reverts", "reference": str(self.entry)}
        self._do("entry_depends", depends)
        self._decide(entry, envelope, decision)
        return decision

    def _open(self, entry: uuid.UUID, change_set: uuid.UUID, kind: str) -> None:
        self._do(
            "entry_open",
            {
                "entry_id": entry,
                "change_set_id": change_set,
                "document_code": self.document,
                "title": "",
                "plan_digest": self.digest,
                "attempt": 1,
                "kind": kind,
                "actor": ACTOR,
            },
        )

    def _decide(self, entry: uuid.UUID, envelope: uuid.UUID, decision: uuid.UUID) -> None:
        sealed = {"envelope_id": envelope, "entry_id": entry, "plan_digest": self.digest}
        counts = {"text_sha256": self.digest, "unit_blocks": 1, "gap_blocks": 0}
        self._do("manifest_seal", {**sealed, **counts})
        block = {
            "start": [0],
            "end": [max(1, len(self.body))],
            "address": [self.address],
            "seq": [1],
            "title_sha256": [bytes.fromhex(text_sha256(self.title))],
            "body_sha256": [bytes.fromhex(text_sha256(self.body))],
        }
        self._do("manifest_units", {"envelope_id": envelope, **block})
        decided = {"decision_id": decision, "envelope_id": envelope, "actor": ACTOR}
        self._do("decision_record", {**decided, "reason": ""})
        moved = {"entry_id": entry, "from_status": "marked", "to_status": "reviewed"}
        self._do("entry_move", moved)

    def _signature(self, half: str, principal: Principal) -> uuid.UUID:
        key = read_value(self.conn, str, "conform_key", {"principal": principal.value})
        if key is None:
            raise DatabaseUnsuitable(
                f"No key that counts is registered for {principal}, so nothing can be verified; "
                f"`cutter doctor` says so too."
            )
        made = uuid.uuid4()
        signed = {"payload_sha256": self.digest, "signature": SIGNATURE, "key_id": key}
        ids = {"signature_id": made, "change_set_id": self.change_set, "half": half}
        self._do("signature_record", {**ids, **signed})
        return made

    def _move(self, before: str, after: str) -> None:
        moved = {"entry_id": self.entry, "from_status": before, "to_status": after}
        self._do("entry_move", moved)

    def _become(self, principal: Principal) -> None:
        self._do("rehearsal_role", {"role": self.roles[principal]})

    def _do(self, name: str, values: Mapping[str, Any]) -> None:
        self.conn.execute(statement(name), values)
