"""The difference of two texts, word by word.

White space is no difference here: where only it differs, a stretch is equal and holds both texts.
So the old texts of all stretches, joined, are the old text, and the new ones the new text.

>>> from difflib import SequenceMatcher
>>> class Slow:  # what `adapters.likeness` does, in the standard library
...     def edits(self, old, new):
...         codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
...         return [Edit(*where) for tag, *where in codes if tag != "equal"]
>>> for one in word_difference("The board meets  here.", "The council meets here.", Slow()):
...     print(one)
Stretch(old='The ', new='The ', equal=True)
Stretch(old='board', new='council', equal=False)
Stretch(old=' meets  here.', new=' meets here.', equal=True)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol

from domain.revision.likeness import Edit

UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
"""Letters of scripts that put no space between words, as ranges of a regular expression."""

# A letter of such a script; a word with its accents; any other sign.
_ACCENTS: Final = "\u0300-\u036f"  # that follow their letter, where a text is decomposed
_WORD: Final = re.compile(
    rf"[{UNSPACED}]|(?:(?![{UNSPACED}])\w)(?:(?![{UNSPACED}])[\w{_ACCENTS}])*|[^\w\s]"
)
_LETTER: Final = re.compile(rf"[{UNSPACED}]")
_TOKEN: Final = re.compile(rf"\s+|{_WORD.pattern}")
_CRUMB: Final = 3  # letters of a lone word between two replacements that is shown as a part of them


class Stretch(NamedTuple):
    """A stretch of both texts. Where `equal`, they differ in white space at most."""

    old: str
    new: str
    equal: bool


class Edits(Protocol):
    """The part of `domain.revision.likeness.Likeness` that is needed here."""

    def edits(self, old: Sequence[str], new: Sequence[str]) -> list[Edit]:
        """The stretches that differ, in order."""
        ...


def words_of(text: str) -> list[str]:
    """The words and signs of a text, without white space.

    >>> words_of("Điều 5. Vốn"), words_of("第五条")
    (['Điều', '5', '.', 'Vốn'], ['第', '五', '条'])
    """
    return _WORD.findall(text)


def is_unspaced(text: str) -> bool:
    """Whether a text is mostly of a script that puts no space between words.

    >>> is_unspaced("第五条 2"), is_unspaced("Article 5 (第五条)")
    (True, False)
    """
    return 2 * len(_LETTER.findall(text)) > len(text)


def word_difference(old: str, new: str, likeness: Edits) -> list[Stretch]:
    """The stretches of two texts, in order. Equal texts are one stretch, empty texts none."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    edits = _joined(likeness.edits(_folded(before), _folded(after)), before)
    stretches: list[Stretch] = []
    i = j = 0
    for edit in [*edits, Edit(len(before), len(before), len(after), len(after))]:
        _add(stretches, before[i : edit.old_start], after[j : edit.new_start], equal=True)
        gone, come = before[edit.old_start : edit.old_end], after[edit.new_start : edit.new_end]
        _add(stretches, gone, come, equal=not "".join([*gone, *come]).strip())
        i, j = edit.old_end, edit.new_end
    return _merged(stretches)


def _folded(tokens: Iterable[str]) -> list[str]:
    return [" " if token.isspace() else token for token in tokens]


def _joined(edits: Sequence[Edit], before: Sequence[str]) -> list[Edit]:
    """Edits with hardly a word between them as one: a reader sees one replacement, not crumbs."""
    joined: list[Edit] = []
    for edit in edits:
        if joined:
            last = joined[-1]
            between = before[last.old_end : edit.old_start]
            words = [one for one in between if not one.isspace()]
            replaced = last.old_end > last.old_start and edit.old_end > edit.old_start
            crumb = replaced and len(words) == 1 and len(words[0]) <= _CRUMB
            if not words or crumb:
                joined[-1] = Edit(last.old_start, edit.old_end, last.new_start, edit.new_end)
                continue
        joined.append(edit)
    return joined


def _add(stretches: list[Stretch], old: Sequence[str], new: Sequence[str], *, equal: bool) -> None:
    if old or new:
        stretches.append(Stretch("".join(old), "".join(new), equal))


def _merged(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Stretches of one sort that touch, as one."""
    merged: list[Stretch] = []
    for one in stretches:
        if merged and merged[-1].equal == one.equal:
            last = merged[-1]
            merged[-1] = Stretch(last.old + one.old, last.new + one.new, one.equal)
        else:
            merged.append(one)
    return merged


def shortened(stretches: Sequence[Stretch], around: int) -> list[Stretch]:
    """The stretches with so many characters of what is equal around each difference, cut at white
    space; three dots stand for the rest.

    >>> equal = Stretch("one two three four", "one two three four", True)
    >>> [one.new for one in shortened([equal, Stretch("a", "b", False)], 6)]
    ['... four', 'b']
    """
    last = len(stretches) - 1
    short: list[Stretch] = []
    for n, one in enumerate(stretches):
        if not one.equal:
            short.append(one)
            continue
        text = one.new
        head = "" if n == 0 else text[:around].rpartition(" ")[0] or text[:around]
        tail = "" if n == last else text[-around:].partition(" ")[2] or text[-around:]
        if len(head) + len(tail) + 5 < len(text):
            spaced = (" " if head else "") + "..." + (" " if tail else "")
            text = f"{head}{spaced}{tail}"
        short.append(Stretch(text, text, equal=True))
    return short
