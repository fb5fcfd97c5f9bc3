"""An installed `cutter` works in any folder: the wheel carries what a clone has at its top."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from blocks.deployed import INSTALLED, PROJECT, TABLE, allowed_deployments, table_of
from domain.errors import Refused
from tests.support.command import cutter
from tests.support.installed import installed_in, run_installed


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs."""
    return installed_in(tmp_path_factory.mktemp("wheel"))


def test_this_is_a_clone_and_the_wheel_is_none(site: Path, tmp_path: Path) -> None:
    assert not INSTALLED
    where = (
        "import blocks.deployed as d; print(d.INSTALLED, d.PROJECT, len(d.allowed_deployments()))"
    )
    installed, project, count = run_installed(site, tmp_path, "-c", where).split()
    assert (installed, project) == ("True", str(site / "blocks" / "shipped"))
    assert int(count) == len(allowed_deployments())


def test_the_installed_command_plans_a_shipped_document_anywhere(
    site: Path, tmp_path: Path
) -> None:
    document = site / "blocks" / "shipped" / "documents" / "safe-target.md"
    assert document.read_bytes() == (PROJECT / "documents" / "safe-target.md").read_bytes()
    assert "72" in run_installed(site, tmp_path, "-m", "cli.main", "plan", str(document))
    (entry,) = site.glob("*.dist-info/entry_points.txt")
    assert "cutter = cli.main:main" in entry.read_text()
    for kind in ("sql", "json", "html", "css"):
        ours = {path.relative_to(PROJECT) for path in (PROJECT / "adapters").rglob(f"*.{kind}")}
        assert {path for path in ours if not (site / path).exists()} == set()


def test_init_writes_a_table_of_its_own_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert table_of(home) == TABLE
    assert cutter("init", home=home).returncode == 0
    table = table_of(home)
    assert table == home / "prefect.yaml"
    assert table.read_bytes() == TABLE.read_bytes()
    for one in yaml.safe_load(table.read_text())["definitions"]["targets"].values():
        assert (home / one["document"]).is_file()
    table.unlink()
    assert cutter("init", home=home).returncode == 0
    assert table_of(home) == TABLE, "a home that is there keeps what counts for it"


def test_the_homes_table_says_what_may_be_cut(tmp_path: Path) -> None:
    from blocks.deployed import refuse_other_parameters
    from domain.phases import Mode

    table = tmp_path / "prefect.yaml"
    table.write_text(TABLE.read_text().replace("documents/safe-target.md", "laws/ours.md"))
    name = "dry-run-safe-target"
    refuse_other_parameters(name, "laws/ours.md", Mode.DRYRUN, table=table)
    with pytest.raises(Refused, match=r"is for laws/ours\.md"):
        refuse_other_parameters(name, "documents/safe-target.md", Mode.DRYRUN, table=table)
