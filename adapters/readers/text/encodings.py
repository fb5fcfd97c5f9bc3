"""Which encoding a text that is not UTF-8 is probably in, so that a refusal can name it.

Nothing is read by such a guess: a wrong one would change letters of a law. The bytes are decoded in
each encoding that laws come in, and the one whose letters are those of a language wins:

1. Of the characters beyond ASCII, how many are letters that a language of that encoding uses. The
   typographic signs of all languages (quotation marks, dashes, §) count for none.
2. Words look like words: no capital after a small letter, no sign of the mathematics between two
   letters; in a Latin script no word of foreign letters alone, in others none of both.
3. Among equals the first of the table counts.

>>> likely_encoding("Статья первая закона".encode("koi8-r"))
'KOI8-R'
>>> likely_encoding("第一条　この法律は、池の魚を守る。".encode("shift_jis"))
'SHIFT_JIS'
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SAMPLE: Final = 32 * 1024  # bytes that are looked at
_ENOUGH: Final = 0.9  # of the letters have to be those of the language
_NEUTRAL: Final = frozenset("“”„‘’‚«»‹›–—…•§©®°№ \u00a0\u00ad€ºª·´`¨")
_CYRILLIC: Final = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
# Nearly every byte is a letter in these scripts, so the frequent letters have to be frequent.
_OFTEN: Final = {"а": "оеаинтсрвлі", "α": "αοιετσνηυρ"}  # by the first letter of the script
_OFTEN_SHARE: Final = 0.45
_GREEK: Final = "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"
_HEBREW: Final = "אבגדהוזחטיךכלםמןנסעףפץצקרשת"
_ARABIC: Final = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْپچژگکی،؛؟"
_THAI: Final = "".join(chr(code) for code in range(0x0E01, 0x0E5B))
# Frequent characters of Chinese, simplified and traditional, and of Japanese beside its kana.
_SIMPLIFIED: Final = "的一是在不了有和人这中大为上个国我以要第条法规定应当行政部门人民共者由其他"
_TRADITIONAL: Final = "的一是在不了有和人這中大為上個國我以要第條法規定應當行政部門人民共者由其他"
_HANGUL: Final = "의이다에는을를가하조제로한고지및법항"
_KANA: Final = "".join(chr(code) for code in range(0x3041, 0x30FB)) + "、。第条法律定"

# Encoding by its name for iconv, Python's name for it, and the letters of each of its languages.
_SINGLE: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    (
        "WINDOWS-1252",
        "cp1252",
        (
            "äöüß",
            "éèàçêôâîûùëïüœ",
            "áéíóúüñ¿¡",
            "ãáéíóõçâêôàúü",
            "àèéìòù",
            "åäöé",
            "æøåé",
            "ëïéèöü",
        ),
    ),
    ("WINDOWS-1258", "cp1258", ("ăâđêôơưáéíóúàèùã\u0300\u0309\u0303\u0301\u0323",)),
    ("WINDOWS-1250", "cp1250", ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áéíóöőúüű", "čšžćđ", "ăâîşţ")),
    ("ISO-8859-2", "iso8859_2", ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "čšžćđ", "ăâîşţ")),
    ("WINDOWS-1251", "cp1251", (_CYRILLIC, _CYRILLIC + "іїєґ", _CYRILLIC + "јљњћђџ")),
    ("KOI8-R", "koi8_r", (_CYRILLIC + "ё",)),
    ("KOI8-U", "koi8_u", (_CYRILLIC + "іїєґ",)),
    ("ISO-8859-5", "iso8859_5", (_CYRILLIC, _CYRILLIC + "јљњћђџ")),
    ("WINDOWS-1253", "cp1253", (_GREEK,)),
    ("ISO-8859-7", "iso8859_7", (_GREEK,)),
    ("WINDOWS-1254", "cp1254", ("çğıöşüâîû",)),
    ("WINDOWS-1255", "cp1255", (_HEBREW,)),
    ("WINDOWS-1256", "cp1256", (_ARABIC,)),
    ("ISO-8859-6", "iso8859_6", (_ARABIC,)),
    ("WINDOWS-1257", "cp1257", ("āčēģīķļņšūž", "ąčęėįšųūž", "äöõüšž")),
    ("WINDOWS-874", "cp874", (_THAI,)),
    # Icelandic; of Turkish, ı and ş are ý and þ here.
    ("WINDOWS-1252", "cp1252", ("áðéíóúýþæö",)),
)
_DOUBLE: Final = (
    ("SHIFT_JIS", "cp932", _KANA),
    ("EUC-JP", "euc_jp", _KANA),
    ("EUC-KR", "cp949", _HANGUL),
    ("GB18030", "gb18030", _SIMPLIFIED),
    ("BIG5", "cp950", _TRADITIONAL),
)
_FREQUENT: Final = 0.08  # of a Chinese or Japanese text are characters of the lists above, at least
_BROKEN_WORD: Final = re.compile(r"(?<=[^\W\d_A-Z])[¬¦¤¢¥¼½¾×÷±µ¶¹²³](?=[^\W\d_])")
_MIXED: Final = re.compile(r"[a-zA-Z][^\W\d_\x00-\x7f]|[^\W\d_\x00-\x7f][a-zA-Z]")
_LATIN_RUN: Final = re.compile(r"[^\x00-\x7f]{4,}")


def likely_encoding(data: bytes) -> str | None:
    """The name, as `iconv` knows it, of the encoding that bytes are probably in; None where none
    gives the letters of a language.
    """
    sample = _whole_lines(data)
    return _double_byte(sample) or _single_byte(sample)


def _whole_lines(data: bytes) -> bytes:
    """The first bytes, to the end of a line where there is one."""
    if len(data) <= _SAMPLE:
        return data
    end = data.rfind(b"\n", 0, _SAMPLE)
    return data[: end if end > 0 else _SAMPLE]


def _double_byte(sample: bytes) -> str | None:
    """Encodings of two bytes a character: all bytes fit, and frequent characters are frequent."""
    best, found = _FREQUENT, None
    for name, codec, frequent in _DOUBLE:
        try:
            text = sample.decode(codec)
        except UnicodeDecodeError:
            continue
        letters = [c for c in text if c >= "\u0080"]
        hits = sum(c in frequent for c in letters)
        if letters and hits / len(letters) > best:
            best, found = hits / len(letters), name
    return found


def _single_byte(sample: bytes) -> str | None:
    best, found = _ENOUGH, None
    for name, codec, languages in _SINGLE:
        try:
            text = sample.decode(codec)
        except UnicodeDecodeError:
            continue
        letters = [c for c in text if c >= "\u0080" and c not in _NEUTRAL]
        if not letters:
            continue
        broken = 3 * _faults(text, latin=languages[0][0] < "\u0370")
        for language in languages:
            known = frozenset(language + language.upper())
            score = (sum(c in known for c in letters) - broken) / len(letters)
            frequent = _OFTEN.get(language[0])
            often = sum(c.lower() in frequent for c in letters) if frequent else len(letters)
            score = score if often >= _OFTEN_SHARE * len(letters) else 0.0
            if score > best:
                best, found = score, name
    return found


def _faults(text: str, *, latin: bool) -> int:
    """Places where words do not look like words."""
    before, faults = " ", len(_BROKEN_WORD.findall(text))
    for c in text:
        if c >= "\u0080" and before.islower() and c.isupper():
            faults += 1
        if not unicodedata.combining(c):
            before = c
    return faults + len((_LATIN_RUN if latin else _MIXED).findall(text))
