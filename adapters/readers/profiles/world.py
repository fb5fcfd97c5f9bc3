"""Further languages of single countries, in words only: Serbian and Macedonian in Cyrillic letters,
Mongolian, Azerbaijani, Kinyarwanda, and those of Central Asia.

Serbian laws print titles above their numbers and Roman numbers alone for what groups articles
(Јединствена методолошка правила за израду прописа, 2010). Mongolian laws set the number before the
word, in a form that follows the vowels of the number (`2 дугаар зүйл`, `3 дугаар`, `1 дүгээр`).
Rwandan ones count the first of each kind by a word (`Ingingo ya mbere`), all others by digits.
Kazakh, Kyrgyz and Uzbek ones join the word to the number (`5-бап`, `5-1-modda`), Tajik ones set it
in front (`Моддаи 5`).
"""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.base import (
    ARABIC,
    LETTER,
    ROMAN,
    HeadingWord,
    Profile,
    UnitRole,
    after_number,
    annex,
    basic,
    container,
    words,
)

_FIRST_DIGITS: Final = r"\d"
_CYRILLIC: Final = r"\d{1,4}[а-шђјљњћџѓќѕ]?\b"
_CYRILLIC_NTH: Final = (  # `Глава прва`, `ДЕО ДРУГИ`
    r"(?:[Пп]рв[аи]|ПРВ[АИ]|[Дд]руг[аи]|ДРУГ[АИ]|[Вв]тор[аи]?|ВТОР[АИ]?|[Тт]ре[ћќ][аи]?"
    r"|ТРЕ[ЋЌ][АИ]?|[Чч]етврт[аи]|ЧЕТВРТ[АИ]|[Пп]ет[аи]|ПЕТ[АИ]|[Шш]ест[аи]|ШЕСТ[АИ]"
    r"|[Сс]едм[аи]|СЕДМ[АИ]|[Оо]см[аи]|ОСМ[АИ]|[Дд]евет[аи]|ДЕВЕТ[АИ]|[Дд]есет[аи]|ДЕСЕТ[АИ])\b"
)
_GROUPS: Final = (ROMAN, ARABIC, LETTER, _CYRILLIC_NTH)
SR: Final = Profile(
    name="sr",
    words=(
        container("part", "Део", "Дио", numbers=_GROUPS),
        container("title", "Глава", numbers=_GROUPS),
        container("chapter", "Поглавље", numbers=_GROUPS),
        container("section", "Одељак", numbers=_GROUPS),
        basic("article", "Члан", numbers=(_CYRILLIC,)),
        annex("annex", "Прилог"),
    ),
    stop_words=words(
        "се | на | или | за | од | члана | овог | закона | који | које | која | односно | као | "
        "може | према | и | у | је | да | са"
    ),
    joins=("до", "и"),
    reference_after=words("став | става | тач | тачка | и | или | овог | закона | до"),
    reference_before=words("из | и | или | у | члана | чл | од | са"),
    quotes=(("„", "”"), ("„", "“"), ("»", "«"), ('"', '"')),
    sub_forms=("(1)", "1.", "1)"),
)
MK: Final = Profile(
    name="mk",
    words=(
        container("part", "Дел", numbers=_GROUPS),
        container("chapter", "Глава", numbers=_GROUPS),
        container("section", "Оддел", numbers=_GROUPS),
        basic("article", "Член", numbers=(_CYRILLIC,)),
        annex("annex", "Прилог"),
    ),
    stop_words=words(
        "се | на | или | за | од | членот | овој | закон | кој | што | кои | односно | како | "
        "може | според | и | во | е | да | со | не | ќе"
    ),
    joins=("до", "и"),
    reference_after=words("став | ставот | точка | и | или | од | до"),
    reference_before=words("од | и | или | во | членот | со"),
    quotes=SR.quotes,
    sub_forms=("(1)", "1."),
)
_MN_ONES: Final = (
    "нэгдүгээр|хоёрдугаар|гуравдугаар|дөрөвдүгээр|тавдугаар|зургаадугаар|зургадугаар|долоодугаар"
    "|долдугаар|наймдугаар|есдүгээр|аравдугаар|хорьдугаар|гучдугаар"
)
_MN_TENS: Final = "арван|хорин|гучин"


def _in_cases(words_in_bars: str) -> str:
    """Words in small letters, with a capital first, and in capitals, as a pattern."""
    return "|".join((words_in_bars, words_in_bars.title(), words_in_bars.upper()))


# `НЭГДҮГЭЭР БҮЛЭГ`, `Арван хоёрдугаар зүйл`
_MN_NTH: Final = (rf"(?:(?:{_in_cases(_MN_TENS)})[ ])?(?:{_in_cases(_MN_ONES)})",)
_MN_NTH_INITIALS: Final = "нНхХгГдДтТзЗеЕаА"
_MN_DIGITS: Final = (r"\d{1,3}(?:[.^]\d{1,2})?[ ]?-?",)


def _mongolian(kind: str, role: UnitRole, word: str) -> tuple[HeadingWord, HeadingWord]:
    """A word behind digits with their ending, and behind a number in words."""
    counted = tuple(f"{ending} {word}" for ending in ("дүгээр", "дугаар"))
    return (
        after_number(kind, role, *counted, numbers=_MN_DIGITS, initials=_FIRST_DIGITS),
        after_number(kind, role, word, word.title(), numbers=_MN_NTH, initials=_MN_NTH_INITIALS),
    )


MN: Final = Profile(
    name="mn",
    words=(
        *_mongolian("part", UnitRole.CONTAINER, "хэсэг"),
        *_mongolian("chapter", UnitRole.CONTAINER, "бүлэг"),
        *_mongolian("section", UnitRole.CONTAINER, "дэд бүлэг"),
        *_mongolian("article", UnitRole.BASIC, "зүйл"),
        annex("annex", "Хавсралт"),
    ),
    stop_words=words(
        "нь | болон | энэ | хуулийн | бол | эсхүл | заасан | бөгөөд | байна | тухай | байх | "
        "гэж | мөн | улсын | өөр | тус"
    ),
    reference_after=words("заасан | болон | хэсэгт | дэх | дахь"),
    reference_before=words("хуулийн | энэ | болон | эсхүл"),
    quotes=(("“", "”"), ("«", "»"), ('"', '"')),
    sub_forms=("1.", "1)"),
)
_AZ_NTH: Final = (
    r"(?:[Bb]irinci|BİRİNCİ|[İi]kinci|İKİNCİ|[Üü]çüncü|ÜÇÜNCÜ|[Dd]ördüncü|DÖRDÜNCÜ|[Bb]eşinci"
    r"|BEŞİNCİ|[Aa]ltıncı|ALTINCI|[Yy]eddinci|YEDDİNCİ|[Ss]əkkizinci|SƏKKİZİNCİ|[Dd]oqquzuncu"
    r"|DOQQUZUNCU|[Oo]nuncu|ONUNCU)\b"
)
_AZ_NUMBERS: Final = (ROMAN, r"\d{1,3}\.?", _AZ_NTH)
_AZ_INITIALS: Final = r"\dIVXLCDMBİÜAYSObiüdayso"
AZ: Final = Profile(
    name="az",
    words=(
        after_number(
            "part",
            UnitRole.CONTAINER,
            "hissə",
            "Hissə",
            "HİSSƏ",
            numbers=_AZ_NUMBERS,
            initials=_AZ_INITIALS,
        ),
        after_number(
            "section",
            UnitRole.CONTAINER,
            "bölmə",
            "Bölmə",
            numbers=_AZ_NUMBERS,
            initials=_AZ_INITIALS,
        ),
        after_number(
            "chapter",
            UnitRole.CONTAINER,
            "fəsil",
            "Fəsil",
            "FƏSİL",
            numbers=_AZ_NUMBERS,
            initials=_AZ_INITIALS,
        ),
        basic("article", "Maddə", numbers=(r"\d{1,4}(?:-\d{1,2}\b|[.]\d{1,2}\b)*",)),
        annex("annex", "Əlavə"),
    ),
    stop_words=words(
        "və | bu | ilə | olan | hər | üçün | bir | və ya | edir | tərəfindən | qanunun | onun | "
        "hüquq | müəyyən | edilir | da | də | haqqında"
    ),
    joins=("və",),
    reference_after=words("və | ilə | üzrə | maddəsi"),
    reference_before=words("və | ilə | bu | qanunun"),
    sub_forms=("1.", "a)"),
)
_RW_NUMBERS: Final = (r"mbere\b", r"MBERE\b", ARABIC, ROMAN)
RW: Final = Profile(
    name="rw",
    words=(
        container("title", "Interuro ya", numbers=_RW_NUMBERS),
        container("part", "Igice cya", numbers=_RW_NUMBERS),
        container("chapter", "Umutwe wa", numbers=_RW_NUMBERS),
        container("section", "Icyiciro cya", numbers=_RW_NUMBERS),
        container("subsection", "Akiciro ka", numbers=_RW_NUMBERS),
        basic("article", "Ingingo ya", "Ingingo", numbers=_RW_NUMBERS),
        annex("annex", "Umugereka"),
    ),
    stop_words=words(
        "na | cyangwa | ya | mu | iri | itegeko | ku | kandi | bya | kugira | ari | ryo | cya | "
        "by | ngo | wa | n | rya | no | iyo | y"
    ),
    joins=("na",),
    reference_after=words("n | y | na | igika | by | iri | cyangwa"),
    reference_before=words("mu | na | cyangwa | n | y | ya"),
    sub_forms=("(1)", "1.", "a)"),
)


def _joined(kind: str, role: UnitRole, *forms: str) -> HeadingWord:
    """A word that a hyphen joins to its number, or that stands behind it: `5-бап`, `II бөлім`."""
    return after_number(
        kind,
        role,
        *(form for word in forms for form in (f"-{word}", f"- {word}", word)),
        numbers=(r"\d{1,4}(?:-\d{1,2}(?=-))?", r"[IVXLC]+"),
        initials=r"\dIVXLC",
    )


_CONTAINER: Final = UnitRole.CONTAINER
KK: Final = Profile(
    name="kk",
    words=(
        _joined("section", _CONTAINER, "бөлім"),
        _joined("chapter", _CONTAINER, "тарау"),
        _joined("subsection", _CONTAINER, "параграф"),
        _joined("article", UnitRole.BASIC, "бап"),
        annex("annex", "Қосымша"),
    ),
    stop_words=words(
        "және | немесе | осы | үшін | бойынша | мен | туралы | бар | болып | заңның | сәйкес | "
        "оның | өзге | тиіс | бұл | табылады | емес | құқығы"
    ),
    reference_after=words("және | мен | бойынша"),
    reference_before=words("осы | және | немесе | заңның | кодекстің"),
    quotes=(("«", "»"), ('"', '"')),
    sub_forms=("1.", "1)"),
)
KY: Final = Profile(
    name="ky",
    words=(
        _joined("section", _CONTAINER, "бөлүм"),
        _joined("chapter", _CONTAINER, "глава", "бап"),
        _joined("subsection", _CONTAINER, "параграф"),
        _joined("article", UnitRole.BASIC, "берене", "статья"),
        annex("annex", "Тиркеме"),
    ),
    stop_words=words(
        "жана | же | ушул | үчүн | боюнча | менен | тууралуу | болуп | мыйзам | ылайык | анын | "
        "башка | тарабынан | бул | эсептелет | тийиш | эмес | укугу"
    ),
    reference_after=words("жана | менен | боюнча"),
    reference_before=words("ушул | жана | же | мыйзамдын"),
    quotes=(("«", "»"), ('"', '"')),
    sub_forms=("1.", "1)"),
)
UZ: Final = Profile(
    name="uz",
    words=(
        _joined("section", _CONTAINER, "bo‘lim", "bo'lim", "boʻlim", "bo’lim"),
        _joined("chapter", _CONTAINER, "bob"),
        _joined("subsection", _CONTAINER, "paragraf", "§"),
        _joined("article", UnitRole.BASIC, "modda"),
        annex("annex", "Ilova"),
    ),
    stop_words=words(
        "va | bilan | uchun | yoki | ushbu | hamda | tomonidan | qonun | boshqa | muvofiq | ham | "
        "emas | shaxs | har | bir | agar | holda | davlat"
    ),
    reference_after=words("va | bilan | yoki"),
    reference_before=words("ushbu | va | yoki | qonunning | kodeksning"),
    quotes=(("“", "”"), ("«", "»"), ('"', '"')),
    sub_forms=("1.", "1)"),
)
TG: Final = Profile(
    name="tg",
    words=(
        container("section", "Фасли", "Фасл"),
        container("chapter", "Боби", "Боб"),
        basic("article", "Моддаи", "Модда", numbers=(r"\d{1,4}(?:[¹²³⁰⁴-⁹]+|-\d{1,2})?",)),
        annex("annex", "Замимаи", "Замима"),
    ),
    stop_words=words(
        "ва | аз | ба | ки | дар | ё | бо | барои | мазкур | қонуни | бояд | он | тибқи | аст | "
        "ин | дигар | мешавад | мутобиқи"
    ),
    reference_after=words("ва | ё | қонуни | мазкур"),
    reference_before=words("ва | ё | дар | бо | тибқи | мутобиқи"),
    quotes=(("«", "»"), ('"', '"')),
    sub_forms=("1.", "1)"),
)
