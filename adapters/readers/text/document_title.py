"""What a document is called and of which type it is, where it does not say so itself.

A title is found by these rules:

1. A heading before all units that stands alone at the document's beginning is its title.
2. Otherwise the first lines before the first unit that hold a word for a kind of document (`Act`,
   `Gesetz`, `Luật`), and are set like a title: short, without a stop. The lines below that go on in
   capitals, or that give its date and subject, belong to it.
3. Otherwise what the properties of its file say.

The type is what the title's word says, and "law" where no word does. Where a title has several, the
first counts (`Luật sửa đổi Bộ luật Hình sự` is a law); in English the last before `of`, `to`, `on`
and the like (`Constitution Act 1982` is one, `Companies (Fees) Regulations` are not). What a body
gives itself is its policy: bylaws, statutes of an association, a code of conduct.

>>> titles = ("Constitution of Atlantis", "Bylaws of the Club", "Bürgerliches Gesetzbuch", "Water")
>>> [publication_type(title) for title in titles]
['constitution', 'policy', 'code', '']
"""

from __future__ import annotations

import re
from typing import Final

from domain.reading.marks import Level, ReadDocument

_HEAD: Final = 6_000  # characters in which a title is sought
_LONGEST: Final = 300  # characters of a title
_LINE: Final = 200  # characters of a line of it
_MOST_LINES: Final = 4
# The words for each type, most telling first: `Gesetzbuch` is a code and `Gesetz` a law.
_WORDS: Final = {
    "policy": r"by-?laws?|codes? of (?:conduct|ethics|practice)|polic(?:y|ies)"
    r"|terms of (?:use|service)"
    r"|satzung|statuten|stadgar|vedtekter|vedtægter|estatutos|statuts|statuto|chính sách|điều lệ"
    r"|richtlinien für|politique de|política de|verhaltenskodex",
    "constitution": r"constitution|hiến pháp|verfassung|grundgesetz|bundesverfassung|constitución"
    r"|constituição|costituzione|constituția|konstytucja|ustav|устав|конституци[яі]|grundwet"
    r"|grundloven?|grunnlov(?:en)?|alkotmány|anayasası?|perustuslaki|ústava|σύνταγμα"
    r"|perlembagaan|undang-undang dasar|kushtetuta|دستور|الدستور",
    "code": r"code|bộ luật|\w*gesetzbuch|código|codice|kodeks|kódex|codul|wetboek|кодекс"
    r"|kanunu esasi|\w*proze(?:ss|ß)ordnung"
    r"|zákoník",
    "circular": r"circular|thông tư|rundschreiben|circulaire|circolare|surat edaran",
    "decree": r"decree|nghị định|décret|arrêté|real decreto|decreto|dekret|\w*erlass|besluit"
    r"|декрет|указ|rendelet|kararname\w*|ordonnance|zarządzenie|naredba",
    "directive": r"directive|directiva|direttiva|\w*richtlinie|dyrektywa|richtlijn"
    r"|direktiv\w*|chỉ thị",
    "regulation": r"regulations?|rules|\w+ordnung|règlement|reglamento|regolamento|regulamento"
    r"|rozporządzenie|verordening|regeling|förordning\w*|forskrift\w*|bekendtgørelse|asetus"
    r"|yönetmeli\w+|pravilnik|quy định|quy chế|peraturan|vyhláška|uredba",
    "bill": r"bill|projet de loi|gesetzentwurf|proyecto de ley|projeto de lei|disegno di legge"
    r"|projekt ustawy|dự thảo",
    "manual": r"manual|handbook|handbuch|manuel|manuale|podręcznik|sổ tay",
    "law": r"acts?|law|ordinance|statutes?|charter|(?<!pháp )luật|pháp lệnh|\w*gesetz|loi"
    r"|ley|lei|legge"
    r"|lege|llei|ustawa|\w*wet|zakon\w*|закон\w*|kanunu?|törvény|\w*lag(?:en)?|\w*lov(?:en)?"
    r"|laki|zákon|νόμος|ligj|seadus|likums|įstatymas|undang-undang|akta|sheria|قانون|חוק",
}
# Without spaces between words none of them stands apart.
_UNSPACED: Final = {
    "constitution": "宪法|憲法|헌법",
    "code": "法典",
    "regulation": "规定|条例|省令|政令|규칙",
    "law": "法律|法(?![律典])|법(?!규칙)",
}
_KIND: Final = re.compile(
    "|".join(
        rf"(?P<{kind}>(?<!\w)(?:{words})(?!\w)|(?:{_UNSPACED.get(kind, '(?!)')}))"
        for kind, words in _WORDS.items()
    ),
    re.IGNORECASE,
)
# What the words of an English title are about stands behind one of these.
_ABOUT: Final = re.compile(r"\b(?:of|to|on|for|under|concerning|relating|respecting)\b|[(,–—]")
_ENGLISH: Final = frozenset(("the", "act", "regulations", "rules", "code", "bill", "policy", "law"))
_NUMBER: Final = re.compile(r"(?:số|no|nr|n[º°o])\b\.?[ ]?:?[ ]?\d+/\S*$", re.IGNORECASE)
_NEAR: Final = 40  # characters before a word for a kind in a line that is longer than twice that
_UNFINISHED: Final = re.compile(r"[.;:,]$")
_SIGNS: Final = " \t#>*_\\=-"
_TAG: Final = re.compile(r"</?[a-z]{1,6}>")  # of bold or underlined words, in Markdown and text
# A title that an export made of its file's name: `L_2016119EN.01000101.xml`, `32016R0679`.
_FILE_NAME: Final = re.compile(r"\S*\d\S*|.*\.(?:xml|html?|docx?|pdf|txt)|EUR-Lex.*", re.IGNORECASE)


def document_title(read: ReadDocument) -> str:
    """The title that the document states, else the one found in its text, else ""."""
    stated = read.metadata.get("title", "")
    if stated and not _FILE_NAME.fullmatch(stated):
        return stated
    first = read.marks[0] if read.marks else None
    before = read.text[: first.start if first else 0].strip()
    if first and not before and _is_head(read):
        return first.title[:_LONGEST]
    found = _found(read.text[: first.start][:_HEAD] if first else "") or stated
    return found or _of_properties(read.metadata.get("named", ""))


def _of_properties(named: str) -> str:
    """Rule 3: what a program has filled in by itself (`Microsoft Word - a.docx`) is no title."""
    return "" if _FILE_NAME.fullmatch(named) or " - " in named else named[:_LONGEST]


def _is_head(read: ReadDocument) -> bool:
    """True where the first mark is a heading that is no caption of the unit below it."""
    first, *rest = read.marks[:2]
    is_caption = bool(rest) and rest[0].title == first.title
    return first.level is Level.OTHER and first.unit_kind == "heading" and not is_caption


def _found(head: str) -> str:
    """Rule 2."""
    lines = [_TAG.sub("", line).strip(_SIGNS) for line in head.splitlines()]
    for i, line in enumerate(lines):
        if len(line) <= _LINE and _is_set_like_title(line):
            title = [line]
            below = [one for one in lines[i + 1 : i + 2 * _MOST_LINES] if one][:_MOST_LINES]
            for k, one in enumerate(below):
                names_nothing = k == 0 and _KIND.fullmatch(line)
                if not names_nothing and not _goes_on(title[-1], one):
                    break
                title.append(one)
            return " ".join(" ".join(title).split())[:_LONGEST]
    return ""


def _is_set_like_title(line: str) -> bool:
    """True for a line with a word for a kind near its beginning that is no sentence and no number
    (`Luật số: 91/2015/QH13`).
    """
    kind = _KIND.search(line)
    if kind is None or line[0].islower() or _UNFINISHED.search(line) or _NUMBER.search(line):
        return False
    return kind.start() <= _NEAR or line.isupper() or len(line) <= 2 * _NEAR


def _goes_on(above: str, below: str) -> bool:
    """True for a line in capitals below one in capitals, and for one that a title runs on into."""
    if _UNFINISHED.search(below) or len(below) > _LINE:
        return False
    return (above.isupper() and below.isupper()) or below[:1].islower()


def publication_type(title: str) -> str:
    """The type that a title says, of `PUBLICATION_TYPES`; "" where it says none."""
    if title.casefold().startswith("to "):  # `To enact title 54, United States Code`
        return ""
    english = not _ENGLISH.isdisjoint(re.findall(r"[a-z]+", title.casefold()))
    matches = list(_KIND.finditer(title))
    if english and matches:
        about = _ABOUT.search(title, matches[0].end())
        matches = [m for m in matches if about is None or m.start() < about.start()][-1:]
    return (matches[0].lastgroup or "") if matches else ""
