"""The files of a bundle have one spelling; and the command that verifies a folder of them, without
a database and Prefect.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from adapters.evidence import run_log
from adapters.evidence.files import NAMES, NotInForm, decode, encode
from adapters.evidence.run_log import RunLog, logged_run
from adapters.evidence.seal import ENVELOPE, INDEX, check_signature, seal
from adapters.evidence.verify import read_folder, verify, verify_folder
from domain.errors import BadInput
from domain.evidence.bundle import Verdict
from domain.plan.cut_plan import CutPlan
from domain.reading.marks import PlanWarning
from tests.support.evidence import made_bundle, new_keys, sealed

KEYS = new_keys()
GOOD = made_bundle(KEYS)
FILES = sealed(GOOD, KEYS)


def test_a_bundle_comes_back_as_it_was() -> None:
    assert decode(FILES) == GOOD
    assert isinstance(GOOD.plan, CutPlan)
    odd = replace(
        GOOD,
        plan=replace(
            GOOD.plan,
            warnings=(PlanWarning("odd", 3, "Điều \u2028 “x” \x85 \x7f \U0001f4dc"),),
            source_name="a\r\nb",
        ),
    )
    assert decode(encode(odd)) == odd


SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "a space": lambda c: c.replace(b":", b": ", 1),
    "a space at the end": lambda c: c[:-1] + b" \n",
    "a line more": lambda c: c + b"\n",
    "no line end": lambda c: c[:-1],
    "a carriage return": lambda c: c[:-1] + b"\r\n",
    "a byte order mark": lambda c: b"\xef\xbb\xbf" + c,
    "a key twice": lambda c: c[:1] + c[1 : c.index(b",") + 1] + c[1:],
    "keys in another order": lambda c: (
        one_line(dict(reversed(json.loads(c.splitlines()[0]).items()))) + rest(c)
    ),
    "a key more": lambda c: c[:1] + b'"aa":1,' + c[1:],
    "a key less": lambda c: (
        one_line(dict(list(json.loads(c.splitlines()[0]).items())[1:])) + rest(c)
    ),
    "an escape": lambda c: c.replace(b"e", b"\\u0065", 1),
    "not a number": lambda c: c[:1] + b'"aa":NaN,' + c[1:],
    "an invalid byte": lambda c: c[:-2] + b"\xff" + c[-2:],
    "a list instead": lambda c: b"[" + c[:-1] + b"]\n",
    "nested too deep": lambda _: b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n",
    "something else": lambda _: b"{}\n",
    "nothing at all": lambda _: b"\n",
}


def one_line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def rest(content: bytes) -> bytes:
    return b"".join(content.splitlines(keepends=True)[1:])


@pytest.mark.parametrize("how", SPELLINGS)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "versions.json"])
def test_any_other_spelling_is_refused_even_if_it_is_sealed(name: str, how: str) -> None:
    changed = FILES | {name: SPELLINGS[how](FILES[name])}
    with pytest.raises(NotInForm, match=name):
        decode(changed)
    contents = {n: changed[n] for n in NAMES}
    index = check_signature(FILES[INDEX], FILES[ENVELOPE])
    assert (
        verify(contents | seal(contents, index.change_set_id, True, KEYS.executor)).verdict
        is Verdict.BROKEN
    )


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".json")])
def test_a_file_of_one_value_is_one_line(name: str) -> None:
    for content in (b"", FILES[name] * 2):
        with pytest.raises(NotInForm, match=name):
            decode(FILES | {name: content})


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("run.json", b'"attempt":1', b'"attempt":1.0'),
        ("run.json", b'"attempt":1', b'"attempt":"1"'),
        ("run.json", b'"database_asked":true', b'"database_asked":1'),
        ("run.json", b'"kept_at":"2024-05-17T08:31:00Z"', b'"kept_at":"2024-05-17T08:31:00+00:00"'),
        ("run.json", b'"kept_at":"2024-05-17T08:31:00Z"', b'"kept_at":1715934660'),
        ("signatures.jsonl", b'"half":"executor"', b'"half":null'),
        ("rows.jsonl", b'"seq":1', b'"seq":true'),
        ("versions.json", b'"python":', b'"python":"3","python":'),
    ],
)
def test_a_value_in_another_form_is_refused(name: str, old: bytes, new: bytes) -> None:
    assert old in FILES[name]
    with pytest.raises(NotInForm, match=name):
        decode(FILES | {name: FILES[name].replace(old, new, 1)})


def test_base64_has_one_spelling() -> None:
    signature = json.loads(FILES["signatures.jsonl"].splitlines()[0])["signature"]
    loose = signature[:-3] + chr(ord(signature[-3]) + 1) + signature[-2:]
    with pytest.raises(NotInForm):
        decode(
            FILES
            | {
                "signatures.jsonl": FILES["signatures.jsonl"].replace(
                    signature.encode(), loose.encode()
                )
            }
        )


def written(folder: Path, files: dict[str, bytes] | None = None) -> Path:
    for name, content in (files or FILES).items():
        (folder / name).write_bytes(content)
    return folder


BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("prefect", "psycopg", "psycopg_c", "psycopg_binary", "sqlalchemy"):
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocked())
sys.argv = ["cutter", *sys.argv[1:]]
from cli.main import main
main()
"""


def cutter(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process that can not import Prefect nor psycopg."""
    return subprocess.run(
        [sys.executable, "-c", BLOCKED, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_command_verifies_without_a_database_and_prefect(tmp_path: Path) -> None:
    done = cutter("evidence", "verify", str(written(tmp_path)))
    assert done.returncode == 0, done.stderr + done.stdout
    lines = done.stdout.splitlines()
    assert sum(line.startswith("  holds ") for line in lines) == 19
    assert "Keys were NOT pinned" in done.stdout
    assert lines[-1].startswith("Proved")


def test_the_command_pins_keys_and_says_which_are_not(tmp_path: Path) -> None:
    bundle = str(written(tmp_path))
    named = ("--key", KEYS.executor.key_id, "--key", KEYS.verifier.key_id.upper())
    done = cutter("evidence", "verify", bundle, *named)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "NOT pinned" not in done.stdout
    assert "approver Ann Lee" in done.stdout
    report = json.loads(
        cutter("evidence", "verify", bundle, "--json", "--key", new_keys().executor.key_id).stdout
    )
    assert report["verdict"] == "broken"
    refused = cutter("evidence", "verify", bundle, "--key", "abc")
    assert (refused.returncode, "SHA-256 of a public key" in refused.stderr) == (2, True)


def test_the_command_says_what_is_broken_and_exits_1(tmp_path: Path) -> None:
    done = cutter("evidence", "verify", str(written(tmp_path, FILES | {"rows.jsonl": b""})))
    assert done.returncode == 1
    assert "FAILS  files" in done.stdout
    assert "rows.jsonl has 0 bytes" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("BROKEN")


def test_the_command_marks_an_unfinished_run_and_exits_4(tmp_path: Path) -> None:
    torn = replace(
        GOOD,
        change_set=GOOD.change_set and replace(GOOD.change_set, status="marked", record=None),
        results=GOOD.results[:2],
        rows=(),
        halves=(),
        verification=None,
        history=GOOD.history[:1],
        chain_head=GOOD.chain_head
        and replace(GOOD.chain_head, chain_no=1, row_sha256=GOOD.history[0].row_sha256),
        digests=replace(GOOD.digests, rows=None, effect_enacted=None),
        run=replace(GOOD.run, stopped="[red]Somebody pulled the plug.[/red]"),
    )
    done = cutter("evidence", "verify", str(written(tmp_path, sealed(torn, KEYS))))
    assert done.returncode == 4, done.stdout
    assert "[red]Somebody pulled the plug.[/red]" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("UNFINISHED")


def test_what_is_no_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not a folder"):
        verify_folder(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="is empty"):
        verify_folder(tmp_path)
    (tmp_path / "notes.txt").write_bytes(b"x")
    assert verify_folder(tmp_path).verdict is Verdict.BROKEN


def test_what_a_file_manager_leaves_is_named_and_breaks_nothing(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    whole = verify_folder(written(tmp_path / "bundle"))
    for name in (".DS_Store", "Thumbs.db", "._run.json"):
        (tmp_path / "bundle" / name).write_bytes(b"\0 whatever it is")
    report = verify_folder(tmp_path / "bundle")
    assert report.verdict is whole.verdict is Verdict.PROVED
    assert report.checks[:-1] == whole.checks
    assert "not looked at: .DS_Store, ._run.json, Thumbs.db" in report.checks[-1].evidence
    (tmp_path / "bundle" / "notes.txt").write_bytes(b"")
    broken = verify_folder(tmp_path / "bundle")
    assert broken.verdict is Verdict.BROKEN
    assert any("notes.txt does not belong" in check.evidence for check in broken.checks)


def test_litter_that_is_a_link_or_a_folder_is_none(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    folder = written(tmp_path / "bundle")
    (folder / ".DS_Store").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="is not a plain file of a bundle"):
        verify_folder(folder)
    (folder / ".DS_Store").unlink()
    (folder / ".DS_Store").mkdir()
    with pytest.raises(BadInput, match="is not a plain file of a bundle"):
        verify_folder(folder)


def test_a_folder_of_bundles_names_them(tmp_path: Path) -> None:
    (tmp_path / "dry-run.json").write_bytes(b"{}")
    for name in ("evidence-0001", "evidence-0002"):
        (tmp_path / name).mkdir()
        written(tmp_path / name)
    with pytest.raises(BadInput, match="name one of them: evidence-0001, evidence-0002"):
        verify_folder(tmp_path)
    assert verify_folder(tmp_path / "evidence-0002").verdict is Verdict.PROVED


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_only_plain_files_are_read(tmp_path: Path, kind: str) -> None:
    import os

    place = written(tmp_path) / "more"
    if kind == "folder":
        place.mkdir()
    elif kind == "link":
        place.symlink_to(tmp_path / INDEX)
    else:
        os.mkfifo(place)
    with pytest.raises(BadInput, match="not a plain file"):
        read_folder(tmp_path)


def test_a_bundle_whose_writing_was_cut_short_is_refused(tmp_path: Path) -> None:
    """The signed index is written last: what a crash leaves behind is no bundle."""
    for count in range(1, len(FILES)):
        contents = dict(list(FILES.items())[:count])
        assert verify(contents).verdict is Verdict.BROKEN, count


def test_the_log_takes_our_own_lines_of_this_run_only() -> None:
    ours, theirs = logging.getLogger("adapters.something"), logging.getLogger("urllib3")
    with logged_run() as log:
        ours.warning("waited for %s", "a lock")
        theirs.warning("password=hunter2")
        try:
            int("password=hunter2")
        except ValueError:
            ours.exception("it went wrong")
        log.note("mark has ended", seconds=0.5, replayed=False)
        with logged_run() as inner:
            ours.warning("of the inner run")
    ours.warning("too late")
    assert [line.message for line in log.lines] == [
        "waited for a lock",
        "it went wrong",
        "mark has ended",
    ]
    assert [line.message for line in inner.lines] == ["of the inner run"]
    assert log.lines[2].facts == {"seconds": 0.5, "replayed": False}
    assert "hunter2" not in str(log.lines)
    assert not [
        handler for handler in logging.getLogger("adapters").handlers if isinstance(handler, RunLog)
    ]


def test_another_run_in_the_same_process_is_not_in_the_log() -> None:
    with logged_run() as log:
        elsewhere = Thread(target=logging.getLogger("tasks").warning, args=("somebody else's",))
        elsewhere.start()
        elsewhere.join()
    assert log.lines == ()


def test_a_log_without_end_is_cut_off_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_log, "MOST_LINES", 5)
    log = RunLog()
    for number in range(9):
        log.note(f"line {number}")
    assert [line.message for line in log.lines][4:] == [
        "line 4",
        "more than 5 lines; the rest is left out",
    ]
