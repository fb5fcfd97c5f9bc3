"""The number in a printed label of an XML law: `Art. 16-quater.` has 16-quater, `SEC. 2.` has 2,
`TITLE I—` has I, `1 §` has 1.

The markup tells where the label is, so no line has to be judged; labels have every form, so the
number is found by these rules:

1. Nearly every label is a word and a number (`Article 5`, `(2)`, `§ 40.1`): one pattern reads it.
2. Else the number begins with the first word that has a digit (with the letter before it: the L of
   `L. 121-3`), and where there is none with the first Roman number or single letter.
3. It goes on with suffixes (`bis`, a single letter) and with the other numbers of a range or an
   enumeration (`bis 6`, `, 2`, `und § 2`), of which the first and the last are kept: `3..6`.
4. A label without any of those has its words as number, but for words of kinds: `Article unique`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from adapters.readers.numbers.raised_digits import NOTE_MARK, RAISED, as_step
from domain.reading.address_steps import normal_number

_AROUND: Final = " \t\u00a0.,:;()[]{}«»„“”‚‘’\"'–—-§*"  # signs around a number, not part of it
# A word that may be a number: one with a digit, a Roman number, a single letter.
_NUMBER: Final = re.compile(r"(?=\S*\d)\S+|[IVXLCDM]+|[^\W\d_]", re.UNICODE)
# Rule 1, a whole label: `Article 5.`, `(2)`, `§ 40.1`, `Art. 12a —`.
_PLAIN: Final = re.compile(
    r"[§(\[\s]*"
    r"(?:[^\W\d_]{2,}\.?\s+)?"  # the word of the kind
    r"[(\[]?(\d+(?:[.\-](?![ºª])\w+)*[a-z]?)"  # 5, 40.1, 121-3, 12a; not the 1.º of an ordinal
    r"[)\].:—–\s]*"
)
# A suffix: `bis`, `-quater`, `quinquies.1`.
_LATIN: Final = re.compile(
    r"-?(?:bis|ter|quater|quinquies|\w+(?:ies|cies)|decies)(?:[.\-]\d+)?", re.IGNORECASE
)
_LETTER: Final = re.compile(r"[^\W\d_]")
# The sign of an ordinal: 1.º, 1er. It is left out, as in the numbers of other formats.
_ORDINAL: Final = re.compile(r"(?<=\d)\.?(?:[°ºª]|(?:er|re|ère)(?!\w))")
_RAISED: Final = re.compile(rf"(?<=\d){RAISED}")  # of 5¹, which stands after 5 and is not 51
_NOTE_MARK: Final = re.compile(rf"(?<=\w){NOTE_MARK}|(?<=\w)\[\d[^\]]*\]")  # of 5¹⁾ and 5[1, 2]
# The dash of `1.—(1)`, where the first subsection begins in the same line.
_DASH_BEFORE_SUB: Final = re.compile(r"(?<=\d\.)[\-–—](?=\()")
# A label of one unit, not several: `§ 2000e–5a`, `SEC. 1860D–1`. Its dash is part of the number ...
_ONE: Final = re.compile(r"[^\w§]*(?:§(?!\s*§)|sec(?:tion|t)?\b)", re.IGNORECASE)
_DASHED: Final = re.compile(r"(?<=[\w)])[–—](?=\d)")  # ... and in `§§ 3–6` it is a range
_TO: Final = frozenset({"bis", "to", "through", "à", "a", "al", "đến", "até"})
_AND: Final = frozenset({"and", "und", "et", "e", "y", "i", "en", "och", "og", "ja", "và", "&"})
# Words of kinds, which are no number of a label without one (rule 4).
_UNIT_WORDS: Final = re.compile(
    "article|articles|articolo|artigo|artículo|artikel|art|άρθρο|član|članak|člen|член|článok|artykuł|straipsnis|pants|section|sections|sec|sect|rule|regulation|clause|paragraph|paragraphe"
    "|point|part|teil|partie|parte|title|titel|titre|titolo|título|book|buch|livre|libro|chapter|kapitel|chapitre|capo|capitolo"
    "|capítulo|abschnitt|unterabschnitt|sezione|sección|annex|annexe|anhang|allegato|anexo|bijlage|anlage|appendix|schedule"
    "|attachment|division|subpart|subtitle|subchapter|luku|pykälä|liite|điều|khoản|điểm|chương|mục|phần|phụ|lục|the|of"
)


# A label of a Japanese or Chinese law: `第三十六条の二`, `第1章`.
_CJK: Final = re.compile(
    r"\s*第\s*(\S{1,12}?)\s*[編编部章節节款條条目項项号號]((?:[之のノ]\S{1,4}?)*)\s*"
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
    ...         "§ 1 und § 2", "1.—(1)", "5¹", "5¹⁾", "§ 5[1, 2]")
    ['1bisA', '1-A', 'IIbis', '1..2', '1..2', '1', '5.1', '5', '5']
    >>> numbers("§ 2000e–5a.", "SEC. 1860D–1.", "§ 1.401(k)–1",
    ...         "§§ 3–6", "Art. 12–14", "Section 1.—(1)")
    ['2000e-5a', '1860D-1', '1.401(k)-1', '3..6', '12..14', '1']
    """
    if plain_number := _PLAIN.fullmatch(label):  # nearly every label: Article 5, (2), § 40.1
        return plain_number[1]
    if cjk_number := _CJK.fullmatch(label):
        return normal_number(cjk_number[1] + cjk_number[2])
    printed = _DASH_BEFORE_SUB.sub(" ", _ORDINAL.sub("", unicodedata.normalize("NFC", label)))
    printed = _NOTE_MARK.sub("", printed)
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
    """Rule 2: where the number begins, None where there is none."""
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
    """Rule 3: how many words from `at` still belong to the number."""
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
