"""Which documents a corpus has, which are left out, and the page of its release."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.corpus import Source, find_corpus
from adapters.review_page.page import content_security_policy
from adapters.review_page.release import render_release
from domain.approval.request import document_effect
from domain.errors import BadInput
from domain.phases import Mode
from domain.release.looked import Found, Looked, of_the_release, shape_of, without_the_same_code
from domain.release.manifest import Release, release_of
from tests.support.plans import context, made_plan
from tests.support.review import DECEIT, TARGET, Element, Page

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def looked(code: str, units: int, body: str = "The text of article {n}.\n") -> Looked:
    plan = made_plan(units, code=code, body=body)
    effect = document_effect(context(plan, Mode.DRYRUN, TARGET), plan)
    page = f"/home/runs/{effect.change_set_id}/review.html"
    return Looked(f"/laws/{code}.txt", Found.READY, shape=shape_of(plan), effect=effect, page=page)


def corpus_of(*every: Looked) -> tuple[Release, Page]:
    release = release_of(of_the_release(every))
    return release, Page(render_release(release, every, Path("/home/state/releases/x"), NOW))


def codes(view: Element) -> list[str]:
    return [row.all("code")[0].text for row in view.all("tbody")[0].all("tr")]


def test_a_folder_is_read_in_order_and_what_is_no_document_is_named(tmp_path: Path) -> None:
    for name in ("b.txt", "a/c.md", "a.txt", ".git/config", "a/.hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = find_corpus(tmp_path)
    assert [Path(one.place).relative_to(tmp_path).as_posix() for one in found.sources] == [
        "a/c.md",
        "a.txt",
        "b.txt",
    ]
    assert len(found.hidden) == 2


def test_a_list_names_paths_from_its_own_folder_and_codes(tmp_path: Path) -> None:
    path = tmp_path / "laws.list"
    path.write_text("# laws\n\na.txt\tvn.1\nsub/b c.txt\ndb:vn.2\nhttps://x.example/law\tx\n")
    assert find_corpus(path).sources == (
        Source(str(tmp_path / "a.txt"), "vn.1"),
        Source(str(tmp_path / "sub" / "b c.txt")),
        Source("db:vn.2"),
        Source("https://x.example/law", "x"),
    )


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "no documents"), (b"a\na\n", "twice"), (b"\xff\xfe", "can not be")]
)
def test_what_is_no_list(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "list").write_bytes(content)
    with pytest.raises(BadInput, match=says):
        find_corpus(tmp_path / "list")
    with pytest.raises(BadInput, match="can not be read"):
        find_corpus(tmp_path / "missing")


def test_documents_that_claim_one_code_are_all_left_out() -> None:
    one, other = looked("law.1", 3), looked("law.2", 4)
    twin = replace(one, source="/laws/copy.txt")
    found = without_the_same_code([one, other, twin])
    assert [each.found for each in found] == [Found.SAME_CODE, Found.READY, Found.SAME_CODE]
    assert "/laws/copy.txt" in found[0].why
    assert of_the_release(found) == [other.effect]


def test_each_view_of_the_page_has_every_document_in_its_own_order() -> None:
    few, many, long = (
        looked("b.x", 2),
        looked("c.x", 30),
        looked("a.x", 3, body="{n}" + "long " * 99),
    )
    release, page = corpus_of(few, many, long)
    views = page.root.with_class("view")
    orders = {view.attributes["id"]: codes(view) for view in views}
    assert orders["by-code"] == ["a.x", "b.x", "c.x"]
    assert orders["by-units"] == ["c.x", "a.x", "b.x"]
    assert orders["by-gaps"][0] == "b.x"
    assert all(sorted(order) == ["a.x", "b.x", "c.x"] for order in orders.values())
    links = {link.attributes["href"] for link in page.root.all("a")}
    assert {f"#{name}" for name in orders} <= links
    assert f"../../../runs/{release.effects[0].change_set_id}/review.html" in links
    assert release.root in page.section("release").text


def test_without_a_script_one_view_shows_at_a_time() -> None:
    """By style alone: the view that the address names, else the last."""
    _, page = corpus_of(looked("a.x", 2))
    assert page.root.all("script") == []
    (style,) = page.root.all("style")
    assert ".view { display: none; }" in style.text
    assert ".view:target, .view.first { display: block; }" in style.text
    assert ".view:target ~ .view.first { display: none; }" in style.text
    views = page.root.with_class("view")
    assert [one for one in views if "first" in one.attributes["class"]] == [views[-1]]


def test_what_is_left_out_stands_with_its_reason() -> None:
    left = Looked("/laws/scan.pdf", Found.REFUSED, "It has no text layer; `ocr` it.")
    _, page = corpus_of(looked("a.x", 2), left)
    assert "/laws/scan.pdf" in page.section("left-out").text
    assert "It has no text layer; ocr it." in page.section("left-out").text


def test_nothing_in_a_corpus_can_act_on_its_page() -> None:
    bad = looked("a.x", 2)
    assert bad.shape
    shape = replace(
        bad.shape, title=DECEIT, kinds=((DECEIT, 2),), doubts=(DECEIT,), publication_type=DECEIT
    )
    left = Looked(DECEIT, Found.DOUBTFUL, DECEIT, page=f"/home/{DECEIT}/review.html")
    release = release_of(of_the_release([bad]))
    html = render_release(release, [replace(bad, shape=shape), left], Path("/home"), NOW)
    page = Page(html)
    assert content_security_policy() in html.replace("&#39;", "'")
    assert not [one for one in page.root.all() if set(one.attributes) & {"onclick", "style"}]
    assert {one.name for one in page.root.all()}.isdisjoint({"script", "i", "img"})
    for link in page.root.all("a"):
        assert re.fullmatch(r"[#\w./%-]+", link.attributes["href"], re.ASCII)
