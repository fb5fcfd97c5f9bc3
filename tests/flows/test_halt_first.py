"""Under a halt every refusal of a command says so before anything else, whatever else stands in its
way: the switch that is OFF, a dry run that is missing, a doubt, an approval.

The commands are asked of the command line itself, so that a new one is tried here or named.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Final

import pytest

from tests.support.command import as_named_here, command_options, cutter
from tests.support.knowledge import Knowledge
from tests.support.prefect import arm

pytestmark = [pytest.mark.prefect, pytest.mark.slow]
WHY: Final = "the index is being rebuilt"
REFUSED: Final = 3  # the exit status of a refusal

TRIED: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "cut": (("LAW", "--live"), ("NEW", "--live"), ("DOUBTFUL", "--live")),
    "rehearse": (("LAW",),),
    "propose": (("NEW", "--yes"),),
    "go": (("b-law",),),
    "revert": (("CHANGE_SET", "--live"), ("CHANGE_SET", "--rehearse")),
    "switch arm": (
        ("CHANGE_SET", "--reason", "x"),
        ("CHANGE_SET", "--reason", "x", "--rehearse"),
        (str(uuid.uuid4()), "--reason", "x"),
    ),
}
"""What changes the law or leads to it, and would be refused for another reason too."""

AS_THEY_ARE: Final = {
    # They arm the switch for a release by the way that `switch arm` goes.
    *("corpus go", "corpus retry"),
    # They run under a halt: it is ended or worked on by them, or they change no law.
    *("halt", "lift", "switch off", "db clear", "db upgrade", "db init", "db adopt", "down", "up"),
    *("restore accept", "restore home", "adopted accept", "target accept", "target remove"),
    *("approver add", "approver retire", "approver link", "approver passkey", "policy set"),
    *("key make", "key register", "key retire", "secrets set", "secrets seal", "deploy", "init"),
    *("backup make", "backup verify", "backup copy", "backup restore", "backup prune", "withdraw"),
    *("approve", "approval sign", "approval decline", "decline", "corpus plan", "evidence make"),
    *("prove", "conform", "accept", "demo", "check", "worker", "verifier"),
    # They read.
    *("help", "plan", "compare", "review", "inbox", "status", "corpus status", "audit", "doctor"),
    *("serve", "mcp", "cite", "export", "units", "show", "history", "diff", "search", "feed"),
    *("evidence verify", "switch show", "key list", "approver list", "policy show", "target list"),
    "backup list",
}
"""Every other command, by why a halt does not refuse it."""


def test_every_command_is_tried_or_named() -> None:
    assert set(command_options()) == {*TRIED, *AS_THEY_ARE}


def test_a_refusal_under_a_halt_names_the_halt_first(
    knowledge: Knowledge, law: str, tmp_path: Path
) -> None:
    change_set = knowledge.live_run(law).change_set_id
    text = Path(law).read_text(encoding="utf-8")
    new, doubtful = tmp_path / "b-law.md", tmp_path / "c-law.md"
    new.write_text(text, encoding="utf-8")
    doubtful.write_text(text.replace("Article 2", "Article 9"), encoding="utf-8")
    places = {
        "LAW": law,
        "NEW": str(new),
        "DOUBTFUL": str(doubtful),
        "CHANGE_SET": str(change_set),
    }
    named = as_named_here()
    proposed = cutter("propose", str(new), "--yes", home=knowledge.home, environment=named)
    assert proposed.returncode == 0, proposed.stderr
    with knowledge.database.connect() as admin:
        admin.execute("SELECT fn_halt('Ada', %s)", [WHY])
    for armed in (False, True):  # the switch that is OFF refuses before anything is asked
        for command, asked in TRIED.items():
            for arguments in asked:
                if armed:
                    arm(change_set)
                given = [places.get(one, one) for one in arguments]
                done = cutter(*command.split(), *given, home=knowledge.home, environment=named)
                said = [
                    line for line in (done.stdout + done.stderr).splitlines() if "halted" in line
                ]
                reasons = done.stderr.splitlines() or said  # `propose` shows its plan before
                assert done.returncode == REFUSED, (command, arguments, done)
                assert f"by Ada: {WHY}" in reasons[0], (command, arguments, done)
                assert len(said) == 1, "it is said once"
