"""What stands before the first unit and belongs to the law: the preamble, which holds the reasons
and the enacting words.

1. It opens with a line that begins as reasons or enacting words do in the profile's language
   (`Whereas ...`, `Căn cứ ...`, `BE IT ENACTED by ...`), or with who enacts, where that is a line
   that ends with a comma above one of these: `Der Schweizerische Bundesrat,`.
2. It ends where the first unit or a table of contents begins. What stands in front of it (the
   title, the number, the date, the place where the law was published) is no part of it.
3. Where a table of contents stands between, the reasons may be on either side of it; of two such
   openings the one next to the first unit counts.
4. A heading of its own (`Preamble`, `Eingangsformel`) is read as any other heading is, and then
   none is sought. Nor is one sought where the text has no unit that people cite.

Example: in

    Harbour Act                                   the title, a gap
    Be it enacted by the Council as follows:      the preamble
    1. Ships may moor at the northern pier.       a unit

the second line is a unit of the kind `preamble`.

Source: the words that drafting manuals of these languages ask for, among them the
Interinstitutional Style Guide of the European Union (2.2, preamble) and the Handbuch der
Rechtsförmlichkeit (part C, Eingangsformel).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Final

from adapters.readers.lines.candidates import Candidate, wordless
from adapters.readers.lines.contents import heading_of_contents
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.profiles.detection.codes import profile_of_code
from adapters.readers.profiles.detection.languages import detection_of
from adapters.readers.text.normalised import View
from domain.reading.marks import Level, Mark

_LEAD: Final = r"[ \t>#*_|\[(]*"  # marks of Markdown, of a table, of an aside
_SUBJECT_CHARS: Final = 200  # of a line that names who enacts

OPENINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "en": (
            r"Whereas\b",
            r"Having (?:regard|considered)\b",
            (
                r"(?:Now,? therefore,? )?(?:be )?it (?:is )?(?:hereby )?(?:further )?"
                r"(?:enacted|ordained|resolved)\b"
            ),
            r"Now,? therefore\b",
            r"Enacted by\b",
            r"We,? the (?:people|undersigned|members)\b",
            r"(?:I|We),(?: [^\n,]{1,60},){1,3} in (?:the )?exercise of\b",
            r"In (?:the )?(?:exercise|pursuance) of (?:the |its |his |her |their )?powers?\b",
            r"The (?:[^\W\d_]+[ ]){0,8}(?:enacts|(?:do(?:es)? )(?:hereby )?(?:enact|ordain))\b",
            r"The (?:[^\n,]{1,80},)? ?in exercise of\b",
            r"The [^\n,]{1,80},? on behalf of\b",
            r"(?:His|Her) Majesty,? by and with the advice\b",
        ),
        "de": (
            (
                r"Der (?:[^\W\d_]+[ ]){0,4}\w*(?:tag|rat)\b[^\n]{0,160}(?:\n[^\n]{0,160})?"
                r"(?:beschlossen|beschließt|beschliesst|verordnet)\b"
            ),
            r"Die Bundesversammlung\b[^\n]{0,160}(?:\n[^\n]{0,160})?(?:,|beschliesst)",
            r"(?:Auf ?grund|Auf Grund|Aufgrund) (?:des|der|von|seiner|ihrer)\b",
            r"(?:gestützt|nach Einsicht) (?:auf|in)\b",
            r"Es (?:verordnet|verordnen|wird verordnet|wird verkündet)\b",
            r"In Erwägung\b",
            r"In Erwägung nachstehender Gründe",
            r"Das (?:Abgeordnetenhaus|Volk)\b[^\n]{0,160}(?:\n[^\n]{0,160})?beschlossen\b",
        ),
        "fr": (
            r"Vu[ ](?:l[ae’']|les|son|sa|ses|que|notre|nos)",
            r"Considérant\b",
            r"Au nom du peuple\b",
            r"L[’']Assemblée (?:nationale|fédérale)\b[^\n]{0,160}(?:adopté|délibéré|,)",
            r"(?:La Chambre|Le Parlement|Le Sénat|Le Conseil)\b[^\n]{0,120}(?:adopté|délibéré)",
            r"Le Président de la République\b[^\n]{0,80}promulgue\b",
            r"Nous,? (?:[^\W\d_]+,? ){1,4}(?:Grand-Duc|Roi|Prince)\b",
            r"(?:Arrêt(?:e|ons|ent)|Décrète(?:nt)?|Ordonn(?:e|ons)|Délibère|Décide)[ ]?:",
            r"Sur (?:le rapport|(?:la )?proposition) (?:de|du|des)\b",
        ),
        "it": (
            r"Vist[oaie]\b",
            r"Considerat[oaie]\b",
            r"Ritenut[oa]\b",
            r"Sulla proposta\b",
            r"Sentit[oaie]\b",
            r"La Camera dei deputati ed? il Senato\b",
            r"(?:Promulga|Emana|Decreta|Delibera)[ \t]*:?[ \t*_]*(?=\n)",
        ),
        "es": (
            r"(?:Por cuanto|Considerando|Visto)\b",
            r"(?:El|La) (?:[^\W\d_]+,?\s+){1,10}(?:decreta|ha dado la (?:siguiente )?ley)\b",
            r"(?:Decreta|Resuelve|Acuerda|Ordena|Dispone)[ ]?:",
            r"En (?:nombre|uso|ejercicio) de(?:l| la| las| los)\b",
            r"Ha (?:dado la (?:siguiente )?ley|tenido a bien)\b",
            r"A todos los que la presente\b",
            r"(?:Sabed|Hago saber)\b",
            r"Las Cortes Generales han aprobado\b",
            r"Nos,? los representantes\b",
        ),
        "pt": (
            r"Considerando\b",
            r"Faço saber\b",
            r"Nós,? (?:os )?representantes\b",
            r"[OA] (?:[^\W\d_]+,?\s+){1,12}(?:decreta|faz saber|faço saber|resolve)\b",
            r"(?:Decreta|Resolve|Promulga)[ ]?:",
            r"Nos termos d[aeo]\b",
            r"No uso d[aeo]s?\b",
        ),
        "nl": (
            r"(?:Gelet op|Overwegende|Gezien|Gehoord)\b",
            r"Wij (?:[^\W\d_]+[- ]){1,4}bij de gratie\b",
            r"Allen,? die deze zullen zien\b",
            r"(?:Heeft|Hebben|Is) goed ?gevonden\b",
            r"Besluit(?:en)?[ ]?:",
        ),
        "sv": (r"Härigenom föreskrivs\b", r"(?:Enligt riksdagens beslut|Regeringen) föreskriv"),
        "fi": (r"\w+ päätöksen mukaisesti\b",),
        "da": (
            r"I (?:medfør|henhold) (?:af|til)\b",
            r"VI [^\n]{1,60} af Guds Nåde\b",
            r"Folketinget har vedtaget\b",
        ),
        "no": (r"(?:Fastsatt|Hjemmel)\b[^\n]{0,80}(?:med hjemmel i|ved)\b",),
        "is": (r"Forseti Íslands\b", r"gjörir kunnugt\b"),
        "pl": (
            r"Na podstawie\b",
            r"(?:Uchwala|Zarządza|Postanawia|Stanowi) się,? co następuje\b",
            r"(?:My,? Naród|W trosce o)\b",
        ),
        "cs": (r"Parlament\b[^\n]{0,80}usnesl\b", r"Vláda nařizuje\b", r"My,? občané\b"),
        "sk": (r"Národná rada\b[^\n]{0,80}uzniesla\b", r"Vláda[^\n]{0,60}nariaďuje\b"),
        "hu": (r"Az Országgyűlés\b", r"A (?:Kormány|miniszter)\b[^\n]{0,200}rendeli el\b"),
        "ro": (
            r"(?:În temeiul|În baza|Având în vedere|Avînd în vedere)\b",
            r"Parlamentul\b[^\n]{0,80}adoptă\b",
        ),
        "hr": (r"Na (?:temelju|osnovu)\b", r"U skladu sa?\b", r"Proglašavam\b"),
        "sr": (r"Na osnovu\b", r"U skladu sa\b", r"На основу\b", r"У складу са\b"),
        "mk": (r"Врз основа\b",),
        "bg": (r"На основание\b", r"Народното събрание\b[^\n]{0,80}реши\b"),
        "sl": (r"Na podlagi\b",),
        "ru": (r"На основании\b", r"Мы,? [^\n]{0,40}народ\b", r"(?:Постановляет|Приказываю)[ ]?:"),
        "uk": (
            r"(?:Верховна Рада|Кабінет Міністрів)\b[^\n]{0,80}(?:постановля|від імені)",
            r"(?:Відповідно до|На підставі)\b",
        ),
        "el": (
            r"Εκδίδομε(?:ν)?\b",
            r"(?:Έχοντας|Λαμβάνοντας) υπόψη\b",
            r"(?:Αποφασίζουμε|Αποφασίζει)\b",
        ),
        "sq": (r"Në (?:mbështetje|bazë|pajtim) (?:të|me)\b", r"Kuvendi i [^\W\d_]+,?[ \t]*(?=\n)"),
        "ca": (r"Vist(?:a|os|es)?\b", r"Atès\b", r"Sia a tots notori\b"),
        "et": (r"Määrus kehtestatakse\b", r"Riigikogu\b[^\n]{0,60}otsustab\b"),
        "lv": (r"Izdot[sai] saskaņā\b",),
        "lt": (r"Vadovaudamasi\w*\b",),
        "tr": (r"Dayanılarak\b",),
        "vi": (
            r"Căn cứ\b",
            r"Theo đề nghị\b",
            r"Xét đề nghị\b",
            r"(?:Ra sắc lệnh|Quyết định|Quyết nghị|Nghị quyết)[ ]?:",
            r"(?:Nay )?ban bố\b",
            r"(?:Quốc hội|Chính phủ|Ủy ban|Bộ trưởng|Thủ tướng)\b[^\n]{0,160}ban hành\b",
        ),
        "id": (
            r"(?:Menimbang|Mengingat|Memutuskan|Memperhatikan)\b",
            r"Dengan rahmat Tuhan\b",
        ),
        "ms": (
            r"(?:Maka,? (?:oleh (?:sebab|yang) [^\n,]{1,20},? )?)?Diperbuat oleh\b",
            r"(?:Dan )?Bahawasanya\b",
            r"(?:Pada|Dalam) (?:menjalankan|pelaksanaan) kuasa\b",
        ),
        "sw": (r"(?:Imetungwa|Kimetungwa|Limetungwa)\b", r"Kwa kuwa\b"),
        "fil": (r"Isabatas\b", r"Sapagkat\b", r"Be it enacted\b"),
        "ar": (
            r"(?:و?بعد الاطلاع|و?بناءً? على|استنادا[ً]? إلى|و?بعد موافقة|نحن )",
            r"(?:رسمنا|قرر|قررنا|أصدرنا) ",
        ),
        "zh": (r"(?:根据|依照)[^\n]{2,80}(?:制定|决定)", r"中国各族人民"),
        "ja": (r"日本国民は", r"朕"),
        "ko": (r"유구한 역사",),
        "th": (r"โดยที่เป็นการสมควร", r"อาศัยอำนาจตามความใน", r"เรา[ ]?บรรดาประชาชน"),
        "ne": (r"(?:यो ऐन|नेपालको संविधान)[^\n]{0,160}(?:बनाएको|जारी गरेको)",),
        "hi": (r"हम,? भारत के लोग", r"भारत गणराज्य के[^\n]{0,80}अधिनियमित"),
    }
)
"""Of each profile the patterns of lines that open reasons or enacting words, in small or capital
letters."""


def find_openings(
    view: View,
    units: Sequence[Candidate],
    profile: Profile,
    contents: Sequence[tuple[int, int]],
    begin: int = 0,
) -> Iterator[Candidate]:
    """Where the preamble in front of the units may begin, the likeliest first.

    The units are in order and have their final starts. `contents` are spans of the view, in order,
    and `begin` is where front matter ends.
    """
    pattern = _pattern(profile.name)
    roles = {unit.role for unit in units}
    if pattern is None or UnitRole.BASIC not in roles or UnitRole.PREAMBLE in roles:
        return
    first = units[0].at
    for start, end in reversed(list(_in_front(begin, first, contents))):
        for found in pattern.finditer(view.text, max(start - 1, 0), end):
            at = _with_subject(view, found.start() + 1, start)
            unit = wordless(view, at, at, UnitRole.PREAMBLE, "preamble")
            unit.until = _before_contents(view, profile, at, end) if end < first else 0
            yield unit


def with_opening(text: str, marks: Sequence[Mark], language: str) -> list[Mark]:
    """Declared marks with one more for a preamble that the markup does not declare.

    `language` is the code that the document declares; where no profile has it, the words in front
    tell the language.
    """
    if not marks or not marks[0].start or any(mark.unit_kind == "preamble" for mark in marks):
        return list(marks)
    end = marks[0].start
    front = View(text[:end])
    name = profile_of_code(language)
    name = name if name in OPENINGS else detection_of(front.text).profile.name
    pattern = _pattern(name)
    found = pattern.search(front.text) if pattern else None
    if found is None:
        return list(marks)
    start = front.to_source(_with_subject(front, found.start() + 1, 0))
    shifted = [
        mark if mark.parent is None else mark._replace(parent=mark.parent + 1) for mark in marks
    ]
    return [Mark(start, end, Level.OTHER, "preamble", "", "", ""), *shifted]


def _in_front(
    begin: int, end: int, contents: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """What stands before the first unit, without tables of contents."""
    at = begin
    for start, stop in contents:
        if at < min(start, end):
            yield at, min(start, end)
        at = max(at, stop)
    if at < end:
        yield at, end


def _before_contents(view: View, profile: Profile, at: int, end: int) -> int:
    """Where the heading stands of a table of contents that begins at `end`; `end` without one."""
    if not profile.contents:
        return end
    heading = heading_of_contents(profile).search(view.text, at, end)
    return heading.start() + 1 if heading else end


def _with_subject(view: View, at: int, start: int) -> int:
    """Where the line above begins, if that names who enacts: rule 1."""
    above = view.text[start:at].rstrip()
    line = start + above.rfind("\n") + 1
    named = view.text[line : start + len(above)]
    return line if named.rstrip("*_ ").endswith(",") and len(named) <= _SUBJECT_CHARS else at


@cache
def _pattern(profile: str) -> re.Pattern[str] | None:
    """A line that opens a preamble in the language of a profile, if any is known."""
    if profile not in OPENINGS:
        return None
    return re.compile(rf"\n{_LEAD}(?:{'|'.join(OPENINGS[profile])})", re.IGNORECASE)
