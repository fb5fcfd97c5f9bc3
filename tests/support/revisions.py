"""Revisions for tests: a made-up law of six articles, and a new text of it that does of everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from adapters.likeness import RapidLikeness
from domain.amending.claims import Claim, Says
from domain.digests import text_sha256
from domain.plan.cut_plan import CutPlan, CutplanRow, Gap, TargetDocument, check_plan
from domain.reading.marks import PlanWarning
from domain.revision.agreement import set_beside
from domain.revision.compare import compare
from domain.revision.dates import Dates, UnitDate
from domain.revision.plan import RevisionPlan
from domain.revision.settled import parse_settled
from domain.revision.units import Version, version_of

CODE = "made.harbour"
OLD = {
    "1": "The harbour master keeps a register of every boat that is moored for more than a night.",
    "2": "A boat that is longer than twelve metres is moored at the outer quay and nowhere else.",
    "3": "Nets are dried on the slope behind the ice house, and never on the bollards or ropes.",
    "4": "Whoever finds an anchor hands it in within three days and is told whose it has been.",
    "5": "Lamps on the mole burn from dusk to dawn, whatever the moon and the weather may be.",
    "6": "Fees are due on the first day of each quarter and are paid at the counter in the shed.",
}
FIRST = sorted(OLD.items())
PREAMBLE = "Rules of the harbour.\n"
FRESH = "Divers leave their names, and the hour at which they mean to be back, with the watchman."


def new_texts() -> list[tuple[str, str]]:
    """Article 2 changed, a new 4, what was 4 and 5 renumbered, 6 repealed."""
    return [
        ("1", OLD["1"]),
        ("2", OLD["2"].replace("twelve metres", "fourteen metres")),
        ("3", OLD["3"]),
        ("4", FRESH),
        ("5", OLD["4"]),
        ("6", OLD["5"]),
    ]


def harbour_plan(texts: Sequence[tuple[str, str]], source: str = "harbour.md") -> CutPlan:
    """How these articles are cut, with a gap in front."""
    preamble = PREAMBLE
    rows: list[CutplanRow] = []
    at = len(preamble)
    for number, text in texts:
        body = f"Article {number}. {text}\n"
        rows.append(
            CutplanRow(
                len(rows) + 1, f"{CODE}~art_{number}", f"Article {number}.", body, "article",
                "body", "policy", "harbour office", None, f"Article {number}.", "basic", at,
                at + len(body),
            )
        )  # fmt: skip
        at += len(body)
    whole = preamble + "".join(row.body for row in rows)
    plan = CutPlan(
        document=TargetDocument(CODE, "policy", "harbour office", "Rules of the harbour"),
        source_name=source,
        reader="made",
        profile="en",
        granularity="basic",
        text_sha256=text_sha256(whole),
        text_chars=len(whole),
        rows=tuple(rows),
        gaps=(Gap(0, len(preamble), preamble),),
        warnings=(PlanWarning("odd", 2, "A warning of the reader."),),
    )
    check_plan(plan)
    return plan


def about(
    plan: CutPlan,
    owner: str = "harbour office",
    publication_type: str = "policy",
    title: str = "Rules of the harbour",
) -> CutPlan:
    """A plan whose document has another owner, type or title."""
    document = TargetDocument(CODE, publication_type, owner, title)
    rows = tuple(
        row._replace(owner_ref=owner, publication_type=publication_type) for row in plan.rows
    )
    return replace(plan, document=document, rows=rows)


def whole(plan: CutPlan) -> str:
    """The text that a plan was made of."""
    parts = [(row.start, row.body) for row in plan.rows] + [(g.start, g.text) for g in plan.gaps]
    return "".join(text for _, text in sorted(parts))


def laid_out(source: str, *parts: str) -> CutPlan:
    """The harbour's rules, with other text around them; an article is named by its number."""
    plan = harbour_plan(FIRST)
    named = {row.canonical_address.rpartition("_")[2]: row for row in plan.rows}
    rows: list[CutplanRow] = []
    gaps: list[Gap] = []
    at = 0
    for part in parts:
        text = named[part].body if part in named else part
        if part in named:
            seq = len(rows) + 1
            rows.append(named[part]._replace(start=at, end=at + len(text), seq=seq))
        else:
            gaps.append(Gap(at, at + len(text), text))
        at += len(text)
    made = replace(plan, source_name=source, rows=tuple(rows), gaps=tuple(gaps), text_chars=at)
    made = replace(made, text_sha256=text_sha256(whole(made)))
    check_plan(made)
    return made


def standing(plan: CutPlan, version_no: int = 1) -> Version:
    """The version that stands once a plan was cut."""
    version = version_of(plan)
    units = tuple(unit._replace(version_no=version_no, label="") for unit in version.units)
    return replace(version, name="the knowledge base", units=units)


def made_revision(*matches: str, act: bool = True) -> RevisionPlan:
    """A revision in which a unit is changed, one added, two renumbered and one gone; with a date
    for all, another for one, one that is unknown, and an amending act that forgets something.
    """
    plan = harbour_plan(new_texts())
    old = standing(harbour_plan(FIRST))
    settled = [parse_settled(one) for one in matches]
    comparison = compare(old, version_of(plan), RapidLikeness(), settled)
    dates = Dates(
        date(2027, 1, 1),
        {
            f"{CODE}~art_2": UnitDate(date(2027, 7, 1), "Gazette 12, of 2026"),
            f"{CODE}~art_4": UnitDate(None, "left to an order"),
        },
    )
    claims = (
        Claim(Says.CHANGE, "2", 3, "In article 2, for twelve substitute fourteen."),
        Claim(Says.ADD, "4", 5, "After article 3 insert article 4."),
    )
    agreement = set_beside("amending.md", claims, comparison) if act else None
    return RevisionPlan(plan, comparison, dates, agreement)
