"""One Prefect server for all flow tests, and a home of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.prefect import Bench, prefect_server, write_law


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Prefect leaves connections of its own to the garbage collector, which may find them in any later test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(
                pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
            )


@pytest.fixture(scope="session")
def api() -> Iterator[str]:
    """The URL of the Prefect API that the session's tests use."""
    with prefect_server() as url:
        yield url


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home that the settings point to, and no setting from outside."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CUTTER_HOME", str(folder))
    for key in ("HOST", "PORT", "NAME", "SSLMODE"):
        monkeypatch.delenv(f"DOT_CUTTER_DB_{key}", raising=False)
    return folder


@pytest.fixture
def law(tmp_path: Path) -> str:
    """The path of a document of two articles."""
    return write_law(tmp_path)


@pytest.fixture
def bench() -> Bench:
    """The real switch and executors over connections that only take note."""
    return Bench()
