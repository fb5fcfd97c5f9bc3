"""Who only looks does not wait for what only a run needs: held by what is imported, not by times."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from typer import Typer
from typer.core import TyperGroup
from typer.main import get_command

from cli.main import WINGS, for_one, whole_program
from tests.support.command import cutter_process
from tests.support.imported import DATABASE, ONLY_FOR_RUNS, imported

LOOKING = (
    "status",
    "switch show",
    "doctor",
    "inbox",
    "units",
    "show art_1",
    "history art_1",
    "search words",
    "halt --reason none",
    "go a-law",
    "backup list",
    "corpus status 00000000-0000-0000-0000-000000000001",
)


@pytest.mark.one_quick
@pytest.mark.parametrize("command", LOOKING)
def test_before_there_is_a_base_nothing_heavy_is_imported(tmp_path: Path, command: str) -> None:
    arguments = ["--home", str(tmp_path), *command.split()]
    assert imported(arguments, ONLY_FOR_RUNS | DATABASE) == set()


def test_before_there_is_a_base_the_three_commands_to_begin_with_are_named(tmp_path: Path) -> None:
    said = cutter_process("status", home=tmp_path).stderr
    places = [said.find(f"`cutter {one}") for one in ("init", "db init --embedded", "cut FILE")]
    assert places == sorted(places)
    assert places[0] > 0


@pytest.mark.parametrize("command", ["cut", "cut --live", "check", "rehearse"])
def test_for_a_document_that_is_not_there_no_server_is_begun(tmp_path: Path, command: str) -> None:
    arguments = ["--home", str(tmp_path / "home"), *command.split(), "nowhere.txt"]
    assert imported(arguments, ONLY_FOR_RUNS) == set()
    assert cutter_process(*command.split(), "nowhere.txt", home=tmp_path).returncode == 2


def test_planning_needs_no_prefect_and_no_database() -> None:
    arguments = ["plan", "documents/safe-target.md"]
    assert imported(arguments, {"prefect", "fastapi", "mcp", "psycopg", "uvicorn"}) == set()


def test_of_all_commands_the_one_that_is_asked_for_is_made() -> None:
    """Making the options of all of them costs more than most commands do."""
    for arguments, made in (
        (["status"], {"status"}),
        (["--home", "switch", "units", "--json"], {"units"}),
        (["--home=here", "switch", "arm"], {"switch"}),
    ):
        assert set(commands_of(for_one(arguments))) == made
    for arguments in ([], ["--help"], ["--version"], ["help", "status"], ["no-such-command"]):
        assert for_one(arguments) is whole_program()
    every = commands_of(whole_program())
    assert set(every) == {"help", *" ".join(WINGS.values()).split()}
    for name in set(every) - {"help"}:
        assert set(commands_of(for_one([name]))) == {name}


def commands_of(program: Typer) -> Mapping[str, object]:
    """The commands of a program by name."""
    made = get_command(program)
    assert isinstance(made, TyperGroup)
    return made.commands
