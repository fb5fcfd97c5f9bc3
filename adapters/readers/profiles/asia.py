"""Languages of southern and south-eastern Asia: Thai, Hindi, Nepali, Malay, Filipino.

Thai and Devanagari digits are read like any others.
"""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.base import (
    ARABIC,
    LETTER,
    ROMAN,
    Profile,
    UnitRole,
    alone,
    annex,
    basic,
    container,
    words,
)

# `๕`, `๕/๑`, `5 ทวิ`: the Pali words for what was inserted second, third, fourth ...
_TH_ARTICLE: Final = r"\d{1,4}(?:/\d{1,3})?(?:[ ](?:ทวิ|ตรี|จัตวา|เบญจ|ฉ|สัตต|อัฏฐ|นว|ทศ))?"
_DIGITS: Final = (r"\d{1,3}", ROMAN)
_INDIC: Final = r"\d{1,4}[क-ह]{0,2}(?:-?[क-ह](?!\w))?"  # `५क`, `५-क`
_INDIC_NTH: Final = r"(?:[पदतचछसआनअ][\u0900-\u0965]{2,8})"  # `पहिलो`, `दूसरा`: an ordinal
_INDIC_GROUP: Final = (r"\d{1,3}[क-ह]?", ROMAN, _INDIC_NTH)

TH: Final = Profile(
    name="th",
    words=(
        container("book", "บรรพ", numbers=_DIGITS),
        container("part", "ภาค", numbers=_DIGITS),
        container("title", "ลักษณะ", numbers=_DIGITS),
        container("chapter", "หมวด", numbers=_DIGITS),
        container("section", "ส่วนที่", "ส่วน", numbers=_DIGITS),
        basic("article", "มาตรา", numbers=(_TH_ARTICLE,)),
        basic("clause", "ข้อ", numbers=(_TH_ARTICLE,)),
        annex("annex", "บัญชี", "ภาคผนวก", "ตาราง", numbers=_DIGITS),
        alone("chapter", UnitRole.CONTAINER, "บทเฉพาะกาล", "บททั่วไป"),
    ),
    stop_words=("การ", "และ", "หรือ"),
    reference_after=words("และ | หรือ | แห่ง | วรรค | ถึง | ของ | ให้นำ"),
    reference_before=words("ตาม | ใน | และ | หรือ | แห่ง | กับ | ถึง"),
    contents=("สารบัญ",),
    unspaced=True,
    letters="กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
    sub_forms=("(1)", "(ก)", "1.", "1)", "ก."),
)
HI: Final = Profile(
    name="hi",
    words=(
        container("part", "भाग", "भाग–", "भाग-", numbers=_INDIC_GROUP),
        container("chapter", "अध्याय", numbers=_INDIC_GROUP),
        basic("article", "अनुच्छेद", numbers=(_INDIC,)),
        basic("section", "धारा", numbers=(_INDIC,)),
        basic("rule", "नियम", numbers=(_INDIC,)),
        annex("schedule", "अनुसूची", "अनुसूची–", "अनुसूची-", numbers=_INDIC_GROUP),
        alone("preamble", UnitRole.PREAMBLE, "उद्देशिका", "प्रस्तावना"),
    ),
    stop_words=words(
        "के | में | की | और | का | को | है | से | या | पर | किसी | लिए | द्वारा | यह | जो | होगा | "
        "हैं | भी | एक"
    ),
    reference_after=words("के | में | की | और | या | का | से | द्वारा | तथा"),
    reference_before=words("के | में | की | और | या | उक्त | का"),
    contents=("विषय-सूची", "विषय सूची"),
    letters="कखगघङचछजझञटठडढणतथदधन",
    sub_forms=("(1)", "1.", "(क)", "(a)", "(i)"),
)
NE: Final = Profile(
    name="ne",
    words=(
        container("part", "भाग", "भाग–", "भाग-", "खण्ड", numbers=_INDIC_GROUP),
        container("chapter", "परिच्छेद", "परिच्छेद–", "परिच्छेद-", "अध्याय", numbers=_INDIC_GROUP),
        basic("article", "धारा", "अनुच्छेद", numbers=(_INDIC,)),
        basic("section", "दफा", numbers=(_INDIC,)),
        basic("rule", "नियम", numbers=(_INDIC,)),
        annex("schedule", "अनुसूची", "अनुसूची–", "अनुसूची-", numbers=_INDIC_GROUP),
        alone("preamble", UnitRole.PREAMBLE, "प्रस्तावना"),
    ),
    stop_words=words(
        "र | वा | को | मा | गर्ने | छ | हुनेछ | तथा | यस | बमोजिम | भएको | गरी | लागि | हुने | "
        "सो | कुनै | गर्नु | नेपाल"
    ),
    reference_after=words("को | र | वा | बमोजिम | मा | ले"),
    reference_before=words("को | र | वा | यस | ऐनको"),
    letters=HI.letters,
    sub_forms=("(1)", "1.", "(क)", "(a)"),
)
MS: Final = Profile(
    name="ms",
    words=(
        container("part", "Bahagian", numbers=(ROMAN, ARABIC, LETTER, r"(?i:ke\w+)")),
        container("chapter", "Bab", "Penggal", numbers=(ROMAN, ARABIC, LETTER)),
        basic("article", "Perkara", "Fasal", numbers=(ARABIC, ROMAN)),
        basic("section", "Seksyen", "Sek."),
        basic("rule", "Peraturan", "Kaedah"),
        annex("schedule", "Jadual", numbers=(ROMAN, ARABIC, LETTER, r"(?i:ke\w+)")),
        annex("annex", "Lampiran"),
    ),
    stop_words=words(
        "dan | yang | dalam | dengan | atau | untuk | pada | di | oleh | ini | hendaklah | boleh | "
        "mana | ialah | kepada | bahawa | kerana | daripada | bagi | seseorang"
    ),
    reference_after=words(
        "dan | atau | hendaklah | Akta | bagi | yang | tidak | di | ini | adalah"
    ),
    reference_before=words("di | bawah | dalam | dan | atau | pada | dengan | oleh | seksyen"),
    contents=("Susunan seksyen", "Kandungan"),
    bare_sections=True,
    stopped_titles=True,
    sub_forms=("(1)", "1.", "(a)", "(i)", "(A)"),
)
FIL: Final = Profile(
    name="fil",
    words=(
        container("book", "Aklat", numbers=(ROMAN, ARABIC)),
        container("title", "Titulo", "Pamagat", numbers=(ROMAN, ARABIC)),
        container("chapter", "Kabanata", numbers=(ROMAN, ARABIC)),
        basic("article", "Artikulo", "Art.", numbers=(ARABIC, ROMAN)),
        basic("section", "Seksyon", "Seksiyon", "Sek.", "Seks.", "Sec."),
        annex("annex", "Annex", "Dagdag"),
        alone("preamble", UnitRole.PREAMBLE, "Preambulo", "Panimula"),
    ),
    stop_words=words(
        "ng | ang | sa | mga | na | at | ay | o | ito | may | kung | hindi | dapat | bawat | ni | "
        "para | lahat"
    ),
    reference_after=words("ng | at | o | sa | na | ay | nito"),
    reference_before=words("sa | ng | at | o | ayon | Artikulo | Seksyon"),
    sub_forms=("(1)", "1.", "(a)", "a)", "(i)"),
)
