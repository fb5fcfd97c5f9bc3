"""Backups that earlier releases have made are still compared with what they held."""

from __future__ import annotations

import pytest

from adapters.postgres.backups.contents import contents_like
from adapters.postgres.backups.manifest import BackupManifest
from domain.ledger.backups import compare_contents
from tests.support.postgres import Cluster
from tests.support.releases import RELEASED, release, released_database


@pytest.mark.parametrize("version", RELEASED)
def test_what_a_manifest_of_every_release_says_is_found_again(
    cluster: Cluster, version: int
) -> None:
    """The dump is of the same database, a moment later."""
    text = (release(version) / "backup_manifest.json").read_bytes()
    recorded = BackupManifest.model_validate_json(text).contents
    with (
        released_database(cluster, version) as database,
        database.connect(autocommit=True) as admin,
    ):
        assert compare_contents(recorded, contents_like(admin, recorded)) == ()
        admin.execute("ALTER TABLE public.sweep_log DISABLE TRIGGER append_only")
        assert compare_contents(recorded, contents_like(admin, recorded)) == (
            "The table sweep_log is not as it was backed up.",
        )
