"""What was cut is taken out again: cited, proved without cutter, and exported."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.evidence.collect import bundles_of
from adapters.planning import plan_document
from adapters.readers.by_content import read_document
from cli.citing.cite import cite_command
from cli.citing.export import export_command
from cli.terminal import SafeConsole
from cli.units.reading_out import Wanted
from domain.errors import BadInput, DatabaseUnsuitable
from domain.phases import Principal
from domain.plan.cut_plan import CutPlan, build_plan
from domain.reading.marks import Granularity
from domain.units.formats import Format
from tasks.app import production_app
from tests.support.exports import schema_faults
from tests.support.knowledge import Knowledge
from tests.support.tamper import tamper

pytestmark = [pytest.mark.prefect, pytest.mark.slow]
PROGRAM = Path(__file__).parents[2] / "docs" / "verify_citation.py"


@pytest.fixture
def plan(knowledge: Knowledge, law: str) -> CutPlan:
    """The plan of a law that is cut."""
    knowledge.live_run(law)
    return plan_document(law)


def cite(
    address: str, output: Path | None = None, *, proof: bool = False, as_json: bool = False
) -> str:
    console = SafeConsole(file=io.StringIO(), width=200)
    cite_command(console, address, output, proof=proof, as_json=as_json)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]  # it is the StringIO


def export(code: str, to: Format, output: Path) -> str:
    export_command(SafeConsole(file=io.StringIO()), Wanted(code), to, output)
    return output.read_text(encoding="utf-8")


def test_a_unit_is_cited_and_proved_without_cutter(
    knowledge: Knowledge, plan: CutPlan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = plan.rows[-1]
    shown = cite(row.canonical_address)
    for fact in (row.title, row.canonical_address, row.body_sha256):
        assert fact in shown
    capsys.readouterr()
    cite(row.canonical_address, as_json=True)
    facts = json.loads(capsys.readouterr().out)
    assert (facts["body"], facts["version"]) == (row.body, 1)
    file = tmp_path / "proof.json"
    cite(row.canonical_address, file, proof=True)
    (folder,) = bundles_of(knowledge.home / "runs", facts["change_set"])
    approvals = [
        json.loads(line) for line in (folder / "approvals.jsonl").read_bytes().splitlines()
    ]
    keys = [one["key_id"] for permit in approvals for one in permit["approvals"]]
    keys += [production_app().signer(principal).key_id for principal in Principal]
    command = [sys.executable, "-I", str(PROGRAM), str(file)]
    done = subprocess.run([*command, *keys], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{row.canonical_address} is what ")
    assert subprocess.run([*command, *keys[1:]], capture_output=True, check=False).returncode == 1


def test_a_text_that_was_changed_behind_our_back_is_not_proved(
    knowledge: Knowledge, plan: CutPlan, tmp_path: Path
) -> None:
    address = plan.rows[-1].canonical_address
    tamper(knowledge.database, "UPDATE unit_version SET body = 'x'")
    with pytest.raises(DatabaseUnsuitable, match="is not what change set"):
        cite(address, tmp_path / "proof.json", proof=True)
    assert not (tmp_path / "proof.json").exists()


def test_without_evidence_there_is_no_proof(
    knowledge: Knowledge, plan: CutPlan, tmp_path: Path
) -> None:
    (knowledge.home / "runs").rename(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="cutter evidence make"):
        cite(plan.rows[0].canonical_address, tmp_path / "proof.json", proof=True)


def test_what_does_not_stand_is_said_so(knowledge: Knowledge, plan: CutPlan) -> None:
    with pytest.raises(BadInput, match="No unit stands at"):
        cite(f"{plan.document_code}~art_999")
    with pytest.raises(BadInput, match=r"No unit stands at other\.law~art_1"):
        cite("other.law~art_1")
    with pytest.raises(BadInput, match="is not an address"):
        cite("art_1")


def test_a_document_is_exported_in_every_format(
    knowledge: Knowledge, plan: CutPlan, tmp_path: Path
) -> None:
    texts = {to: export(plan.document_code, to, tmp_path / f"law.{to}") for to in Format}
    assert schema_faults(texts[Format.AKN]) == []
    read = read_document(texts[Format.AKN].encode(), name="law.xml", granularity=Granularity.SUB)
    again = build_plan(read, plan.document, source_name="law.xml", granularity=Granularity.SUB)
    wanted = [(row.canonical_address, row.title, row.body) for row in plan.rows]
    assert [(row.canonical_address, row.title, row.body) for row in again.rows] == wanted
    units = json.loads(texts[Format.JSON])["units"]
    assert [(one["address"], one["title"], one["body"]) for one in units] == wanted
    for row in plan.rows:
        assert row.canonical_address in texts[Format.HTML]
        assert row.canonical_address.partition("~")[2] in texts[Format.MD]
