"""Scripts: in which letters a text is written, and which language a few letters or words tell.

The table of scripts is by ranges of Unicode (Blocks.txt), for those that laws are written in. The
names of languages serve refusals only: a text whose language has no profile is refused with the
language's name, so that a person knows it is not the fault of the file.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Final

LATIN: Final = "Latin"
_RANGES: Final[dict[str, str]] = {
    LATIN: "A-Za-zªºÀ-ÖØ-öø-ɏḀ-ỿ",
    "Greek": "Ͱ-Ͽἀ-῾",
    "Cyrillic": "Ѐ-ԯ",
    "Armenian": "Ա-և",
    "Hebrew": "\u0590-\u05ff",
    "Arabic": "\u0620-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefe",
    "Devanagari": "\u0900-\u0963\u0970-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Gurmukhi": "\u0a00-\u0a7f",
    "Gujarati": "\u0a80-\u0aff",
    "Odia": "\u0b00-\u0b7f",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Kannada": "\u0c80-\u0cff",
    "Malayalam": "\u0d00-\u0d7f",
    "Sinhala": "\u0d80-\u0dff",
    "Thai": "\u0e01-\u0e4e",
    "Lao": "\u0e80-\u0eff",
    "Tibetan": "\u0f00-\u0fff",
    "Burmese": "\u1000-\u109f",
    "Georgian": "\u10a0-\u10ff\u1c90-\u1cbf",
    "Ethiopic": "\u1200-\u137f",
    "Khmer": "\u1780-\u17ff",
    "Mongolian": "\u1800-\u18af",
    "Kana": "\u3041-\u30ff",
    "Hangul": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "Han": "\u3005\u3400-\u4dbf\u4e00-\u9fff",
}
_OF_SEVERAL: Final = frozenset((LATIN, "Cyrillic", "Arabic", "Devanagari", ""))  # languages
# Languages whose name is not that of their script, by the scripts that only they use here.
_OF_SCRIPT: Final = {"Ethiopic": "Amharic or Tigrinya", "Han": "Chinese", "Hangul": "Korean"}
# Letters that only this language has among those of its script here. The first found counts.
_LETTERS: Final[tuple[tuple[str, str, str], ...]] = (
    ("Arabic", "Pashto", "ځڅړښڼ"),
    ("Arabic", "Uyghur", "ۇۈۋې"),
    ("Arabic", "Kurdish", "ڕڵۆێ"),
    ("Arabic", "Urdu", "ٹڈڑے"),
    ("Cyrillic", "Belarusian", "ў"),
)
# Small words of languages that have no profile; `_SEVERAL` different ones tell the language.
_SEVERAL: Final = 3
_SMALL_WORDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("Devanagari", "Marathi", "आणि आहे किंवा प्रत्येक नाही त्याच्या सर्व"),
    ("Cyrillic", "Tatar", "һәм белән буенча яки өчен хокуклы бу"),
    (LATIN, "Haitian Creole", "epi nan oswa gen moun dwa lòt fèt"),
    (LATIN, "Turkmen", "bilen boýunça kanun hukugy şu üçin bardyr"),
    (LATIN, "Malagasy", "sy amin izay ary olona rehetra avokoa"),
    (LATIN, "Hausa", "kuma wanda duk saboda haka kowa hakkin"),
    (LATIN, "Yoruba", "àti gbogbo ènìyàn ẹ̀tọ́ tàbí sì"),
    (LATIN, "Igbo", "nke maọbụ onye ọbụla ikike nwere"),
    (LATIN, "Xhosa", "okanye kunye abantu bonke umntu kwaye ngamnye unelungelo"),
    (LATIN, "Luxembourgish", "gëtt déi fir vun deenen ass dësem géint"),
    (LATIN, "Galician", "unha dereito coas cos ten persoa segundo"),
    (LATIN, "Māori", "nga ngā ki hoki katoa tangata ahakoa"),
    (LATIN, "Faroese", "øll eiga hvør hevur lóg tey"),
    (LATIN, "Guarani", "ko rupi opa avei mayma upe"),
    (LATIN, "Afrikaans", "die wat moet nie aan vir deur hierdie"),
    (LATIN, "Maltese", "għandu jew ta ma dan kull dritt minn"),
    (LATIN, "Welsh", "yn yr neu gan mewn ac hawl bod"),
    (LATIN, "Zulu", "noma ukuthi kanye ngokwe futhi ilungelo wonke"),
    (LATIN, "Somali", "iyo waa ama qof leeyahay xaq kasta oo"),
    (LATIN, "Esperanto", "kaj aŭ estas ĉiu rajton kiu laŭ"),
)
_MARKS_OF: Final = "\u0300-\u036f"  # combining marks count with the letters they stand on


@cache
def _letters(script: str) -> re.Pattern[str]:
    return re.compile(f"[{_RANGES[script]}{_MARKS_OF if script == LATIN else ''}]+")


def scripts_of(text: str) -> Counter[str]:
    """How many letters of each script a text has.

    >>> scripts_of("第5条 (Article 5)"), scripts_of("1. 2.")
    (Counter({'Latin': 7, 'Han': 2}), Counter())
    """
    if text.isascii():
        count = sum(map(str.isalpha, text))
        return Counter({LATIN: count}) if count else Counter()
    found = Counter({name: _count(name, text) for name in _RANGES})
    return +found


def _count(script: str, text: str) -> int:
    return sum(map(len, _letters(script).findall(text)))


def main_script(text: str) -> str:
    """The script that most letters of a text are of, "" without any. Kana tells Japanese, which is
    written in Han letters as well, and Han letters count for two, as each is most of a word.

    >>> main_script("第五条の規定による"), main_script("第五条规定"), main_script("Article 5")
    ('Kana', 'Han', 'Latin')
    """
    counts = scripts_of(text)
    if not counts:
        return ""
    counts["Han"] *= 2
    if counts["Kana"] * 10 > counts["Han"]:
        counts["Kana"] += counts.pop("Han", 0)
    return counts.most_common(1)[0][0]


def telling_language(text: str, script: str) -> str:
    """The language without a profile that letters or words of a text tell, "" if none do.

    >>> telling_language("ہر شخص کو زندگی کا حق ہے۔", "Arabic"), telling_language("xyz", "Latin")
    ('Urdu', '')
    """
    for of_script, name, letters in _LETTERS:
        if of_script == script and any(letter in text for letter in letters):
            return name
    words = set(re.split(r"[\s.,;:()\"।]+", text.lower()))
    return next(
        (
            name
            for of_script, name, listed in _SMALL_WORDS
            if of_script == script and len(words.intersection(listed.split())) >= _SEVERAL
        ),
        "",
    )


def language_of(text: str) -> str:
    """What a person is told about a text whose language has no profile: its language, if letters,
    words or the script tell it, and the script.

    >>> language_of("ہر شخص کو زندگی کا حق ہے۔"), language_of("xyz abc"), language_of("ກົດໝາຍ")
    ('Urdu (Arabic script)', 'an unknown language (Latin script)', 'Lao (Lao script)')
    """
    script = main_script(text)
    found = telling_language(text, script)
    if not found and script not in _OF_SEVERAL:
        found = _OF_SCRIPT.get(script, script)
    return f"{found or 'an unknown language'} ({script or 'no'} script)"
