"""A knowledge base that is ready for live runs through the real wiring: blocks, keys, target,
settings and a keyring.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretBytes

from adapters.home.approvals import keep_approval
from adapters.home.target import register_target
from adapters.keys.filed import FiledSecrets
from adapters.keys.signing import Ed25519Signer, new_private_key
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.schema.install import register_key
from blocks.secrets import register_secret, register_signing_key
from domain.approval.approvals import SignedApproval
from domain.phases import Mode, Principal
from domain.reports.run import CutOutcome
from flows.cut import run_cut
from tasks.app import production_app
from tasks.records.requests import request_for_cut
from tests.support.approvers import Approvers
from tests.support.command import OURS
from tests.support.keys import Keyring
from tests.support.postgres import Cluster, Database
from tests.support.prefect import arm

SigningKeys = dict[Principal, bytes]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A test's own database behind the settings and blocks that a real run reads."""

    database: Database
    home: Path
    canaries: tuple[str, ...]
    approvers: Approvers = field(default_factory=Approvers)

    def dry_run(self, document: str, **options: Any) -> CutOutcome:
        """A dry run, which also tells the change set."""
        return run_cut(document, Mode.DRYRUN, **options)

    def live_run(self, document: str, **options: Any) -> CutOutcome:
        """A live run with the switch armed for it, as an operator would."""
        self.arm_for(document, **options)
        return run_cut(document, Mode.LIVE, **options)

    def arm_for(self, document: str, **options: Any) -> uuid.UUID:
        """Have a document's change set approved and arm the switch for it; its id."""
        change_set = self.approve(document, **options)[0].statement.effect.change_set_id
        arm(change_set)
        return change_set

    def approve(self, document: str, **options: Any) -> list[SignedApproval]:
        """Both approvals of a document's live run, kept where it looks for them."""
        reading = {
            name: value for name, value in options.items() if name not in ("actor", "approval")
        }
        request = request_for_cut(production_app(), document, **reading)
        signed = self.approvers.sign(request.effect, datetime.now(UTC), submitter=request.submitter)
        for approval in signed:
            keep_approval(request.state, approval)
        return signed


def stored_secrets(cluster: Cluster) -> SigningKeys:
    """Store both principals' logins and new signing keys in blocks; the keys."""
    pems = {principal: new_private_key() for principal in (Principal.EXEC, Principal.VERIFY)}
    for principal, pem in pems.items():
        register_secret(principal, cluster.logins[principal])
        register_signing_key(principal, SecretBytes(pem))
    return pems


def settings_of(database: Database) -> dict[str, str]:
    """The settings by which a home reaches a database, as its environment names them."""
    return {
        "DOT_CUTTER_DB_HOST": database.endpoint.host,
        "DOT_CUTTER_DB_PORT": str(database.endpoint.port),
        "DOT_CUTTER_DB_NAME": database.endpoint.database,
        "DOT_CUTTER_DB_SSLMODE": "prefer",
        "DOT_CUTTER_EXEC_DB_USER": Principal.EXEC.value,
        "DOT_CUTTER_VERIFY_DB_USER": Principal.VERIFY.value,
    }


def home_of_reader(database: Database, folder: Path) -> dict[str, str]:
    """The environment of a home whose reader logs in to this base, and who has no other login."""
    with database.connect() as conn:
        register_target(folder / "state", read_fingerprint(conn))
    secrets = FiledSecrets(folder / "credentials")
    secrets.folder.mkdir(mode=0o700)
    file = secrets.reader_file()
    file.touch(mode=0o600)
    file.write_text(database.cluster.reader.password.get_secret_value())
    others = (*OURS, "PYTHONDONTWRITEBYTECODE")  # an installed program is compiled once
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, "CUTTER_HOME": str(folder), **settings_of(database)}


def prepared_knowledge(
    database: Database,
    home: Path,
    ring: Keyring,
    pems: SigningKeys,
    monkeypatch: pytest.MonkeyPatch,
) -> Knowledge:
    """Register approvers, keys and the target, and name everything in the environment.

    The blocks hold the secrets already.
    """
    approvers = Approvers()
    with database.connect() as admin:
        approvers.register(admin)
        for principal, pem in pems.items():
            register_key(admin, principal.value, Ed25519Signer(pem).public_key)
        target = read_fingerprint(admin)
    register_target(home / "state", target)
    settings = {
        **settings_of(database),
        "BACKUP_GPG_FPR": ring.fingerprint,
        "CUTTER_GNUPG_HOME": str(ring.home),
        "CUTTER_REQUIRE_RESTORE_PROOF": "off",  # what it asks for has tests of its own
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    passwords = [database.credentials(principal).password.get_secret_value() for principal in pems]
    keys = [pem.decode().splitlines()[1] for pem in pems.values()]
    return Knowledge(database, home, (*passwords, *keys), approvers)
