"""The claims of an amending act beside what a comparison has found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.amending_act import claims_of_act
from adapters.likeness import RapidLikeness
from domain.amending.reading import read_claims
from domain.errors import BadInput
from domain.revision.agreement import Agreement, set_beside
from domain.revision.compare import compare
from tests.support.command import cutter
from tests.support.review import Page
from tests.unit.revision.versions import TEXTS, law

SIX = {str(number): text for number, text in TEXTS.items()}
FRESH = "A buoy that has drifted is towed back at the cost of whoever moored it there."


def beside(act: str, new: dict[str, str]) -> Agreement:
    comparison = compare(law(SIX), law(new), RapidLikeness())
    return set_beside("act", read_claims(act, "en"), comparison)


def reasons(agreement: Agreement) -> list[str]:
    return [one.reason for one in agreement.disagreements]


NEW = {n: text for n, text in SIX.items() if n != "4"} | {
    "2": SIX["2"].replace("quay", "pier"),
    "3a": FRESH,
}
ACT = "In article 2, for “quay” substitute “pier”.\nAfter article 3 insert— “3a. Buoys”.\nOmit article 4.\n"


def test_an_act_that_says_what_was_done_agrees() -> None:
    agreement = beside(ACT, NEW)
    assert len(agreement.claims) == agreement.agree == 3
    assert agreement.disagreements == ()


@pytest.mark.parametrize(
    ("act", "new", "reason"),
    [
        ("Article 5 is amended.", SIX, "changes 5, and the comparison says same"),
        ("Article 9 is amended.", SIX, "changes 9, and neither version has such a unit"),
        ("Article 5 is repealed.", SIX, "repeals 5, and the comparison says same"),
        ("Article 9 is repealed.", SIX, "repeals 9, and the old version has no such unit"),
        ("After article 6 insert— “7 Buoys”", SIX, "inserts 7, and the new version has no"),
        ("After article 1 insert— “2 Buoys”", SIX, "inserts 2, and the comparison says same"),
        ("Article 5 is renumbered as article 7.", SIX, "renumbers 5 as 7, and the comparison"),
        ("Article 9 is renumbered as article 7.", SIX, "renumbers 9, and the old version"),
        ("Omit article 4. Article 2 is amended.", NEW, "says added, and no instruction"),
    ],
)
def test_each_disagreement_is_said(act: str, new: dict[str, str], reason: str) -> None:
    (said,) = reasons(beside(act, new))
    assert reason in said


def test_a_change_of_layout_needs_no_instruction() -> None:
    new = SIX | {"3": SIX["3"].replace(" of ", "\n of "), "5": SIX["5"].replace("lays", "lays,")}
    assert reasons(beside("", new)) == []


def test_a_unit_that_was_emptied_is_repealed() -> None:
    assert reasons(beside("Omit article 4.", SIX | {"4": "(repealed)"})) == []


def test_a_renumbering_that_is_instructed_agrees() -> None:
    new = {n: text for n, text in SIX.items() if n != "6"} | {"7": SIX["6"]}
    assert reasons(beside("Article 6 is renumbered as article 7.", new)) == []
    (unsaid,) = reasons(beside("", new))
    assert "says renumbered, and no instruction" in unsaid


LAW = "# A law\n\n" + "\n".join(f"## Article {n}. Words\n\n{text}\n" for n, text in SIX.items())


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "old.md").write_text(LAW, encoding="utf-8")
    (tmp_path / "new.md").write_text(LAW.replace("on the quay", "on the pier"), encoding="utf-8")
    act = (
        "# An act that amends two laws\n\n## Article 1. The law\n\n1. In article 2, for “quay” "
        "substitute “pier”.\n\n2. Article 5 is amended.\n\n## Article 2. Another law\n\nArticle 6 is "
        "repealed.\n"
    )
    (tmp_path / "act.md").write_text(act, encoding="utf-8")
    return tmp_path


def run(files: Path, *options: str) -> str:
    done = cutter("compare", str(files / "old.md"), str(files / "new.md"), *options, home=files)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_sets_an_act_beside(files: Path) -> None:
    act = str(files / "act.md")
    shown = run(files, "--amended-by", act)
    assert "says 3 things of units; 1 agree" in shown
    assert "art_5: The act changes 5, and the comparison says same." in shown
    assert "line 7: Article 5 is amended." in shown
    found = json.loads(run(files, "--amended-by", f"{act}#art_1", "--json"))["amended_by"]
    assert [claim["number"] for claim in found["claims"]] == ["2", "5"]
    assert [one["claim"]["line"] for one in found["disagreements"]] == [7]


def test_the_page_has_every_disagreement(files: Path) -> None:
    html = files / "page.html"
    run(files, "--amended-by", str(files / "act.md"), "--html", str(html))
    section = Page(html.read_text(encoding="utf-8")).section("act")
    assert "3 things of units; 1 agree" in section.text
    assert len(section.all("tbody")[0].all("tr")) == 2
    assert "Article 6 is repealed" in section.text


def test_what_can_not_be_read_is_refused_by_name(files: Path) -> None:
    with pytest.raises(BadInput, match="has no unit art_9"):
        claims_of_act(f"{files / 'act.md'}#art_9", language="en")
    (files / "akt.txt").write_text("Artykuł 5 otrzymuje brzmienie. " * 20, encoding="utf-8")
    with pytest.raises(BadInput, match="can not be read; there are: de, en, fr, vi"):
        claims_of_act(str(files / "akt.txt"), language="")
