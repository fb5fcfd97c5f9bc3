"""Whatever the text: rows and gaps rebuild it, marks are well formed, and nothing but a refusal is
raised.
"""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.readers.by_content import read_document
from domain.errors import DocumentRefused
from domain.plan.cut_plan import TargetDocument, build_plan
from domain.reading.marks import Granularity, ReadDocument

_LAW = """---
title: Luật
---
# Luật về Nước

Căn cứ Hiến pháp;

## Chương I. QUY ĐỊNH CHUNG

### Điều 1. Phạm vi
1. Khoản một:
a) Điểm a;
b) Điểm b.
2. “Trích dẫn
Điều 9. Của luật khác”.

### Điều 2. Đối tượng
§ 3 Absatz 1 der Verordnung
| Điều 7 | bảng |
```
Điều 8. Trong mã
```
Phụ lục I
MẪU
Điều 1. Tên

Article 5
Scope
(1) The Act:
(i) one;
SCHEDULE 1
1. Short title.
2.1. Terms
PART A - General
  SECTION 1. - Title
BODY
"""
_PIECES = [
    *_LAW.splitlines(keepends=True),
    "\r\n",
    "\r\r\n",
    "\r",
    "\f",
    "\v",
    "\x85",
    "\u2028",
    "\xa0",
    "\ufeff",
    "\u200b",
    "“",
    "”",
    '"',
    "«",
    "„",
    "’",
    "#",
    "```",
    "~~~",
    "---\n",
    "<!--",
    "-->",
    "|",
    "§",
    "§§ 3 bis 6",
    "Điều",
    "Ðiều 12a.",
    "Die\u0302\u0300u 4.",
    "1 kap. ",
    "Art. 2-bis.",
    "TOC",
    "Contents\n",
    "MỤC LỤC\n",
    "Mẫu số 01",
    "(Ban hành kèm theo Luật)",
    "XIV",
    "A.4. Xyz\n",
    "99999999999999999999. Big\n",
    "\U0001f600",
    "\x01",
]


_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
"""What a byte order mark may say that a text is encoded in."""


def _check(data: bytes, suffix: str, depth: Granularity) -> None:
    try:
        read = read_document(data, name=f"document{suffix}", granularity=depth)
    except DocumentRefused:
        return
    _check_marks(read)
    assert data in (read.text.encode(), *map(read.text.encode, _WIDE))
    if read.marks:
        plan = build_plan(
            read, TargetDocument("a.document"), source_name="document", granularity=depth
        )
        parts = sorted(
            [(r.start, r.body) for r in plan.rows] + [(g.start, g.text) for g in plan.gaps]
        )
        assert "".join(part for _, part in parts) == read.text


def _check_marks(read: ReadDocument) -> None:
    at = 0
    for i, mark in enumerate(read.marks):
        assert at <= mark.start < mark.end <= len(read.text)
        assert mark.parent is None or 0 <= mark.parent < i
        at = mark.end
    lines = read.text.count("\n") + read.text.count("\r") + len(read.text.splitlines()) + 1
    assert all(1 <= warning.line <= lines and warning.reason for warning in read.warnings)


_SUFFIXES = st.sampled_from([".txt", ".md", ".bluebell"])
_DEPTHS = st.sampled_from(list(Granularity))


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(_PIECES) | st.text(max_size=8), max_size=40).map("".join),
    _SUFFIXES,
    _DEPTHS,
)
def test_documents_of_random_pieces(text: str, suffix: str, depth: Granularity) -> None:
    _check(text.encode("utf-8", "surrogatepass"), suffix, depth)


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 12), _SUFFIXES, _DEPTHS)
def test_mutated_laws(rng: random.Random, changes: int, suffix: str, depth: Granularity) -> None:
    text = rng.choice(
        [_LAW, unicodedata.normalize("NFD", _LAW), _LAW.replace("\n", "\r\n")]
    ) * rng.randint(1, 3)
    for _ in range(changes):
        at, length = rng.randrange(len(text) + 1), rng.randrange(12)
        text = text[:at] + rng.choice(["", *_PIECES]) + text[at + length :]
    _check(text.encode(), suffix, depth)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), _SUFFIXES)
@example(b"\xfe\xff", ".txt")
@example("\ufeff§ 1".encode("utf-32-le"), ".md")
def test_any_bytes(data: bytes, suffix: str) -> None:
    _check(data, suffix, Granularity.SUB)


@pytest.mark.one_quick
@pytest.mark.parametrize(
    "piece",
    [
        "“abc\n",
        '"abc\n',
        "«a\n",
        "Điều 1. A\nĐiều 2. B\nĐiều 3. C\n",
        "Điều 1. A\n",
        "# a\n",
        "1. Abc\n",
        "Contents\n1. A\n2. B\n",
        "```\n",
        "<!--\n",
        "Phụ lục I\nĐiều 1. A\n",
        "\t",
        "*",
        "9",
        "a: b\n",
        "Chương I\n",
        "(i) a\n(a) b\n",
    ],
)
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_time_is_linear_in_what_repeats(piece: str, suffix: str) -> None:
    """A quadratic step takes minutes on these; the suite's own time limit turns it red."""
    text = "---\n" + piece * (300_000 // len(piece))
    read = read_document(text.encode(), name=f"document{suffix}", granularity=Granularity.SUB)
    assert read.text == text
