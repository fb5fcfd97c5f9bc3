"""Approving with a passkey on the approvers' pages, from its making to the enacted law, and what
the pages do not take.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import CDPSession, Page

from adapters.home.approvals import kept_approvals, kept_declines
from adapters.home.login_links import FOR_PASSKEYS, make_link
from adapters.keys.public_file import load_approver_key
from adapters.postgres.permits.approvers import register_approver
from cli.approvals.serve import passkey_command
from cli.terminal import SafeConsole
from domain.approval.approvals import Gate
from domain.approval.passkeys import url_base64
from domain.errors import BadInput
from domain.reports.proposal import Stage
from service.approvals_app.app import approvals_app
from tasks.app import production_app
from tasks.records.proposals import standings
from tests.flows.test_approvals_app import Person
from tests.flows.test_proposals import approve, go, propose, the_proposal
from tests.support.browser import PHONE, chromium, running_browser
from tests.support.knowledge import Knowledge
from tests.support.live import scalar
from tests.support.passkeys import HAS_KEY, ORIGIN, THERE, SoftPasskey
from tests.support.served import served

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


class Pia(Person):
    """Somebody whose browser has a passkey, here one in software."""

    def __init__(self, knowledge: Knowledge, folder: Path) -> None:
        super().__init__(knowledge, Gate.SG_1, folder)
        self.soft = SoftPasskey()
        self.client = TestClient(approvals_app(production_app(), ORIGIN), base_url=ORIGIN)

    def log_in(self) -> Any:
        until = production_app().clock() + timedelta(minutes=5)
        link = f"/login/{make_link(self.state, self.soft.key_id, until)}"
        return self.client.post(link, headers={"origin": ORIGIN})

    def answer(self, page: str, **instead: Any) -> dict[str, str]:
        """The fields of a signing page as its script fills them in."""
        fields = dict(re.findall(r'name="(csrf|kind|payload)" value="([^"]*)"', page))
        (challenge,) = re.findall(r'data-challenge="([^"]+)"', page)
        client = self.soft.client_data(challenge)
        signed = self.soft.assertion(b"", client_data=client, **instead)
        return fields | {
            "client_data": url_base64(signed.client_data),
            "authenticator_data": url_base64(signed.authenticator_data),
            "signature": url_base64(signed.signature),
        }

    def post(self, path: str, form: dict[str, str]) -> Any:
        return self.client.post(path, data=form, headers={"origin": ORIGIN})

    def word(self, place: str) -> str:
        (word, *_) = re.findall(r'name="csrf" value="([^"]+)"', self.client.get(place).text)
        return str(word)


@pytest.fixture
def place(knowledge: Knowledge, law: str) -> str:
    propose(law)
    return f"/proposals/{the_proposal(knowledge).change_set_id}"


@pytest.fixture
def pia(knowledge: Knowledge, tmp_path: Path) -> Pia:
    made = Pia(knowledge, tmp_path)
    _register(knowledge, made.soft.public_key)
    return made


def _register(knowledge: Knowledge, key: bytes) -> None:
    with knowledge.database.connect() as admin:
        register_approver(admin, "Pia", key, (Gate.SG_1,), timedelta(days=1), "administrator")


def test_a_law_is_enacted_that_a_passkey_has_approved(
    knowledge: Knowledge, place: str, pia: Pia
) -> None:
    pia.log_in()
    assert f"{place}/approve" in pia.client.get(place).text
    page = pia.client.get(f"{place}/approve")
    assert "SG_1: authorise the plan" in page.text
    assert the_proposal(knowledge).plan_digest in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    taken = pia.post(place, pia.answer(page.text))
    assert "SG_1 of test-law is signed." in taken.text
    approve(knowledge, "test-law", Gate.SG_2)
    go("test-law")
    with knowledge.database.connect() as admin:
        kept = scalar(admin, "SELECT signature FROM cut_approval WHERE person = 'Pia'")
        assert bytes(kept).startswith(b"{")
        assert scalar(admin, "SELECT count(*) FROM cut_permit WHERE used_at IS NOT NULL") == 1


def test_what_a_passkey_signed_for_something_else_or_unverified_is_not_taken(
    knowledge: Knowledge, place: str, pia: Pia
) -> None:
    pia.log_in()
    page = pia.client.get(f"{place}/approve").text
    unverified = pia.answer(page, authenticator_data=pia.soft.authenticator_data(flags=0x01))
    again = pia.client.get(f"{place}/approve").text
    other = pia.answer(page) | {"payload": pia.answer(again)["payload"]}
    for form in (unverified, other, pia.answer(page) | {"signature": "!"}):
        assert pia.post(place, form).status_code == 409
    forged = pia.answer(page) | {"csrf": "guessed"}
    assert pia.post(place, forged).status_code == 403
    assert kept_approvals(pia.state, the_proposal(knowledge).change_set_id) == []
    assert pia.post(place, pia.answer(page)).status_code == 200


def test_a_copy_of_a_passkey_is_noticed_by_its_counter(
    knowledge: Knowledge, place: str, pia: Pia
) -> None:
    pia.log_in()
    pia.soft.counter = 7
    assert pia.post(place, pia.answer(pia.client.get(f"{place}/approve").text)).status_code == 200
    refused = pia.post(place, pia.answer(pia.client.get(f"{place}/approve").text))
    assert refused.status_code == 409
    assert "counter has not risen" in refused.text


def test_a_passkey_declines_with_a_reason(knowledge: Knowledge, place: str, pia: Pia) -> None:
    pia.log_in()
    reason = {"csrf": pia.word(place), "reason": "Article 2 is the old one"}
    page = pia.post(f"{place}/decline", reason).text
    assert "Article 2 is the old one" in page
    assert "test-law is declined." in pia.post(place, pia.answer(page)).text
    (kept,) = kept_declines(pia.state, the_proposal(knowledge).change_set_id)
    assert kept.statement.reason == "Article 2 is the old one"
    (standing,) = standings(production_app(), [the_proposal(knowledge)])
    assert standing.stage is Stage.DECLINED
    assert pia.post(f"{place}/decline", reason | {"reason": " "}).status_code == 400
    assert pia.post(f"{place}/decline", reason | {"csrf": "x"}).status_code == 403


def test_a_login_of_another_kind_of_key_is_sent_to_its_own_way(
    knowledge: Knowledge, place: str, tmp_path: Path
) -> None:
    ann = Person(knowledge, Gate.SG_1, tmp_path)
    ann.log_in()
    assert f"{place}/approve" not in ann.client.get(place).text
    assert "use the request" in ann.client.get(f"{place}/approve").text


def test_a_passkey_is_made_by_a_link_once(knowledge: Knowledge, tmp_path: Path) -> None:
    pia = Pia(knowledge, tmp_path)
    token = make_link(
        pia.state, "Pia", production_app().clock() + timedelta(minutes=5), FOR_PASSKEYS
    )
    path = f"/passkey/{token}"
    assert pia.client.get(f"/login/{token}").status_code == 401, "it lets nobody in"
    assert "A passkey for Pia" in pia.client.get(path).text
    page = pia.client.get(path).text
    (challenge,) = re.findall(r'data-challenge="([^"]+)"', page)
    soft = pia.soft
    named = len(soft.credential_id).to_bytes(2, "big") + soft.credential_id
    form = {
        "algorithm": "-7",
        "public_key": url_base64(soft.passkey.public_key),
        "credential_id": url_base64(soft.credential_id),
        "client_data": url_base64(soft.client_data(challenge, "webauthn.create")),
        "authenticator_data": url_base64(
            soft.authenticator_data(THERE | HAS_KEY) + bytes(16) + named
        ),
    }
    for wrong in (
        {"client_data": url_base64(soft.client_data(challenge))},
        {"public_key": url_base64(b"nothing")},
        {"algorithm": "x"},
    ):
        assert pia.post(path, form | wrong).status_code == 400
    assert soft.key_id[:12] in pia.post(path, form).text
    assert pia.post(path, form).status_code == 401
    assert pia.client.get(path).status_code == 401
    (record,) = (pia.state / "passkeys").glob("*.json")
    assert load_approver_key(record) == soft.public_key


def test_a_link_to_make_a_passkey_is_for_a_named_site(
    knowledge: Knowledge, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="CUTTER_APPROVALS_URL"):
        passkey_command(SafeConsole(stderr=True), "Pia", 4201, as_json=False)
    monkeypatch.setenv("CUTTER_APPROVALS_URL", "http://localhost:4201")
    passkey_command(SafeConsole(stderr=True), "Pia", 4201, as_json=False)
    assert re.fullmatch(r"http://localhost:4201/passkey/[\w-]{43}\n", capsys.readouterr().out)


def _authenticator(page: Page) -> tuple[CDPSession, str]:
    """Chromium's virtual authenticator, whose person is there and is verified."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, str(made["authenticatorId"])


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="there is no Chromium")
def test_in_chromium_from_making_a_passkey_to_the_enacted_law(
    knowledge: Knowledge, place: str, tmp_path: Path
) -> None:
    state = knowledge.home / "state"
    until = production_app().clock() + timedelta(minutes=15)
    with (
        served(lambda url: approvals_app(production_app(), url), "localhost") as url,
        running_browser(tmp_path / "net.json") as browser,
    ):
        width, height = PHONE
        page = browser.new_page(viewport={"width": width, "height": height})
        told = list[str]()
        page.on("console", lambda message: told.append(message.text))
        session, authenticator = _authenticator(page)
        page.goto(f"{url}/passkey/{make_link(state, 'Pia', until, FOR_PASSKEYS)}")
        page.get_by_role("button", name="Make a passkey").click()
        page.get_by_role("heading", name="Your passkey is made").wait_for()
        (record,) = (state / "passkeys").glob("*.json")
        key = load_approver_key(record)
        _register(knowledge, key)
        key_id = record.stem
        page.get_by_text(key_id[:12], exact=True).wait_for()
        with knowledge.database.connect() as admin:
            whole = scalar(admin, "SELECT key_id FROM approver_key WHERE person = 'Pia'")
        page.goto(f"{url}/login/{make_link(state, str(whole), until)}")
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="The law of tests").click()
        page.get_by_label("Why not").fill("Article 2 is the old one")
        page.get_by_role("button", name="Decline").click()
        page.get_by_role("button", name="Sign with your passkey").click()
        page.get_by_text("test-law is declined.").wait_for()
        session.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": authenticator, "isUserVerified": False},
        )
        page.get_by_role("link", name="Approve").click()
        page.get_by_role("button", name="Sign with your passkey").click()
        page.get_by_text("Nothing was signed").wait_for()
        session.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": authenticator, "isUserVerified": True},
        )
        page.get_by_role("button", name="Sign with your passkey").click()
        page.get_by_text("SG_1 of test-law is signed.").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=tmp_path / "approved.png", full_page=True)
        # Chromium also recommends RS256, for authenticators that know nothing newer.
        told = [one for one in told if "pubKeyCredParams" not in one]
        assert told == [], "no policy was violated"
        browser.close()
    approve(knowledge, "test-law", Gate.SG_2)
    go("test-law")
    with knowledge.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM cut_permit WHERE used_at IS NOT NULL") == 1
