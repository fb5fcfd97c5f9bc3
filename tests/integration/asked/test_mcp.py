"""The tools over a real knowledge base, asked by the SDK's own client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from importlib import metadata
from typing import Any

import httpx
import pytest
from mcp.client.client import Client
from mcp_types import CallToolResult, Implementation

from service.mcp_server.server import http_application, mcp_server
from tests.support.asked import DAY, HOSTILE, OTHER, Asked
from tests.support.revisions import CODE, OLD
from tests.support.served import served

TWO = f"{CODE}~art_2"
NEW_TWO = OLD["2"].replace("twelve", "fourteen")


@pytest.fixture(scope="module")
def place(asked: Asked) -> Iterator[str]:
    """The tools over streamable HTTP on the loopback, in a thread of their own."""
    made = mcp_server(asked.desk)
    with served(lambda url: http_application(made, url.removeprefix("http://"))) as url:
        yield f"{url}/mcp"


def call(place: str, tool: str, **arguments: Any) -> CallToolResult:
    async def called() -> CallToolResult:
        async with Client(place) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(called())


def told(place: str, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers, which is the same to a model as to a program."""
    result = call(place, tool, **arguments)
    assert not result.is_error, result.content
    (content,) = result.content
    assert content.type == "text"
    answer: dict[str, Any] = json.loads(content.text)
    assert answer == result.structured_content
    return answer


def test_the_server_says_which_version_it_is(place: str) -> None:
    async def asked() -> Implementation | None:
        async with Client(place) as client:
            return client.server_info

    said = asyncio.run(asked())
    assert said is not None
    assert (said.name, said.version) == ("iu-cutter", metadata.version("iu-cutter"))


def test_every_tool_says_that_it_only_reads(place: str) -> None:
    async def listed() -> Any:
        async with Client(place) as client:
            return (await client.list_tools()).tools

    tools = asyncio.run(listed())
    assert {one.name for one in tools} == {
        "list_documents",
        "document_tree",
        "resolve_citation",
        "read_unit",
        "unit_history",
        "unit_difference",
        "search_units",
        "verify_citations",
        "verify_draft",
    }
    assert all(one.annotations.read_only_hint for one in tools)
    assert all(one.output_schema and one.description for one in tools)


def test_a_unit_is_answered_with_all_that_makes_it_sure(place: str, asked: Asked) -> None:
    unit = told(place, "read_unit", cite=f"Article 2 {CODE}")
    assert unit["body"] == f"Article 2. {NEW_TWO}\n"
    resolved = told(place, "resolve_citation", cite=f"Article 2 {CODE}")
    for answer in (unit, resolved):
        assert answer["address"] == TWO
        assert answer["version"]["version_no"] == 2
        assert answer["version"]["in_force_from"] == DAY.isoformat()
        assert answer["version"]["change_set_id"]
        assert answer["body_sha256"]
        assert answer["target"] == str(asked.bench.target)
    assert "body" not in resolved
    then = told(place, "read_unit", cite=TWO, as_of="2026-12-31")
    assert then["body"] == told(place, "read_unit", cite=TWO, version=1)["body"]
    assert OLD["2"] in then["body"]


def test_the_other_questions_are_answered(place: str) -> None:
    documents = told(place, "list_documents")["documents"]
    assert [one["code"] for one in documents] == sorted((CODE, OTHER, HOSTILE))
    assert len(told(place, "document_tree", code=CODE)["units"]) == 6
    assert len(told(place, "unit_history", cite=TWO)["versions"]) == 2
    difference = told(place, "unit_difference", cite=TWO, old=1, new=2)
    changed = [one for one in difference["stretches"] if not one["equal"]]
    assert [(one["old"], one["new"]) for one in changed] == [("twelve", "fourteen")]
    found = told(place, "search_units", words="fourteen", document=CODE)
    assert [one["address"] for one in found["hits"]] == [TWO]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"cite": f"{CODE}~art_77"}, "not_found"),
        ({"cite": "Article 1"}, "ambiguous"),
        ({"cite": "whatever"}, "cannot_say"),
        ({"cite": TWO, "version": 1, "as_of": "2026-01-01"}, "bad_request"),
    ],
)
def test_refusals_are_different_answers(place: str, arguments: dict[str, Any], code: str) -> None:
    result = call(place, "read_unit", **arguments)
    assert result.is_error
    assert result.structured_content is not None
    assert result.structured_content["code"] == code
    assert bool(result.structured_content["candidates"]) == (code == "ambiguous")


def test_each_citation_of_a_draft_has_its_verdict(place: str) -> None:
    draft = f"""
    The law says "{NEW_TWO}" [Article 2 {CODE}], and before it said
    “{OLD["2"]}” [{TWO}, version 1]. As of last year: "longer than twelve metres"
    [{TWO}, as of 2026-12-31]. But "longer than twelve metres" [{TWO}] is wrong, as is
    "the outer" [{CODE}~art_77] and "the outer" [Article 1]. See also [{CODE}~art_3], the
    [linked](http://127.0.0.1) words, "Divers leave their names ... with the watchman." [{CODE}~art_4],
    "Whoever finds an anchor" [Article 5(2) {CODE}], and "ooner than" [{TWO}].
    """
    checks = told(place, "verify_draft", draft=draft)["checks"]
    assert [one["verdict"] for one in checks] == [
        "VERIFIED",
        "VERIFIED",
        "VERIFIED",
        "DIFFERS",
        "NOT FOUND",
        "UNVERIFIED",
        "UNVERIFIED",
        "UNVERIFIED",
        "UNVERIFIED",
        "DIFFERS",
    ]
    assert "version 1 has" in checks[3]["reason"]
    assert len(checks[5]["candidates"]) > 1
    assert "Nothing is quoted" in checks[6]["reason"]
    assert "leaves words out" in checks[7]["reason"]
    assert "is no unit of its own" in checks[8]["reason"]
    assert checks[0]["unit"]["address"] == TWO
    assert checks[0]["unit"]["version"]["change_set_id"]
    one = {"cite": TWO, "quote": "longer than twelve metres", "as_of": "2026-12-31"}
    (alone,) = told(place, "verify_citations", citations=[one])["checks"]
    assert alone["verdict"] == "VERIFIED"


def test_another_name_or_another_page_is_not_answered(place: str) -> None:
    asking = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"accept": "application/json, text/event-stream"}
    for headers in ({"host": "rebound.test"}, {"origin": "http://elsewhere.test"}):
        answer = httpx.post(place, json=asking, headers={**accept, **headers})
        assert answer.status_code in (403, 421)


def test_what_is_no_tool_or_no_argument_is_refused_and_not_guessed(place: str) -> None:
    assert call(place, "read_unit", cite=TWO, as_of="tomorrow").is_error
    assert call(place, "read_unit", cite=f"{TWO}\0").is_error


def test_a_law_that_speaks_to_the_model_is_handed_on_as_it_is(place: str) -> None:
    unit = told(place, "read_unit", cite=f"{HOSTILE}~art_1")
    assert "<script>" in unit["body"]
    assert "\u202e" in unit["body"], "byte for byte as it was approved"


def test_a_tool_says_what_was_known_at_a_time(place: str) -> None:
    first, second = told(place, "unit_history", cite=TWO)["versions"]
    at = second["version"]["enacted_at"]
    earlier = first["version"]["enacted_at"]
    assert told(place, "read_unit", cite=TWO, known_at=earlier)["body"] == first["body"]
    assert told(place, "read_unit", cite=TWO, known_at=at)["body"] == second["body"]
    assert len(told(place, "unit_history", cite=TWO, known_at=earlier)["versions"]) == 1
    tree = told(place, "document_tree", code=CODE, known_at=earlier)
    assert {one["version"]["version_no"] for one in tree["units"]} == {1}
    assert call(place, "read_unit", cite=TWO, known_at="2020-01-01T00:00:00Z").is_error
