"""Two throwaway approvers: an administrator registers their keys, and they sign for the run's
change sets as people do.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from adapters.keys.approvers import ApproverSigner, new_nonce, signer_of
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.session import ConnectionProvider
from adapters.postgres.permits.approvers import register_approver
from adapters.postgres.permits.permit import clock, confirm_permit, open_permit
from domain.approval.approvals import GATES_OF, Gate, SignedApproval
from domain.approval.request import cut_effect, statement_for
from domain.change_set import CutContext
from domain.phases import Kind, Principal
from domain.plan.cut_plan import CutPlan

PEOPLE: Final[Mapping[Gate, str]] = {
    Gate.SG_1: "acceptance approver one",
    Gate.SG_2: "acceptance approver two",
}
VALIDITY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ThrowawayApprovers:
    """Each gate's key, as PEM.

    They exist in this process only and count in the run's own database only.
    """

    keys: Mapping[Gate, bytes]
    backup_key: str

    def register(self, admin: Connection) -> None:
        """Register the people and their public keys. `admin` is an administrator's."""
        for gate, person in PEOPLE.items():
            register_approver(
                admin, person, self._signer(gate).public_key, (gate,), VALIDITY, "acceptance"
            )

    def open_permit(
        self, connections: ConnectionProvider, ctx: CutContext, plan: CutPlan
    ) -> list[SignedApproval]:
        """Have both sign for a cut and open its permit as the executor; what was signed.

        Raises `ApprovalRefused`.
        """
        effect, conn = cut_effect(ctx, plan), connections.connect(Principal.EXEC)
        with conn:
            now = clock(conn)
            signed = [
                self._signer(gate).sign(
                    statement_for(
                        effect,
                        gate,
                        submitter=ctx.actor,
                        approver=PEOPLE[gate],
                        key_id=self._signer(gate).key_id,
                        nonce=new_nonce(),
                        backup_key=self.backup_key,
                        now=now,
                        approve_within=VALIDITY,
                        execute_within=VALIDITY,
                    )
                )
                for gate in sorted(GATES_OF[Kind.CUT])
            ]
            open_permit(conn, signed, effect, ctx.actor)
        with closing(connections.connect(Principal.VERIFY)) as verifier:
            confirm_permit(verifier, ctx, effect)
        return signed

    def _signer(self, gate: Gate) -> ApproverSigner:
        return signer_of(self.keys[gate])
