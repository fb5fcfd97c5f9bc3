"""Vietnamese: Phần, Chương, Mục, Tiểu mục, Điều, Khoản, Điểm.

Source: Law on Promulgation of Legal Documents and Decree 30/2020/NĐ-CP, annex I (how documents are
laid out).
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

# `thứ nhất`, `THỨ HAI`, `thứ mười hai`; `Ấ` and `Â` are both printed for the vowel of `nhất`.
_ORDINAL: Final = r"[Tt][Hh][ỨứƯư]\s+(?:[Nn][Hh][ẤấÂâ][Tt]|\w+(?:\s[Mm]ười)?)"
# The 2 of `Điều 2.4 Tên`, article 2 with footnote 4: a capital follows.
_NOTED: Final = r"\d{1,4}[a-zđ]{0,2}(?=\.\d{1,3}[ \t]+[^\W\d_a-z])"

VI: Final = Profile(
    name="vi",
    words=(
        container("part", "Phần", "Phần thứ", numbers=(_ORDINAL, ROMAN, ARABIC, LETTER)),
        container("chapter", "Chương", numbers=(ROMAN, ARABIC, _ORDINAL)),
        container("section", "Mục", numbers=(ARABIC, ROMAN, LETTER)),
        container("subsection", "Tiểu mục", numbers=(ARABIC, ROMAN, LETTER)),
        basic("article", "Điều", "Điều thứ", numbers=(_NOTED, ARABIC, _ORDINAL)),
        annex("annex", "Phụ lục số", "Phụ lục", "Phụ lục kèm theo"),
        annex("attachment", "Mẫu số", "Biểu mẫu số", "Mẫu", numbers=(ARABIC,), bare=False),
        alone("preamble", UnitRole.PREAMBLE, "Lời nói đầu", "Lời mở đầu"),
    ),
    stop_words=words("và | của | các | được | theo | trong | quy | định | này | với | không | có"),
    joins=("đến", "và"),
    reference_after=words(
        "của | Luật | Bộ luật | Nghị định | Thông tư | Nghị quyết | Quyết định | Hiến pháp | "
        "Pháp lệnh | này | và | đến | hoặc | Điều | Quy chế | Quy định | Phụ lục | nêu | tại | "
        "Điều lệ | thì | khoản | Hiệp định"
    ),
    reference_before=words(
        "tại | của | theo | khoản | điểm | và | đến | hoặc | các | với | thuộc | định | Điều | "
        "trừ | từ | là"
    ),
    attachment=(r"\(?\s*(?:[Bb]an hành )?[Kk]èm theo (?:Luật|Nghị|Thông|Quyết|Công|Chỉ)",),
    contents=("Mục lục",),
    closings=(
        r"Nơi nhận\s*:",
        r"(?:TM|KT|TL|TUQ|Q)\s*\.\s*[A-ZĐ]",
        r"XÁC THỰC VĂN BẢN",
        r"CHỦ TỊCH\b",
        r"BỘ TRƯỞNG\b",
    ),
    stopped_titles=True,
    letters="abcdđeghiklmnopqrstuvxy",
    sub_forms=("1.¹", "a)"),
)
