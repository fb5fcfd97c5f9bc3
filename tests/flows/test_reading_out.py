"""`cutter units`, `cutter show` and `cutter search` of a law that was cut."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.reading_app.app import reading_app
from tasks.app import production_app
from tasks.questions.readers import open_desk
from tests.support.command import Done, cutter, cutter_process
from tests.support.knowledge import Knowledge

pytestmark = pytest.mark.prefect


def names() -> dict[str, str]:
    """What names the database and the Prefect server in this environment."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("DOT_CUTTER", "PREFECT_API_URL"))
    }


@pytest.fixture
def ask(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A command in the home of a knowledge base, as a person runs it."""
    named = names()

    def asked(*arguments: str) -> Done:
        return cutter(*arguments, home=knowledge.home, environment=named)

    return asked


def test_a_law_goes_in_and_its_units_come_out(knowledge: Knowledge, law: str, ask: Any) -> None:
    assert "No document was cut" in ask("units").stdout
    outcome = knowledge.live_run(law)
    code = outcome.document_code
    assert f"{code}" in ask("units").stdout
    listed = json.loads(ask("units", code, "--json").stdout)
    addresses = [unit["address"] for unit in listed["units"]]
    assert len(addresses) == outcome.units
    assert [line.split()[0] for line in ask("units", code).stdout.splitlines()[:-1]] == addresses
    tree = ask("units", code, "--tree").stdout
    assert all(address.split("~")[1] in tree for address in addresses)

    by_address = json.loads(ask("show", f"{code}~art_2", "--json").stdout)
    by_citation = json.loads(ask("show", "Article 2", "--json").stdout)
    assert by_address == by_citation
    assert by_address["version"]["change_set_id"] == str(outcome.change_set_id)
    said = ask("show", f"Article 2 {code}").stdout
    assert by_address["body"].strip() in said
    assert "in force from a day that is unknown" in said
    whole = ask("show", code).stdout
    told = json.loads(ask("show", code, "--json").stdout)["units"]
    assert whole == "".join(f"{unit['body'].rstrip()}\n" for unit in told)


@pytest.mark.slow
def test_a_program_is_answered_in_the_shape_of_the_api(
    knowledge: Knowledge, law: str, ask: Any
) -> None:
    code = knowledge.live_run(law).document_code
    address = f"{code}~art_2"
    with open_desk(production_app()) as desk:
        client = TestClient(reading_app(desk, "http://units.test"), base_url="http://units.test")

        def api(place: str, **asked: str) -> Any:
            return client.get(f"/api/{place}", params=asked).json()

        assert json.loads(ask("units", "--json").stdout) == api("documents")
        assert json.loads(ask("units", code, "--json").stdout) == api(f"documents/{code}")
        whole = api(f"documents/{code}/export", format="json")
        assert json.loads(ask("show", code, "--json").stdout) == whole
        assert json.loads(ask("show", address, "--json").stdout) == api("unit", cite=address)
        assert json.loads(ask("history", address, "--json").stdout) == api("history", cite=address)
        both = {"cite": address, "from": "1", "to": "1"}
        assert json.loads(ask("diff", address, "1", "1", "--json").stdout) == api(
            "difference", **both
        )
        found = api("search", words="the")
        assert found["hits"]
        assert json.loads(ask("search", "the", "--json").stdout) == found


@pytest.mark.slow
def test_not_found_and_can_not_say_are_different_answers(
    knowledge: Knowledge, law: str, ask: Any
) -> None:
    code = knowledge.live_run(law).document_code
    absent = ask("show", f"{code}~art_77")
    assert (absent.returncode, absent.stdout) == (1, "")
    assert "No unit stands at" in absent.stderr
    unclear = ask("show", "whatever")
    assert unclear.returncode == 2
    assert "neither an address nor a citation" in unclear.stderr
    assert "No units of no.such" in ask("units", "no.such").stderr
    assert "is not a day" in ask("show", "Article 2", "--as-of", "tomorrow").stderr
    assert "has no version 7" in ask("show", "Article 2", "--version", "7").stderr
    assert (
        "not for both" in ask("show", "Article 2", "--version", "1", "--as-of", "2027-01-01").stderr
    )
    assert ask("history", "Article 2").stdout.count("change set") == 1
    part = ask("show", "Article 2(1)")
    assert "para_1 is no unit of its own" in part.stderr
    assert part.returncode == 0


@pytest.mark.slow
def test_a_search_says_by_what_it_found(knowledge: Knowledge, law: str, ask: Any) -> None:
    code = knowledge.live_run(law).document_code
    unit = json.loads(ask("show", "Article 1", "--json").stdout)
    word = max(unit["body"].split(), key=len).strip(".,")
    found = json.loads(ask("search", word, "--in", code, "--json").stdout)
    assert found["by"] == "full text"
    assert unit["address"] in [hit["address"] for hit in found["hits"]]
    assert "found by full text" in ask("search", word).stdout
    letters = word[1:-1]
    assert "found by letters" in ask("search", letters).stdout
    assert "0 units found" in ask("search", "xyzzyplugh").stdout
    assert "No units of no.such" in ask("search", word, "--in", "no.such").stderr


@pytest.mark.slow
def test_the_home_reads_as_the_reader_where_it_has_that_login(
    knowledge: Knowledge, law: str, ask: Any
) -> None:
    code = knowledge.live_run(law).document_code
    as_verifier = ask("show", f"{code}~art_2", "--json").stdout
    path = knowledge.home / "credentials" / "cutter-reader-password"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("not the password")
    refused = ask("show", f"{code}~art_2")
    assert refused.returncode != 0
    assert "cutter_reader" in refused.stderr
    path.write_text(knowledge.database.cluster.reader.password.get_secret_value())
    assert ask("show", f"{code}~art_2", "--json").stdout == as_verifier
    assert code in ask("units").stdout


@pytest.mark.slow
def test_the_feed_and_the_whole_text_of_what_was_cut(
    knowledge: Knowledge, law: str, ask: Any
) -> None:
    outcome = knowledge.live_run(law)
    code, change_set = outcome.document_code, str(outcome.change_set_id)
    told = [json.loads(line) for line in ask("feed", code, "--json").stdout.splitlines()]
    assert [one["seq"] for one in told] == list(range(1, outcome.units + 1))
    assert {one["change_set_id"] for one in told} == {change_set}
    after = ask("feed", code, "--since", str(outcome.units - 1), "--json").stdout.splitlines()
    assert [json.loads(line) for line in after] == told[-1:]
    assert f"{outcome.units} changes" in ask("feed", code).stdout
    assert "name the one that --since counts in" in ask("feed", "--since", "3").stderr

    asked = ("show", code, "--change-set", change_set, "--raw")
    raw = cutter_process(*asked, home=knowledge.home, environment=names()).stdout
    whole = json.loads(ask("show", code, "--change-set", change_set, "--json").stdout)
    assert whole["text"] == raw
    for unit in json.loads(ask("show", code, "--json").stdout)["units"]:
        assert unit["body"] in raw
    assert "is no id of a change set" in ask("show", code, "--change-set", "x").stderr
    assert "name none of --as-of" in ask("show", code, "--raw", "--as-of", "2027-01-01").stderr

    assert "The text is the same" in ask("diff", f"{code}~art_2", "1", "1").stdout
    assert "has no version 2" in ask("diff", f"{code}~art_2", "1", "2").stderr
    assert "is not a time" in ask("show", f"{code}~art_2", "--known-at", "soon").stderr
    assert "known at" in ask("show", f"{code}~art_2", "--known-at", "2001-01-01").stderr
    exported = ask("export", code, "--format", "json", "--as-of", "2027-01-01").stdout
    assert json.loads(exported)["as_of"] == "2027-01-01"
    assert "known" in ask("export", code, "--known-at", "2001-01-01").stderr
    later = json.loads(ask("export", code, "--format", "json", "--known-at", "2999-01-01").stdout)
    assert later["units"] == json.loads(exported)["units"]
