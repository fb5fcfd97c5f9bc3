"""Laws that Chromium prints, with heads and feet, in one column and in two: the units of the text
are those of the PDF, or a doubt says that they may not be.

CUTTER_TEST_LAWS may name a folder of laws as text files, which are printed too.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from adapters.readers.by_content import read_document
from domain.plan.cut_plan import CutPlan, TargetDocument, build_plan
from domain.reading.marks import Granularity, Level
from tests.support.browser import chromium
from tests.support.printed import printed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="needs Chromium"),
]
LEAST: Final = 0.98  # of the units of the text that the PDF has, and the other way round
LONGEST: Final = 110_000  # bytes of a law of the folder: a longer one takes minutes
_UNITS: Final = 24

_ENGLISH: Final = (
    "The harbour master shall keep a register of boat {n}, and shall enter in it the name of the "
    "owner and the day on which it came; a boat under section 4 is entered under its number.\n"
    "(1) The fee for the entry is paid by the owner within thirty days.\n"
    "(2) No fee is due for a boat of less than four metres."
)
_GERMAN: Final = (
    "(1) Der Hafenmeister führt ein Verzeichnis der Boote und trägt darin den Namen des Eigners "
    "und den Tag der Ankunft von Boot {n} ein; die Vorschriften des § 4 gelten entsprechend.\n"
    "(2) Die Gebühr wird binnen dreißig Tagen entrichtet, sofern nichts anderes bestimmt ist."
)
_FRENCH: Final = (
    "Le maître du port tient le registre des bateaux et y inscrit le nom du propriétaire ainsi que "
    "le jour de l'arrivée du bateau {n}, dans les conditions prévues à l'article 4.\n"
    "1° Le droit est acquitté par le propriétaire dans un délai de trente jours ;\n"
    "2° Aucun droit n'est dû pour les bateaux de moins de quatre mètres."
)
_CHINESE: Final = "港口管理机构应当建立船舶登记簿，登记船舶所有人的姓名和到达日期。船舶{n}的登记费用由所有人在三十日内缴纳，法律另有规定的除外。"
_KOREAN: Final = (
    "① 항만 관리자는 선박 등록부를 작성하고 선박 {n}의 소유자 성명과 도착일을 기록하여야 한다.\n"
    "② 등록 수수료는 소유자가 30일 이내에 납부하여야 한다."
)
_LAWS: Final = {
    "articles": ("THE BOATS ACT\n", "Article {n}. Boats of kind {n}\n" + _ENGLISH),
    "sections": ("CLUB RULES\n", "{n}. Boats of kind {n}\n" + _ENGLISH),
    "german": ("Bootsgesetz\n", "§ {n} Boote der Klasse {n}\n" + _GERMAN),
    "french": ("LOI SUR LES BATEAUX\n", "Article {n}\n" + _FRENCH),
    "chinese": ("船舶登记条例\n", "第{n}条 " + _CHINESE),
    "korean": ("선박등록법\n", "제{n}조(선박의 등록) " + _KOREAN),
}


def _laws() -> Iterator[tuple[str, str]]:
    for name, (title, article) in _LAWS.items():
        yield name, title + "\n".join(article.format(n=n) for n in range(1, _UNITS + 1))
    folder = os.environ.get("CUTTER_TEST_LAWS")
    for file in sorted(Path(folder).glob("*.txt")) if folder else ():
        if file.stat().st_size <= LONGEST:
            yield file.stem, file.read_bytes().decode("utf-8-sig")


def _plan(data: bytes, name: str) -> CutPlan:
    document = read_document(data, name=name)
    target = TargetDocument("xx.1")
    return build_plan(document, target, source_name=name, granularity=Granularity.BASIC)


def _labels(plan: CutPlan) -> list[str]:
    return [row.label.strip(" .") for row in plan.rows if row.level == Level.BASIC.value]


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in _laws()])
def test_a_printed_law_has_the_units_of_its_text_or_a_doubt(
    text: str, columns: int, tmp_path: Path
) -> None:
    wanted = _labels(_plan(text.encode(), "law.txt"))
    plan = _plan(printed(tmp_path, text, columns=columns), "law.pdf")
    found = _labels(plan)
    blocks = difflib.SequenceMatcher(None, wanted, found, autojunk=False).get_matching_blocks()
    right = sum(block.size for block in blocks)
    assert wanted
    assert plan.doubts or right >= LEAST * max(len(wanted), len(found)), (wanted, found)


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("name", sorted({*_LAWS} - {"chinese"}))
def test_an_invented_law_is_printed_and_read_right(name: str, columns: int, tmp_path: Path) -> None:
    text = dict(_laws())[name]
    plan = _plan(printed(tmp_path, text, columns=columns), "law.pdf")
    assert [label.strip("§제조第条 ").split(" ")[-1] for label in _labels(plan)] == [
        str(n) for n in range(1, _UNITS + 1)
    ]
    assert "Running head" not in "".join(row.body for row in plan.rows)
