"""What follows the last article of the main body, so that it is no part of that article.

1. A signature block. It opens with a line that the profile knows (`Done at Brussels, 5 May 2015`),
   or with a place and a date alone on a line (`Den Haag, 13 januari 2026`).
2. Transitory provisions and explanatory notes, each under a heading of its own that is alone on its
   line: `TRANSITORIOS`, `TOELICHTING`. They are headings beside the articles.
3. A provision that has a name instead of a number, with its text on the same line: `DISPOSICIÓN
   TRANSITORIA. Se faculta ...`. It is cited like an article, unless nothing stands between it and
   the next article: then it is the heading above that.
4. Below a heading of transitory provisions those that count in words: `PRIMERO. La ley ...`. The
   format may declare the heading, and a title or chapter may have it for its title.
5. What explains the articles in a note is none of them: below `TOELICHTING` the lines `Artikel 1`,
   `Artikel 2` are the note's own text, if their numbers are those of the articles above it.

All are sought from the title of the last basic unit before the first annex or restart, and up to
the end of that unit's text: further in front the same words are a sentence of the law.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

from adapters.readers.lines.candidates import (
    MAX_TITLE_CHARS,
    Candidate,
    heading_words,
    series_of,
    wordless,
)
from adapters.readers.numbers.number_words import word_value
from adapters.readers.profiles.base import Profile, UnitRole, words
from adapters.readers.text.normalised import View

_LEAD: Final = r"[ \t>#*_|]*"  # marks of Markdown or of a table
# `Den Haag, 13 januari 2026`, `Roma, 5 maggio 2010.`, `Łódź, dnia 3 maja 1999 r.`
_PLACE_AND_DATE: Final = (
    r"[^\W\d_][^\W\d_ .’'-]*(?:[ .’'-]+[^\W\d_]+){0,3},[ ]"  # a place of up to four words
    r"(?:[^\W\d_][\w.]{0,11}(?:[ ][\w.]{1,12})?,[ ])?"  # of a state: `México, D.F., a 3 de mayo`
    r"(?:[^\W\d_]{1,5}[ ])?\d{1,2}(?:er|[.ºª])?[ ](?:de[ ])?"  # `le 1er`, `dnia 3`, `5 de`
    r"[^\W\d_]{3,12}\.?[ ](?:del?[ ])?\d{4}(?:[ ][^\W\d_]{1,2})?\.?[ \t]*(?=\n|\Z)"
)
# Headings of what is neither an article nor an annex, in the languages of the profiles.
_TRANSITORY: Final = (
    r"transitional(?: and \w+)? provisions|transitory provisions"
    r"|transitorios?|(?:art[íi]culos|disposiciones|normas) (?:\w+ y )?transitori[oa]s(?: y \w+)?"
    r"|disposições (?:\w+ e )?transitórias(?: e \w+)?"
    r"|disposicions (?:\w+ i )?transitòries(?: i \w+)?"
    r"|(?:schluss- und )?übergangsbestimmungen|übergangs- und schlussbestimmungen"
    r"|dispositions transitoires(?: et finales)?|disposizioni transitorie(?: e finali)?"
    r"|overgangsbepalingen|dispoziții tranzitorii(?: și finale)?|prijelazne i završne odredbe"
)
_NOTES: Final = (
    r"explanatory (?:notes?|memorandum|statement)|statement of objects and reasons|endnotes"
    r"|(?:algemene |artikelsgewijze |nota van |memorie van )?toelichting"
    r"|begründung|erläuterungen|exposé des motifs|note explicative|nota explicativa"
    r"|justificação|exposição de motivos|relazione (?:illustrativa|tecnica)"
    r"|uzasadnienie|důvodová zpráva|indokolás|expunere de motive|obrazloženje|образложење"
    r"|gerekçe|пояснительная записка|пояснювальна записка|αιτιολογική έκθεση"
)
# What one of these headings holds, in small letters; a text without any has no note.
_NOTE_SIGNS: Final = words(
    "explanatory | objects and reasons | endnotes | toelichting | begründung | erläuterungen | "
    "exposé des motifs | note explicative | nota explicativa | justificação | "
    "exposição de motivos | relazione | uzasadnienie | důvodová zpráva | indokolás | "
    "expunere de motive | obrazloženje | образложење | gerekçe | пояснительная записка | "
    "пояснювальна записка | αιτιολογική έκθεση"
)
_HEADED: Final = re.compile(
    rf"\n{_LEAD}(?P<title>(?P<transitory>{_TRANSITORY})|{_NOTES})[ \t.:*_]*(?=\n|\Z)",
    re.IGNORECASE,
)
_TRANSITORY_TITLE: Final = re.compile(rf"(?:{_TRANSITORY})[ .:]*", re.IGNORECASE)
# `PRIMERO. The law enters into force`, `SEGUNDO.- ...`: one or two words and a stop.
_COUNTED: Final = re.compile(
    rf"\n{_LEAD}(?P<label>[^\W\d_]{{3,14}}(?:[ ][^\W\d_]{{3,14}})?[ ]?[.:])[*_]*[ \t]*[\-–—]*"
    r"[ \t]*(?P<text>\S)"
)
_FEWEST: Final = 2  # articles before a note that explains them
_NAMED: Final = re.compile(
    rf"\n{_LEAD}(?P<label>"
    r"DISPOSICI[ÓO]N (?:TRANSITORIA|ADICIONAL|DEROGATORIA|FINAL)(?: ÚNICA)?"
    r"|(?:ART[ÍI]CULO )?TRANSITORIO(?: ÚNICO)?"
    r"|DISPOSIZIONE (?:TRANSITORIA|FINALE)|DISPOSITION (?:TRANSITOIRE|FINALE)"
    r"|DISPOSIÇÃO (?:TRANSITÓRIA|FINAL)|DISPOSICIÓ (?:TRANSITÒRIA|ADDICIONAL|FINAL)"
    r")[.:][*_ \t]*[\-–—]*[ \t]*(?P<text>\S)",
    re.IGNORECASE,
)


def find_closings(view: View, units: Sequence[Candidate], profile: Profile) -> list[Candidate]:
    """The signature block, notes and provisions after the last article of the main body."""
    annex, basic = UnitRole.ANNEX, UnitRole.BASIC
    head = next((i for i, u in enumerate(units) if u.restarts or u.role is annex), len(units))
    last = next((i for i in range(head - 1, -1, -1) if units[i].role is basic), None)
    if last is None:
        return []
    start = max(units[last].title_end, units[last].at)
    end = units[last + 1].at if last + 1 < len(units) else len(view.text)
    named = list(_named(view, start, end))
    for unit in named:
        unit.rank = units[last].rank
    found, note = named, end
    for heading, transitory in _headed(view, start, end):
        found.append(heading)
        if transitory:
            found += _counted(view, heading.title_end, end)
        else:  # a note has a signature of its own, which belongs to it
            note = min(note, heading.at)
    for i, group in enumerate(units[last + 1 : head], start=last + 2):
        if _TRANSITORY_TITLE.fullmatch(group.rest or group.title):
            until = units[i].at if i < len(units) else len(view.text)
            found += _counted(view, group.title_end or group.rest_at, until)
    if not any(u.role is UnitRole.CONCLUSIONS for u in units):
        found += _signatures(view, start, note, profile)
    return found


def name_groups(view: View, units: Sequence[Candidate]) -> None:
    """Make headings of the named provisions that an article follows at once: the end of rule 3."""
    for unit, below in pairwise(units):
        if not series_of(unit) or unit.rest or not unit.role is UnitRole.BASIC is below.role:
            continue
        numbered = series_of(below) or any(map(str.isdigit, unit.number))
        if not numbered and not view.text[view.line_end(unit.at) : below.at].strip():
            unit.role, unit.kind = UnitRole.HEADING, "heading"


def without_explained(view: View, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates but those of rule 5, up to the next annex."""
    basic, annex = UnitRole.BASIC, UnitRole.ANNEX
    kept = list(candidates)
    if len({(c.kind, c.number) for c in kept}) == len(kept):
        return kept  # no number comes again, so nothing explains an article by its number
    small = view.text.lower()
    if not any(sign in small for sign in _NOTE_SIGNS):  # much faster than the pattern
        return kept
    for found in _HEADED.finditer(view.text):
        at = found.start()
        cited = [c for c in kept if c.role is basic and c.weight > 0]
        above = [c for c in cited if c.at < at]
        if found["transitory"] or len(above) < _FEWEST:
            continue
        end = next((c.at for c in kept if c.role is annex and c.at > at), len(view.text))
        below = [c for c in cited if at < c.at < end]
        highest = max(c.order for c in above)
        if all(c.order <= highest for c in below):
            kept = [c for c in kept if not (c.role is basic and at < c.at < end)]
    return kept


def _signatures(view: View, start: int, end: int, profile: Profile) -> Iterator[Candidate]:
    """Rule 1: the first line that opens a signature block."""
    found = _pattern(profile).search(view.text, start, end)
    if found and found.start() + 1 < end:
        at = found.start() + 1
        yield wordless(view, at, at, UnitRole.CONCLUSIONS, "conclusions")


def _headed(view: View, start: int, end: int) -> Iterator[tuple[Candidate, bool]]:
    """Rule 2: each heading, and whether it heads transitory provisions."""
    for found in _HEADED.finditer(view.text, start, end):
        at = found.start() + 1
        unit = wordless(view, at, found.start("title"), UnitRole.HEADING, "heading")
        unit.rest = unit.title = heading_words(found["title"])[:MAX_TITLE_CHARS]
        yield unit, bool(found["transitory"])


def _counted(view: View, start: int, end: int) -> Iterator[Candidate]:
    """Rule 4: the provisions below a heading of transitory ones, as long as they count from 1."""
    stood = 0
    for found in _COUNTED.finditer(view.text, start, end):
        said = found["label"].rstrip(" .:")
        if word_value(said) == stood + 1:
            stood += 1
            unit = wordless(
                view, found.start() + 1, found.start("text"), UnitRole.HEADING, "article"
            )
            unit.label, unit.number = f"{said}.", f"transitory-{said.casefold()}"
            unit.title_end = found.start("text")
            yield unit


def _named(view: View, start: int, end: int) -> Iterator[Candidate]:
    """Rule 3."""
    for found in _NAMED.finditer(view.text, start, end):
        at = found.start() + 1
        unit = wordless(view, at, found.start("text"), UnitRole.BASIC, "article")
        unit.label = found["label"]
        unit.title_end = found.start("text")
        yield unit


@cache
def _pattern(profile: Profile) -> re.Pattern[str]:
    """A line that opens a signature block."""
    return re.compile(rf"\n{_LEAD}(?:{'|'.join([*profile.closings, _PLACE_AND_DATE])})")
