"""The cycle collector is paused for a block, and left as it was found, whatever happens inside."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from adapters.collector import collector_paused
from adapters.planning import plan_document
from adapters.readers import plain_text
from domain.plan import cut_plan
from domain.reading.options import ReadingOptions


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
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: ModuleType, name: str
) -> None:
    seen = []
    real = getattr(module, name)

    def observed(*positional: Any, **named: Any) -> Any:
        seen.append(gc.isenabled())
        return real(*positional, **named)

    monkeypatch.setattr(module, name, observed)
    source = tmp_path / "law.txt"
    source.write_text("Article 1. One\nText.\n", encoding="utf-8")
    plan_document(str(source), ReadingOptions(code="x1"))
    assert seen == [False]
    assert gc.isenabled()
