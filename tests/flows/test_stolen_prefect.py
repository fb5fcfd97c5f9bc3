"""Prefect's login and the worker in wrong hands, with the verifier elsewhere: all that Prefect has
stored is read, the switch is armed, the executor logs in, and still no unit is written that the
verifier did not confirm and two people did not sign.
"""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime

import psycopg
import pytest
from prefect.client.orchestration import get_client

from adapters.postgres.permits.permit import OPENED
from domain.errors import CutterError
from domain.phases import Mode, Principal
from flows.cut import run_cut
from tasks.app import production_app
from tasks.records.requests import request_for_cut
from tests.flows.test_verifier_service import Apart, apart, until
from tests.support.knowledge import Knowledge, SigningKeys
from tests.support.live import scalar
from tests.support.permits import opened
from tests.support.postgres import Connection
from tests.support.prefect import arm

__all__ = ["apart"]
pytestmark = [pytest.mark.prefect, pytest.mark.slow]

CREATE = "SELECT status FROM fn_iu_create(%s, 't', 'b', 'm', 'article', 'body', 'law', 'o', NULL)"
TAKEN = (
    "UPDATE cutter.cut_permit SET confirmed_at = now()",
    "SELECT cutter.fn_permit_confirm(permit_id) FROM cutter.cut_permit",
    "SET ROLE cutter_verify",
    "SELECT cutter.fn_halt_lift('mallory', 'x')",
)


def stored_in_prefect() -> str:
    """Everything that the API answers to who asks for secrets too."""
    with get_client(sync_client=True) as client:
        blocks = client.read_block_documents(include_secrets=True)
    return json.dumps([block.data for block in blocks], default=str)


def written(admin: Connection) -> int:
    """Units, entries and results of a verification."""
    tables = ("information_unit", "decision_backlog_entry", "verify_result")
    return sum(int(str(scalar(admin, f"SELECT count(*) FROM {table}"))) for table in tables)


def test_whoever_owns_prefect_and_the_worker_writes_nothing_that_was_not_approved(
    knowledge: Knowledge, law: str, apart: Apart, secrets: SigningKeys
) -> None:
    found = stored_in_prefect()
    password = {who: knowledge.database.credentials(who).password for who in Principal}
    assert password[Principal.EXEC].get_secret_value() in found, "it is the thief's"
    assert password[Principal.VERIFY].get_secret_value() not in found
    assert secrets[Principal.VERIFY].decode().splitlines()[1] not in found

    request = request_for_cut(production_app(), law)
    effect = request.effect
    said = knowledge.approvers.sign(effect, datetime.now(UTC), submitter=request.submitter)
    arm(effect.change_set_id)  # a Variable of Prefect, which is the thief's
    with (
        knowledge.database.connect(Principal.EXEC, autocommit=True) as thief,
        knowledge.database.connect(autocommit=True) as admin,
    ):
        with apart.serving() as process:
            until(lambda: apart.run("--check").returncode == 0, process)
            # what two people would have said, and signatures of nobody
            assert opened(thief, [one.payload for one in said]) == OPENED
            with pytest.raises(CutterError):
                run_cut(law, Mode.LIVE)
            ask = "SELECT pg_notify('cutter_verifier_asked', %s::text)"
            thief.execute(ask, (effect.change_set_id,))
            for statement in TAKEN:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    thief.execute(statement.encode())
            answer = scalar(thief, CREATE, f"{effect.document_code}~art_1")
            assert answer != "created"
            told = refused_by(process)
        assert "Refused the permit" in told
        assert scalar(admin, "SELECT count(*) FROM cut_permit WHERE confirmed_at IS NOT NULL") == 0
        assert written(admin) == 0


def refused_by(process: subprocess.Popen[str]) -> str:
    """What the verifier has said, up to its first refusal."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Refused" in line:
            break
    return said
