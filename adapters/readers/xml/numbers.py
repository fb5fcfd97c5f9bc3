"""The number in a printed label: `Art.

16-quater.` has 16-quater, `SEC. 2.` has 2, `TITLE I—` has I, `1 §` has 1.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from adapters.readers.numbers.raised_digits import RAISED, as_step
from domain.reading.address_steps import normal_number

_AROUND: Final = " \t\u00a0.,:;()[]{}«»„“”‚‘’\"'–—-§*"
_NUMBER: Final = re.compile(r"(?=\S*\d)\S+|[IVXLCDM]+|[^\W\d_]", re.UNICODE)
_PLAIN: Final = re.compile(
    r"[§(\[\s]*(?:[^\W\d_]{2,}\.?\s+)?[(\[]?(\d+(?:[.\-](?![ºª])\w+)*[a-z]?)[)\].:—–\s]*"
)
_LATIN: Final = re.compile(
    r"-?(?:bis|ter|quater|quinquies|\w+(?:ies|cies)|decies)(?:[.\-]\d+)?", re.IGNORECASE
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_ORDINAL: Final = re.compile(
    r"(?<=\d)\.?(?:[°ºª]|(?:er|re|ère)(?!\w))"
)  # as in the numbers of other formats: 1er is 1
_RAISED: Final = re.compile(rf"(?<=\d){RAISED}")  # 5¹ stands after 5 and is not 51
_DASH_BEFORE_SUB: Final = re.compile(
    r"(?<=\d\.)[\-–—](?=\()"
)  # 1.—(1): the first subsection begins in the same line
_ONE: Final = re.compile(
    r"[^\w§]*(?:§(?!\s*§)|sec(?:tion|t)?\b)", re.IGNORECASE
)  # for one unit, not several
_DASHED: Final = re.compile(r"(?<=[\w)])[–—](?=\d)")
_TO: Final = frozenset({"bis", "to", "through", "à", "a", "al", "đến", "até"})
_AND: Final = frozenset({"and", "und", "et", "e", "y", "i", "en", "och", "og", "ja", "và", "&"})
_UNIT_WORDS: Final = re.compile(
    "article|articles|articolo|artigo|artículo|artikel|art|άρθρο|član|članak|člen|член|článok|artykuł|straipsnis|pants|section|sections|sec|sect|rule|regulation|clause|paragraph|paragraphe"
    "|point|part|teil|partie|parte|title|titel|titre|titolo|título|book|buch|livre|libro|chapter|kapitel|chapitre|capo|capitolo"
    "|capítulo|abschnitt|unterabschnitt|sezione|sección|annex|annexe|anhang|allegato|anexo|bijlage|anlage|appendix|schedule"
    "|attachment|division|subpart|subtitle|subchapter|luku|pykälä|liite|điều|khoản|điểm|chương|mục|phần|phụ|lục|the|of"
)


@lru_cache(maxsize=8192)
def number_of(label: str) -> str:
    """The number of a printed label, normalised; "" where it has none.

    >>> def numbers(*labels):
    ...     return [number_of(label) for label in labels]
    >>> numbers("Art. 16-quater.", "SEC. 2.", "TITLE I—", "“(IV) ",
    ...         "1 §", "Article L. 121-3", "5 a §")
    ['16-quater', '2', 'I', 'IV', '1', 'L.121-3', '5a']
    >>> numbers("§§ 3 bis 6", "Art. 3 bis", "Article unique.", "ANNEX",
    ...         "Article premier", "§ 40.1", "(1a)")
    ['3..6', '3bis', 'unique', '', 'premier', '40.1', '1a']
    >>> numbers("Article 1er bis A", "Artigo 1.º-A", "II bis. –", "§§ 1, 2",
    ...         "§ 1 und § 2", "1.—(1)", "5¹")
    ['1bisA', '1-A', 'IIbis', '1..2', '1..2', '1', '5.1']
    >>> numbers("§ 2000e–5a.", "SEC. 1860D–1.", "§ 1.401(k)–1",
    ...         "§§ 3–6", "Art. 12–14", "Section 1.—(1)")
    ['2000e-5a', '1860D-1', '1.401(k)-1', '3..6', '12..14', '1']
    """
    if plain_number := _PLAIN.fullmatch(label):  # nearly every label: Article 5, (2), § 40.1
        return plain_number[1]
    printed = _DASH_BEFORE_SUB.sub(" ", _ORDINAL.sub("", unicodedata.normalize("NFC", label)))
    printed = _RAISED.sub(lambda raised: as_step(raised[0]), printed)
    words = printed.replace("§", " ").split()
    if _ONE.match(printed):
        words = [_DASHED.sub("-", word) for word in words]
    plain = [word.strip(_AROUND) for word in words]
    first = _first_number(plain)
    if first is None:
        kept = [word for word in plain if not _UNIT_WORDS.fullmatch(word.casefold())]
        return normal_number("".join(word for word in kept if any(map(str.isalnum, word))))
    taken = [
        words[first] if len(plain[first]) == 1 and words[first].endswith(".") else plain[first]
    ]
    at = first + 1
    while at < len(plain) and (more := _more(plain, words, at)):
        begin = at + (more > 1 and plain[at].casefold() in _AND)
        taken += [".."] * (begin > at or words[at - 1].endswith(",")) + plain[begin : at + more]
        at += more
    return normal_number(" ".join(taken).strip(_AROUND))


def _first_number(words: list[str]) -> int | None:
    """The first word with a digit; where there is none, the first Roman numeral or single
    letter.
    """
    whole = [i for i, word in enumerate(words) if word and _NUMBER.fullmatch(word)]
    for i in whole:
        if words[i][0].isdigit() or any(c.isdigit() for c in words[i]):
            lettered = (
                i > 0
                and i - 1 in whole
                and words[i - 1].isalpha()
                and words[i - 1].isupper()
                and len(words[i - 1]) == 1
            )
            return i - 1 if lettered else i
    return whole[0] if whole else None


def _more(plain: list[str], words: list[str], at: int) -> int:
    """How many words from `at` still belong to the number: a suffix, the end of a range, the number
    after `L.`
    """
    word, last = plain[at], plain[at - 1][-1:]
    if word.casefold() in _TO | _AND and at + 1 < len(plain) and plain[at + 1][:1].isdigit():
        return 2
    if _LATIN.fullmatch(word) or (
        _LETTER.fullmatch(word) and (last.isdigit() or _LATIN.fullmatch(plain[at - 1]))
    ):
        return 1
    lettered = len(plain[at - 1]) == 1 and plain[at - 1].isalpha() and words[at - 1].endswith(".")
    return int(
        word[:1].isdigit() and (lettered or (last.isdigit() and words[at - 1].endswith(",")))
    )
