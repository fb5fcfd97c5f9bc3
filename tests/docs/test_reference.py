"""The pages of the reference are what the code says now, and say something of everything."""

from __future__ import annotations

from dataclasses import fields

import pytest

from blocks.settings import CutterSettings
from tests.support.postgres import Database
from tests.support.write_pages import FOLDER, PLAIN, STATUS, database_page, statuses_page

AGAIN = "run `python -m tests.support.write_pages`"


@pytest.mark.parametrize("name", PLAIN)
def test_the_page_is_as_the_code_is(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PLAIN[name](), AGAIN


def test_the_page_of_tables_is_as_the_schema_is(database: Database) -> None:
    with database.connect() as admin:
        page = database_page(admin)
    assert (FOLDER / "database.md").read_text(encoding="utf-8") == page, AGAIN
    heads = [part.partition("\n| column")[0] for part in page.split("\n## ")[1:]]
    assert len(heads) > 15
    for head in heads:
        assert len(head.split()) > 3, f"{head} has no comment in the schema"


def test_each_setting_says_what_it_means() -> None:
    for field in fields(CutterSettings):
        assert len(field.metadata["description"]) > 20, field.metadata["name"]


def test_each_command_and_each_option_says_what_it_is() -> None:
    page = PLAIN["commands.md"]()
    sections = page.split("\n## ")[1:]
    assert len(sections) > 30
    for section in sections:
        name, _, rest = section.partition("\n")
        assert rest.strip(), name
        for row in rest.splitlines():
            if row.startswith("| `"):
                assert len(row.split(" | ")[1]) > 3, (name, row)


def test_each_status_is_explained() -> None:
    told = {int(part.split()[0]) for part in statuses_page().split("\n## ")[1:]}
    assert told == set(STATUS)
