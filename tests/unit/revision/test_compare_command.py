"""`cutter compare` on files, as a person and as a program meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import Done, cutter

OLD = """# A law

## Article 1. Scope

This act governs the landing of herring in the three northern harbours.

## Article 2. Weighing

A skipper who lands fish weighs it on the quay before it is sold or stored.

## Article 3. Scales

The harbour board keeps a register of scales and has each tested every spring.
"""
NEW = (
    OLD.replace("on the quay", "on the pier")
    .replace("## Article 3", "## Article 4")
    .replace("of herring\n", "of  herring\n")
    .replace("This act governs", "This  act governs")
    .replace("## Article 4", "## Article 3. Ice\n\nIce is sold by the kilogram.\n\n## Article 4")
)


@pytest.fixture
def compared(tmp_path: Path) -> Done:
    return compare(tmp_path, OLD, NEW)


def compare(home: Path, old: str, new: str, *options: str) -> Done:
    (home / "old.md").write_text(old, encoding="utf-8")
    (home / "new.md").write_text(new, encoding="utf-8")
    return cutter("compare", str(home / "old.md"), str(home / "new.md"), *options, home=home)


def test_counts_come_first_then_words_readable_without_colour(compared: Done) -> None:
    assert compared.returncode == 0, compared.stderr
    assert "on the [-quay-]{+pier+} before" in compared.stdout
    assert "art_3 -> art_4" in compared.stdout
    assert "{+## Article 3. Ice" in compared.stdout
    assert "No doubts." in compared.stdout
    lines = [line.split() for line in compared.stdout.splitlines()]
    counts = {line[0]: line[1:] for line in lines if line and line[0] in COUNTED}
    assert counts == {
        "same": ["1", "1"],
        "changed": ["2", "2"],
        "added": ["1"],
        "renumbered": ["1", "1"],
        "together": ["4", "5"],
    }


COUNTED = {"same", "changed", "added", "renumbered", "together"}


def test_what_is_unchanged_or_laid_out_anew_is_shown_on_demand(
    compared: Done, tmp_path: Path
) -> None:
    assert "art_1" not in compared.stdout
    assert "2 units are not shown" in compared.stdout
    everything = compare(tmp_path, OLD, NEW, "--all")
    assert "art_1" in everything.stdout
    assert "not shown" not in everything.stdout


def test_a_program_gets_one_entry_a_unit(tmp_path: Path) -> None:
    found = json.loads(compare(tmp_path, OLD, NEW, "--json").stdout)
    units = {unit["address"].partition("~")[2]: unit for unit in found["units"]}
    assert {step: unit["change"] for step, unit in units.items()} == {
        "hdg_a-law": "same",
        "art_1": "changed",
        "art_2": "changed",
        "art_3": "added",
        "art_4": "renumbered",
    }
    assert units["art_1"]["editorial"] is True
    assert units["art_2"]["editorial"] is False
    assert units["art_4"]["from_label"] == "Article 3."
    assert found["counts"]["added"] == {"old": 0, "new": 1}
    assert found["old"]["units"] == 4


def test_a_match_is_kept_and_changes_the_digest(tmp_path: Path) -> None:
    plain = json.loads(compare(tmp_path, OLD, NEW, "--json").stdout)
    said = json.loads(
        compare(tmp_path, OLD, NEW, "--json", "--match", "art_3=", "--match", "=art_4").stdout
    )
    assert said["settled"] == ["=new~art_4", "new~art_3="]
    assert said["counts"]["repealed"] == {"old": 1, "new": 0}
    assert said["digest"] != plain["digest"]


def test_text_before_the_first_unit_is_compared_too(tmp_path: Path) -> None:
    head = "The assembly has given this law in May.\n\n"
    old = head + OLD.removeprefix("# A law\n\n")
    done = compare(tmp_path, old, old.replace("in May", "in June"))
    assert "The text that belongs to no unit differs" in done.stdout
    assert "in [-May-]{+June+}" in done.stdout
    found = json.loads(compare(tmp_path, old, old.replace("in May", "in June"), "--json").stdout)
    assert found["outside_units"] == "words"
    assert found["counts"]["changed"] == {"old": 0, "new": 0}


def test_what_a_document_holds_can_not_act_on_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b[2J\u202e[bold red]fish[/bold red]"
    done = compare(tmp_path, OLD, OLD.replace("fish", evil), "--all")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "[U+001B][2J[U+202E][bold red]" in done.stdout
    assert "[/bold red]" in done.stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [(("--match", "art_2"), "write OLD=NEW"), (("--match", "art_9=art_1"), "no unit art_9")],
)
def test_a_refusal_is_one_sentence(options: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = compare(tmp_path, OLD, NEW, *options)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_document_without_units_is_refused(tmp_path: Path) -> None:
    done = compare(tmp_path, OLD, "roses are red\n")
    assert done.returncode == 2
    assert "no units" in done.stderr
