"""The JSON API over a real knowledge base: what it answers, what it refuses, and how it says so."""

from __future__ import annotations

import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from adapters.postgres.connection.session import PostgresConnections
from adapters.postgres.units.pool import MOST, UnitReaders
from domain.digests import text_sha256
from domain.phases import Principal
from service.reading_app.app import reading_app, unguarded_app
from tasks.questions.readers import Desk
from tests.support.asked import DAY, HOSTILE, OTHER, Asked
from tests.support.revisions import CODE, OLD

URL = "http://units.test"
PROBLEM = "application/problem+json"


@pytest.fixture
def client(asked: Asked) -> TestClient:
    return TestClient(reading_app(asked.desk, URL), base_url=URL)


def test_a_unit_is_answered_with_all_that_makes_it_sure(client: TestClient, asked: Asked) -> None:
    answer = client.get("/api/unit", params={"cite": f"{CODE}~art_2"})
    assert answer.status_code == 200
    unit = answer.json()
    assert "fourteen metres" in unit["body"]
    assert unit["body_sha256"] == text_sha256(unit["body"])
    assert (unit["address"], unit["document"]) == (f"{CODE}~art_2", CODE)
    assert unit["version"]["version_no"] == unit["versions"] == 2
    assert unit["version"]["in_force_from"] == DAY.isoformat()
    assert unit["version"]["change_set_id"]
    assert unit["target"] == str(asked.bench.target)
    assert client.get("/api/unit", params={"cite": f"Article 2 {CODE}"}).json() == unit


def test_a_unit_is_answered_as_of_a_day_and_by_version(client: TestClient) -> None:
    then = client.get("/api/unit", params={"cite": f"{CODE}~art_2", "as-of": "2026-12-31"}).json()
    first = client.get("/api/unit", params={"cite": f"{CODE}~art_2", "version": 1}).json()
    assert OLD["2"] in then["body"] == first["body"]
    assert then["as_of"] == "2026-12-31"
    gone = client.get("/api/unit", params={"cite": f"{CODE}~art_6", "as-of": "2027-01-01"}).json()
    assert "Lamps" in gone["body"]


def test_history_difference_and_tree(client: TestClient) -> None:
    history = client.get("/api/history", params={"cite": f"{CODE}~art_2"}).json()
    assert [one["version"]["version_no"] for one in history["versions"]] == [1, 2]
    asked: dict[str, Any] = {"cite": f"{CODE}~art_2", "from": 1, "to": 2}
    found = client.get("/api/difference", params=asked).json()
    changed = [(one["old"], one["new"]) for one in found["stretches"] if not one["equal"]]
    assert changed == [("twelve", "fourteen")]
    assert "".join(one["new"] for one in found["stretches"]) == history["versions"][1]["body"]
    assert not found["same"]
    tree = client.get(f"/api/documents/{CODE}").json()
    assert [one["address"] for one in tree["units"]] == [f"{CODE}~art_{n}" for n in "123456"]
    other = client.get(f"/api/documents/{OTHER}").json()
    assert {one["parent"] for one in other["units"]} > {None}
    listed = client.get("/api/documents").json()
    assert [one["code"] for one in listed["documents"]] == sorted((CODE, OTHER, HOSTILE))


def test_a_search_says_by_what_it_found(client: TestClient) -> None:
    found = client.get("/api/search", params={"words": "fourteen metres"}).json()
    assert (found["by"], [one["address"] for one in found["hits"]]) == (
        "full text",
        [f"{CODE}~art_2"],
    )
    assert "fourteen" in found["hits"][0]["snippet"]
    inside = client.get("/api/search", params={"words": "fourteen", "in": OTHER}).json()
    assert inside["hits"] == []


@pytest.mark.parametrize(
    ("to", "media"),
    [
        ("akn", "application/akn+xml"),
        ("html", "text/html"),
        ("json", "application/json"),
        ("md", "text/markdown"),
    ],
)
def test_a_document_is_answered_in_every_format(client: TestClient, to: str, media: str) -> None:
    where = f"/api/documents/{CODE}/export"
    now = client.get(where, params={"format": to})
    then = client.get(where, params={"format": to, "as-of": "2026-01-01"})
    assert now.headers["content-type"].startswith(media)
    assert ("fourteen" in now.text, "twelve" in then.text) == (True, True)
    if to == "akn":
        etree.fromstring(now.content)


def test_no_and_more_than_one_and_can_not_be_said_are_different_answers(
    client: TestClient,
) -> None:
    def said(**asked: Any) -> dict[str, Any]:
        answer = client.get("/api/unit", params=asked)
        assert answer.headers["content-type"] == PROBLEM
        assert answer.headers["cache-control"] == "no-store"
        problem: dict[str, Any] = answer.json()
        assert problem["status"] == answer.status_code
        return problem

    no = said(cite=f"{CODE}~art_77")
    assert (no["status"], no["code"], no["candidates"]) == (404, "not_found", [])
    several = said(cite="Article 1")
    assert (several["status"], several["code"]) == (409, "ambiguous")
    assert {f"{CODE}~art_1", f"{OTHER}~art_1"} <= set(several["candidates"])
    unclear = said(cite="whatever")
    assert (unclear["status"], unclear["code"]) == (422, "cannot_say")
    assert said(cite=f"{CODE}~art_2", version=9)["code"] == "not_found"
    assert said(cite=f"{CODE}~art_2", version=1, **{"as-of": "2027-01-01"})["code"] == "bad_request"
    assert said(cite=f"{CODE}~art_2", **{"as-of": "tomorrow"})["status"] == 400
    assert said(cite=f"{CODE}~art_2\0")["status"] == 400
    for odd in ({"as_of": "2026-12-31"}, {"as-of": ["2026-12-31", "2027-01-01"]}):
        assert said(cite=f"{CODE}~art_2", **odd)["code"] == "bad_request", "and not ignored"
    assert client.get("/api/search", params={"words": "  "}).json()["code"] == "bad_request"
    assert client.get("/api/search", params={"words": "a", "in": "no.such"}).status_code == 404
    unproved = client.get("/api/proof", params={"cite": f"{CODE}~art_2"})
    assert (unproved.status_code, unproved.json()["code"]) == (404, "no_proof")
    assert client.get("/api/nothing").json()["code"] == "not_found"


def test_who_has_an_answer_is_sent_nothing_until_it_changes(client: TestClient) -> None:
    asked = {"cite": f"{CODE}~art_2"}
    first = client.get("/api/unit", params=asked)
    tag = first.headers["etag"]
    assert "no-cache" in first.headers["cache-control"]
    for has in (tag, f'"else", W/{tag}', "*"):
        again = client.get("/api/unit", params=asked, headers={"if-none-match": has})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    other = client.get("/api/unit", params={**asked, "version": 1}, headers={"if-none-match": tag})
    assert other.status_code == 200
    head = client.head("/api/unit", params=asked)
    assert (head.status_code, head.headers["etag"]) == (200, tag)


def test_nothing_can_be_sent_and_no_other_name_is_answered(client: TestClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.request(method, "/api/unit", params={"cite": f"{CODE}~art_2"})
        assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
    elsewhere = client.get("/api/documents", headers={"host": "rebound.test"})
    assert elsewhere.status_code == 421
    assert CODE not in elsewhere.text


def test_the_log_does_not_say_what_was_read(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/api/unit", params={"cite": f"{CODE}~art_2"})
        client.get("/api/search", params={"words": "fourteen"})
        client.get(f"/api/documents/{CODE}")
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("service.reading_app")]
    assert [line.split()[:3] for line in ours] == [
        ["GET", "unit", "200"],
        ["GET", "search", "200"],
        ["GET", "document", "200"],
    ]
    assert not [line for line in ours if CODE in line or "fourteen" in line]


def sessions(asked: Asked) -> list[tuple[int, str]]:
    """Who is connected to the knowledge base, but for the administrator who asks."""
    with asked.bench.database.connect() as admin:
        return admin.execute(
            "SELECT pid, usename FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND application_name LIKE 'iu-cutter%'"
        ).fetchall()


def test_it_never_logs_in_as_the_executor_and_can_not_write(
    client: TestClient, asked: Asked
) -> None:
    client.get("/api/documents")
    assert {user for _, user in sessions(asked)} == {"cutter_reader"}
    with asked.desk.readers.reading() as reader, pytest.raises(Exception, match="read-only"):
        reader._conn.execute("CREATE TABLE public.t (a int)")


def test_a_kept_connection_that_the_server_has_closed_is_replaced(
    client: TestClient, asked: Asked
) -> None:
    assert client.get("/api/documents").status_code == 200
    before = sessions(asked)
    with asked.bench.database.connect() as admin:
        for pid, _ in before:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    assert client.get("/api/documents").status_code == 200
    assert set(sessions(asked)).isdisjoint(before)


def test_what_is_not_found_costs_no_connection(client: TestClient, asked: Asked) -> None:
    client.get("/api/documents")
    before = sessions(asked)
    assert client.get("/api/unit", params={"cite": f"{CODE}~art_77"}).status_code == 404
    assert sessions(asked) == before


def test_a_database_that_does_not_answer_is_one_sentence(
    asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = replace(
            asked.bench.database.endpoint, host="127.0.0.1", port=taken.getsockname()[1]
        )
        connections = PostgresConnections(
            nobody, asked.bench.database.credentials, target=asked.bench.target
        )
        readers = UnitReaders(lambda: connections.connect(Principal.VERIFY), "here")
        desk = Desk(readers, "here", asked.desk.proof)
        answer = TestClient(reading_app(desk, URL), base_url=URL).get("/api/documents")
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    assert answer.json()["detail"] == "The knowledge base can not be read now; ask again later."
    assert str(nobody.port) not in answer.text
    assert str(nobody.port) in caplog.text, "who runs it is told why"


def test_no_more_connections_than_a_few_whoever_asks(asked: Asked) -> None:
    client = TestClient(reading_app(asked.desk, URL), base_url=URL)
    with ThreadPoolExecutor(16) as many:
        answers = list(many.map(lambda _: client.get("/api/documents").status_code, range(64)))
    assert set(answers) == {200}
    assert len(sessions(asked)) <= MOST


CITED = (f"{CODE}~art_2", f"Article 2 {CODE}", "Article 1", f"{CODE}~art_77")


Seen = set[tuple[str, int]]


def hold(operation: Any, mode: GenerationMode, seen: Seen) -> None:
    """Ask one thing in many ways that the description allows, or forbids."""
    likely = mode is GenerationMode.POSITIVE

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        case=operation.as_strategy(generation_mode=mode),
        cite=st.sampled_from((None, *CITED)),
        code=st.sampled_from((None, CODE)),
    )
    def check(case: schemathesis.Case[Any], cite: str | None, code: str | None) -> None:
        if likely and cite is not None and "cite" in (case.query or {}):
            case.query["cite"] = cite
        if likely and code is not None and "code" in (case.path_parameters or {}):
            case.path_parameters["code"] = code
        # That a citation can be resolved is nothing that a schema can say.
        response = case.call_and_validate(excluded_checks=[positive_data_acceptance])
        assert response.status_code < 500
        seen.add((case.operation.path, response.status_code))

    check()


@pytest.mark.slow
def test_everything_that_the_description_allows_is_answered_as_described(asked: Asked) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", unguarded_app(asked.desk))
    seen: Seen = set()
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        hold(operation, GenerationMode.POSITIVE, seen)
        if operation.definition.raw.get("parameters"):
            hold(operation, GenerationMode.NEGATIVE, seen)
    assert {path for path, status in seen if status == 200} >= {
        "/api/documents",
        "/api/documents/{code}",
        "/api/unit",
        "/api/history",
    }
    assert {status for path, status in seen if path == "/api/unit"} >= {200, 400, 404, 409, 422}


def test_what_was_known_at_a_time_is_answered_as_the_command_line_does(client: TestClient) -> None:
    two = {"cite": f"{CODE}~art_2"}
    first, second = client.get("/api/history", params=two).json()["versions"]
    before = second["version"]["enacted_at"].replace("Z", "+00:00")
    earlier = (datetime.fromisoformat(before) - timedelta(microseconds=1)).isoformat()
    then = client.get("/api/unit", params={**two, "known-at": earlier}).json()
    assert (then["body"], then["versions"]) == (first["body"], 1)
    assert datetime.fromisoformat(then["known_at"]) == datetime.fromisoformat(earlier)
    assert client.get("/api/unit", params={**two, "known-at": before}).json()["versions"] == 2
    known = client.get("/api/history", params={**two, "known-at": earlier}).json()
    assert [one["version"]["version_no"] for one in known["versions"]] == [1]
    tree = client.get(f"/api/documents/{CODE}", params={"known-at": earlier}).json()
    assert {one["version"]["version_no"] for one in tree["units"]} == {1}
    place = f"/api/documents/{CODE}/export"
    whole = client.get(place, params={"format": "json", "known-at": earlier}).text
    assert "fourteen" not in whole
    assert "twelve" in whole
    nothing = client.get("/api/unit", params={**two, "known-at": "2020-01-01"})
    assert nothing.status_code == 404
    assert client.get("/api/unit", params={**two, "known-at": "once"}).status_code == 400
