"""The cycle collector is paused for a block, and left as it was found, whatever happens inside."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from adapters.readers import plain_text
from adapters.readers.by_content import read_document
from domain.collector import collector_paused
from domain.plan import cut_plan
from domain.reading.marks import Granularity


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    yield
    gc.enable()


@pytest.mark.parametrize("enabled", [True, False])
def test_it_is_paused_inside_and_as_before_afterwards(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() is enabled


@pytest.mark.parametrize("enabled", [True, False])
def test_an_error_does_not_leave_it_paused(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    with pytest.raises(ValueError, match="inside"), collector_paused():
        raise ValueError("inside")
    assert gc.isenabled() is enabled


@pytest.mark.parametrize(
    ("module", "name"), [(plain_text, "mark_text"), (cut_plan, "assign_addresses")]
)
def test_reading_and_planning_run_without_it(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str
) -> None:
    seen = []
    real = getattr(module, name)

    def observed(*positional: Any, **named: Any) -> Any:
        seen.append(gc.isenabled())
        return real(*positional, **named)

    monkeypatch.setattr(module, name, observed)
    read = read_document(b"Article 1. One\nText.\n", name="law.txt")
    cut_plan.build_plan(
        read, cut_plan.TargetDocument("x1"), source_name="law.txt", granularity=Granularity.BASIC
    )
    assert seen == [False]
    assert gc.isenabled()
