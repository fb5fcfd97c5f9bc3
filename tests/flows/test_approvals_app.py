"""The approvers' pages: who gets in, what is shown, what is taken, and what another site can not
do.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from adapters.home.approvals import kept_approvals, kept_declines
from adapters.home.login_links import make_link
from adapters.home.proposals import keep_proposal
from adapters.keys.approvers import ApproverSigner, save_private_key
from adapters.request_file import read_request
from cli.approvals.serve import link_command
from cli.approvals.signing import Unlocking, decline_request_command, sign_command
from cli.terminal import SafeConsole
from domain.approval.approvals import Gate
from domain.approval.short_code import short_code
from domain.errors import BadInput
from domain.reports.proposal import Stage
from service.approvals_app.app import approvals_app
from service.approvals_app.forms import COOKIE
from tasks.app import production_app
from tasks.records.proposals import standings
from tests.flows.test_proposals import go, propose, subject, the_proposal
from tests.support.browser import chromium, running_browser
from tests.support.knowledge import Knowledge
from tests.support.prefect import LAW, write_law
from tests.support.served import served

pytestmark = [pytest.mark.prefect, pytest.mark.slow]
URL = "http://approvals.test"
HOSTILE = "<img src=x onerror=alert(1)> \u202elaw"


class Person:
    """Somebody at a browser, with a key of their own elsewhere."""

    def __init__(self, knowledge: Knowledge, gate: Gate, folder: Path) -> None:
        self.signer = knowledge.approvers.keys[gate]
        self.state = knowledge.home / "state"
        self.folder = folder
        self.client = TestClient(
            approvals_app(production_app(), URL), base_url=URL, follow_redirects=True
        )

    def link(self, minutes: int = 15) -> str:
        until = production_app().clock() + timedelta(minutes=minutes)
        return f"/login/{make_link(self.state, self.signer.key_id, until)}"

    def log_in(self) -> Any:
        return self.client.post(self.link(), headers={"origin": URL})

    def request_file(self, place: str) -> Path:
        answer = self.client.get(f"{place}/request.json")
        assert answer.status_code == 200, answer.text
        path = self.folder / "request.json"
        path.write_bytes(answer.content)
        return path

    def send(self, place: str, signed: str) -> Any:
        word = re.search(r'name="csrf" value="([^"]+)"', self.client.get(place).text)
        assert word is not None
        form = {"csrf": word[1], "signed": signed}
        return self.client.post(place, data=form, headers={"origin": URL})


@pytest.fixture
def place(knowledge: Knowledge, law: str) -> str:
    """Where a proposal is shown."""
    propose(law)
    return f"/proposals/{the_proposal(knowledge).change_set_id}"


@pytest.fixture
def ann(knowledge: Knowledge, tmp_path: Path) -> Person:
    return Person(knowledge, Gate.SG_1, tmp_path)


@pytest.fixture
def ben(knowledge: Knowledge, tmp_path: Path) -> Person:
    return Person(knowledge, Gate.SG_2, tmp_path)


def signed_with(signer: ApproverSigner, request: Path) -> str:
    return signer.sign(read_request(request).statement).envelope()


def test_two_people_approve_in_the_browser_and_it_goes(
    knowledge: Knowledge, place: str, ann: Person, ben: Person
) -> None:
    effect = subject(knowledge, "test-law").request().effect
    ann.log_in()
    assert "<code>cutter approve test-law --key KEY</code>" in ann.client.get(place).text
    for person, said in ((ann, "SG_1 of test-law is signed."), (ben, "SG_2 of test-law")):
        assert "The law of tests" in person.log_in().text
        page = person.client.get(place).text
        assert short_code(effect) in page
        assert person.client.get(f"{place}/review").text.startswith("<!DOCTYPE html>")
        request = person.request_file(place)
        assert said in person.send(place, signed_with(person.signer, request)).text
    assert len(kept_approvals(ann.state, effect.change_set_id)) == 2
    go("test-law")
    assert "Nothing waits." in ann.client.get("/").text
    gone = ann.client.get(f"{place}/request.json")
    assert gone.status_code == 409
    assert "nothing to approve" in gone.text


def test_what_another_key_has_signed_is_not_taken(
    knowledge: Knowledge, place: str, ann: Person, ben: Person, tmp_path: Path
) -> None:
    ann.log_in()
    ben.log_in()
    envelope = signed_with(ann.signer, ann.request_file(place))
    refused = ben.send(place, envelope)
    assert refused.status_code == 409
    assert "another key" in refused.text
    assert ann.send(place, envelope.replace('"sig":"', '"sig":"AAAA')).status_code == 409
    assert ann.send(place, "not an approval").status_code == 409
    assert kept_approvals(ann.state, the_proposal(knowledge).change_set_id) == []


def test_an_approver_declines_with_a_reason_and_it_does_not_go(
    knowledge: Knowledge,
    place: str,
    ann: Person,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann.log_in()
    request = ann.request_file(place)
    monkeypatch.setattr(Unlocking, "signer", lambda _self, _file: ann.signer)
    capsys.readouterr()
    decline_request_command(
        SafeConsole(stderr=True),
        request,
        tmp_path / "ann",
        Unlocking(None, True),
        None,
        "Article 2 is the old one",
    )
    page = ann.send(place, capsys.readouterr().out)
    assert "test-law is declined." in page.text
    assert "Article 2 is the old one" in page.text
    (standing,) = standings(production_app(), [the_proposal(knowledge)])
    assert standing.stage is Stage.DECLINED
    (kept,) = kept_declines(ann.state, the_proposal(knowledge).change_set_id)
    capsys.readouterr()
    sign_command(SafeConsole(stderr=True), request, tmp_path, Unlocking(None, True), None, None)
    assert ann.send(place, capsys.readouterr().out).status_code == 200
    (standing,) = standings(production_app(), [the_proposal(knowledge)])
    assert standing.stage is Stage.WAITING
    assert kept.statement.reason == "Article 2 is the old one"


def test_a_decline_of_something_else_is_not_taken(
    knowledge: Knowledge,
    place: str,
    ann: Person,
    law: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann.log_in()
    request = ann.request_file(place)
    monkeypatch.setattr(Unlocking, "signer", lambda _self, _file: ann.signer)
    capsys.readouterr()
    decline_request_command(
        SafeConsole(stderr=True), request, tmp_path, Unlocking(None, True), None, "no"
    )
    of_the_old = capsys.readouterr().out
    write_law(tmp_path, text=LAW.replace("This law is for tests.", "This law is for everybody."))
    propose(law)
    now = f"/proposals/{the_proposal(knowledge).change_set_id}"
    assert "of something else" in ann.send(now, of_the_old).text
    assert kept_declines(ann.state, the_proposal(knowledge).change_set_id) == []


def test_a_link_works_once_in_time_and_while_the_key_counts(
    knowledge: Knowledge, place: str, ann: Person
) -> None:
    assert ann.client.get("/").status_code == 401
    assert ann.client.get(place).status_code == 401
    link = ann.link()
    assert "Log in as Ann" in ann.client.get(link).text
    assert "Log in as Ann" in ann.client.get(link).text, "looking at a link does not use it up"
    assert ann.client.post(link, headers={"origin": URL}).status_code == 200
    ann.client.cookies.clear()
    assert ann.client.post(link, headers={"origin": URL}).status_code == 401
    assert ann.client.post(ann.link(-1), headers={"origin": URL}).status_code == 401
    assert ann.client.get("/login/made-up").status_code == 401
    ann.log_in()
    with knowledge.database.connect() as admin:
        admin.execute("UPDATE cutter.approver_key SET retired_at = clock_timestamp()")
    assert ann.client.get("/").status_code == 401, "a key that was retired lets nobody in"


def test_a_link_is_made_for_one_key(
    knowledge: Knowledge, capsys: pytest.CaptureFixture[str]
) -> None:
    link_command(SafeConsole(stderr=True), "Ann", 4201, as_json=False)
    assert re.fullmatch(r"http://127\.0\.0\.1:4201/login/[\w-]{43}\n", capsys.readouterr().out)
    with pytest.raises(BadInput, match=r"Ann .*Ben"):
        link_command(SafeConsole(stderr=True), "Mallory", 4201, as_json=False)


def test_the_cookie_is_for_this_site_only_and_no_script_reads_it(place: str, ann: Person) -> None:
    answer = ann.client.post(ann.link(), headers={"origin": URL}, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    secure = TestClient(
        approvals_app(production_app(), "https://a.test"), base_url="https://a.test"
    )
    answer = secure.post(ann.link(), headers={"origin": "https://a.test"}, follow_redirects=False)
    assert "Secure" in answer.headers["set-cookie"]


def test_another_site_can_send_nothing(knowledge: Knowledge, place: str, ann: Person) -> None:
    ann.log_in()
    envelope = signed_with(ann.signer, ann.request_file(place))
    page = ann.client.get(place).text
    word = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    right = {"csrf": word, "signed": envelope}
    for form, headers in (
        (right, {}),
        (right, {"origin": "http://elsewhere.test"}),
        ({**right, "csrf": "guessed"}, {"origin": URL}),
        ({"signed": envelope}, {"origin": URL}),
    ):
        assert ann.client.post(place, data=form, headers=headers).status_code == 403
    by_script = ann.client.post(place, json=right, headers={"origin": URL})
    assert by_script.status_code == 403
    assert ann.client.get("/", headers={"host": "elsewhere.test"}).status_code == 421
    long = ann.client.post(place, data={"signed": "x" * 70_000}, headers={"origin": URL})
    assert long.status_code == 400
    assert kept_approvals(ann.state, the_proposal(knowledge).change_set_id) == []
    assert ann.client.post(place, data=right, headers={"origin": URL}).status_code == 200


def test_a_hostile_title_is_text_and_every_page_forbids_what_it_could_do(
    knowledge: Knowledge, tmp_path: Path, ann: Person
) -> None:
    propose(write_law(tmp_path))
    keep_proposal(ann.state, replace(the_proposal(knowledge), title=HOSTILE))
    ann.log_in()
    here = f"/proposals/{the_proposal(knowledge).change_set_id}"
    for path in ("/", here):
        answer = ann.client.get(path)
        assert "<img" not in answer.text
        assert "\u202e" not in answer.text
        assert "[U+202E]" in answer.text
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert answer.headers["cache-control"] == "no-store"
    review = ann.client.get(f"{here}/review")
    assert "frame-ancestors 'none'" in review.headers["content-security-policy"]


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="there is no Chromium")
@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 900)], ids=["phone", "desk"])
def test_in_a_real_browser_at_both_sizes(
    knowledge: Knowledge, place: str, ann: Person, tmp_path: Path, width: int, height: int
) -> None:
    link, key = ann.link(), tmp_path / "unused"
    save_private_key(key)
    with (
        served(lambda url: approvals_app(production_app(), url)) as url,
        running_browser(tmp_path / "net.json") as browser,
    ):
        page = browser.new_page(viewport={"width": width, "height": height})
        told = list[str]()
        page.on("console", lambda message: told.append(message.text))
        page.goto(f"{url}{link}")
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="The law of tests").click()
        wide = "document.documentElement.scrollWidth"
        assert page.evaluate(wide) <= width, "nothing has to be moved sideways"
        with page.expect_download() as download:
            page.get_by_role("link", name="Request").click()
        request = tmp_path / "downloaded.json"
        download.value.save_as(request)
        page.get_by_label("Signed approval or decline").fill(signed_with(ann.signer, request))
        page.get_by_role("button", name="Send").click()
        page.get_by_text("SG_1 of test-law is signed.").wait_for()
        picture = tmp_path / "proposal.png"
        page.screenshot(path=picture, full_page=True)
        assert picture.stat().st_size > 5_000
        page.get_by_role("link", name="Review page").click()
        page.get_by_role("heading", name="What is signed").wait_for()
        assert page.evaluate(wide) <= width
        assert told == [], "no policy was violated"
        browser.close()
