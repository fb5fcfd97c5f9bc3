"""Letters that are none of the text's: UTF-8 that was encoded twice, and the fonts in which
Vietnamese was written before Unicode.

Both decode without an error and look like text to a machine. To a reader of `Ä‘iá»u` and `®iÒu`
both are nonsense, and no heading can be found in them.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from domain.errors import DocumentRefused

_SAMPLE: Final = 200_000  # characters that are looked at
_RUNS: Final = 400  # stretches beyond ASCII that are looked at
_FEW: Final = 3  # so many words or stretches are no accident
_MOST: Final = 0.6  # of the characters beyond ASCII are such bytes
_RUN: Final = re.compile(r"[^\x00-\x7f]+")
_TWICE: Final = (("WINDOWS-1252", "cp1252"), ("WINDOWS-1251", "cp1251"), ("WINDOWS-1250", "cp1250"))
_PUNCTUATION: Final = ".,;:()\"'“”[]/-"

# Frequent Vietnamese words in Unicode, and as the legacy fonts encode them.
_UNICODE: Final = "của và các có được là không người điều luật này định hoặc về nước quyền phải đối"
_TCVN3: Final = (
    "cña vµ c¸c cã ®\u00adîc lµ kh«ng ng\u00adêi ®iÒu luËt nµy ®Þnh hoÆc vÒ "
    "n\u00adíc quyÒn ph¶i ®èi"
)
_VNI: Final = (
    "cuûa vaø caùc coù ñöôïc laø khoâng ngöôøi ñieàu luaät naøy ñònh hoaëc veà nöôùc quyeàn phaûi "
    "ñoái"
)
_LEGACY: Final = tuple(
    (name, tuple(zip(encoded.split(), _UNICODE.split(), strict=True)))
    for name, encoded in (
        ("TCVN3 (fonts such as .VnTime)", _TCVN3),
        ("VNI (fonts such as VNI-Times)", _VNI),
    )
)
_SIGNS: Final = frozenset("®µøñ")  # one of these is in any text of those fonts


def check_letters(text: str) -> None:
    """Raises `DocumentRefused`, naming what the letters are, for a text that has to be converted
    first.

    >>> check_letters("Điều 1. Luật này quy định về vườn cây.")
    >>> check_letters("LuËt nµy quy ®Þnh vÒ v­ên c©y.")
    Traceback (most recent call last):
    ...
    domain.errors.DocumentRefused: The letters of the document are those of ...
    """
    if text.isascii():
        return
    sample = text[:_SAMPLE]
    if (twice := _encoded_twice(sample)) is not None:
        shown, meant, encoding = twice
        raise DocumentRefused(
            f"The document is UTF-8 that was encoded a second time: {shown!r} stands for "
            f"{meant!r}. Undo it with: iconv -f UTF-8 -t {encoding} IN > OUT"
        )
    if (legacy := legacy_font(sample)) is not None:
        name, shown, meant = legacy
        raise DocumentRefused(
            f"The letters of the document are those of the legacy Vietnamese font encoding {name}: "
            f"{shown!r} stands for {meant!r}. Convert it to Unicode first, for instance with the "
            f"toolkit of UniKey."
        )


def legacy_font(text: str) -> tuple[str, str, str] | None:
    """The legacy font encoding that a Vietnamese text is in, one of its words, and that word in
    Unicode; None for any other text.
    """
    if _SIGNS.isdisjoint(text):
        return None
    words = {word[:1].lower() + word[1:] for word in map(_bare, text.split()) if word}
    for name, pairs in _LEGACY:
        hits = [(word, meant) for word, meant in pairs if word in words]
        if len(hits) >= _FEW:
            return name, *hits[0]
    return None


def _bare(word: str) -> str:
    return word.strip(_PUNCTUATION)


def _encoded_twice(text: str) -> tuple[str, str, str] | None:
    """A stretch of UTF-8 that was encoded twice, what it stands for, and the encoding that it was
    taken for; None for a text of which not nearly all stretches are such.
    """
    runs = [found[0] for found in islice(_RUN.finditer(text), _RUNS)]
    total = sum(map(len, runs))
    for name, codec in _TWICE:
        undone = [(run, meant) for run in runs if (meant := _undone(run, codec))]
        bytes_undone = sum(len(meant.encode()) for _, meant in undone)
        if len(undone) >= _FEW and bytes_undone >= _MOST * total:
            run, meant = max(undone, key=lambda pair: len(pair[1]))
            return run[:20], meant[:20], name
    return None


def _undone(run: str, codec: str) -> str:
    """What a stretch was before it was encoded a second time, as far as its bytes still say so (an
    editor may have dropped control characters); "" if it was not.
    """
    if len(run) < 2:
        return ""
    data = bytearray()
    for c in run:
        try:
            data += c.encode(codec)
        except UnicodeEncodeError:
            if ord(c) > 0xFF:
                return ""
            data.append(ord(c))
    return data.decode(errors="ignore")
