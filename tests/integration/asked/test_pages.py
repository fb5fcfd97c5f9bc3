"""The permanent links over a real knowledge base: pages for browsers, JSON for programs, and a real
Chromium that reads them at both sizes.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from domain.units.records import UnitText, VersionFacts
from service.reading_app.app import reading_app
from service.reading_app.views import Line
from tests.support.asked import DAY, HOSTILE, OTHER, Asked
from tests.support.browser import DESK, PHONE, chromium, hosts_of, running_browser
from tests.support.revisions import CODE, OLD
from tests.support.served import served

URL = "http://units.test"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def client(asked: Asked) -> TestClient:
    return TestClient(reading_app(asked.desk, URL), base_url=URL)


def page(client: TestClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers={"accept": BROWSER})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["vary"] == "Accept"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    return answer.text


def test_a_link_is_a_page_for_a_browser_and_json_for_a_program(client: TestClient) -> None:
    path = f"/{CODE}/art_2"
    assert "fourteen metres" in page(client, path)
    answer = client.get(path)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == client.get("/api/unit", params={"cite": f"{CODE}~art_2"}).json()
    tree = client.get(f"/{CODE}").json()
    assert tree == client.get(f"/api/documents/{CODE}").json()
    difference = client.get(path, params={"from": 1, "to": 2}).json()
    asked = {"cite": f"{CODE}~art_2", "from": "1", "to": "2"}
    assert difference == client.get("/api/difference", params=asked).json()
    assert client.get("/").json() == client.get("/api/documents").json()


def test_the_contents_give_each_unit_its_number_once(client: TestClient) -> None:
    contents = page(client, f"/{CODE}").partition("<h2>Contents</h2>")[2].partition("</nav>")[0]
    lines = [
        unescape(re.sub("<[^>]*>", "", line)).strip()
        for line in contents.splitlines()
        if "<li" in line
    ]
    tree = client.get(f"/{CODE}").json()["units"]
    assert len(lines) == len(tree) > 1
    for line, unit in zip(lines, tree, strict=True):
        number = unit["address"].rpartition("_")[2]
        assert line in (f"{number} {unit['title']}", unit["title"])
        assert re.findall(r"\w+", line).count(number) == 1, line


@pytest.mark.parametrize(
    ("address", "title", "kind", "number"),
    [
        ("a-law~art_5", "Opening hours", "article", "5"),
        ("a-law~art_5", "Article 5. Opening hours", "article", ""),
        ("a-law~art_5", "Within 15 days", "article", "5"),
        ("a-law~art_12a__para_2", "Guests", "paragraph", "2"),
        ("a-law~part_IV", "Guests", "part", "IV"),
        ("a-law~preamble", "Preamble", "preamble", ""),
        ("a-law~hdg_what-this-is", "What this is", "heading", ""),
    ],
)
def test_a_number_is_said_where_the_title_does_not_say_it(
    address: str, title: str, kind: str, number: str
) -> None:
    unit = UnitText(address, title, "", "", kind, "body", None, VersionFacts(1))
    assert Line(unit, 0, "").number == number


def test_both_are_kept_by_hashes_of_their_own(client: TestClient) -> None:
    path = f"/{CODE}/art_2"
    tags = [
        client.get(path, headers={"accept": accept}).headers["etag"]
        for accept in (BROWSER, "application/json")
    ]
    assert len(set(tags)) == 2
    kept = {"accept": BROWSER, "if-none-match": tags[0]}
    assert client.get(path, headers=kept).status_code == 304
    assert client.get(path, headers={"if-none-match": tags[0]}).status_code == 200


def test_a_document_shows_its_tree_its_text_and_its_changes(client: TestClient) -> None:
    shown = page(client, f"/{CODE}")
    links = re.findall(r'href="([^"]+)"', shown)
    for number in "123456":
        assert f"/{CODE}/art_{number}" in links
    assert f"/{CODE}/art_2?from=1&amp;to=2" in links
    assert f"In force from {DAY}" in shown
    then = page(client, f"/{CODE}?as-of=2026-12-31")
    assert OLD["2"] in then
    assert "fourteen" not in then
    assert f'href="/{CODE}/art_2?as-of=2026-12-31"' in then
    assert "d1" in page(client, f"/{OTHER}"), "what stands in a chapter is set in"
    assert page(client, f"/{CODE}/") == shown


def test_a_unit_shows_where_it_stands_its_versions_and_what_changed(client: TestClient) -> None:
    shown = page(client, f"/{CODE}/art_2")
    assert "Version 1" in shown
    assert f"in force from {DAY}" in shown
    assert "This is version" not in shown
    old = page(client, f"/{CODE}/art_2?version=1")
    assert "twelve metres" in old
    assert "This is version 1." in old
    assert page(client, f"/{CODE}/art_2?as-of=&version=1") == old, "an empty field of the form"
    changed = page(client, f"/{CODE}/art_2?from=1&to=2")
    assert "<del>twelve</del><ins>fourteen</ins>" in changed
    inside = page(client, f"/{OTHER}/art_1")
    assert f'href="/{OTHER}/chp_1"' in inside
    assert f'href="/{OTHER}/art_1"' in page(client, f"/{OTHER}/chp_1")


def test_a_link_says_what_was_known_at_a_time_and_leads_to_more_of_that(client: TestClient) -> None:
    path = f"/{CODE}/art_2"
    enacted = client.get("/api/history", params={"cite": f"{CODE}~art_2"}).json()["versions"][1]
    second = datetime.fromisoformat(enacted["version"]["enacted_at"])
    known = {"known-at": (second - timedelta(microseconds=1)).isoformat()}
    asked = {"cite": f"{CODE}~art_2", **known}
    assert client.get(path, params=known).json() == client.get("/api/unit", params=asked).json()
    tree = client.get(f"/{CODE}", params=known).json()
    assert tree == client.get(f"/api/documents/{CODE}", params=known).json()
    kept = urlencode(known)
    shown = page(client, f"{path}?{kept}")
    assert OLD["2"] in shown
    assert "As it was known at" in shown
    assert "Version 2" not in shown
    links = [unescape(one) for one in re.findall(r'href="([^"]+)"', shown)]
    near = [one for one in links if one.startswith(f"/{CODE}") and "known-at" not in one]
    assert near == [path], "but for the link to what is known now, each keeps the time"
    whole = page(client, f"/{CODE}?{kept}")
    assert "fourteen" not in whole
    (akn,) = re.findall(r'href="([^"]+format=akn[^"]+)"', whole)
    assert "fourteen" not in client.get(unescape(akn)).text
    both = {"from": 1, "to": 2}
    assert client.get(path, params=both).status_code == 200
    assert client.get(path, params={**both, **known}).status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (f"/{CODE}/art_77", 404, "No unit stands at"),
        ("/no.such", 404, "No units of no.such"),
        (f"/{CODE}/art_2?version=9", 404, "has no version 9"),
        (f"/{CODE}/art_2?as-of=tomorrow", 400, "is not a day"),
        (f"/{CODE}/art_2?known-at=once", 400, "is not a time"),
        (f"/{CODE}/art_2?known-at=2020-01-01", 404, "known at"),
        (f"/{CODE}/art_2?version=two", 400, "is not the number of a version"),
        (f"/{CODE}/art_2?as_of=2026-01-01", 400, "no parameter"),
        (f"/{CODE}/art_2?version=1&as-of=2027-01-01", 400, "not for more than one"),
        (f"/{CODE}/art_2?version=1&version=2", 400, "given twice"),
        (f"/{CODE}?version=1", 400, "no version of its own"),
        (f"/{CODE}/art_2%00", 400, "U+0000"),
    ],
)
def test_what_is_not_there_is_said_on_a_page_and_to_a_program(
    client: TestClient, path: str, status: int, says: str
) -> None:
    assert says in page(client, path, status).replace("&#39;", "'")
    answer = client.get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]


def test_hostile_texts_are_text(client: TestClient) -> None:
    for path in ("/", f"/{HOSTILE}", f"/{HOSTILE}/art_1", f"/{HOSTILE}/chp_1"):
        shown = page(client, path)
        assert "<script" not in shown
        assert "<img" not in shown
        assert "\u202e" not in shown
    assert "[U+202E]" in page(client, f"/{HOSTILE}/art_1")
    assert "<script" not in page(client, "/%3Cscript%3Ealert(1)%3C/script%3E", 404)
    head = client.get(f"/{HOSTILE}", headers={"accept": BROWSER}).headers
    assert head["x-content-type-options"] == "nosniff"


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="there is no Chromium")
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_in_a_real_browser_at_both_sizes(
    asked: Asked, tmp_path: Path, size: tuple[int, int]
) -> None:
    width, height = size
    with (
        served(partial(reading_app, asked.desk)) as url,
        running_browser(tmp_path / "net.json") as browser,
    ):
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=False
        )
        shown = context.new_page()
        told, reached = list[str](), list[str]()
        shown.on("console", lambda message: told.append(message.text))
        shown.on("request", lambda request: reached.append(request.url))
        shown.goto(url)
        shown.get_by_role("link", name="Rules of the harbour").or_(
            shown.get_by_role("link", name=CODE)
        ).first.click()
        fits(shown, width)
        shown.get_by_role("navigation", name="Contents").get_by_role(
            "link", name="Article 2."
        ).click()
        shown.get_by_role("heading", level=1, name="Article 2.").wait_for()
        shown.get_by_role("link", name="what changed").click()
        assert shown.locator("del").inner_text() == "twelve"
        assert shown.locator("ins").inner_text() == "fourteen"
        fits(shown, width)
        shown.get_by_label("As in force on").fill("2026-12-31")
        shown.get_by_role("button", name="Show").click()
        shown.get_by_text("twelve metres").wait_for()
        assert shown.url.endswith("art_2?as-of=2026-12-31")
        shown.goto(f"{url}/{HOSTILE}")
        shown.get_by_text("<script>alert(").first.wait_for()
        fits(shown, width)
        shown.goto(f"{url}/{CODE}")
        shown.emulate_media(media="print")
        assert not shown.get_by_role("navigation", name="Contents").is_visible()
        assert shown.get_by_text("fourteen metres").is_visible()
        picture = tmp_path / "law.png"
        shown.screenshot(path=picture)
        assert picture.stat().st_size > 5_000
        assert told == [], "no policy was violated"
        assert hosts_of(reached) == {"127.0.0.1"}
        browser.close()


def fits(shown: Any, width: int) -> None:
    """Nothing has to be moved sideways. The pages themselves have no script; the test's is not
    bound by their policy.
    """
    box = shown.locator("body").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    for one in shown.locator("main > *").all():
        inner = one.bounding_box()
        assert inner is None or inner["x"] + inner["width"] <= width + 1
