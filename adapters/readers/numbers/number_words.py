"""Numbers that are written as words: `Artículo primero`, `Erster Teil`, `Chương thứ nhất`.

One table serves all languages, since no word of it means two numbers. The values only order units;
addresses keep the words as printed.
"""

from __future__ import annotations

from typing import Final

# Words for 1, 2, 3 ..., one list a series.
_FROM_ONE: Final = (
    (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty"
    ),
    (
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
    ),
    "primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo",
    "primera segunda tercera cuarta quinta sexta séptima octava novena décima undécima duodécima",
    "primeiro segundo terceiro quarto quinto sexto sétimo oitavo nono décimo",
    "primeira segunda terceira quarta quinta sexta sétima oitava nona décima",
    "primo secondo terzo quarto quinto sesto settimo ottavo nono decimo undicesimo dodicesimo",
    "prima seconda terza quarta quinta sesta settima ottava nona decima undicesima dodicesima",
    (
        "premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième "
        "onzième douzième"
    ),
    "première seconde",
    "primer segon tercer quart cinquè sisè setè vuitè novè desè",
    "primera segona tercera quarta cinquena sisena setena vuitena novena desena",
    "erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte",
    "nhất hai ba tư năm sáu bảy tám chín mười",
    (
        "kesatu kedua ketiga keempat kelima keenam ketujuh kedelapan kesembilan kesepuluh "
        "kesebelas keduabelas"
    ),
    "kwanza pili tatu nne tano sita saba nane tisa kumi",
    (
        "първа втора трета четвърта пета шеста седма осма девета десета единадесета дванадесета "
        "тринадесета четиринадесета петнадесета шестнадесета седемнадесета осемнадесета "
        "деветнадесета двадесета"
    ),
    ("πρώτο δεύτερο τρίτο τέταρτο πέμπτο έκτο έβδομο όγδοο ένατο δέκατο ενδέκατο δωδέκατο"),
    "πρωτο δευτερο τριτο τεταρτο πεμπτο εκτο εβδομο ογδοο ενατο δεκατο ενδεκατο δωδεκατο",
    "прва друга трећа четврта пета шеста седма осма девета десета",
    "први други трећи четврти пети шести седми осми девети десети",
    "прва втора трета четврта петта шеста седма осма деветта десетта",
    (
        "нэгдүгээр хоёрдугаар гуравдугаар дөрөвдүгээр тавдугаар зургаадугаар долоодугаар "
        "наймдугаар есдүгээр аравдугаар"
    ),
    (
        "pirmasis antrasis trečiasis ketvirtasis penktasis šeštasis septintasis aštuntasis "
        "devintasis dešimtasis vienuoliktasis dvyliktasis tryliktasis keturioliktasis "
        "penkioliktasis šešioliktasis septynioliktasis aštuonioliktasis devynioliktasis "
        "dvidešimtasis"
    ),
    (
        "pirmoji antroji trečioji ketvirtoji penktoji šeštoji septintoji aštuntoji devintoji "
        "dešimtoji vienuoliktoji dvyliktoji tryliktoji keturioliktoji penkioliktoji "
        "šešioliktoji septynioliktoji aštuonioliktoji devynioliktoji dvidešimtoji"
    ),
    "birinci ikinci üçüncü dördüncü beşinci altıncı yedinci sekizinci dokuzuncu onuncu",
)
_TENS: Final = {
    "vigésimo": 20,
    "trigésimo": 30,
    "cuadragésimo": 40,
    "quincuagésimo": 50,
    "quadragésimo": 40,
    "quinquagésimo": 50,
    "двадесет": 20,
    "εικοστό": 20,
    "εικοστο": 20,
} | {
    word: 10 * value
    for series in (
        "thirty forty fifty sixty seventy eighty ninety",
        "thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth",
    )
    for value, word in enumerate(series.split(), start=3)
}
# Words that multiply what was said before: `hai mươi ba` is 2 * 10 + 3, `one hundred four` 104.
_TIMES: Final = {"mươi": 10, "hundred": 100, "hundredth": 100}
# Words that stand in no series: `only`, spellings without accent, other words for 1 and 2.
_ALONE: Final = {
    "unico": 1,
    "único": 1,
    "única": 1,
    "unique": 1,
    "μόνο": 1,
    "μονο": 1,
    "nhì": 2,
    "moja": 1,
    "septimo": 7,
    "decimo": 10,
    "on": 10,
    "yeddinci": 7,
    "səkkizinci": 8,
    "doqquzuncu": 9,
    "зургадугаар": 6,
    "долдугаар": 7,
    "арван": 10,
    "хорин": 20,
    "хорьдугаар": 20,
    "гучин": 30,
    "гучдугаар": 30,
    "mbere": 1,
    "één": 1,
    "een": 1,
}
_VALUES: Final = {
    word: value
    for listed in reversed(_FROM_ONE)
    for value, word in enumerate(listed.split(), start=1)
} | {
    **_TENS,
    **_ALONE,
}
_ENDINGS: Final = "rs"  # of German ordinals: erster, erstes


def word_value(words: str) -> int:
    """The number that words say, 0 if they say none. Unknown words count nothing.

    >>> words = ("PRIMERO", "vigésimo segundo", "Dritter", "thứ nhất", "x")
    >>> tuple(word_value(word) for word in words)
    (1, 22, 3, 1, 0)
    >>> word_value("thứ mười hai"), word_value("thứ hai mươi ba")
    (12, 23)
    >>> word_value("Fifty-Three"), word_value("One Hundred and Four"), word_value("Twenty-First")
    (53, 104, 21)
    """
    value = 0
    for word in words.casefold().replace("-", " ").split():
        if word in _TIMES:
            value = max(value, 1) * _TIMES[word]
        value += _VALUES.get(word) or _VALUES.get(word.rstrip(_ENDINGS), 0)
    return value
