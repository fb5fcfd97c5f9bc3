"""An approver elsewhere: the request holds together or is refused, and what is shown is what is
signed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapters.evidence.files import one_line
from adapters.keys.approvers import ApproverSigner, load_private_key, new_nonce, save_private_key
from adapters.keys.signing import signature_is_valid
from adapters.request_file import digest_of, encode_request, keep_request, read_request
from domain.approval.approvals import ApprovalStatement, Gate, parse_envelope
from domain.approval.request import cut_effect, revert_effect, statement_for
from domain.approval.signing_request import AGAIN, Known, SigningRequest, check_request
from domain.change_set import TargetFingerprint
from domain.errors import ApprovalRefused, BadInput
from domain.phases import Kind, Mode
from domain.plan.cut_plan import CutPlan
from domain.plan.revert import RevertPlan, RevertUnit, revert_context
from tests.support.command import Done, cutter
from tests.support.plans import context, made_plan

TARGET = TargetFingerprint("kb", 5, 77)
KNOWN = Known(
    "2026-03-01, 6 units, the same plan and effect",
    "none on record here",
    ("look twice",),
    "c" * 64,
)
PLAN = made_plan(30)
Change = Callable[[SigningRequest], SigningRequest]


def statement(
    plan: CutPlan | RevertPlan, signer: ApproverSigner, gate: Gate, minutes: float = 60
) -> ApprovalStatement:
    """What Ann would sign for a plan, good for some minutes from now."""
    if isinstance(plan, RevertPlan):
        effect = revert_effect(revert_context(plan, Mode.LIVE, TARGET, "operator"), plan)
    else:
        effect = cut_effect(context(plan, Mode.LIVE, TARGET), plan)
    return statement_for(
        effect,
        gate,
        submitter="operator",
        approver="Ann",
        key_id=signer.key_id,
        nonce=new_nonce(),
        backup_key="F" * 40,
        now=datetime.now(UTC),
        approve_within=timedelta(minutes=minutes),
        execute_within=timedelta(minutes=minutes),
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """An approver's own machine: a key, a request that came, and nothing else."""

    folder: Path
    key: Path
    request: SigningRequest

    @property
    def file(self) -> Path:
        return self.folder / "request.json"

    @property
    def out(self) -> Path:
        return self.folder / "signed.json"

    def sign(self, *more: str, key: Path | None = None) -> Done:
        """Sign what lies there."""
        arguments = [
            "approval",
            "sign",
            str(self.file),
            "--key",
            str(key or self.key),
            "--out",
            str(self.out),
        ]
        return cutter(*arguments, *(more or ("--yes",)), home=self.folder / "no-home")

    def refused(self, says: str, *more: str, key: Path | None = None) -> None:
        """Nothing is signed, and one sentence says why."""
        done = self.sign(*(more or ("--yes",)), key=key)
        assert done.returncode in (2, 3), done
        assert not self.out.exists()
        assert done.stdout == ""
        *shown, last = done.stderr.rstrip("\n").splitlines()
        assert last.startswith("cutter: ")
        assert says in last
        assert last.endswith(".")
        assert not shown or not any("Traceback" in line for line in shown)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    key = tmp_path / "ann"
    save_private_key(key)
    request = SigningRequest(statement(PLAN, load_private_key(key), Gate.SG_1), PLAN, KNOWN)
    made = Desk(tmp_path, key, request)
    keep_request(made.file, request)
    return made


def test_what_is_shown_is_what_is_signed_and_nothing_else(desk: Desk) -> None:
    done = desk.sign()
    assert done.returncode == 0, done
    asked = desk.request.statement
    for value in (
        *(
            "SG_1: authorise the plan",
            "approver      Ann",
            "submitter     operator",
            f"add {len(PLAN.rows)} units",
            "backup key    " + "F" * 40,
        ),
        *(
            str(asked.change_set_id),
            asked.plan_digest,
            asked.effect_digest,
            asked.target,
            PLAN.document.title,
        ),
        *(
            KNOWN.dry_run,
            KNOWN.rehearsal,
            "look look twice",
            "SHA-256 " + "c" * 64,
            digest_of(desk.request),
        ),
        *(f"{asked.approve_by:%Y-%m-%d %H:%M:%S} UTC", f"{asked.execute_by:%Y-%m-%d %H:%M:%S} UTC"),
        *(PLAN.rows[0].canonical_address, f"and {len(PLAN.rows) - 12} more"),
    ):
        assert value in done.stderr, value
    signed = parse_envelope(done.stdout)
    assert signed.payload == asked.canonical_bytes()
    assert signature_is_valid(
        load_private_key(desk.key).public_key, signed.signed_bytes, signed.signature
    )
    assert desk.out.read_text(encoding="utf-8") == done.stdout
    assert not (desk.folder / "no-home").exists()


def test_it_needs_neither_prefect_nor_a_driver_nor_a_home(desk: Desk) -> None:
    script = (
        "import sys; sys.modules.update(prefect=None, psycopg=None)\n"
        "from cli.main import main\n"
        f"sys.argv = ['cutter', 'approval', 'sign', {str(desk.file)!r}, '--key', "
        f"{str(desk.key)!r}, '--yes']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={
            "CUTTER_HOME": "/proc/nowhere",
            "HOME": "/proc/nowhere",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    assert parse_envelope(done.stdout).statement == desk.request.statement


def test_nothing_is_signed_where_nobody_can_be_asked(desk: Desk) -> None:
    desk.refused("say --yes", "--passphrase-file", "/dev/null")


@pytest.mark.one_quick
@pytest.mark.parametrize(("answer", "signs"), [(None, True), ("yes", False), ("", False)])
def test_a_person_at_a_terminal_is_asked_for_the_change_set(
    desk: Desk, answer: str | None, signs: bool
) -> None:
    typed = str(desk.request.statement.change_set_id)[:8] if answer is None else answer
    keyboard, terminal = os.openpty()
    with open(keyboard, "wb", buffering=0) as hands, open(terminal, "rb") as stdin:
        hands.write(f"{typed}\n".encode())
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "cli.main",
                "approval",
                "sign",
                str(desk.file),
                "--key",
                str(desk.key),
                "--out",
                str(desk.out),
            ],
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert "Type the first eight characters of the change set to authorise the plan" in done.stderr
    assert (done.returncode == 0, desk.out.exists()) == (signs, signs), done
    assert signs or done.stderr.endswith("cutter: Not signed: nothing was approved.\n")


def test_an_edit_anywhere_is_found(desk: Desk) -> None:
    content = desk.file.read_bytes()
    for at in range(0, len(content), 17):
        desk.file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises((BadInput, ApprovalRefused), match=AGAIN):
            read_request(desk.file)
    for other in (
        b"",
        b"{}",
        content[:-1],
        content + b"\n",
        content.replace(b'"known"', b' "known"'),
        b"\xff",
        b"[" * 99999,
    ):
        desk.file.write_bytes(other)
        desk.refused("have it made again with `cutter approve --request`")


def edited(request: SigningRequest, **changes: Any) -> SigningRequest:
    """The request with another statement; whoever made it has made its digest anew too."""
    return replace(request, statement=replace(request.statement, **changes))


def with_row(request: SigningRequest, **changes: Any) -> SigningRequest:
    """The request with another plan under the old digests."""
    assert isinstance(request.plan, CutPlan)
    rows = (request.plan.rows[0]._replace(**changes), *request.plan.rows[1:])
    return replace(request, plan=replace(request.plan, rows=rows))


FORGED: dict[str, tuple[Change, str]] = {
    "plan digest": (lambda r: edited(r, plan_digest="0" * 64), "plan digest: 0000"),
    "effect digest": (lambda r: edited(r, effect_digest="0" * 64), "effect digest: 0000"),
    "change set": (lambda r: edited(r, change_set_id=UUID(int=7)), "change set id: 00000000-"),
    "document": (lambda r: edited(r, document_code="other.law"), "document code: other.law"),
    "attempt": (lambda r: edited(r, attempt=2), "change set id"),
    "units": (lambda r: edited(r, units=1), "units: 1"),
    "target": (lambda r: edited(r, target="other:5@77"), "change set id"),
    "no target": (lambda r: edited(r, target="production"), "names no database"),
    "kind": (lambda r: edited(r, kind=Kind.REVERT), "is not a request"),
    "gate": (lambda r: edited(r, gate=Gate.SG_3), "needs SG_1 and SG_2, not SG_3"),
    "own submitter": (lambda r: edited(r, submitter="ANN"), "has submitted this run"),
    "expired": (
        lambda r: edited(r, approve_by=datetime(2026, 1, 1, tzinfo=UTC)),
        "was good until 2026-01-01 00:00:00 UTC",
    ),
    "title": (lambda r: with_row(r, title="Another"), "change set id"),
    "owner": (lambda r: with_row(r, owner_ref="somebody"), "change set id"),
    "body": (lambda r: with_row(r, body="x" * len(PLAN.rows[0].body)), "not lossless"),
    "a hidden line": (
        lambda r: replace(r, known=replace(KNOWN, dry_run="fine\n\x1b[2K")),
        "do not print",
    ),
    "a hidden alert": (
        lambda r: replace(r, known=replace(KNOWN, alerts=("\x1b[8m",))),
        "do not print",
    ),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_request_that_does_not_hold_together_is_refused_whoever_made_its_digest(
    desk: Desk, what: str
) -> None:
    forge, says = FORGED[what]
    content = json.loads(encode_request(desk.request)) | {"digest": ""}
    changed = forge(desk.request)
    content["statement"] = changed.statement.canonical_bytes().decode()
    content |= {
        name: json.loads(encode_request(replace(changed, statement=desk.request.statement)))[name]
        for name in ("plan", "known")
    }
    del content["digest"]
    desk.file.write_bytes(one_line(content | {"digest": sha256(one_line(content)).hexdigest()}))
    desk.refused(says)


def test_it_is_for_one_key(desk: Desk) -> None:
    other = desk.folder / "ben"
    save_private_key(other)
    desk.refused("is for the key", key=other)
    desk.refused("can not be read", key=desk.folder / "none")


def test_the_review_page_is_compared_with_the_one_that_is_meant(desk: Desk) -> None:
    page = desk.folder / "review.html"
    page.write_bytes(b"the page")
    desk.refused("is not the review page that the request names", "--yes", "--review", str(page))
    keep_request(
        desk.file,
        replace(desk.request, known=replace(KNOWN, review_sha256=sha256(b"the page").hexdigest())),
    )
    assert desk.sign("--yes", "--review", str(page)).returncode == 0


def test_what_can_not_be_printed_stands_as_a_mark(desk: Desk) -> None:
    title = "A law\x1b[2K"
    plan = replace(PLAN, document=replace(PLAN.document, title=title))
    keep_request(desk.file, replace(desk.request, plan=plan))
    done = desk.sign()
    assert done.returncode == 0, done
    assert "\x1b" not in done.stderr
    assert "A law\N{REPLACEMENT CHARACTER}[2K" in done.stderr


def test_a_revert_is_asked_for_and_checked_in_the_same_way(desk: Desk) -> None:
    unit = RevertUnit(
        1,
        "a~art_1",
        UUID(int=3),
        UUID(int=4),
        "enacted",
        "a" * 64,
        "b" * 64,
        "article",
        "body",
        "law",
        "c" * 64,
        None,
        0,
        9,
    )
    plan = RevertPlan("a.law", "A law", UUID(int=1), UUID(int=2), "enacted", 1, "0" * 64, (unit,))
    request = SigningRequest(statement(plan, load_private_key(desk.key), Gate.SG_3), plan, KNOWN)
    keep_request(desk.file, request)
    done = desk.sign()
    assert done.returncode == 0, done
    assert "withdraw a~art_1" in done.stderr
    assert parse_envelope(done.stdout).statement == request.statement
    other = replace(plan, units=(replace(unit, body_sha256="d" * 64),))
    with pytest.raises(ApprovalRefused, match="does not hold together"):
        check_request(replace(request, plan=other), datetime.now(UTC))


def test_what_is_written_is_read_again(desk: Desk) -> None:
    assert read_request(desk.file) == desk.request
    assert desk.file.stat().st_mode & 0o777 == 0o600
