"""The cut plan: the ordered rows that will be written and the gaps between them, pinned by one
digest.

A plan is built of the marks that a reader found, by these rules:

1. Every mark becomes a row, in the order of the text. Its body is the text from its start to its
   end: a parent's own text ends where its first child starts, so no character is in two bodies.
2. Text that no mark covers becomes a gap. Gaps are kept in the plan and belong to no unit.
3. The address is assigned by `reading.address`. The parent's address is the reference to it.
4. The title is the printed heading, else the label, else the first words, else kind and number: the
   database refuses an empty one.
5. The section type is the unit's kind for preamble and conclusions, `annex` for annexes and all
   that is in them, `container` for what groups units, else `body`.

It is checked in this order, and refused with the first thing that is wrong:

1. Lossless: the pieces (bodies and gaps) touch and together are the source text. This comes first,
   since nothing else is worth a look if text was lost.
2. Each row: an address of its own and of a length that the database takes, a parent that comes
   before it, words of the vocabulary, a title, no NUL.

The digest is the SHA-256 of one record for the document, one for each row and one for each gap, in
order. It pins what is written; labels, levels, warnings, the file's name, reader and profile are
not written and not in it.

>>> text = "Preface\\nArticle 1. Scope\\nThis act ...\\n"
>>> mark = Mark(8, 38, Level.BASIC, "article", "Article 1.", "1", "Scope")
>>> read = ReadDocument(text, (mark,), reader="plain_text", profile="en")
>>> plan = build_plan(
...     read, TargetDocument("xx.1"), source_name="act.txt", granularity=Granularity.BASIC
... )
>>> [(row.canonical_address, row.title, row.body) for row in plan.rows]
[('xx.1~art_1', 'Scope', 'Article 1. Scope\\nThis act ...\\n')]
>>> plan.gaps
(Gap(start=0, end=8, text='Preface\\n'),)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from typing import Final, NamedTuple, TypeVar

from domain.digests import records_sha256, text_sha256
from domain.errors import PlanRefused
from domain.plan.shape import shape_doubts
from domain.reading.address import MAX_ADDRESS_CHARS, assign_addresses, is_address
from domain.reading.doubts import NO_ACCOUNT, Doubt, LineAccount
from domain.reading.imprint import NO_IMPRINT, Imprint
from domain.reading.marks import Granularity, Level, Mark, PlanWarning, ReadDocument, gaps_between
from domain.reading.vocabulary import PUBLICATION_TYPES, SECTION_TYPES, UNIT_KINDS

MAX_TITLE_CHARS: Final = 1000
_NAMED: Final = 5  # addresses in a warning; the rest is counted
_FIRST_WORDS_CHARS: Final = 100  # of a unit's text, where that has to serve as its title
_OWN_SECTION_TYPE: Final = frozenset(("preamble", "conclusions"))
_SECTION_TYPES: Final = {Level.ANNEX.value: "annex", Level.CONTAINER.value: "container"}
_LEVEL_WORDS: Final = {level: level.value for level in Level}  # a member's own `value` is slow
# A document code: small letters and digits, with dots and hyphens inside: `vn.91-2015`. It has none
# of the signs that build an address (`!`, `~`, `_`) and no look-alike characters.
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9.\-]{0,78}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class TargetDocument:
    """What a document is in the knowledge base: its code (the first part of every address), its
    publication type and its owner.
    """

    code: str
    publication_type: str = "law"
    owner_ref: str = "unassigned"
    title: str = ""

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise PlanRefused(
                f"Document code {self.code!r} can not be used: take 2 to 80 small letters, "
                f"digits, dots and hyphens, "
                "such as vn.91-2015; say one with --code."
            )
        if self.publication_type not in PUBLICATION_TYPES:
            choices = ", ".join(PUBLICATION_TYPES)
            raise PlanRefused(
                f"Publication type {self.publication_type!r} is unknown; choose one of: {choices}."
            )
        if not self.owner_ref.strip():
            raise PlanRefused("The owner of a document can not be empty; name one with --owner.")


class CutplanRow(NamedTuple):
    """One unit to write. `body` is `text[start:end]`; `parent_ref` is the parent's address or None.

    It is a tuple, since a plan may have 100,000 rows and a frozen dataclass takes four times as
    long to make.
    """

    seq: int
    canonical_address: str
    title: str
    body: str
    unit_kind: str
    section_type: str
    publication_type: str
    owner_ref: str
    parent_ref: str | None
    label: str
    level: str
    start: int
    end: int

    @property
    def body_sha256(self) -> str:
        """SHA-256 of the body, hexadecimal."""
        return text_sha256(self.body)

    @property
    def title_sha256(self) -> str:
        """SHA-256 of the title, hexadecimal."""
        return text_sha256(self.title)


class Gap(NamedTuple):
    """A stretch of the source text that belongs to no unit. It is kept so that nothing is lost."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class CutPlan:
    """The ordered rows of one cut of one document.

    Built by `build_plan`, checked by `check_plan`.
    """

    document: TargetDocument
    source_name: str
    reader: str
    profile: str
    granularity: str
    text_sha256: str
    text_chars: int
    rows: tuple[CutplanRow, ...]
    gaps: tuple[Gap, ...]
    warnings: tuple[PlanWarning, ...] = ()  # those of doubts among them
    file_sha256: str = ""  # of the file that the text was taken out of; see `ReadDocument`
    doubts: tuple[Doubt, ...] = ()
    account: LineAccount = NO_ACCOUNT
    # said once, to who plans; neither signed nor kept
    imprint: Imprint = field(default=NO_IMPRINT, compare=False)

    @property
    def document_code(self) -> str:
        """The document's code."""
        return self.document.code

    @cached_property
    def plan_digest(self) -> str:
        """SHA-256 that pins every row and gap, their order and the source text.

        Warnings and the file's name are not in it.
        """
        return records_sha256(self._digest_records())

    def _digest_records(self) -> Iterator[tuple[str, ...]]:
        yield ("iu-cutter plan 1", self.document.code, self.text_sha256, str(self.text_chars))
        if self.file_sha256:
            yield ("file", self.file_sha256)
        for row in self.rows:
            yield (
                "row",
                str(row.seq),
                row.canonical_address,
                row.title_sha256,
                row.body_sha256,
                row.unit_kind,
                row.section_type,
                row.publication_type,
                text_sha256(row.owner_ref),
                row.parent_ref or "",
                str(row.start),
                str(row.end),
            )
        for gap in self.gaps:
            yield ("gap", str(gap.start), str(gap.end), text_sha256(gap.text))


_ABOUT_PROFILES: Final = frozenset(("unknown-language", "other-profile"))
"""Codes of the reader's warnings that say why nothing was found, and what would find something."""


def build_plan(
    read: ReadDocument,
    document: TargetDocument,
    *,
    source_name: str,
    granularity: Granularity,
    shared_steps: bool = False,
) -> CutPlan:
    """Turn marks into a checked plan. `shared_steps` is told by `assign_addresses`.

    Raises `PlanRefused` naming the first thing that is wrong.
    """
    if not read.marks:
        about = " ".join(w.reason for w in read.warnings if w.code in _ABOUT_PROFILES)
        raise PlanRefused(
            f"{source_name} has no units: no article, section or heading was found by the "
            f"reader {read.reader!r} "
            f"with the profile {read.profile!r}. "
            + (about or "Name another profile with --profile.")
        )
    addresses, address_warnings = _addresses(document.code, read, shared_steps=shared_steps)
    spans = [(mark.start, mark.end) for mark in read.marks]
    rows = tuple(_rows(read, document, addresses))
    gaps = tuple(
        Gap(start, end, read.text[start:end]) for start, end in gaps_between(len(read.text), spans)
    )
    doubts = _in_order([*read.doubts, *shape_doubts(rows, gaps, len(read.text), read.account)])
    plan = CutPlan(
        document=document,
        source_name=source_name,
        reader=read.reader,
        profile=read.profile,
        granularity=granularity.value,
        text_sha256=text_sha256(read.text),
        text_chars=len(read.text),
        rows=rows,
        gaps=gaps,
        warnings=_in_order(_with_doubts([*read.warnings, *address_warnings], doubts)),
        doubts=doubts,
        account=read.account,
        file_sha256=read.file_sha256,
    )
    _check(plan, rebuilds=lambda rebuilt: rebuilt == read.text)
    return plan


def _addresses(
    code: str, read: ReadDocument, *, shared_steps: bool
) -> tuple[list[str], list[PlanWarning]]:
    """The address of each mark: as the document says them itself, else assigned.

    An address is for ever, so one that a unit was given stays, also where the text around it would
    give another today. How many those are is a warning, since a document may say anything.
    """
    assigned, warnings = assign_addresses(code, read.text, read.marks, shared_steps=shared_steps)
    if not read.addresses:
        return assigned, warnings
    given = [code + address for address in read.addresses]
    others = [one for one, own in zip(given, assigned, strict=True) if one != own]
    if not others:
        return given, []
    named = ", ".join(others[:_NAMED]) + (" ..." if len(others) > _NAMED else "")
    reason = (
        f"{len(others):,} addresses are the document's own, and not what its numbers give: {named}."
    )
    return given, [PlanWarning("given-addresses", 1, reason)]


_Placed = TypeVar("_Placed", PlanWarning, Doubt)


def _in_order(found: Iterable[_Placed]) -> tuple[_Placed, ...]:
    """By line, each once."""
    return tuple(sorted(dict.fromkeys(found), key=lambda one: one.line))


def _with_doubts(warnings: Sequence[PlanWarning], doubts: Sequence[Doubt]) -> list[PlanWarning]:
    """Warnings, and a warning for each doubt about which there is none with its words."""
    said = {(warning.line, warning.reason) for warning in warnings}
    new = [doubt for doubt in doubts if (doubt.line, doubt.reason) not in said]
    return [*warnings, *(PlanWarning(doubt.code, doubt.line, doubt.reason) for doubt in new)]


def _rows(
    read: ReadDocument, document: TargetDocument, addresses: list[str]
) -> Iterator[CutplanRow]:
    """The rows in order.

    They are made column by column: a loop over the marks takes twice as long.
    """
    text, marks = read.text, read.marks
    starts, ends, levels, kinds, labels, _, _, parents, components = zip(*marks, strict=True)
    words = list(map(_LEVEL_WORDS.__getitem__, levels))
    return map(
        CutplanRow,
        range(1, len(marks) + 1),
        addresses,
        [
            " ".join((mark.title or mark.label).split())[:MAX_TITLE_CHARS] or _untitled(mark, text)
            for mark in marks
        ]
        if not read.addresses
        else [_title_again(mark) for mark in marks],
        map(text.__getitem__, map(slice, starts, ends)),
        kinds,
        map(_section_type, kinds, components, words),
        repeat(document.publication_type),
        repeat(document.owner_ref),
        [None if parent is None else addresses[parent] for parent in parents],
        labels,
        words,
        starts,
        ends,
    )


def _title_again(mark: Mark) -> str:
    """The title of a unit that has one already: with single spaces, of which the last may stand at
    the end, where a long title was cut.
    """
    title = " ".join(mark.title.split())
    return (title + " " if mark.title.endswith(" ") else title)[:MAX_TITLE_CHARS]


def _untitled(mark: Mark, text: str) -> str:
    """The title of a unit with neither title nor label: its first words, else kind and number."""
    printed = mark.title or mark.label
    title = "" if printed else _first_words(text[mark.start : mark.end])
    return title or f"{mark.unit_kind} {mark.number}".strip()


def _first_words(body: str) -> str:
    """The words that a unit begins with, as many as fit into `_FIRST_WORDS_CHARS`, without the sign
    of a heading that has none.

    >>> _first_words("###\\n\\nThe board meets.")
    'The board meets.'
    >>> _first_words("  The council\\nshall meet.")
    'The council shall meet.'
    >>> len(_first_words("word " * 100)), len(_first_words("w" * 200))
    (99, 100)
    """
    words = " ".join(body.lstrip("# \t\r\n")[: 4 * _FIRST_WORDS_CHARS].split())
    if len(words) <= _FIRST_WORDS_CHARS:
        return words
    cut = words.rfind(" ", 0, _FIRST_WORDS_CHARS + 1)
    return words[: cut if cut > 0 else _FIRST_WORDS_CHARS]


def _section_type(unit_kind: str, component: str, level: str) -> str:
    if unit_kind in _OWN_SECTION_TYPE:
        return unit_kind
    return "annex" if component else _SECTION_TYPES.get(level, "body")


def check_plan(plan: CutPlan) -> None:
    """Check a plan that was kept, as one that was just built.

    Raises `PlanRefused` naming the first thing that is wrong.
    """
    _check(plan, rebuilds=lambda rebuilt: text_sha256(rebuilt) == plan.text_sha256)


def _check(plan: CutPlan, *, rebuilds: Callable[[str], bool]) -> None:
    """Check a plan. `rebuilds` tells whether the pieces, joined, are the source text."""
    parts = sorted(
        [(r.start, r.end, r.body) for r in plan.rows]
        + [(g.start, g.end, g.text) for g in plan.gaps]
    )
    at = 0
    for start, end, part in parts:
        if start != at or end - start != len(part):
            raise PlanRefused(
                f"The plan of {plan.source_name} is not lossless: its pieces do not touch at "
                f"character {at}."
            )
        at = end
    rebuilt = "".join(part for *_, part in parts)
    if at != plan.text_chars or not rebuilds(rebuilt):
        raise PlanRefused(
            f"The plan of {plan.source_name} is not lossless: its pieces do not rebuild the "
            f"source text."
        )
    _check_rows(plan, has_nul="\x00" in rebuilt)


def _check_rows(plan: CutPlan, *, has_nul: bool) -> None:
    seen: set[str] = set()
    for row in plan.rows:
        address = row.canonical_address
        if not address or len(address) > MAX_ADDRESS_CHARS:
            raise PlanRefused(
                f"Unit {row.seq} ({row.label or row.title!r}) has an empty or overlong address "
                f"{address[:80]!r}."
            )
        if not address.isascii() and not is_address(address):
            raise PlanRefused(
                f"Unit {row.seq} ({row.label or row.title!r}) would get the address {address!r}, "
                f"which holds what does not show, or letters of two scripts in one number; mend "
                f"the number in the document."
            )
        if address in seen:
            raise PlanRefused(
                f"Address {address} is given twice (unit {row.seq}); every unit needs an "
                f"address of its own."
            )
        if row.parent_ref is not None and row.parent_ref not in seen:
            raise PlanRefused(
                f"Unit {address} names the parent {row.parent_ref}, which does not come before it."
            )
        seen.add(address)
        _check_words(row, has_nul=has_nul)


def _check_words(row: CutplanRow, *, has_nul: bool) -> None:
    address = row.canonical_address
    if not row.title.strip():
        raise PlanRefused(f"Unit {address} has an empty title.")
    if row.unit_kind not in UNIT_KINDS:
        raise PlanRefused(
            f"Unit {address} has the unknown unit kind {row.unit_kind!r}; choose one of: "
            f"{', '.join(UNIT_KINDS)}."
        )
    if row.section_type not in SECTION_TYPES:
        raise PlanRefused(
            f"Unit {address} has the unknown section type {row.section_type!r}; choose one of: "
            f"{', '.join(SECTION_TYPES)}."
        )
    if "\x00" in row.title or (has_nul and "\x00" in row.body):
        raise PlanRefused(
            f"Unit {address} holds a NUL character, which PostgreSQL can not store; remove it "
            f"from the source."
        )


def already_cut(document_code: str, units: int) -> PlanRefused:
    """The refusal of another version of a document that the knowledge base holds already."""
    return PlanRefused(
        f"{document_code} is cut already: the knowledge base holds {units:,} units of it, and "
        f"new versions can not be written "
        "yet. `cutter plan --compare` shows what this one would change; nothing was written."
    )
