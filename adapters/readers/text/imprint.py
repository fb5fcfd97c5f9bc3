"""The number and the day of a document that does not state them apart: of the short lines before
its first unit, else of its title, which may name the act that it amends.

1. The number is the first of several parts that stands behind a word or sign for one
   (`Nr. 7/2024`, `Số: 91/2015/QH13`, `n° 2004-575`, `No. 12 of 2020`), that of an act of a year
   (`Act 7 of 2001`, `Ley 27/2013`), or one in brackets as statutes of Sweden and of the European
   Union have it (`(2018:218)`, `(EU) 2016/679`). A number alone is as often that of a gazette.
2. The day is the first that is written in full, in figures or with the month's name. What a longer
   line or one of a list names is another document's. Where figures leave open which is the month
   (`3/5/2024`), it is none.

>>> imprint_of("LOI n° 2004-575 du 21 juin 2004", ""), imprint_of("Regulation (EU) 2016/679", "")
(('2004-575', '2004-06-21'), ('2016/679', ''))
>>> imprint_of("", "Luật số: 91/2015/QH13\\nHà Nội, ngày 24 tháng 11 năm 2015\\n")
('91/2015/QH13', '2015-11-24')
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

_HEAD: Final = 1_200  # characters in which both are sought
_SHORT: Final = 60  # characters of a line that may say the day
_PARTS: Final = r"(?-i:\d{1,5}(?:[/-][\dA-ZĐ]{1,12})+(?!\w)|\d{1,5} of (?:1[6-9]|20)\d\d(?!\w))"
_NUMBERS: Final = re.compile(
    r"(?<!\w)(?:số|nos?|nr|núm|num|number|nro|sayı|бр|αριθ)(?!\w)[.:]{0,2}[ ]?:?[ ]{0,2}"
    rf"({_PARTS})"
    rf"|(?<!\w)n\.?[°ºo]{{1,2}}\.?[ ]{{0,2}}({_PARTS})"
    rf"|№[ ]{{0,2}}({_PARTS})"
    r"|\((?:EU|EC|EEC|UE|CE|Euratom)(?:, Euratom)?\)[ ](?:No[ ])?(\d{1,4}/\d{2,4})"
    r"|(?<=[^\W\d_][ ])(\d{1,5}(?:/| of )(?:19|20)\d\d(?-i:/[\dA-ZĐ-]+)?)(?![\w/])"
    r"|\(((?:19|20)\d\d:\d{1,4})\)",
    re.IGNORECASE,
)
_ISO: Final = re.compile(r"(?<![\w/.-])(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?![\w/-])")
_FIGURES: Final = re.compile(
    r"(?<![\w/.-])(?P<d>\d{1,2})(?P<by>[./])[ ]?(?P<m>\d{1,2})(?P=by)[ ]?(?P<y>\d{4})(?!\w)"
)
_EASTERN: Final = re.compile(
    r"(?P<y>\d{4})[ ]?[年년][ ]?(?P<m>\d{1,2})[ ]?[月월][ ]?(?P<d>\d{1,2})[ ]?[日일]"
)
_VIETNAMESE: Final = re.compile(
    r"ngày[ ](?P<d>\d{1,2})[ ]tháng[ ](?P<m>\d{1,2})[ ]năm[ ](?P<y>\d{4})", re.IGNORECASE
)
_DAY_FIRST: Final = re.compile(
    r"(?<![\w/.-])(?P<d>\d{1,2})(?:\.|st|nd|rd|th|er|º|°)?(?:[ ]day)?[ ](?:de[ ]|of[ ]|d[’'])?"
    r"(?P<m>[^\W\d_]{3,14})\.?,?[ ](?:del?[ ])?(?P<y>\d{4})(?!\w)"
)
_MONTH_FIRST: Final = re.compile(
    r"(?<!\w)(?P<m>[^\W\d_]{3,9})\.?[ ](?P<d>\d{1,2})(?:st|nd|rd|th)?,?[ ](?P<y>\d{4})(?!\w)"
)
_FORMS: Final = (_ISO, _VIETNAMESE, _EASTERN, _FIGURES, _DAY_FIRST, _MONTH_FIRST)
# The names as they stand in a date, the twelve of a language in their order, after one another.
_NAMES: Final = """
january february march april may june july august september october november december
jan feb mar apr may jun jul aug sep oct nov dec
januar februar märz april mai juni juli august september oktober november dezember
jänner feber - - - - - - - - - -
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
gener febrer març abril maig juny juliol agost setembre octubre novembre desembre
januari februari maart april mei juni juli augustus september oktober november december
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november december
januar februar mars april mai juni juli august september oktober november desember
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta
heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta
jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
ledna února března dubna května června července srpna září října listopadu prosince
januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra
siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
januari februari maret april mei juni juli agustus september oktober november desember
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
януари февруари март април май юни юли август септември октомври ноември декември
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου
ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
"""


def _months() -> dict[str, int]:
    """The month of a name; one that is another month in another language (`listopada`) is none."""
    found: dict[str, set[int]] = {}
    for at, name in enumerate(_NAMES.split()):
        found.setdefault(name, set()).add(at % 12 + 1)
    return {name: min(months) for name, months in found.items() if len(months) == 1}


_MONTHS: Final = _months()


def imprint_of(title: str, head: str) -> tuple[str, str]:
    """The number and the day (YYYY-MM-DD) that a title or the lines before the units say; "" each
    where they say none.
    """
    lines = [line.strip() for line in head[:_HEAD].splitlines()]
    short = [line for line in lines if len(line) <= _SHORT and not line.endswith((";", ","))]
    found = filter(None, map(_NUMBERS.search, (*short, title, *lines)))
    numbers = (next(filter(None, one.groups())) for one in found)
    return next(numbers, ""), next(filter(None, map(_first_day, (*short, title))), "")


def _first_day(line: str) -> str:
    """The first day that a line names; "" for none."""
    return min(_days(line), default=(0, ""))[1]


def _days(line: str) -> Iterator[tuple[int, str]]:
    """Where each day stands, and which it is."""
    for form in _FORMS:
        for found in form.finditer(line):
            if day := _day(form, found):
                yield found.start(), day


def _day(form: re.Pattern[str], found: re.Match[str]) -> str:
    named = found["m"].casefold()
    month = int(named) if named.isdecimal() else _MONTHS.get(named, 0)
    day = int(found["d"])
    if form is _FIGURES and found["by"] == "/" and day <= 12 and day != month:
        return ""
    try:
        return date(int(found["y"]), month, day).isoformat()
    except ValueError:
        return ""
