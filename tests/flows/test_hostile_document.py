"""A document that speaks to the terminal, over every command: what is printed of it shows as it is.

The commands are asked of the command line itself, so that a new one is tried here or named.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from blocks.deployed import PROJECT
from domain.reading.hidden_characters import is_hidden
from tests.support.command import Done, as_named_here, command_options, cutter
from tests.support.knowledge import Knowledge

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

ESCAPES: Final = "\x1b]0;owned\x07\x1b[2J\x1b[1A\x9b31m"
TRICKS: Final = (
    f"[/dim] [link=https://a.example]x[/link] :bomb: {{0}} {{x!r}} %s %(x)s %n \\x1b[2J"
    f" <script>alert(1)</script> \u202eback\u202c \u200b {ESCAPES}"
)
CODE: Final = "hostile-law"
FIRST: Final = f"{CODE}~art_1"


def hostile(changed: str = "") -> str:
    """A law whose every title and text is hostile, in lines without end."""
    articles = "".join(
        f"### Article {number}. Scope {number} {TRICKS}\n\nThe keeper of the house shall{changed}"
        f" look after {TRICKS} and the lamp of number {number}, {'and of the next ' * 600}.\n\n"
        for number in (1, 2, 3)
    )
    return f"# The law of the house {TRICKS}\n\n{articles}"


TRIED: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "plan": (
        ("LAW",),
        ("LAW", "--address", FIRST),
        ("NEW", "--compare", "LAW"),
        ("NEW", "--strict"),
    ),
    "review": (("LAW",), ("NEW", "--html", "OUT")),
    "compare": (("LAW", "NEW"), ("LAW", "NEW", "--all"), ("LAW", "NEW", "--html", "OUT")),
    "cut": (("LAW",), ("LAW", "--live")),
    "rehearse": (("LAW",),),
    "check": (("LAW",),),
    "prove": (("LAW",),),
    "propose": (("NEW", "--code", CODE),),
    "inbox": ((),),
    "go": ((CODE,),),
    "decline": ((CODE, "--key", "gone", "--reason", TRICKS),),
    "withdraw": ((CODE, "--reason", TRICKS),),
    "corpus plan": (("FOLDER",),),
    "approve": (("LAW", "--gate", "SG_1", "--request", "OUT"),),
    "units": ((), (CODE,), (CODE, "--tree"), (CODE, "--all")),
    "show": ((CODE,), (FIRST,), ("Article 1",), (f"{CODE}~art_{ESCAPES}",)),
    "history": ((FIRST,),),
    "diff": ((FIRST, "1", "1"),),
    "search": (("Scope",), ("owned", "--in", CODE), (ESCAPES,)),
    "feed": ((), (CODE,)),
    "cite": ((FIRST,),),
    "export": ((CODE, "--output", "OUT"), (f"{CODE}{ESCAPES}",)),
    "status": ((), ("CHANGE_SET",)),
    "revert": (("CHANGE_SET",),),
    "audit": ((),),
    "evidence make": (("CHANGE_SET",),),
    "evidence verify": (("EVIDENCE",),),
    "switch arm": (("CHANGE_SET", "--reason", TRICKS),),
    "switch show": ((),),
    "halt": (("--reason", TRICKS, "--by", f"Ann {ESCAPES}"),),
    "doctor": ((),),
    "restore home": ((),),
    "target list": ((),),
}
"""What prints anything of a document, or of what a person wrote about it, and how it is asked."""

ELSEWHERE: Final = {
    "serve": "test_hostile_texts_are_text",
    "mcp": "test_a_law_that_speaks_to_the_model_is_handed_on_as_it_is",
    "approval sign": "test_an_edit_anywhere_is_found",
    "demo": "its document is the project's own",
    "accept": "its document is the project's own",
    "up": "stays, and reads no document",
    "worker": "stays; what its runs print is what `cut` prints",
    "verifier": "prints ids and digests",
    "help": "prints its own words",
}
"""Commands that read or show a document in another way, and what holds them."""

NOTHING_OF_A_DOCUMENT: Final = {
    *("down", "init", "deploy", "conform", "lift", "switch off", "restore accept"),
    *("secrets set", "secrets seal", "key make", "key register", "key retire", "key list"),
    *("approver add", "approver retire", "approver list", "approver link", "approver passkey"),
    *("policy show", "policy set", "adopted accept", "target accept", "target remove"),
    *("db init", "db upgrade", "db clear", "db adopt", "approval decline"),
    *("backup make", "backup verify", "backup copy", "backup list", "backup restore"),
    *("backup prune", "corpus go", "corpus retry", "corpus status"),
}
"""Commands about people, keys, backups and bases, whose names and codes are held to an alphabet."""


def test_every_command_is_tried_or_named() -> None:
    known = [*TRIED, *ELSEWHERE, *NOTHING_OF_A_DOCUMENT]
    assert len(known) == len(set(known))
    assert set(command_options()) == set(known)
    written = "".join(
        file.read_text(encoding="utf-8") for file in PROJECT.joinpath("tests").rglob("test_*.py")
    )
    named = [name for name in ELSEWHERE.values() if name.startswith("test_")]
    assert [name for name in named if f"def {name}(" not in written] == []


def harmful(printed: str) -> list[str]:
    """What of a text would act on a terminal or hide; rich's own colours are not asked for."""
    return [f"U+{ord(char):04X}" for char in printed if char not in "\n\t" and is_hidden(char)]


def told(done: Done, arguments: tuple[str, ...]) -> None:
    """Raises if what a command said would act, or is no sentence."""
    said = done.stdout + done.stderr
    assert harmful(said) == [], (arguments, said[:400])
    assert "Traceback" not in said, (arguments, said[-800:])


def test_no_command_lets_a_document_speak_to_the_terminal(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    folder = tmp_path / "laws"
    folder.mkdir()
    law, new = folder / f"{CODE}.md", tmp_path / "new" / f"{CODE}.md"
    new.parent.mkdir()
    law.write_text(hostile(), encoding="utf-8")
    new.write_text(hostile(" changed"), encoding="utf-8")
    change_set = knowledge.live_run(str(law), accepted=("unknown-language",)).change_set_id
    (bundle,) = (knowledge.home / "runs" / str(change_set)).glob("evidence-*")
    places = {
        "LAW": str(law),
        "NEW": str(new),
        "FOLDER": str(folder),
        "CHANGE_SET": str(change_set),
        "EVIDENCE": str(bundle),
    }
    named = as_named_here()
    has_json = {name for name, options in command_options().items() if "--json" in options}
    for command, asked in TRIED.items():
        for number, arguments in enumerate(asked):
            for as_json in (False, True) if command in has_json and not number else (False,):
                out = tmp_path / f"{command}-{number}-{as_json}.out"
                given = [places.get(one, str(out) if one == "OUT" else one) for one in arguments]
                words = (*command.split(), *given, *(["--json"] if as_json else []))
                done = cutter(*words, home=knowledge.home, environment=named)
                told(done, words)
                if as_json and done.returncode == 0:
                    for line in done.stdout.split("\n") if command == "feed" else [done.stdout]:
                        assert not line or json.loads(line) is not None, words
                if out.exists() and command in ("review", "compare"):
                    page = out.read_text(encoding="utf-8")
                    assert "<script>alert" not in page
                    assert harmful(page) == []
