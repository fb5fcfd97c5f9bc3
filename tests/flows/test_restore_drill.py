"""The drill as an operator and as the schedule run it, what a cut asks of it, and what pruning
leaves.
"""

from __future__ import annotations

import fcntl
import json
import random
from pathlib import Path

import pytest
from rich.console import Console

from adapters.postgres.backups.manifest import manifest_path
from cli.records import backup as command
from domain.errors import (
    BackupRefuted,
    BadInput,
    ConfigMissing,
    DatabaseUnavailable,
    Refused,
    RestoreNotProven,
)
from domain.ledger.backups import Retention
from domain.phases import Mode
from flows.cut import run_cut
from flows.restore_drill import restore_drill
from tasks.app import production_app
from tasks.dispatch import dispatch
from tasks.records.backups import list_backups, make_backup, prove_backup, prune_backups
from tests.support.backups import flipped
from tests.support.keys import Keyring
from tests.support.knowledge import Knowledge
from tests.support.live import row_hashes, scalar
from tests.support.prefect import arm

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


@pytest.fixture
def knowledge(knowledge: Knowledge, ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    """A knowledge base on the host of its drills, where a proof is required as by default."""
    monkeypatch.delenv("CUTTER_REQUIRE_RESTORE_PROOF", raising=False)
    monkeypatch.setenv(
        "CUTTER_DRILL_GNUPG_HOME", str(ring.home)
    )  # a drill's host has the secret key
    return knowledge


def test_without_a_proven_backup_nothing_is_cut_and_with_one_it_is(
    knowledge: Knowledge, law: str
) -> None:
    before = row_hashes(knowledge.database)
    with pytest.raises(RestoreNotProven, match=r"is proven to come back.*`cutter backup verify`"):
        knowledge.live_run(law)
    make_backup(production_app())
    with pytest.raises(RestoreNotProven):
        knowledge.live_run(law)
    assert row_hashes(knowledge.database) == before
    assert prove_backup(production_app()).proven
    assert knowledge.live_run(law).units
    newest = list_backups(production_app())[0][0]
    assert newest.change_set_id is not None
    assert prove_backup(production_app(), newest.name).proven, (
        "the backup that the cut made comes back too"
    )


def test_a_proof_that_is_too_old_is_none(knowledge: Knowledge, law: str) -> None:
    make_backup(production_app())
    prove_backup(production_app())
    with knowledge.database.connect(autocommit=True) as admin:
        admin.execute("ALTER TABLE restore_proof DISABLE TRIGGER append_only")
        admin.execute("UPDATE restore_proof SET snapshot_at = snapshot_at - interval '25 hours'")
        admin.execute("ALTER TABLE restore_proof ENABLE TRIGGER append_only")
    with pytest.raises(RestoreNotProven, match="24 hours"):
        knowledge.live_run(law)


def test_a_refuted_backup_stops_the_next_cut_until_one_is_proven(
    knowledge: Knowledge, law: str
) -> None:
    made = Path(make_backup(production_app()).path)
    assert prove_backup(production_app()).proven
    whole = made.read_bytes()
    made.write_bytes(whole[:-1])
    assert not prove_backup(production_app(), str(made)).proven
    with pytest.raises(RestoreNotProven):
        knowledge.live_run(law)
    made.write_bytes(whole)
    assert prove_backup(production_app(), str(made)).proven
    assert knowledge.live_run(law).units


def test_the_policy_can_be_turned_off_and_then_a_cut_asks_for_no_proof(
    knowledge: Knowledge, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTTER_REQUIRE_RESTORE_PROOF", "off")
    assert knowledge.live_run(law).units


def test_the_scheduled_drill_makes_a_backup_and_proves_it(knowledge: Knowledge) -> None:
    report = restore_drill(fresh=True)
    assert report.proven
    found, on_record = list_backups(production_app())
    assert [one.sha256 for one in found] == list(on_record.proven) == [report.backup_sha256]


def test_a_drill_that_refutes_is_seen_to_fail_and_is_on_record(knowledge: Knowledge) -> None:
    made = Path(make_backup(production_app()).path)
    made.write_bytes(made.read_bytes()[:-1])
    manifest = json.loads(manifest_path(made).read_bytes())
    with pytest.raises(BackupRefuted, match=f"bytes, and {manifest['size']} were written"):
        restore_drill(backup=made.name)
    with knowledge.database.connect() as admin:
        assert scalar(admin, "SELECT verdict FROM restore_proof") == "refuted"


def test_a_deployed_drill_takes_no_path(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__NAME", "restore-drill")
    with pytest.raises(Refused, match="takes the name of a file"):
        restore_drill(backup="/etc/hostname")


def test_on_a_host_without_the_secret_key_the_setting_is_named(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(production_app())
    monkeypatch.delenv("CUTTER_DRILL_GNUPG_HOME")
    with pytest.raises(ConfigMissing, match="CUTTER_DRILL_GNUPG_HOME is not set"):
        prove_backup(production_app())


def test_without_any_backup_the_command_to_make_one_is_named(knowledge: Knowledge) -> None:
    with pytest.raises(BadInput, match="cutter backup make"):
        prove_backup(production_app())


# --- the commands
# -------------------------------------------------------------------------------------------------


def test_the_commands_say_what_they_did_and_end_with_a_status(
    knowledge: Knowledge, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(width=400)
    command.make_command(console, as_json=False)
    assert command.verify_command(console, None, as_json=False) == 0
    command.list_command(console, as_json=False)
    said = capsys.readouterr().out
    assert "came back as they were" in said
    assert ", proven" in said
    (path,) = (knowledge.home / "backups").glob("*.gpg")
    data = path.read_bytes()
    path.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    assert command.verify_command(console, str(path), as_json=False) == 1
    assert "NOT proven" in (said := capsys.readouterr().out)
    assert "its SHA-256 is another" in said
    assert command.verify_command(console, str(path), as_json=True) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["proven"] is False
    assert report["findings"]


# --- pruning
# -------------------------------------------------------------------------------------------------

ALL_GO = Retention(keep=1, days=0)


def names(knowledge: Knowledge) -> set[str]:
    return {path.name for path in (knowledge.home / "backups").iterdir()}


def test_pruning_is_dry_unless_told_and_keeps_the_last_proven_one(knowledge: Knowledge) -> None:
    made = [Path(make_backup(production_app()).path) for _ in range(4)]
    prove_backup(production_app(), str(made[0]))
    prove_backup(production_app(), str(made[1]))
    before = names(knowledge)
    dry = prune_backups(production_app(), ALL_GO, remove=False)
    assert names(knowledge) == before
    assert [(fate.backup.name, fate.goes) for fate in dry] == [
        (path.name, path in (made[0], made[2])) for path in reversed(made)
    ]
    assert dry[2].why == "it is the last one that is proven"
    prune_backups(production_app(), ALL_GO, remove=True)
    assert names(knowledge) == {
        name for path in (made[1], made[3]) for name in (path.name, manifest_path(path).name)
    }
    assert prove_backup(production_app(), made[1].name).proven


def test_nothing_goes_while_nothing_is_proven(knowledge: Knowledge) -> None:
    for _ in range(3):
        make_backup(production_app())
    assert not any(fate.goes for fate in prune_backups(production_app(), ALL_GO, remove=True))
    assert len(names(knowledge)) == 6


def test_a_proven_backup_whose_file_is_gone_protects_nothing(knowledge: Knowledge) -> None:
    made = [Path(make_backup(production_app()).path) for _ in range(3)]
    prove_backup(production_app(), str(made[0]))
    prove_backup(production_app(), str(made[1]))
    made[1].unlink()
    fates = {
        fate.backup.name: fate for fate in prune_backups(production_app(), ALL_GO, remove=True)
    }
    assert made[0].exists(), "it is the last proven one that is left"
    assert not fates[made[1].name].goes
    assert "its file is gone" in fates[made[1].name].why


def test_a_backup_that_was_refuted_does_not_count_as_proven(knowledge: Knowledge) -> None:
    made = [Path(make_backup(production_app()).path) for _ in range(3)]
    prove_backup(production_app(), str(made[0]))
    prove_backup(production_app(), str(made[1]))
    made[1].write_bytes(flipped(made[1].read_bytes(), random.Random(1)))  # noqa: S311  # repeatable, no secret
    assert not prove_backup(production_app(), str(made[1])).proven
    prune_backups(production_app(), ALL_GO, remove=True)
    assert made[0].exists()
    assert not made[1].exists()


def test_the_backup_of_an_unfinished_change_set_stays(knowledge: Knowledge, law: str) -> None:
    prove_backup(production_app(), make_backup(production_app()).path)

    def dying(phase: object, *rest: object) -> object:
        if str(phase) == "leg_b_record":
            raise RuntimeError("died")
        return dispatch(phase, *rest)  # type: ignore[arg-type]  # handed on as it came

    knowledge.arm_for(law)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.run.dispatch", dying)
        with pytest.raises(RuntimeError, match="died"):
            run_cut(law, Mode.LIVE)
    torn = list_backups(production_app())[0][0]
    later = Path(make_backup(production_app()).path)
    prove_backup(production_app(), str(later))
    prune_backups(production_app(), ALL_GO, remove=True)
    assert (knowledge.home / "backups" / torn.name).exists()
    assert "is not finished" in next(
        f.why
        for f in prune_backups(production_app(), ALL_GO, remove=False)
        if f.backup.name == torn.name
    )
    arm(knowledge.dry_run(law).change_set_id)
    assert run_cut(law, Mode.LIVE).units
    make_backup(production_app())
    prune_backups(production_app(), ALL_GO, remove=True)
    assert not (knowledge.home / "backups" / torn.name).exists(), (
        "finished, nothing needs it any more"
    )


def test_what_is_young_what_is_damaged_and_what_is_of_another_database_stays(
    knowledge: Knowledge,
) -> None:
    made = [Path(make_backup(production_app()).path) for _ in range(4)]
    prove_backup(production_app(), str(made[0]))
    manifest_path(made[1]).unlink()
    made[2].write_bytes(b"short")
    assert not any(
        fate.goes for fate in prune_backups(production_app(), Retention(1, 30), remove=True)
    )
    whys = {
        fate.backup.name: fate.why for fate in prune_backups(production_app(), ALL_GO, remove=True)
    }
    assert "no manifest" in whys[made[1].name]
    assert "5 bytes" in whys[made[2].name]
    assert len(names(knowledge)) == 7


def test_a_backup_that_a_drill_reads_is_not_pruned(knowledge: Knowledge) -> None:
    made = [Path(make_backup(production_app()).path) for _ in range(3)]
    prove_backup(production_app(), str(made[2]))
    with made[0].open("rb") as reading:
        fcntl.flock(reading, fcntl.LOCK_SH)
        whys = {
            fate.backup.name: fate.why
            for fate in prune_backups(production_app(), ALL_GO, remove=True)
        }
        assert whys[made[0].name] == "a drill is reading it"
        assert made[0].exists()
    assert not made[1].exists()


def test_without_the_database_nothing_is_pruned(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [Path(make_backup(production_app()).path) for _ in range(3)]
    prove_backup(production_app(), str(made[2]))
    monkeypatch.setenv("DOT_CUTTER_DB_PORT", "1")
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        prune_backups(production_app(), ALL_GO, remove=True)
    assert all(path.exists() for path in made)
