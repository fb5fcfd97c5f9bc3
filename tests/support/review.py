"""Plans with nasty texts for the review page, and what a test reads back from the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html.parser import HTMLParser

from adapters.likeness import RapidLikeness
from adapters.review_page.render import render_review
from domain.change_set import CutContext, TargetFingerprint
from domain.digests import text_sha256
from domain.phases import Mode, Phase
from domain.plan.cut_plan import CutPlan, CutplanRow, Gap, TargetDocument
from domain.reading.marks import PlanWarning
from domain.reports.review_page import Comparison, PhaseOnRecord, Review, RunOnRecord
from domain.revision.compare import compare
from domain.revision.units import Version, version_of
from domain.revision.verdicts import Comparison as VersionComparison
from tests.support.plans import context

TARGET = TargetFingerprint("knowledge", 16_384, 7_000_000_000_000_000_001)
OVERRIDE, BELL, ZERO_WIDTH = chr(0x202E), chr(7), chr(0x200B)
HEBREW = chr(0x5D0) + chr(0x5D1)
DECEIT = f"a{OVERRIDE}b{BELL}<i onclick=x>{HEBREW}\"'`{ZERO_WIDTH}"
VOID = frozenset({"meta", "br"})


def plan_of(
    pieces: Sequence[str],
    *,
    title: str = "Article",
    owner: str = "registry",
    warnings: tuple[PlanWarning, ...] = (),
) -> CutPlan:
    """A plan whose text is the pieces: a gap, then units, and a gap after every third; each unit
    lies below the one before.
    """
    rows: list[CutplanRow] = []
    gaps: list[Gap] = []
    at = 0
    for number, piece in enumerate(pieces):
        end = at + len(piece)
        if number % 4 == 0:
            gaps.append(Gap(at, end, piece))
        else:
            parent = rows[-1].canonical_address if rows else None
            rows.append(
                CutplanRow(
                    seq=len(rows) + 1,
                    canonical_address=f"nasty.law~art_{len(rows) + 1}",
                    title=title,
                    body=piece,
                    unit_kind="article",
                    section_type="body",
                    publication_type="law",
                    owner_ref=owner,
                    parent_ref=parent,
                    label="",
                    level="basic",
                    start=at,
                    end=end,
                )
            )
        at = end
    return CutPlan(
        document=TargetDocument("nasty.law", owner_ref=owner, title=title),
        source_name="made.txt",
        reader="made",
        profile="en",
        granularity="basic",
        text_sha256=text_sha256("".join(pieces)),
        text_chars=at,
        rows=tuple(rows),
        gaps=tuple(gaps),
        warnings=warnings,
    )


def review_of(
    plan: CutPlan,
    *,
    comparison: Comparison | None = None,
    ctx: CutContext | None = None,
    backup_key: str | None = "AB" * 20,
    dry_run: RunOnRecord | None = None,
    rehearsal: RunOnRecord | None = None,
) -> Review:
    """A review against a registered target, compared with an empty knowledge base if not told
    otherwise.
    """
    return Review(
        plan,
        ctx or context(plan, Mode.DRYRUN, TARGET),
        comparison or Comparison(beside(plan), catalog_digest="cd" * 32),
        datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        backup_key=backup_key,
        dry_run=dry_run,
        rehearsal=rehearsal,
    )


def run_of(review: Review) -> RunOnRecord:
    """A run on record that agrees with a review in everything."""
    units = len(review.plan.rows)
    return RunOnRecord(
        change_set_id=review.ctx.change_set_id,
        plan_digest=review.ctx.plan_digest,
        effect_digest=review.effect_digest,
        target=str(review.ctx.target),
        units=units,
        finished_at=datetime(2026, 3, 4, 5, 0, tzinfo=UTC),
        phases=tuple(PhaseOnRecord(phase.value, units, "units", 0.25) for phase in Phase),
    )


def beside(plan: CutPlan, before: CutPlan | None = None) -> VersionComparison:
    """A plan compared with what a knowledge base holds once another plan was cut; by default none."""
    standing = version_of(before) if before else Version(plan.document_code, "made", ())
    return compare(standing, version_of(plan), RapidLikeness())


def hostile_review() -> Review:
    """Every string that can come from a document, an operator or a file holds what should not
    act.
    """
    plan = plan_of(
        [DECEIT, DECEIT, "x", "y"],
        title=DECEIT,
        owner=DECEIT,
        warnings=(PlanWarning(DECEIT, 1, DECEIT),),
    )
    rows = tuple(
        row._replace(
            canonical_address=f"{row.canonical_address}{DECEIT}", parent_ref=None, unit_kind=DECEIT
        )
        for row in plan.rows
    )
    plan = replace(
        plan, rows=rows, source_name=DECEIT, reader=DECEIT, profile=DECEIT, granularity=DECEIT
    )
    units = version_of(plan).units
    old = [
        unit._replace(address=f"old{DECEIT}{n}", body=f"{DECEIT}{unit.body}")
        for n, unit in enumerate(units)
    ]
    old.append(units[0]._replace(body=f"{units[0].body} {DECEIT}"))
    standing = Version(plan.document_code, DECEIT, tuple(old), (DECEIT,))
    ctx = context(plan, Mode.DRYRUN, replace(TARGET, database=DECEIT))
    review = review_of(
        plan,
        ctx=ctx,
        backup_key=DECEIT,
        comparison=Comparison(
            compare(standing, version_of(plan), RapidLikeness()), catalog_digest=DECEIT
        ),
    )
    run = run_of(review)
    odd = replace(
        run,
        target=DECEIT,
        plan_digest=DECEIT,
        phases=(replace(run.phases[0], phase=DECEIT, counted=DECEIT),),
    )
    return replace(review, dry_run=odd, rehearsal=odd)


@dataclass
class Element:
    """One element of a page: its name, attributes, what it is in, and what it holds in order."""

    name: str
    attributes: dict[str, str]
    parent: Element | None = None
    content: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text of it and of all that is in it."""
        return "".join(part if isinstance(part, str) else part.text for part in self.content)

    def all(self, *names: str) -> list[Element]:
        """The elements below it with these names, in document order; every one if none is named."""
        below = [part for part in self.content if isinstance(part, Element)]
        return [
            found
            for part in below
            for found in ([part] if not names or part.name in names else []) + part.all(*names)
        ]

    def within(self) -> list[Element]:
        """It and what it is in, outwards."""
        return [self, *(self.parent.within() if self.parent else [])]

    def with_class(self, name: str) -> list[Element]:
        """The elements below it that have this class."""
        return [
            element for element in self.all() if name in element.attributes.get("class", "").split()
        ]


class Page(HTMLParser):
    """A page as elements.

    Raises `AssertionError` where it is not well formed, so nothing in a text has closed an element.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._at = self.root
        self.feed(html)
        self.close()
        assert self._at is self.root, f"{self._at.name} is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        assert len({name for name, _ in attrs}) == len(attrs)
        element = Element(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.content.append(element)
        if tag not in VOID:
            self._at = element

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open."""
        assert self._at.name == tag, f"{tag} closes {self._at.name}"
        assert self._at.parent is not None
        self._at = self._at.parent

    def handle_data(self, data: str) -> None:
        """Take in a text."""
        self._at.content.append(data)

    def by_id(self, name: str) -> Element:
        """The element with this id."""
        (found,) = [element for element in self.root.all() if element.attributes.get("id") == name]
        return found

    def section(self, name: str) -> Element:
        """The section that a heading names."""
        found = self.by_id(name).parent
        assert found is not None
        return found


def page_of(review: Review) -> Page:
    """The review's page, parsed."""
    return Page(render_review(review))


def source_of(page: Page) -> str:
    """The source text, read back from a page: a mark with `data-c` stands for its character."""
    return "".join(_source(element) for element in page.root.with_class("t"))


def _source(element: Element) -> str:
    if "data-c" in element.attributes:
        return chr(int(element.attributes["data-c"], 16))
    return "".join(part if isinstance(part, str) else _source(part) for part in element.content)
