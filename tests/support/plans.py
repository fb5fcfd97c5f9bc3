"""Plans and documents for tests, made here and nowhere else."""

from __future__ import annotations

from domain.change_set import SIMULATED_TARGET, CutContext, TargetFingerprint, change_set_id
from domain.digests import text_sha256
from domain.phases import Mode
from domain.plan.cut_plan import CutPlan, CutplanRow, Gap, TargetDocument, check_plan
from domain.runs.run_plan import DocumentPlan


def made_plan(
    units: int = 6, *, code: str = "test.law", body: str = "The text of article {n}, as printed.\n"
) -> CutPlan:
    """A lossless plan: one chapter for every ten articles, a gap in front, and bodies of a line
    each.
    """
    preamble = "By the assembly, this law is given.\n"
    rows: list[CutplanRow] = []
    at = len(preamble)
    chapter = ""
    text = [preamble]
    for n in range(1, units + 1):
        if (n - 1) % 10 == 0:
            number = (n - 1) // 10 + 1
            chapter = f"{code}~chp_{number}"
            heading = f"Chapter {number} General\n"
            rows.append(
                _row(
                    len(rows) + 1,
                    chapter,
                    f"General {number}",
                    heading,
                    at,
                    None,
                    "chapter",
                    "container",
                )
            )
            at += len(heading)
            text.append(heading)
        words = body.format(n=n)
        rows.append(
            _row(
                len(rows) + 1,
                f"{code}~art_{n}",
                f"Article {n}",
                words,
                at,
                chapter,
                "article",
                "body",
            )
        )
        at += len(words)
        text.append(words)
    whole = "".join(text)
    plan = CutPlan(
        document=TargetDocument(code, owner_ref="registry", title="A law for tests"),
        source_name="made.txt",
        reader="made",
        profile="en",
        granularity="basic",
        text_sha256=text_sha256(whole),
        text_chars=len(whole),
        rows=tuple(rows),
        gaps=(Gap(0, len(preamble), preamble),),
    )
    check_plan(plan)
    return plan


def _row(
    seq: int,
    address: str,
    title: str,
    body: str,
    start: int,
    parent: str | None,
    kind: str,
    section_type: str,
) -> CutplanRow:
    return CutplanRow(
        seq=seq,
        canonical_address=address,
        title=title,
        body=body,
        unit_kind=kind,
        section_type=section_type,
        publication_type="law",
        owner_ref="registry",
        parent_ref=parent,
        label="",
        level="basic" if kind == "article" else "container",
        start=start,
        end=start + len(body),
    )


def context(
    plan: DocumentPlan,
    mode: Mode = Mode.DRYRUN,
    target: TargetFingerprint = SIMULATED_TARGET,
    attempt: int = 1,
) -> CutContext:
    """The context of a first run of a plan."""
    return CutContext(
        change_set_id=change_set_id(target, plan.document_code, plan.plan_digest, attempt),
        mode=mode,
        document_code=plan.document_code,
        plan_digest=plan.plan_digest,
        target=target,
        actor="operator",
        attempt=attempt,
    )
