"""A table of contents behind the last unit is no part of it."""

from __future__ import annotations

import pytest

from tests.unit.readers.helpers import marked, numbers

_FR = (
    "Les membres de la société se réunissent chaque année au mois de mars, et le doyen est tenu de "
    "les convoquer par une lettre que le bureau signe."
)
_ENTRIES = [
    "Des personnes",
    "Des biens",
    "Du contrôle",
    "Des sanctions",
    "Des dispositions finales",
]


@pytest.mark.parametrize(
    "entry",
    [
        "Chapitre {n} : {title} ............ {page}",
        "{title} . . . . . . . {page}",
        "{title}\t{page}",
        "{title} {page}",
        "Titre {n} – {title} ……… {page}",
    ],
)
@pytest.mark.parametrize("heading", ["TABLE DES MATIÈRES", "Table des matières"])
def test_a_list_of_pages_behind_the_last_article_is_left_out(heading: str, entry: str) -> None:
    listed = "".join(
        entry.format(n=n, title=title, page=7 * n) + "\n" for n, title in enumerate(_ENTRIES, 1)
    )
    text = "".join(f"Article {n}\n{_FR}\n\n" for n in range(1, 6)) + f"{heading}\n{listed}"
    found = marked(text)
    assert numbers(found) == list("12345")
    last = found.marks[-1]
    assert text[last.end :].startswith(heading)
    assert not found.doubts


def test_a_word_of_contents_above_text_ends_no_article() -> None:
    text = "".join(f"Article {n}\n{_FR}\n\n" for n in range(1, 6)) + f"Sommaire\n{_FR}\n{_FR}\n"
    assert marked(text).marks[-1].end == len(text)
