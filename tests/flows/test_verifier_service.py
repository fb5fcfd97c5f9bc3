"""`cutter verifier` as a process of its own, with files for secrets and no Prefect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from pydantic import SecretBytes

from adapters.home.target import register_target, registered_target
from blocks.secrets import (
    BLOCK_TYPE,
    register_rehearsal_login,
    register_secret,
    register_signing_key,
)
from domain.errors import ApprovalRefused, ConfigMismatch
from domain.phases import Principal
from domain.switch import SwitchState
from flows.rehearse import run_rehearsal
from tasks.app import production_app
from tasks.records.backups import prove_backup
from tasks.records.knowledge_base import diagnose
from tests.support.knowledge import Knowledge, SigningKeys
from tests.support.live import scalar
from tests.support.prefect import arm, set_variable

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


@dataclass(frozen=True, slots=True)
class Apart:
    """The verifier's own home: its password and key lie in files that systemd would make."""

    home: Path
    environment: dict[str, str]

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "cli.main", "verifier", *options]

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = self.command(*options)
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=90, check=False
        )

    @contextmanager
    def serving(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """The service runs while the block does."""
        process = subprocess.Popen(
            self.command(*options),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture
def apart(
    knowledge: Knowledge,
    secrets: SigningKeys,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Apart]:
    """The worker's home asks a service, and nothing of the verifier's is in Prefect."""
    with get_client(sync_client=True) as client:  # patient: a server that has just begun is slow
        for name in ("cutter-verify", "cutter-verify-signing-key"):
            with suppress(ObjectNotFound):
                found = client.read_block_document_by_name(name, BLOCK_TYPE)
                assert found.id is not None
                client.delete_block_document(found.id)
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o700)
    password = knowledge.database.credentials(Principal.VERIFY).password.get_secret_value()
    for name, content in {
        "cutter-verify-password": password.encode() + b"\n",
        "cutter-verify-signing-key": secrets[Principal.VERIFY],
    }.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o400)
    home = tmp_path / "verifier"
    target = registered_target(knowledge.home / "state")
    assert target is not None
    register_target(home / "state", target)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")
    }
    environment |= {"CUTTER_HOME": str(home), "CREDENTIALS_DIRECTORY": str(folder)}
    monkeypatch.setenv("CUTTER_VERIFIER", "service")
    yield Apart(home, environment)
    register_secret(Principal.VERIFY, knowledge.database.credentials(Principal.VERIFY))
    register_signing_key(Principal.VERIFY, SecretBytes(secrets[Principal.VERIFY]))
    set_variable(None)


def until(condition: object, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not condition():  # type: ignore[operator]
        assert process.poll() is None, process.stdout and process.stdout.read()
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_live_run_of_a_home_without_the_verifiers_secrets(
    knowledge: Knowledge, law: str, apart: Apart
) -> None:
    assert apart.run("--check").returncode == 5
    with apart.serving() as process:
        outcome = knowledge.live_run(law)
        assert len(outcome.phases) == 7
        assert apart.run("--check").returncode == 0
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0
    assert "Took the permit of cut" in said
    assert "Took the writes of cut" in said
    assert apart.run("--check").returncode == 5
    with knowledge.database.connect() as admin:
        assert scalar(admin, "SELECT status FROM decision_backlog_entry") == "enacted"
        assert scalar(admin, "SELECT verified_by FROM verify_result") == "cutter_verify"
    assert not (apart.home / "state" / "prefect").exists()


def test_once_again_and_again_serves_a_run_as_cron_would(
    knowledge: Knowledge, law: str, apart: Apart
) -> None:
    ended, statuses = threading.Event(), list[int]()

    def cron() -> None:
        while not ended.is_set():
            statuses.append(apart.run("--once").returncode)

    thread = threading.Thread(target=cron)
    thread.start()
    try:
        knowledge.live_run(law)
    finally:
        ended.set()
        thread.join()
    assert set(statuses) == {0}
    done = apart.run("--once", "--json")
    assert (done.returncode, done.stdout.strip()) == (0, '{"done": 0}')


def test_without_the_service_a_run_says_what_it_waited_for_and_uses_no_approval(
    knowledge: Knowledge, law: str, apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTTER_VERIFIER_WAIT", "2")
    with pytest.raises(ApprovalRefused, match=r"Waiting for a verifier took longer than 2 s"):
        knowledge.live_run(law)
    with knowledge.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM cut_approval") == 0


def test_a_service_whose_database_goes_away_comes_back(knowledge: Knowledge, apart: Apart) -> None:
    with apart.serving() as process:
        until(lambda: apart.run("--check").returncode == 0, process)
        with knowledge.database.connect(autocommit=True) as admin:
            ended = (
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = %s"
            )
            assert scalar(admin, ended, "cutter_verify") == 1
            there = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
            until(lambda: scalar(admin, there, "iu-cutter verifier") == 1, process)


def test_doctor_says_whether_it_is_there_and_what_should_not_be_here(
    knowledge: Knowledge, apart: Apart
) -> None:
    def said() -> list[tuple[str, str]]:
        _, findings = diagnose(production_app(), register=False)
        return [(f.severity.value, f.name) for f in findings if f.subject == "verifier"]

    assert said() == [("note", "there")]
    with apart.serving() as process:
        until(lambda: said() == [], process)
        register_secret(Principal.VERIFY, knowledge.database.credentials(Principal.VERIFY))
        assert said() == [("fails", "password")]


def test_what_is_not_the_verifiers_to_do_here_is_refused_in_one_sentence(
    knowledge: Knowledge, apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigMismatch, match="in the verifier's home"):
        prove_backup(production_app())
    there = {**apart.environment, "CUTTER_VERIFIER": "service"}
    done = subprocess.run(
        apart.command("--once"), env=there, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "is elsewhere" in done.stderr
    monkeypatch.setenv("CUTTER_VERIFIER", "sevrice")
    with pytest.raises(ConfigMismatch, match="here or service"):
        diagnose(production_app(), register=False)


def test_a_file_that_others_can_read_and_a_key_that_is_not_registered_are_named(
    knowledge: Knowledge, apart: Apart
) -> None:
    from adapters.keys.signing import new_private_key

    folder = Path(apart.environment["CREDENTIALS_DIRECTORY"])
    (folder / "cutter-verify-password").chmod(0o644)
    done = apart.run("--once")
    assert (done.returncode, "others could read it" in done.stderr) == (2, True)
    (folder / "cutter-verify-password").chmod(0o400)
    (folder / "cutter-verify-signing-key").chmod(0o600)
    (folder / "cutter-verify-signing-key").write_bytes(new_private_key())
    done = apart.run("--once")
    assert (done.returncode, "does not count in this database" in done.stderr) == (2, True)


def test_a_rehearsal_needs_no_verifier(knowledge: Knowledge, law: str, apart: Apart) -> None:
    register_rehearsal_login(knowledge.database.rehearsal_login())
    arm(knowledge.dry_run(law).change_set_id, SwitchState.REHEARSE)
    report = run_rehearsal(law)
    assert report.commit_refused
    with knowledge.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM verify_result") == 0
