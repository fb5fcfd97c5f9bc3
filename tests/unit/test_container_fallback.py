"""Where no container can be had, the tests say why they run on the embedded server, or stop."""

from __future__ import annotations

from contextlib import ExitStack

import docker  # type: ignore[import-untyped]
import pytest

from adapters.acceptance.server import container_trouble
from tests.support.postgres import _container


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    monkeypatch.delenv("CUTTER_TEST_CONTAINER", raising=False)


@pytest.mark.usefixtures("no_engine")
def test_the_embedded_server_is_never_taken_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    with ExitStack() as stack:
        assert _container(stack) is None
    said = capfd.readouterr().err
    assert said.startswith("No container, so the tests use the embedded server: No Docker engine")


@pytest.mark.usefixtures("no_engine")
def test_where_a_container_is_required_the_tests_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUTTER_TEST_CONTAINER", "required")
    with ExitStack() as stack, pytest.raises(RuntimeError, match="No Docker engine could start"):
        _container(stack)


def test_what_is_missing_of_an_image_is_named_and_not_the_kind_of_error() -> None:
    error = docker.errors.APIError("404 ... No such image: testcontainers/ryuk:0.8.1")
    said = container_trouble(16, error)
    assert said.startswith("The image testcontainers/ryuk:0.8.1 can not be had")
    assert "TESTCONTAINERS_RYUK_DISABLED=true" in said
    assert "APIError" not in said
