"""Chinese (simplified and traditional), Japanese and Korean: the number stands within its word
(`第五条`, `제5조`), in Han numerals or in digits.

Sources: 立法技术规范 (Standing Committee of the National People's Congress), 中央法規標準法
(Taiwan), 法制執務 (Japan), 법령 입안·심사 기준 (Korea).
"""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.base import (
    HeadingWord,
    Profile,
    UnitRole,
    after_number,
    alone,
    annex,
    around_number,
    words,
)
from domain.reading.numerals import HAN_NUMERAL

_HAN: Final = (HAN_NUMERAL, r"\d{1,4}(?:-\d{1,3})?")
_KOREAN: Final = (r"\d{1,4}(?:-\d{1,3})?",)


def _zh(kind: str, role: UnitRole, *forms: str) -> HeadingWord:
    return around_number(kind, role, *forms, opening="第", numbers=_HAN, adjoined=True)


def _ja(kind: str, role: UnitRole, *forms: str) -> HeadingWord:
    return around_number(kind, role, *forms, opening="第", numbers=_HAN)


def _ko(kind: str, role: UnitRole, *forms: str) -> HeadingWord:
    return around_number(kind, role, *forms, opening="제", numbers=_KOREAN)


_GROUP: Final = UnitRole.CONTAINER
_QUOTES: Final = (("“", "”"), ("「", "」"), ("『", "』"), ('"', '"'))

ZH: Final = Profile(
    name="zh",
    words=(
        _zh("part", _GROUP, "编", "編", "部分"),
        _zh("subpart", _GROUP, "分编", "分編"),
        _zh("chapter", _GROUP, "章"),
        _zh("section", _GROUP, "节", "節"),
        _zh("subsection", _GROUP, "目", "款"),
        _zh("article", UnitRole.BASIC, "条", "條"),
        # Decisions and amendments have items, which people cite: `一、`.
        after_number(
            "clause",
            UnitRole.BASIC,
            "、",
            numbers=(r"[一二三四五六七八九十百]{1,5}",),
            initials="一二三四五六七八九十百",
            adjoined=True,
        ),
        annex("annex", "附件", "附表", "附录", "附錄", numbers=(HAN_NUMERAL, r"\d{1,2}")),
        alone("chapter", _GROUP, "附则", "附則"),
        alone("preamble", UnitRole.PREAMBLE, "序言", "前言"),
    ),
    stop_words=("的",),
    reference_after=words(
        "第 | 款 | 项 | 項 | 目 | 的 | 规定 | 規定 | 和 | 或 | 及 | 与 | 與 | 至 | 、 | ， | 以 | "
        "之 | 中 | 所 | 修改 | 改为 | 增加 | 外 | 情形 | ）"
    ),
    reference_before=words(
        "依照 | 按照 | 根据 | 依据 | 违反 | 違反 | 適用 | 适用 | 和 | 或者 | 或 | 及 | 、 | 依 | 至"
    ),
    contents=("目录", "目錄", "目 录", "目 錄"),
    quotes=_QUOTES,
    unspaced=True,
    letters="甲乙丙丁戊己庚辛壬癸",
    sub_forms=("（一）", "一、", "1.", "（1）", "①"),
)
JA: Final = Profile(
    name="ja",
    words=(
        _ja("part", _GROUP, "編"),
        _ja("chapter", _GROUP, "章"),
        _ja("section", _GROUP, "節"),
        _ja("subsection", _GROUP, "款"),
        _ja("division", _GROUP, "目"),
        _ja("article", UnitRole.BASIC, "条", "條"),
        # 抄: those of its provisions that are left out are not printed
        annex("annex", "附則", "附 則", "附則抄", "附則 抄", "附 則 抄", numbers=(r"(?!)",)),
        annex("schedule", "別表第", "別表", "様式第", numbers=_HAN),
        alone("preamble", UnitRole.PREAMBLE, "前文"),
    ),
    stop_words=("の", "は", "を"),
    reference_after=words(
        "第 | 及び | 又は | 若しくは | 並びに | から | まで | の | に | を | は | と | 、 | 中"
    ),
    reference_before=words("及び | 又は | 若しくは | 並びに | から | 、 | 法 | 令"),
    contents=("目次", "目 次"),
    quotes=_QUOTES,
    unspaced=True,
    captions_above=True,
    letters="イロハニホヘトチリヌルヲワカヨタレソツネナラム",
    sub_forms=("２　", "一　", "イ　", "（１）"),
)
KO: Final = Profile(
    name="ko",
    words=(
        _ko("part", _GROUP, "편"),
        _ko("chapter", _GROUP, "장"),
        _ko("section", _GROUP, "절"),
        _ko("subsection", _GROUP, "관"),
        _ko("article", UnitRole.BASIC, "조"),
        annex("annex", "부칙", "부 칙", numbers=(r"(?!)",)),
        annex("schedule", "별표", "별지", numbers=(r"\d{1,3}",)),
        alone("preamble", UnitRole.PREAMBLE, "전문"),
    ),
    stop_words=words("및 | 또는 | 수 | 한다 | 있다 | 이 | 그 | 등 | 경우"),
    reference_after=words("제 | 및 | 또는 | 내지 | 부터 | 까지 | 에 | 의 | 를 | 을"),
    reference_before=words("및 | 또는 | 내지 | 제 | 법"),
    contents=("목차", "차례"),
    quotes=(("“", "”"), ("「", "」"), ("『", "』"), ('"', '"')),
    letters="가나다라마바사아자차카타파하",
    sub_forms=("①", "1.", "가.", "1)", "가)"),
)
