"""The people beside the browser: an administrator, two approvers and an operator, at their command
lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from cli.main import whole_program
from domain.approval.approvals import Gate, parse_envelope

APPROVERS: Final = {Gate.SG_1: "Ann", Gate.SG_2: "Ben"}


@dataclass(frozen=True, slots=True)
class People:
    """Whoever types `cutter`.

    One command at a time, in a thread of its own: the browser's loop has this one.
    """

    keys: Path
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def register_approvers(self) -> None:
        """Two people, each with a throwaway key for one gate."""
        for gate, person in APPROVERS.items():
            make_key(self.keys / person)
            self.cutter(
                "approver",
                "add",
                person,
                "--key",
                f"{self.keys / person}.pub",
                "--gate",
                gate,
                "--days",
                "1",
            )

    def begin_to_prove_a_backup(self) -> Future[str]:
        """Make a backup and show that it comes back, as the nightly drill does.

        Only other commands wait for it.
        """
        self._begin(("backup", "make"))
        return self._begin(("backup", "verify"))

    def approve(self, document: str, gate: Gate) -> str:
        """What `cutter approve` prints for an approver: the one line that goes into the form."""
        return self.cutter(
            "approve", document, "--gate", gate, "--key", str(self.keys / APPROVERS[gate]), "--yes"
        )

    def arm(self, change_set: UUID) -> None:
        """Arm the kill-switch for one change set."""
        self.cutter(
            "switch",
            "arm",
            str(change_set),
            "--reason",
            "the test in the browser",
            "--minutes",
            "5",
        )

    def cutter(self, *arguments: str) -> str:
        """What a command prints. Raises what the command raises."""
        return self._begin(arguments).result()

    def _begin(self, arguments: Sequence[str]) -> Future[str]:
        return self.thread.submit(_invoke, arguments)


def _invoke(arguments: Sequence[str]) -> str:
    done = CliRunner().invoke(whole_program(), list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def change_set_of(approval: str) -> UUID:
    """The change set that an approval is for."""
    return parse_envelope(approval).statement.change_set_id


def make_key(path: Path) -> None:
    """A key pair as `ssh-keygen -t ed25519` makes one, not encrypted."""
    key = Ed25519PrivateKey.generate()
    openssh = serialization.PrivateFormat.OpenSSH
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, openssh, serialization.NoEncryption())
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    path.with_suffix(".pub").write_bytes(public)
