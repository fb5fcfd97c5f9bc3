"""Languages that are written from right to left: Arabic, Persian, Hebrew.

Numbers are digits of any script, or ordinals in words: `المادة ٥`, `المادة الأولى`, `ماده ۵`.
"""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.base import (
    Profile,
    UnitRole,
    after_number,
    alone,
    annex,
    basic,
    container,
    words,
)
from domain.reading.numerals import ARABIC_NUMERAL

# `5`, `(5)`, `5 مكرر` (5 bis), `5 مكررًا (أ)`, `5/1`.
_ARTICLE: Final = (
    r"\(?[ ]?\d{1,4}(?:[ ]?/[ ]?\d{1,2})?[ ]?\)?(?:[ ]?\(?مكرر[ًا]{0,2}(?:[ ]?\(?[أ-ي\d]\b)?\)?)?"
)
_AR_NUMBERS: Final = (_ARTICLE, ARABIC_NUMERAL)
_AR_GROUP: Final = (ARABIC_NUMERAL, r"التمهيدي", r"\d{1,3}", r"[أ-ي]\b")
_FA_NUMBERS: Final = (
    r"\(?\d{1,4}(?:/\d{1,2})?\)?(?:[ ]?مکرر(?:[ ]?\d)?)?",
    ARABIC_NUMERAL,
    r"واحده",
)
_FA_GROUP: Final = (ARABIC_NUMERAL, r"\d{1,3}")
_QUOTES: Final = (("«", "»"), ("“", "”"), ('"', '"'))

AR: Final = Profile(
    name="ar",
    words=(
        container("book", "الكتاب", "كتاب", numbers=_AR_GROUP),
        container("part", "القسم", "الجزء", numbers=_AR_GROUP),
        container("title", "الباب", "باب", numbers=_AR_GROUP),
        container("chapter", "الفصل", "فصل", numbers=_AR_GROUP),
        container("section", "الفرع", "المبحث", numbers=_AR_GROUP),
        # the last with two letters turned, as some programs take it out of a PDF
        basic(
            "article",
            *("المادة", "مادة", "الماده", "ماده", "المــادة", "املادة"),
            numbers=_AR_NUMBERS,
        ),
        annex("annex", "الملحق", "ملحق", "المرفق", "الجدول", numbers=_AR_GROUP),
        alone("preamble", UnitRole.PREAMBLE, "الديباجة", "ديباجة", "تمهيد"),
    ),
    stop_words=words(
        "في | من | على | أو | إلى | أن | التي | الذي | هذا | هذه | لا | عن | مع | ما | كل | بين | "
        "ذلك | و | يجوز | المادة"
    ),
    reference_after=words(
        "من | في | و | أو | إلى | على | المذكورة | السابقة | الفقرة | أعلاه | فقرة | بهذا"
    ),
    reference_before=words("في | من | و | أو | إلى | أحكام | بموجب | حكم | على | المواد | وفق"),
    contents=("الفهرس", "المحتويات", "فهرس"),
    quotes=_QUOTES,
    letters="أبجدهوزحطيكلمنسعفصقرشتثخذضظغ",
    sub_forms=("1-", "(1)", "1.", "أ-", "(أ)", "أ."),
)
FA: Final = Profile(
    name="fa",
    words=(
        container("book", "کتاب", numbers=_FA_GROUP),
        container("part", "بخش", "قسمت", numbers=_FA_GROUP),
        container("title", "باب", numbers=_FA_GROUP),
        container("chapter", "فصل", numbers=_FA_GROUP),
        container("section", "مبحث", "گفتار", numbers=_FA_GROUP),
        basic("article", "ماده", "مادهٔ", "مادۀ", "ماده‌ی", "اصل", numbers=_FA_NUMBERS),
        annex("annex", "پیوست", "ضمیمه", numbers=_FA_GROUP),
        alone("preamble", UnitRole.PREAMBLE, "مقدمه", "دیباچه"),
    ),
    stop_words=words(
        "در | از | به | که | را | این | است | با | و | یا | هر | آن | باید | برای | شود | می | "
        "بر | های | ماده | تبصره"
    ),
    reference_after=words("این | قانون | و | یا | از | به | در | تا | فوق | مذکور | آن"),
    reference_before=words("در | از | به | و | یا | موضوع | طبق | مفاد | با | تا"),
    contents=("فهرست", "فهرست مطالب"),
    quotes=_QUOTES,
    letters="ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی",
    sub_forms=("1-", "1.", "1)", "الف-", "أ-", "أ)"),
)
_HE_NUMBER: Final = r"\d{1,4}[א-ת]{0,3}\d{0,2}"  # `5א`, `4ב1`
_HE_GROUP: Final = (
    r"[א-ת]{1,3}[\"'׳״]?[א-ת]?[\"'׳״]?\d{0,2}(?!\w)",
    r"(?:ה?(?:ראשון|שני|שלישי|רביעי|חמישי|שישי|ששי|שביעי|שמיני|תשיעי|עשירי))(?!\w)",
    r"\d{1,3}",
)
HE: Final = Profile(
    name="he",
    words=(
        container("part", "חלק", numbers=_HE_GROUP),
        container("title", "שער", numbers=_HE_GROUP),
        container("chapter", "פרק", numbers=_HE_GROUP),
        container("section", "סימן", numbers=_HE_GROUP),
        basic("section", "סעיף", numbers=(_HE_NUMBER,)),
        # Sections stand under their number alone, and what is below them in brackets.
        after_number(
            "section",
            UnitRole.BASIC,
            ".",
            numbers=(_HE_NUMBER,),
            initials=r"\d",
            adjoined=True,
        ),
        annex("schedule", "תוספת", "נספח", numbers=_HE_GROUP),
        alone("preamble", UnitRole.PREAMBLE, "מבוא"),
    ),
    stop_words=words(
        "של | את | על | או | לא | אם | כי | זה | לפי | בית | אשר | כל | הוא | עם | זו | חוק | רשאי"
    ),
    reference_after=words("לחוק | ו | או | של | קטן | לפקודה | לעיל | זה"),
    reference_before=words("לפי | של | או | על | סעיפים | לסעיף | בסעיף | פי"),
    contents=("תוכן העניינים", "תוכן"),
    quotes=(("„", "”"), ("“", "”"), ('"', '"')),
    letters="אבגדהוזחטיכלמנסעפצקרשת",
    sub_forms=("(א)", "(1)", "(a)"),
)
