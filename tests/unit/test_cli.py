"""The command line as a person meets it: one sentence for what is wrong, a status that means
something, no traceback.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.command import Done, cutter, cutter_process

LAW = (
    "# A law\n\n## Article 1. Scope\n\nThis is in it.\n\n## Article 2. Words\n\nWords are words.\n"
)


def refused(done: Done, status: int, says: str) -> None:
    """It ended with this status and one sentence, which names the thing."""
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert done.stderr.startswith("cutter: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert says in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.txt", None, "does not exist"),
        ("empty.txt", b"", "is empty"),
        ("blank.md", b" \n\n", "is empty"),
        ("latin.txt", "Article 1. Gr\xfc\xdfe\n".encode("latin-1"), "UTF-8"),
        ("noise.txt", bytes(range(256)) * 40, "cutter: "),
        ("poem.txt", b"roses are red\nviolets are blue\n", "no units"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "cutter: "),
    ],
)
def test_a_document_that_can_not_be_cut(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    refused(cutter("plan", str(path), home=tmp_path), 2, says)


def test_a_directory_in_this_process_and_in_one_of_its_own(tmp_path: Path) -> None:
    for run in (cutter, cutter_process):
        refused(run("plan", str(tmp_path), home=tmp_path), 2, "is a directory")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--granularity", "deep"), "choose basic or sub"),
        (("--profile", "xx"), "xx"),
        (("--code", "No Spaces"), "can not be used"),
        (("--publication-type", "novel"), "choose one of"),
        (("--address", "a-law~art_9"), "has no unit"),
        (("--strict",), "--strict was asked for"),
    ],
)
def test_an_option_that_can_not_be_used(
    tmp_path: Path, options: tuple[str, ...], says: str
) -> None:
    path = tmp_path / "a-law.md"
    path.write_text(
        LAW + "\n\n## Article 5. After a number that is missing\n\nText.\n", encoding="utf-8"
    )
    refused(cutter("plan", str(path), *options, home=tmp_path), 2, says)


def test_a_plan_as_json_partitions_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a-law.md"
    path.write_text(LAW, encoding="utf-8")
    plan = json.loads(cutter_process("plan", str(path), "--json", home=tmp_path).stdout)
    parts = sorted(
        [(r["start"], r["body"]) for r in plan["rows"]]
        + [(g["start"], g["text"]) for g in plan["gaps"]]
    )
    assert "".join(part for _, part in parts) == LAW
    assert [row["canonical_address"] for row in plan["rows"] if row["level"] == "basic"] == [
        "a-law~art_1",
        "a-law~art_2",
    ]


@pytest.mark.slow
def test_without_a_prefect_server_a_live_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a-law.md"
    path.write_text(LAW, encoding="utf-8")
    nowhere = {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    commands = (("cut", str(path), "--live"), ("cut", str(path)))
    with ThreadPoolExecutor(2) as pool:
        live, dry = pool.map(
            lambda command: cutter_process(*command, home=tmp_path, environment=nowhere), commands
        )
    refused(live, 3, "Refused at the flow lock")
    refused(dry, 5, "does not answer")


def test_what_needs_no_prefect_does_not_import_it(tmp_path: Path) -> None:
    path = tmp_path / "a-law.md"
    path.write_text(LAW, encoding="utf-8")
    code = (
        f"import sys\nsys.argv = ['cutter', 'plan', {str(path)!r}]\nfrom cli.main import main\n"
        "try:\n main()\nexcept SystemExit:\n pass\n"
        "sys.exit(str(sorted(m for m in sys.modules if m in ('prefect', 'psycopg', 'aiohttp'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    "command",
    [
        "status",
        "doctor",
        "audit",
        "switch show",
        "switch off",
        "approver list",
        "backup list",
        "rehearse a-law.md",
        "cut a-law.md --live",
        "halt --reason x",
    ],
)
def test_before_there_is_a_knowledge_base_the_commands_to_begin_with_are_named(
    tmp_path: Path, command: str
) -> None:
    home, law = tmp_path / "home", tmp_path / "a-law.md"
    law.write_text("# A law\n\n### Article 1. One\n\nText.\n", encoding="utf-8")
    done = cutter(*command.replace(law.name, str(law)).split(), home=home)
    refused(done, 2, "Begin with `cutter init`, then `cutter db init --embedded`, then `cutter cut")
    assert not home.exists()
