"""A document can not speak to the terminal: whatever a command prints of it shows as it is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from cli.documents.show import show_unit
from cli.terminal import SafeConsole, words
from domain.plan.cut_plan import CutplanRow
from tests.support.command import cutter, cutter_process
from tests.support.plans import made_plan

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[1A\x9b31m"
HOSTILE = (
    f"# The [bold]law[/bold] [/dim] of {ESCAPES}\n\n"
    f"## Article 1. [link=https://a.example]Scope[/link] :bomb: {ESCAPES}\n\n"
    f"Text [/] and \u202e\u200b {ESCAPES} :warning:\n\n"
    f"## Article 3. [/dim] after a hole {ESCAPES}\n\nText.\n"
)


def harmless(printed: str) -> bool:
    """Nothing in it moves the cursor or hides; line feeds and rich's own colours do not."""
    return not any(
        bad in printed for bad in ("\x1b]", "\x1b[2J", "\x1b[1A", "\x9b", "\x07", "\u202e")
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "LAW"),
        ("plan", "LAW", "--json"),
        ("plan", "LAW", "--address", "a-law~art_1"),
        ("plan", "LAW", "--address", "a-law~art_\x1b[2J[/dim]"),
        ("plan", "LAW", "--strict"),
        ("plan", "LAW", "--code", "x\x1b[2J[/dim]"),
        ("plan", "gone\x1b[2J[/dim].txt"),
        ("review", "LAW"),
        ("check", "LAW"),
        ("cut", "LAW", "--live"),
    ],
    ids=lambda arguments: " ".join(arguments[:3]).encode("unicode_escape").decode(),
)
def test_a_hostile_document_shows_as_it_is(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    law = tmp_path / "a-law.md"
    law.write_text(HOSTILE, encoding="utf-8")
    given = [str(law) if one == "LAW" else one for one in arguments]
    nowhere = {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    done = cutter(*given, home=tmp_path, environment=nowhere)
    assert harmless(done.stdout + done.stderr)
    assert "Traceback" not in done.stderr


def test_brackets_of_a_document_are_not_markup(tmp_path: Path) -> None:
    law = tmp_path / "a-law.md"
    law.write_text(HOSTILE, encoding="utf-8")
    printed = cutter("plan", str(law), home=tmp_path).stdout
    for as_it_is in ("[link=https://a.example]Scope[/link]", ":bomb:", "[U+001B]"):
        assert as_it_is in printed


def test_a_file_name_is_escaped_in_a_process_of_its_own(tmp_path: Path) -> None:
    done = cutter_process("plan", "no\x1b[2Jfile.txt", home=tmp_path)
    assert done.returncode == 2
    assert "no[U+001B][2Jfile.txt" in done.stderr


def test_the_console_lets_no_control_character_by() -> None:
    out = io.StringIO()
    console = SafeConsole(file=out, force_terminal=True)
    console.print(ESCAPES, f"[bold]{words(ESCAPES + '[/bold]')}[/bold]", ":bomb:")
    console.print(ESCAPES, markup=False)
    assert harmless(out.getvalue())
    assert ":bomb:" in out.getvalue()


def test_a_unit_is_shown_whole() -> None:
    row: CutplanRow = made_plan(1).rows[0]
    out = io.StringIO()
    show_unit(SafeConsole(file=out), row)
    assert row.body.strip() in out.getvalue()
