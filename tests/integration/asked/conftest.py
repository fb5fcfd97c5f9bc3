"""One knowledge base for a module of questions: nothing that is asked changes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.asked import Asked, asked_base
from tests.support.postgres import Cluster


@pytest.fixture(scope="module")
def asked(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """A law that was cut and revised, another of the same articles, and a hostile one."""
    with asked_base(cluster, tmp_path_factory.mktemp("asked")) as made:
        yield made
