"""Numbers that other scripts print, in the ASCII digits of an address.

Digits of every script are digits: `५` and `٥` and `๕` are 5. Numerals that are letters or words of
a script without capitals are given by their value, since nobody can be asked to type them into an
address: `第一百三十三条之一` is article 133-1, `المادة الحادية والعشرون` is article 21. Words in
Latin, Greek and Cyrillic letters are names like any other and stay as printed: `Artículo primero`.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from typing import Final

# Han digits, plain and as banks write them, in Chinese (simplified, traditional) and Japanese.
_HAN_DIGITS: Final = {
    digit: value
    for digits in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "○壱貳參肆伍陸柒捌玖")
    for value, digit in enumerate(digits)
} | {"两": 2, "兩": 2, "弐": 2, "参": 3, "叄": 3}
_HAN_UNITS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_HAN_TENS: Final = {"廿": 20, "卅": 30, "卌": 40}
_HAN_MYRIADS: Final = "万萬"
HAN_NUMERAL: Final = f"[{''.join(chain(_HAN_DIGITS, _HAN_UNITS, _HAN_TENS))}{_HAN_MYRIADS}]{{1,12}}"
"""The pattern of a number in Han letters: `一百三十三`."""
_HAN: Final = re.compile(HAN_NUMERAL)
# Between a number and what was inserted after it: `十条之一`, `二条の三`, `제5조의2`.
_HAN_JOIN: Final = re.compile(r"\s*[之の의]\s*(?=\d)")

_ARABIC: Final = (
    "واحده اثنين ثلاثه اربعه خمسه سته سبعه ثمانيه تسعه عشره",
    "اولي ثانيه ثالثه رابعه خامسه سادسه سابعه ثامنه تاسعه عاشره",
    "اول ثاني ثالث رابع خامس سادس سابع ثامن تاسع عاشر",
    "يك دو سه چهار پنج شش هفت هشت نه ده يازده دوازده سيزده چهارده پانزده شانزده هفده هجده نوزده",
    (
        "نخست دوم سوم چهارم پنجم ششم هفتم هشتم نهم دهم يازدهم دوازدهم سيزدهم چهاردهم پانزدهم "
        "شانزدهم هفدهم هجدهم نوزدهم بيستم"
    ),
)
_ARABIC_TENS: Final = (
    "عشر عشرون ثلاثون اربعون خمسون ستون سبعون ثمانون تسعون مائه",
    "عشره عشرين ثلاثين اربعين خمسين ستين سبعين ثمانين تسعين مئه",
    "ده بيست سي چهل پنجاه شصت هفتاد هشتاد نود صد",
    "دهم بيستم سيم چهلم پنجاهم شصتم هفتادم هشتادم نودم صدم",
)
_ARABIC_HUNDREDS: Final = (
    "مائه مائتين ثلاثمائه اربعمائه خمسمائه ستمائه سبعمائه ثمانمائه تسعمائه",
    "مئه مئتين ثلاثمئه اربعمئه خمسمئه ستمئه سبعمئه ثمانمئه تسعمئه",
    "يكصد دويست سيصد چهارصد پانصد ششصد هفتصد هشتصد نهصد",
)
_ARABIC_VALUES: Final = {
    word: step * value
    for step, series in ((1, _ARABIC), (10, _ARABIC_TENS), (100, _ARABIC_HUNDREDS))
    for words in series
    for value, word in enumerate(words.split(), start=1)
} | {
    "حاديه": 1,
    "حادي": 1,
    "احدي": 1,
    "واحد": 1,
    "يكم": 1,
    "تمهيدي": 0,
    "بعد": 0,
    "و": 0,
    "ام": 0,
    "سيام": 30,
    "مائتان": 200,
    "يكصدم": 100,
    "دويستم": 200,
    "ثماني": 8,
    "هيجدهم": 18,
}
# One spelling for letters that are written in several ways; marks and joiners are dropped.
_ARABIC_LETTERS: Final = str.maketrans(
    {**dict.fromkeys("أإآٱ", "ا"), "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ۀ": "ه"}
)
_SPELLINGS: Final = {"ا": "[اأإآٱ]", "ه": "[هةۀ]", "ي": "[يىی]", "ك": "[كک]"}
_ARABIC_WORD: Final = "|".join(
    "[\u200c]?".join(_SPELLINGS.get(letter, letter) for letter in word)
    for word in sorted(_ARABIC_VALUES, key=len, reverse=True)
    if word != "و"
)
ARABIC_NUMERAL: Final = (
    rf"(?:ال)?(?:{_ARABIC_WORD})"
    rf"(?:(?:[ ]+و?|[ ]+و[ ]+|\u200c)(?:ال)?(?:{_ARABIC_WORD})(?!\w)){{0,5}}(?!\w)"
)
"""The pattern of a number in Arabic or Persian words: `الحادية والعشرون`, `بیست و یکم`."""


def ascii_digits(text: str) -> str:
    """A text with the digits of every script as ASCII digits.

    >>> ascii_digits("५"), ascii_digits("١٢ مكرر"), ascii_digits("๑๐/๑"), ascii_digits("⑫")
    ('5', '12 مكرر', '10/1', '12')
    """
    if text.isascii():
        return text
    return "".join(
        str(int(unicodedata.numeric(c))) if c.isdecimal() or "①" <= c <= "⑳" else c for c in text
    )


def by_value(text: str) -> str:
    """A number with its digits in ASCII, and numerals of other scripts by their value.

    >>> by_value("一百三十三之一"), by_value("二の三"), by_value("الحادية والعشرون")
    ('133-1', '2-3', '21')
    """
    if text.isascii():
        return text
    text = ascii_digits(text)
    if _HAN.search(text):
        text = _HAN.sub(lambda found: str(han_value(found[0])), text)
    text = _HAN_JOIN.sub("-", text)
    return str(value) if (value := arabic_value(text)) else text


def han_value(numeral: str) -> int:
    """The value of a number in Han letters.

    >>> [han_value(one) for one in ("十", "二十一", "一百零五", "一千二百六十", "二〇二一", "廿三")]
    [10, 21, 105, 1260, 2021, 23]
    """
    total = below_myriad = digits = 0
    for letter in numeral:
        if letter in _HAN_DIGITS:
            digits = digits * 10 + _HAN_DIGITS[letter]
        elif letter in _HAN_TENS:
            below_myriad += _HAN_TENS[letter]
        elif letter in _HAN_MYRIADS:
            total, below_myriad, digits = (total + below_myriad + digits) * 10_000, 0, 0
        else:
            below_myriad += max(digits, 1) * _HAN_UNITS[letter]
            digits = 0
    return total + below_myriad + digits


def han_numeral(value: int) -> str:
    """A number below ten thousand in Han letters, as laws print it.

    >>> [han_numeral(value) for value in (5, 10, 12, 20, 105, 133, 1260)]
    ['五', '十', '十二', '二十', '一百零五', '一百三十三', '一千二百六十']
    """
    written, gap = "", False
    for worth, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // worth % 10
        if digit:
            written += ("零" if gap and written else "") + "〇一二三四五六七八九"[digit] + unit
        gap = not digit
    return written.removeprefix("一") if 10 <= value < 20 else written


def arabic_value(words: str) -> int:
    """The number that Arabic or Persian words say, 0 where one of them is no number.

    >>> ordinals = ("الأولى", "الثانية عشرة", "الأولى بعد المائة", "بیست و هشتم", "سی\u200cام")
    >>> [arabic_value(one) for one in ordinals], arabic_value("الثانية مكرر")
    ([1, 12, 101, 28, 30], 0)
    """
    value = 0
    for printed in words.translate(_ARABIC_LETTERS).split():
        word = "".join(c for c in printed if c.isalpha())
        known = next((w for w in _shorter(word) if w in _ARABIC_VALUES), None)
        if known is None:
            return 0
        value += _ARABIC_VALUES[known]
    return value


def _shorter(word: str) -> tuple[str, ...]:
    """A word as it is, and without `and` and the article before it: `والعشرون`, `العشرون`."""
    bare = word.removeprefix("و")
    return (word, word.removeprefix("ال"), bare, bare.removeprefix("ال"))
