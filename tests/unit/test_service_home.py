"""`cutter init`: a home is made once, with owner and modes, and a second run changes nothing."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import fields
from pathlib import Path

import pytest

from adapters.home.layout import (
    ENV_FILE,
    FOLDERS,
    GNUPG,
    TEMPLATE,
    make_home,
    owner_of_home,
    set_values,
    with_values,
)
from blocks.settings import load_settings
from domain.errors import BadInput, ConfigMismatch
from service.prepare import make_folders
from tests.support.command import cutter
from tests.unit.test_cli import refused

needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed")
needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give a home to another user"
)


def tree(home: Path) -> dict[str, tuple[int, int, int, int, str]]:
    """Everything in a home: mode, owner, group, time of change and content."""
    found = {}
    for path in (home, *sorted(home.rglob("*"))):
        now = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(home))] = (
            now.st_mode,
            now.st_uid,
            now.st_gid,
            now.st_mtime_ns,
            content,
        )
    return found


@needs_gpg
def test_a_second_run_finds_everything_and_changes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = cutter("init", home=home)
    assert first.returncode == 0, first.stderr
    before = tree(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o711
    assert {stat.S_IMODE((home / name).stat().st_mode) for name in (*FOLDERS, GNUPG)} == {0o700}
    assert stat.S_IMODE((home / ENV_FILE).stat().st_mode) == 0o600
    key = load_settings(home).backup_gpg_fpr
    assert key is not None
    assert first.stdout.count("  made ") == len(FOLDERS) + 7
    assert key in first.stdout
    assert "secret half" in first.stdout

    second = cutter("init", home=home)
    assert second.returncode == 0, second.stderr
    assert tree(home) == before
    assert "nothing was changed" in second.stdout
    assert "  made " not in second.stdout


@needs_gpg
def test_what_an_operator_has_set_stays_and_what_is_open_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "runs").mkdir(parents=True)
    (home / "runs").chmod(0o755)
    (home / ENV_FILE).write_text(
        "BACKUP_GPG_FPR=" + "A" * 40 + "\nDOT_CUTTER_DB_HOST=db.example\n", encoding="utf-8"
    )
    (home / ENV_FILE).chmod(0o644)
    text = (home / ENV_FILE).read_text(encoding="utf-8")
    done = cutter("init", home=home)
    assert done.returncode == 0, done.stderr
    assert f"mended  {home / 'runs'}" in done.stdout
    assert f"mended  {home / ENV_FILE}" in done.stdout
    assert stat.S_IMODE((home / "runs").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / ENV_FILE).stat().st_mode) == 0o600
    assert (home / ENV_FILE).read_text(encoding="utf-8") == text
    assert not list((home / GNUPG).iterdir()), "a key is named, so none is made"


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "photos"
    home.mkdir(mode=0o755)
    (home / "holiday.jpg").write_bytes(b"x")
    refused(cutter("init", home=home), 2, "is no home of cutter")
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    assert [path.name for path in home.iterdir()] == ["holiday.jpg"]
    refused(cutter("init", home=home / "holiday.jpg"), 2, "is not a folder")
    link = tmp_path / "link"
    link.symlink_to(home)
    with pytest.raises(BadInput, match="is not a folder"):
        make_home(link, owner_of_home(None))


@needs_root
@needs_gpg
def test_root_makes_a_home_for_another_user(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = cutter("init", "--user", "nobody", home=home)
    assert done.returncode == 0, done.stderr
    wanted = pwd.getpwnam("nobody")
    owners = {(found.lstat().st_uid, found.lstat().st_gid) for found in (home, *home.rglob("*"))}
    assert owners == {(wanted.pw_uid, wanted.pw_gid)}
    before = tree(home)
    cutter("init", "--user", "nobody", home=home)
    assert tree(home) == before


def test_only_root_can(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    with pytest.raises(BadInput, match="Only root can make a home for root"):
        owner_of_home("root")
    refused(
        cutter("init", "--user", "no-such-user", home=tmp_path / "home"),
        2,
        "no-such-user is not known",
    )


def test_settings_are_set_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / ENV_FILE
    path.write_text(TEMPLATE + "CUTTER_REQUIRE_RESTORE_PROOF=off\n", encoding="utf-8")
    set_values(path, {"DOT_CUTTER_DB_HOST": "db.example", "NEW": "1"})
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "DOT_CUTTER_DB_HOST=db.example" in lines
    assert lines[-2:] == ["CUTTER_REQUIRE_RESTORE_PROOF=off", "NEW=1"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert with_values("", {}) == ""
    assert load_settings(tmp_path).require_restore_proof == "off"


def test_the_template_proposes_settings_that_exist() -> None:
    proposed = {
        line[1:].partition("=")[0]
        for line in TEMPLATE.splitlines()
        if line.startswith("#") and "=" in line
    }
    known = {field.metadata["name"] for field in fields(load_settings())}
    assert proposed <= known


def test_up_makes_the_same_folders(tmp_path: Path) -> None:
    make_folders(tmp_path / "home")
    owner = owner_of_home(None)
    assert {step.done for step in make_home(tmp_path / "home", owner)[:-2]} == {"found"}


@pytest.mark.parametrize("name", ["kb #1", "it's", 'a "b"', r"back\slash", "plain-1.2"])
def test_a_value_is_read_as_it_was_set(tmp_path: Path, name: str) -> None:
    set_values(tmp_path / ENV_FILE, {"DOT_CUTTER_DB_NAME": name, "DOT_CUTTER_DB_HOST": "h"})
    settings = load_settings(tmp_path)
    assert (settings.db_name, settings.db_host) == (name, "h")


def test_a_value_that_the_file_can_not_hold_is_refused(tmp_path: Path) -> None:
    for value in ("two\nlines", "${HOME}"):
        with pytest.raises(BadInput, match="can not stand in"):
            set_values(tmp_path / ENV_FILE, {"DOT_CUTTER_DB_NAME": value})


@needs_root
def test_root_follows_no_link_that_a_homes_owner_put_there(tmp_path: Path) -> None:
    home, victim = tmp_path / "home", tmp_path / "victim"
    make_home(home, owner_of_home("nobody"))
    victim.mkdir(mode=0o755)
    (victim / "secret").write_text("DOT_CUTTER_DB_HOST=secret\n")
    before = tree(victim)
    (home / "runs").rmdir()
    (home / "runs").symlink_to(victim)
    with pytest.raises(BadInput, match="can not be made"):
        make_home(home, owner_of_home("nobody"))
    (home / "runs").unlink()
    (home / ENV_FILE).unlink()
    (home / ENV_FILE).symlink_to(victim / "secret")
    with pytest.raises(BadInput, match="can not be made"):
        make_home(home, owner_of_home("nobody"))
    with pytest.raises(ConfigMismatch, match="is no plain file"):
        set_values(home / ENV_FILE, {"A": "1"})
    assert tree(victim) == before


def test_the_folders_of_a_home_are_closed_whatever_the_umask_and_whoever_made_them(
    tmp_path: Path,
) -> None:
    home, before = tmp_path / "home", os.umask(0)
    try:
        make_folders(home)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.iterdir())}
    assert modes == {"home": 0o711, **dict.fromkeys(FOLDERS, 0o700)}
    home.chmod(0o755)
    (home / "state").chmod(0o777)
    (home / "runs").chmod(0o500)
    make_folders(home)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.iterdir())}
    assert modes == {"home": 0o711, "runs": 0o500, "state": 0o700, "backups": 0o700}
