"""From declared units to marks: which unit is the basic one, which are kept, and which text belongs
to which.

1. The basic kind is the article, or the section where a document has no articles, or the next of
   `_BASIC_KINDS`: the first of which a unit has a number or heading. Where a document has none of
   them, the numbered units at its top are its articles, whatever their element is called.
2. A unit of that kind is basic. What the markup nests below it is a sub unit, what holds one is a
   container. Rules, clauses and paragraphs that stand in for articles are of level `other`, since
   nobody cites them as such.
3. A unit without number and heading is part of its parent's text, and so is an annex without text.
4. Text that follows a unit inside its parent (closing words, a formula between articles) is kept as
   a unit of its own, of level `other`. Outside of the enacting part and of units it is a gap.
5. A container belongs to the unit around it, or to the container before it that is of a higher
   kind, where a converter has written both side by side.
6. An annex opens a component, by its printed number, else by the number in its heading, else by
   count.

Example: in `<chapter><num>I</num><section>...</section><p>Closing words.</p></chapter>` the chapter
is a container, the section basic, and the closing words a unit below the chapter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.readers.xml.dialects import CITED, KIND_RANKS
from adapters.readers.xml.numbers import number_of
from adapters.readers.xml.roles import ElementRole, Family
from adapters.readers.xml.stylesheet import NUM_END
from adapters.readers.xml.text import FoundText, FoundUnit
from domain.reading.address_steps import clean_component
from domain.reading.marks import Granularity, Level, Mark, PlanWarning
from domain.reading.vocabulary import UNIT_KINDS

_BASIC_KINDS: Final = ("article", "section", "rule", "clause", "paragraph")
_MAX_ANNEX_TITLE: Final = 200  # characters of an annex's first line, where that is its title
_FEW: Final = 2  # numbered units at the top of a document: one alone does not divide it
_FIRST_WORDS: Final = 60  # characters of a text that a warning shows
# Names of their own: looking up a member takes long in an inner loop.
_SUB, _ANNEX, _OTHER, _BASIC, _CONTAINER = (
    Level.SUB,
    Level.ANNEX,
    Level.OTHER,
    Level.BASIC,
    Level.CONTAINER,
)
_META, _BODY, _ASIDE = ElementRole.META, ElementRole.BODY, ElementRole.ASIDE
_FAMILY_ANNEX, _FAMILY_FRAME, _FAMILY_BASIC, _FAMILY_CONTAINER, _FAMILY_SUB = (
    Family.ANNEX,
    Family.FRAME,
    Family.BASIC,
    Family.CONTAINER,
    Family.SUB,
)


def marks_of(
    found: FoundText, granularity: Granularity
) -> tuple[str, tuple[Mark, ...], tuple[PlanWarning, ...]]:
    """The whole text, its marks and what a person should look at."""
    levels = _levels(found.units)
    if granularity is Granularity.BASIC:
        levels = [None if level is _SUB else level for level in levels]
    builder = _MarkBuilder(found, levels)
    builder.run()
    text = "".join(found.texts)
    return text, tuple(builder.marks(text)), tuple(builder.warnings(text))


def _levels(units: Sequence[FoundUnit]) -> list[Level | None]:
    """Rules 1 to 3: the level of each unit; None for what is no unit after all."""
    basic_kind = _basic_kind(units)
    basic = _basic_units(units, basic_kind)
    below: list[bool] = []  # it is below a basic unit
    above = [False] * len(units)  # it is above a basic unit
    for unit in units:
        parent = unit.parent
        below.append(parent is not None and (below[parent] or basic[parent]))
    for i in range(len(units) - 1, -1, -1):
        parent = units[i].parent
        if parent is not None and (above[i] or basic[i]):
            above[parent] = True
    levels: list[Level | None] = []
    for i, unit in enumerate(units):
        level = _level(unit, basic_kind, below[i], above[i])
        if basic[i] and not basic_kind:
            level = _BASIC
        if (
            level is _CONTAINER
            and not above[i]
            and _level_around(units, levels, unit) in (_BASIC, _SUB)
        ):
            level = _SUB  # steps and parts that a section lists, as a container without units
        levels.append(level)
    return levels


def _level_around(
    units: Sequence[FoundUnit], levels: Sequence[Level | None], unit: FoundUnit
) -> Level | None:
    """The level of the nearest unit around this one that is kept."""
    parent = unit.parent
    while parent is not None and levels[parent] is None:
        parent = units[parent].parent
    return None if parent is None else levels[parent]


def _basic_kind(units: Sequence[FoundUnit]) -> str:
    kinds = {unit.kind for unit in units if unit.family is _FAMILY_BASIC and unit.heads}
    return next((kind for kind in _BASIC_KINDS if kind in kinds), "")


def _basic_units(units: Sequence[FoundUnit], basic_kind: str) -> list[bool]:
    """Rule 1: which units are basic ones."""
    if basic_kind:
        return [_is_basic(unit, basic_kind) for unit in units]
    on_top: list[bool] = []  # in nothing but containers
    for unit in units:
        parent = unit.parent
        on_top.append(
            parent is None or (on_top[parent] and units[parent].family is _FAMILY_CONTAINER)
        )
    numbered = [
        unit.family is _FAMILY_SUB and high and _has_number(unit)
        for unit, high in zip(units, on_top, strict=True)
    ]
    return numbered if sum(numbered) >= _FEW else [False] * len(units)


def _has_number(unit: FoundUnit) -> bool:
    return any(kind == NUM_END and number_of(read) for kind, read in unit.heads)


def _is_basic(unit: FoundUnit, basic_kind: str) -> bool:
    return unit.family is _FAMILY_BASIC and unit.kind == basic_kind and bool(unit.heads)


def _level(unit: FoundUnit, basic_kind: str, below: bool, above: bool) -> Level | None:
    level: Level | None = _SUB
    if unit.family in (_FAMILY_ANNEX, _FAMILY_FRAME):
        level = _ANNEX if unit.family is _FAMILY_ANNEX else _OTHER
        level = None if unit.blank else level
    elif not unit.heads:
        level = None
    elif _is_basic(unit, basic_kind):
        if basic_kind in CITED:  # the others stand in as level `other`
            level = _BASIC
        elif not below:
            level = _OTHER
    elif unit.family is _FAMILY_CONTAINER or above or (unit.kind in CITED and not below):
        level = _CONTAINER
    return level


@dataclass(slots=True)
class _Draft:
    """A mark in the making. `unit` is None for text that no element claims."""

    start: int
    end: int
    level: Level
    unit: FoundUnit | None
    parent: int | None
    component: str


class _MarkBuilder:
    """Reads texts and events in order and gives every stretch of text to one mark, or to none."""

    def __init__(self, found: FoundText, levels: Sequence[Level | None]) -> None:
        self.found = found
        self.levels = levels
        self.drafts: list[_Draft] = []
        # Where text stands outside of basic units, and its first words.
        self.outside: list[tuple[int, str]] = []
        # Open units: the unit, its draft, and the values of `above` and `around` before it.
        self.open: list[tuple[int, int | None, int | None, ElementRole | None]] = []
        self.above: int | None = None  # the innermost open draft
        # The enacting part or what stands aside in it, where that is nearer than a draft.
        self.around: ElementRole | None = None
        self.current: int | None = None  # the draft that text goes to now
        self.at = 0
        self.ordinals: Counter[str] = Counter()  # annexes of each kind
        self.components: set[str] = set()  # names in use
        self.numbers: dict[int, str] = {}  # of annexes, by draft
        annexes = sum(unit.family is _FAMILY_ANNEX for unit in found.units)
        self.alone = annexes == 1 and not any(unit.role is _BODY for unit in found.units)
        # Of each draft the containers side by side in it, as (rank of the kind, draft).
        self.flat: dict[int | None, list[tuple[int, int]]] = {}

    def run(self) -> None:
        self._text(self.found.texts[0])
        for event, text in zip(self.found.events, self.found.texts[1:], strict=True):
            if event is None:
                self._end()
            else:
                self._start(event)
            if text:
                self._text(text)

    def marks(self, text: str) -> Iterator[Mark]:
        """The finished marks, in text order."""
        for i, draft in enumerate(self.drafts):
            kind, label, number, title = "paragraph", "", "", ""
            if (unit := draft.unit) is not None:
                kind, label, title = unit.kind, unit.label, unit.title
                number = self.numbers.get(i) or number_of(label)
                if draft.level is _ANNEX and not label and not title:
                    title = text[draft.start : draft.end].partition("\n")[0][:_MAX_ANNEX_TITLE]
            yield Mark(
                draft.start,
                draft.end,
                draft.level,
                kind,
                label,
                number,
                title,
                draft.parent,
                draft.component,
            )

    def warnings(self, text: str) -> Iterator[PlanWarning]:
        """What a person should look at, in text order."""
        line, counted = 1, 0
        for at, words in self.outside:
            line, counted = line + text.count("\n", counted, at), at
            reason = (
                f"Text outside of any article or section is kept as a unit of its own: {words!r}."
            )
            yield PlanWarning("text-between-units", line, reason)

    def _start(self, number: int) -> None:
        unit, level = self.found.units[number], self.levels[number]
        if level is None and unit.role is None:
            self.open.append((number, None, self.above, self.around))
            return
        above, draft = self.above, None
        if level is not None:
            unit.name()
            parent = self._nested(unit, above) if level is _CONTAINER else above
            component = "" if above is None else self.drafts[above].component
            if level is _ANNEX:
                component = self._component(unit)
            draft = len(self.drafts)
            self.drafts.append(_Draft(self.at, self.at, level, unit, parent, component))
        self.open.append((number, draft, above, self.around))
        self.current = draft
        self.above = above if draft is None else draft
        self.around = unit.role

    def _end(self) -> None:
        number, draft, self.above, self.around = self.open.pop()
        role = self.found.units[number].role
        if draft is None and role is None:
            return
        self.current = None
        if role is _META:
            self._begin_after_data()

    def _begin_after_data(self) -> None:
        """Data about a unit that stand before all its text are not part of it."""
        last = len(self.drafts) - 1
        if self.above == last >= 0 and self.drafts[last].start == self.drafts[last].end:
            self.drafts[last].start = self.drafts[last].end = self.at
            self.current = last

    def _nested(self, unit: FoundUnit, above: int | None) -> int | None:
        """Rule 5: the draft that a container belongs to."""
        if unit.kind not in KIND_RANKS:
            return above
        rank = KIND_RANKS.index(unit.kind)
        beside = self.flat.setdefault(above, [])
        while beside and beside[-1][0] >= rank:
            beside.pop()
        found = beside[-1][1] if beside else above
        beside.append((rank, len(self.drafts)))
        return found

    def _text(self, text: str) -> None:
        if self.current is None and text.isspace():
            if self.drafts and self.drafts[-1].end == self.at:
                self.drafts[-1].end += len(text)
        elif self.current is None:
            self._unclaimed(text)
        else:
            self.drafts[self.current].end = self.at + len(text)
        self.at += len(text)

    def _unclaimed(self, text: str) -> None:
        """Rule 4: text between units."""
        above = self.above
        if self.around in (_ASIDE, _META) or (above is None and self.around is None):
            return
        component = "" if above is None else self.drafts[above].component
        self.current = len(self.drafts)
        self.drafts.append(_Draft(self.at, self.at + len(text), _OTHER, None, above, component))
        if above is None or self.drafts[above].level in (_CONTAINER, _ANNEX):
            self.outside.append((self.at, text.strip()[:_FIRST_WORDS]))

    def _component(self, unit: FoundUnit) -> str:
        """Rule 6: the component that an annex opens, such as `annex_1`; "" for a document that is
        one annex and nothing else.
        """
        if self.alone:
            return ""
        abbreviation = UNIT_KINDS[unit.kind]
        self.ordinals[abbreviation] += 1
        number = number_of(unit.label) or _annex_number(unit) or str(self.ordinals[abbreviation])
        self.numbers[len(self.drafts)] = number
        name = clean_component(f"{abbreviation}_{number}")
        while name in self.components:
            self.ordinals[name] += 1
            name = f"{name}.{self.ordinals[name] + 1}"
        self.components.add(name)
        return name


def _annex_number(unit: FoundUnit) -> str:
    """The number that an annex has in its heading: `Schedule 2`, but not the 2020 of
    `Budget 2020`.
    """
    words = unit.title.split()
    return (
        number_of(" ".join(words[:2]))
        if len(words) > 1 and words[0].casefold().startswith(_ANNEX_WORDS)
        else ""
    )


_ANNEX_WORDS: Final = (
    "annex",
    "anhang",
    "anlage",
    "schedule",
    "appendi",
    "allegato",
    "anexo",
    "bijlage",
    "liite",
    "bilaga",
)
