"""`cutter init`: a home, ready for `cutter up` or for a service."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console

from adapters.home.layout import (
    ENV_FILE,
    GNUPG,
    Owner,
    Step,
    give_to,
    make_home,
    owner_of_home,
    set_values,
)
from adapters.keys.gpg import create_backup_key
from blocks.deployed import NAME, PROJECT
from blocks.settings import CutterSettings
from cli.json_output import as_json_line
from domain.errors import BadInput

KEY_WORDS: Final = (
    "The key's secret half is in this home and opens every backup. Keep a copy where this "
    "machine is not: "
    "gpg --homedir {ring} --export-secret-keys {key} > backup-key.gpg"
)


def init_command(
    console: Console, settings: CutterSettings, user: str | None, *, as_json: bool = False
) -> None:
    """Make what is missing, leave what is there, and say which.

    Raises `BadInput`, `ToolMissing` or `ConfigMismatch`.
    """
    owner = owner_of_home(user)
    home = settings.home
    steps = make_home(home, owner, _to_begin_with())
    key, step = _backup_key(settings, owner)
    if as_json:
        done = {one.what: one.done for one in (*steps, step)}
        print(as_json_line({"home": home, "backup_key": key, "steps": done}))
        return
    for one in (*steps, step):
        console.print(f"  {one.done:7} {one.what}", highlight=False, markup=False)
    if step.done == "made":
        console.print(KEY_WORDS.format(ring=home / GNUPG, key=key), highlight=False, markup=False)
    if all(one.done == "found" for one in (*steps, step)):
        console.print("Everything was there; nothing was changed.")
    console.print(
        "Next: `cutter db init`, or set the database in cutter.env and run `cutter doctor "
        "--register`.",
        highlight=False,
    )


def _to_begin_with() -> dict[str, bytes]:
    """The table of what may be cut, and the documents that it names, as they ship."""
    shipped = (PROJECT / NAME, *sorted((PROJECT / "documents").iterdir()))
    return {str(path.relative_to(PROJECT)): path.read_bytes() for path in shipped}


def _backup_key(settings: CutterSettings, owner: Owner) -> tuple[str, Step]:
    """The key that the settings name, whatever keyring it is in; one of the home's own if they name
    none.
    """
    if named := (settings.backup_gpg_fpr or "").strip():
        return named, Step(f"backup key {named}", "found")
    ring = settings.home / GNUPG
    key = create_backup_key(ring) if owner.uid == os.geteuid() else _key_for_another(ring, owner)
    set_values(
        settings.home / ENV_FILE,
        {
            "BACKUP_GPG_FPR": key,
            "CUTTER_GNUPG_HOME": str(ring),
            "CUTTER_DRILL_GNUPG_HOME": str(ring),
        },
    )
    return key, Step(f"backup key {key}, in {ring}", "made")


def _key_for_another(ring: Path, owner: Owner) -> str:
    """Make the key where its owner can put nothing in the way of root, then give it to them.

    Raises `BadInput` if a keyring is there already.
    """
    if any(ring.iterdir()):
        raise BadInput(
            f"{ring} holds a keyring of {owner.name}'s already: name its key as BACKUP_GPG_FPR in "
            f"cutter.env, or run this as {owner.name}."
        )
    # A short name: gpg's sockets allow few bytes of a path.
    part = Path(tempfile.mkdtemp(prefix="g", dir=ring.parent.parent))
    try:
        key = create_backup_key(part)
        give_to(part, owner)
        part.rename(ring)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return key
