"""Doubts that a single rule gives: each is gone when its rule is taken out."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from adapters.readers.account.find_doubts import doubts_of_warnings
from domain.plan.shape import shape_doubts
from domain.reading.doubts import DOUBTS, NO_ACCOUNT
from domain.reading.marks import Level, PlanWarning
from tests.unit.readers.helpers import marked, read

_FR = "Le propriétaire de la maison est responsable envers le locataire de tout dommage causé.\n"
_EN = "Every member of the club shall pay the fee that the board has set, and no more than that.\n"


@dataclass(frozen=True)
class _Row:
    start: int
    end: int
    level: str = "basic"
    label: str = ""
    title: str = ""
    parent_ref: str | None = None
    text: str = ""
    unit_kind: str = "article"

    @property
    def body(self) -> str:
        return self.text or f"{self.label} {'x' * (self.end - self.start - len(self.label) - 2)}."

    @property
    def canonical_address(self) -> str:
        return f"xx.1~art_{self.start}"


def _rows(*sizes: int, level: str = "basic") -> list[_Row]:
    rows: list[_Row] = []
    at = 0
    for i, size in enumerate(sizes, start=1):
        rows.append(_Row(at, at + size, level if i == len(sizes) else "basic", f"Article {i}"))
        at += size
    return rows


@pytest.mark.parametrize(
    "missed",
    [
        "--------3.1 Boats\n",  # a rule of a page, glued to the number by a conversion
        "* 3.1 Boats\n",
        "> 3.1. Boats\n",
        "— 3.1: Boats\n",
        "· 3.1 Boats\n",
    ],
)
def test_a_number_in_parts_that_is_left_out_and_begins_a_line_is_doubted(missed: str) -> None:
    head = "# Rules\n\n## 3.0 Clubs\n\n" + _EN + "\n"
    tail = "## 3.2 Oars\n\n" + _EN + "\n## 3.3 Sails\n\n" + _EN
    found = read(head + missed + _EN + "\n" + tail, ".md")
    assert "3.1" not in [mark.number for mark in found.marks]
    assert [(d.code, d.line) for d in found.doubts] == [("unexplained-line", 7)]
    for explained in ("", "See 3.1 Boats.\n", "3.1 and 3.2 apply.\n"):
        assert read(head + explained + _EN + "\n" + tail, ".md").doubts == ()


_ZH = "会员应当按照理事会规定的数额缴纳会费，不得多收。"
_ZH_NAMES = ["船只", "船桨", "风帆", "绳索", "桅杆", "甲板", "船体"]


@pytest.mark.parametrize(("first", "second"), [(3, 5), (4, 6), (5, 7), (4, 7), (3, 4)])
def test_declared_headings_of_a_list_that_begins_again_are_doubted(first: int, second: int) -> None:
    """One of the two lists is taken for the units; the other one's lines would go unsaid."""

    def items(titles: list[str]) -> str:
        return "".join(f"<li><h4>{title}</h4><p>{_ZH}</p></li>" for title in titles)

    again = [f"新{name}" for name in _ZH_NAMES[:second]]
    lists = f"<ol>{items(_ZH_NAMES[:first])}</ol><p>{_ZH}</p><ol>{items(again)}</ol>"
    top = f"<h1>Terms</h1><h2>A</h2><p>{_ZH}</p>"
    found = read(f"<html><body>{top}{lists}</body></html>", ".html")
    cited = [m.title for m in found.marks if m.level is Level.BASIC]
    assert cited == again
    assert [d.code for d in found.doubts] == ["unexplained-line"] * first
    one = f"<html><body>{top}<ol>{items(_ZH_NAMES)}</ol></body></html>"
    assert read(one, ".html").doubts == ()


_AGUA = "El agua de la villa es de todos los vecinos, y nadie la puede vender a otro.\n"
_EAU = "L'eau de la ville est à tous les habitants, et nul ne peut la vendre à un autre.\n"


@pytest.mark.parametrize(
    ("profile", "head", "apart", "body"),
    [
        ("es", "Artículo {}.", "Artículo adicional {}.- ", _AGUA),
        ("es", "ARTÍCULO {}.-", "ARTÍCULO PROVISORIO {}. ", _AGUA),
        ("fr", "Article {}", "Article additionnel {} - ", _EAU),
        ("en", "Section {}.", "Section interim {}. ", _EN),
        ("en", "Article {}.", "**Article supplementary {}:** ", _EN),
    ],
)
def test_a_series_with_a_word_before_its_numbers_is_doubted(
    profile: str, head: str, apart: str, body: str
) -> None:
    """Such a series is numbered apart; in the last article it would be that article's text."""
    act = "".join(f"{head.format(i)} {body}\n" for i in range(1, 5))
    assert marked(act, profile=profile).doubts == ()
    tail = [f"{apart.format(i)}{body}\n" for i in (1, 2, 3)]
    doubts = marked(act + "".join(tail), profile=profile).doubts
    assert [d.code for d in doubts] == ["unexplained-line"] * 3
    assert doubts[0].line == act.count("\n") + 1
    assert marked(act + "".join(tail[:2]), profile=profile).doubts == ()  # two are a mention


@pytest.mark.parametrize("before", ["à Rome. ", "à Rome; le voici. ", "(annexe). ", "fin : ", "! "])
def test_a_sole_article_within_a_line_is_doubted(before: str) -> None:
    act = f"Est approuvé l'accord signé {before}Article unique\n"
    units = "".join(f"Article {i}. Titre\n{_FR}" for i in range(1, 6))
    found = marked(act + units, profile="fr")
    assert [d.line for d in found.doubts if "stands within this line" in d.reason] == [1]
    assert "stands within" not in "".join(d.reason for d in marked(units, profile="fr").doubts)


@pytest.mark.parametrize("line", ["Dues No 3. The board", "Fees, see 3) The board", "¶ x 3. (1) A"])
def test_the_line_that_may_fill_a_hole_is_unexplained(line: str) -> None:
    units = [f"Article {i}. Dues\n{_EN}" for i in (1, 2, 4, 5)]
    found = marked(f"{units[0]}{units[1]}{line}\n{_EN}{units[2]}{units[3]}", profile="en")
    assert [(u.line, u.text) for u in found.account.unexplained] == [(5, line)]


@pytest.mark.parametrize(
    ("sizes", "level", "reason"),
    [
        ((900, 900, 9_000), "other", "which is no article or section"),
        ((500, 500, 500, 500, 500, 500, 500, 8_000), "basic", "of the text"),
        ((400,) * 30 + (7_000,), "basic", "times as long as most units"),
        ((300, 300, 8_000), "basic", "of the text"),
        ((900,) * 15 + (15_000,), "container", "of the text"),
    ],
)
def test_a_unit_of_an_unlikely_size_is_doubted(
    sizes: tuple[int, ...], level: str, reason: str
) -> None:
    rows = _rows(*sizes, level=level)
    found = [d for d in shape_doubts(rows, [], sum(sizes), NO_ACCOUNT) if reason in d.reason]
    assert [d.code for d in found] == ["oversized-unit"]


def test_units_of_likely_sizes_are_not() -> None:
    assert list(shape_doubts(_rows(*(900,) * 20), [], 18_000, NO_ACCOUNT)) == []


TITLES = ("Short title", "Rules as to gender", "Service by post", "Repeal", "Power to appoint")


def _titled(*units: tuple[str, str]) -> list[_Row]:
    rows: list[_Row] = []
    at = 0
    for number, (title, text) in enumerate(units, start=1):
        body = f"{number}. {title}\n{text}"
        rows.append(_Row(at, at + len(body), label=f"{number}.", title=title, text=body))
        at += len(body)
    return rows


@pytest.mark.parametrize("dots", ["", " ..... 12", " . . . iv"])
def test_a_contents_list_that_was_cut_beside_the_text_is_doubted(dots: str) -> None:
    text = [(title, _EN * 3) for title in TITLES]
    rows = _titled(*((title + dots.replace("iv", "4"), "") for title in TITLES), *text)
    found = list(shape_doubts(rows, [], rows[-1].end, NO_ACCOUNT))
    assert [(d.code, d.line) for d in found] == [("contents-cut", 1)]
    assert "titles of 5 of 10 units" in found[0].reason


def test_short_units_with_titles_of_their_own_or_before_short_ones_are_not() -> None:
    own = _titled(*((f"{title} first", "") for title in TITLES), *((t, _EN * 3) for t in TITLES))
    short = _titled(*((title, "Repealed.") for title in TITLES * 2))
    few = _titled(*((t, "") for t in TITLES[:4]), *((t, _EN * 3) for t in TITLES))
    for rows in (own, short, few):
        assert not list(shape_doubts(rows, [], rows[-1].end, NO_ACCOUNT))


@pytest.mark.parametrize(
    ("warning", "doubt"),
    [
        ("unknown-language", "unknown-language"),
        ("ad-hoc-profile", "unknown-language"),
        ("ambiguous-list", "ambiguous-list"),
        ("legacy-encoding", "legacy-letters"),
        ("number-not-stored", "numbers-not-stored"),
    ],
)
def test_a_warning_that_is_a_doubt_as_well(warning: str, doubt: str) -> None:
    (found,) = doubts_of_warnings([PlanWarning(warning, 7, "Odd.")])
    assert (found.code, found.line, found.reason) == (doubt, 7, "Odd.")
    assert found.code in DOUBTS
    assert list(doubts_of_warnings([PlanWarning("duplicate-title", 7, "Odd.")])) == []
