"""What the policy on proofs reads from the settings, and what pruning decides, by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.settings import load_settings
from domain.errors import ConfigMismatch, ConfigMissing
from domain.ledger.backups import (
    FINDINGS_SHOWN,
    Contents,
    KeptBackup,
    OnRecord,
    Retention,
    TableRows,
    compare_contents,
    fates,
)

NOW = datetime(2030, 1, 31, tzinfo=UTC)
TARGET = "kb:1@2"


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("CUTTER_HOME", str(tmp_path))
    for key in (
        "CUTTER_REQUIRE_RESTORE_PROOF",
        "CUTTER_RESTORE_PROOF_HOURS",
        "CUTTER_DRILL_GNUPG_HOME",
    ):
        monkeypatch.delenv(key, raising=False)
    return monkeypatch


def test_a_proof_of_the_last_24_hours_is_required_unless_it_is_turned_off(
    environment: pytest.MonkeyPatch,
) -> None:
    assert load_settings().restore_proof_within() == 24
    environment.setenv("CUTTER_RESTORE_PROOF_HOURS", "168")
    assert load_settings().restore_proof_within() == 168
    environment.setenv("CUTTER_REQUIRE_RESTORE_PROOF", "off")
    assert load_settings().restore_proof_within() is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("CUTTER_REQUIRE_RESTORE_PROOF", "no"),
        ("CUTTER_REQUIRE_RESTORE_PROOF", "OFF"),
        ("CUTTER_RESTORE_PROOF_HOURS", "0"),
        ("CUTTER_RESTORE_PROOF_HOURS", "-1"),
        ("CUTTER_RESTORE_PROOF_HOURS", "1e9"),
        ("CUTTER_RESTORE_PROOF_HOURS", "9999999"),
    ],
)
def test_a_policy_that_is_misspelt_is_not_taken_for_off(
    environment: pytest.MonkeyPatch, key: str, value: str
) -> None:
    environment.setenv(key, value)
    with pytest.raises(ConfigMismatch, match=key):
        load_settings().restore_proof_within()
    with pytest.raises(ConfigMismatch, match=key):
        load_settings().require_live()


def test_how_long_a_backup_may_take_is_a_setting(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("CUTTER_BACKUP_MINUTES", raising=False)
    assert load_settings().backup_limit() == 3600
    environment.setenv("CUTTER_BACKUP_MINUTES", "600")
    assert load_settings().backup_limit() == 36_000
    for wrong in ("0", "1.5", "an hour", "99999999"):
        environment.setenv("CUTTER_BACKUP_MINUTES", wrong)
        with pytest.raises(ConfigMismatch, match="CUTTER_BACKUP_MINUTES"):
            load_settings().backup_limit()
        with pytest.raises(ConfigMismatch, match="CUTTER_BACKUP_MINUTES"):
            load_settings().require_live()


def test_the_drills_keyring_has_to_be_named(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ConfigMissing, match="on the host where backups are proven and nowhere else"
    ):
        load_settings().drill_keyring()


def test_many_differences_are_counted_and_the_first_named() -> None:
    tables = {f"t{number}": TableRows(1, "sha256", "a") for number in range(FINDINGS_SHOWN + 3)}
    findings = compare_contents(Contents({}, tables, {}), Contents({}, {}, {}))
    assert len(findings) == FINDINGS_SHOWN + 1
    assert findings[-1] == "And 3 more differences."


backups = st.lists(
    st.tuples(st.integers(0, 60), st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    max_size=12,
)


@given(backups, st.integers(1, 5), st.integers(0, 40))
def test_whatever_is_pruned_nothing_that_is_needed_goes(
    made: list[tuple[int, bool, bool, bool, bool]], keep: int, days: int
) -> None:
    """Each backup: days old, proven, needed by an unfinished change set, damaged, of another
    database.
    """
    kept = [
        KeptBackup(
            name=str(number),
            size=1,
            taken_at=NOW - timedelta(days=age),
            sha256=str(number),
            target="another" if foreign else TARGET,
            trouble="it is damaged" if damaged else "",
        )
        for number, (age, _, _, damaged, foreign) in enumerate(made)
    ]
    proven = [one for one, about in zip(kept, made, strict=True) if about[1]]
    proven.sort(key=lambda one: one.taken_at or NOW)
    needed = {one.sha256 or "" for one, about in zip(kept, made, strict=True) if about[2]}
    record = OnRecord(tuple(one.sha256 or "" for one in proven), frozenset(needed))
    decided = fates(kept, record, TARGET, Retention(keep, days), NOW)
    assert len(decided) == len(kept)
    stays = [fate.backup for fate in decided if not fate.goes]
    goes = [fate.backup for fate in decided if fate.goes]
    whole = [one for one in kept if one.target == TARGET and not one.trouble]
    assert all(one in whole for one in goes)
    assert not {one.sha256 for one in goes} & needed
    assert all(
        one.taken_at is not None and one.taken_at <= NOW - timedelta(days=days) for one in goes
    )
    assert len([one for one in stays if one in whole]) >= min(keep, len(whole))
    if last := [one for one in proven if one in whole]:
        assert (
            last[-1].sha256 in {one.sha256 for one in stays}
            or last[-1].taken_at == last[0].taken_at
        )
        assert any(one in stays for one in last), "a proven backup is left"
    else:
        assert not goes
    assert all(fate.why for fate in decided if not fate.goes)
