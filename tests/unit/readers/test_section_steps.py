"""An address that a reader can guess: `§ 26` is `sec_26`, whatever stands above it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.planning import plan_document
from domain.reading.options import ReadingOptions

LAW = "§ 25. Wasser ist für alle.\n\n§ 26. Es wird geschont.\n"


@pytest.mark.parametrize(
    "above",
    ["", "Erster Abschnitt\nAllgemeines\n\n", "1. Abschnitt\nAllgemeines\n\n", "Teil 1\nWas\n\n"],
)
def test_a_paragraph_sign_is_a_section_whatever_stands_above_it(tmp_path: Path, above: str) -> None:
    file = tmp_path / "water.txt"
    file.write_text(f"Bundesgesetz über das Wasser\n\n{above}{LAW}", encoding="utf-8")
    plan = plan_document(str(file), ReadingOptions(code="water"))
    found = [row.canonical_address for row in plan.rows]
    assert found[-2:] == ["water~sec_25", "water~sec_26"]
    steps = {row.canonical_address.partition("~")[2].partition("_")[0] for row in plan.rows[:-2]}
    assert len(steps) == bool(above)
    assert "sec" not in steps, "a container shares no step with a basic unit"
