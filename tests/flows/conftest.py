"""One Prefect server for all flow tests, and a home of its own for each."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.keys import Keyring
from tests.support.knowledge import Knowledge, SigningKeys, prepared_knowledge, stored_secrets
from tests.support.postgres import Cluster, Database, fresh_database
from tests.support.prefect import Bench, forget_blocks, prefect_server, write_law


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Prefect leaves connections of its own to the garbage collector, which may find them in any
    later test.
    """
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(
                pytest.mark.filterwarnings(
                    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
                )
            )


def collect_connections() -> None:
    """Collect what Prefect has left where that is no error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def pytest_unconfigure() -> None:
    """At the end of a session pytest collects once more, under no test's filter."""
    collect_connections()


@pytest.fixture(scope="package", autouse=True)
def connections_collected_before_other_tests() -> Iterator[None]:
    """The tests that come after the flow tests find no connection of theirs."""
    yield
    collect_connections()


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
def database(cluster: Cluster) -> Iterator[Database]:
    """A database that no test before had: the Prefect server remembers the runs of all of them, by
    target and plan.
    """
    with fresh_database(cluster) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def secrets(api: str, cluster: Cluster) -> Iterator[SigningKeys]:
    """The principals' logins and signing keys, in blocks while the tests of a module run."""
    yield stored_secrets(cluster)
    forget_blocks()


@pytest.fixture
def knowledge(
    api: str,
    database: Database,
    home: Path,
    ring: Keyring,
    secrets: SigningKeys,
    monkeypatch: pytest.MonkeyPatch,
) -> Knowledge:
    """A knowledge base that is ready for live runs, also of processes of their own."""
    monkeypatch.setenv(
        "PREFECT_API_URL", api
    )  # or the commands would start a server of the home's own
    return prepared_knowledge(database, home, ring, secrets, monkeypatch)


@pytest.fixture
def law(tmp_path: Path) -> str:
    """The path of a document of two articles."""
    return write_law(tmp_path)


@pytest.fixture
def bench() -> Bench:
    """The real switch and executors over connections that only take note."""
    return Bench()
