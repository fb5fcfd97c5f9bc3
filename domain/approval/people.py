"""Names of people: when two are one person's, which can not be told apart by eye, and which can not
be names.

The fold does not depend on a locale or on a database's collation: it is Unicode's caseless match
for identifiers (The Unicode Standard, section 3.13, D147, `NFKC_Casefold`), with white space
joined and with every other character that does not show left out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from domain.errors import BadInput
from domain.reading.hidden_characters import hidden_in, is_hidden

_LOOK_ALIKE: Final = str.maketrans(
    # Cyrillic, Greek and Armenian letters in lower case ...
    "аеорсухіјѕһԁԛԝӏьвкмнтгпи" + "αοιυνρκτχγβηωϲϳ" + "օոսհոցզ",
    # ... and the Latin ones that they look like.
    "aeopcyxijshdqwlbbkmhtrnu" + "aoiuvpktxybnwcj" + "onuhnqq",
) | str.maketrans(
    {"ı": "i", "ł": "l", "đ": "d", "ø": "o", "ħ": "h", "0": "o", "1": "l", "|": "l", "’": "'"}
)
"""From Unicode Technical Standard 39, `confusables.txt`: what is drawn alike in common fonts."""


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: case, form, spacing and what does not show make no other.

    >>> same_person("Ann  Lee", "ann lee "), same_person("Ann Lee", "Anna Lee")
    (True, False)
    >>> same_person("Đỗ Ánh", "ĐỖ ÁNH"), same_person("Weiß", "WEISS")
    (True, True)
    """
    return folded(one) == folded(other)


def folded(name: str) -> str:
    """A name without what makes no other person; empty for one in which nothing shows.

    >>> folded("Ann" + chr(0x200B) + chr(0x1C) + "LEE "), folded(chr(0x200B))
    ('ann lee', '')
    """
    text = " ".join(name.split())
    while True:  # a compatibility form can hold capitals or a space, and folding can decompose
        decomposed = unicodedata.normalize("NFD", text)
        shown = "".join(char for char in decomposed if not is_hidden(char))
        form = unicodedata.normalize("NFKC", shown.casefold())
        again = " ".join(form.split())
        if again == text:
            return text
        text = again


def require_name(name: str) -> str:
    """A person's name as it is registered: composed (NFC), with single spaces.

    Raises `BadInput` for one that holds what does not show, naming it, or that has no letter.

    >>> require_name(" Ann   Lee ")
    'Ann Lee'
    """
    require_visible(name)
    written = " ".join(unicodedata.normalize("NFC", name).split())
    if not any(char.isalpha() for char in written):
        raise BadInput("A person has a name, with letters in it.")
    return written


def require_visible(name: str) -> None:
    """Raises `BadInput` for a name that holds what does not show, or in which nothing shows."""
    if odd := hidden_characters(name):
        raise BadInput(
            f"A person's name can not hold {odd}, which does not show; write it without."
        )
    if not folded(name):
        raise BadInput("A person has a name, and here is none.")


def hidden_characters(name: str) -> str:
    """What of a name does not show, in words; empty if all of it does.

    >>> hidden_characters("Ann" + chr(0x200B)), hidden_characters("Ann Lee")
    ('U+200B ZERO WIDTH SPACE', '')
    """
    found = [f"{hidden.code_point} {hidden.name}" for hidden in hidden_in(name)]
    # These two show in a text, by what they do to it. In a name they are never meant.
    found += [what for char, what in _BREAKS.items() if char in name]
    return ", ".join(found)


def doubts_about(name: str, registered: Iterable[str]) -> Iterator[str]:
    """What somebody should look at before this name is registered beside the others, in sentences.

    Nothing here is refused: two people may be called alike.

    >>> list(doubts_about("Ann Lee", ["Ánn Lee", "Ben"]))
    ['Ann Lee is easily taken for Ánn Lee, who is registered as another person.']
    """
    for word in name.split():
        scripts = {_script(char) for char in word if char.isalpha()}
        if len(scripts) > 1 and not scripts <= _WRITTEN_TOGETHER:
            mixed = " and ".join(sorted(scripts))
            yield f"{word} mixes letters of {mixed}, some of which look alike."
    for other in sorted(set(registered)):
        if not same_person(name, other) and _outline(name) == _outline(other):
            yield (f"{name} is easily taken for {other}, who is registered as another person.")


_WRITTEN_TOGETHER: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})


_BREAKS: Final = {"\n": "U+000A (a line's end)", "\t": "U+0009 (a tab)"}


def _script(char: str) -> str:
    """The first word of a letter's Unicode name is its script.

    >>> _script("a"), _script("я")
    ('LATIN', 'CYRILLIC')
    """
    return unicodedata.name(char, "?").split()[0].split("-")[0]


def _outline(name: str) -> str:
    """A name as it looks to a hurried eye: without marks, look-alikes as one letter."""
    plain = folded(name).translate(_LOOK_ALIKE)
    bare = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return "".join(bare.split()).replace("rn", "m").replace("l", "i")
