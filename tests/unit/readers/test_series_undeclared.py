"""Headings in a form that a series was not known to have: in items of a Markdown list, below a
declared heading of transitory provisions, and undeclared among declared ones.
"""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import numbers, read

_EN = "Every member of the club shall pay the fee that the board has set, and no more than that."
_ES = "Se crea en el municipio un consejo que se encarga de la guarda de las lagunas y caminos."


@pytest.mark.parametrize(
    "form", ["{}. #### Title", "{}. ###### Title", "{}) ## Title", "{}.  ### Title"]
)
@pytest.mark.parametrize("top", ["# Rules\n\n", ""])
def test_a_heading_in_an_item_of_a_list_is_one(top: str, form: str) -> None:
    text = top + "".join(f"{form.format(i)} {c}\n\n   {_EN}\n\n" for i, c in enumerate("ABC", 1))
    found = read(text, ".md")
    assert numbers(found) == ["1", "2", "3"]
    basic = [mark for mark in found.marks if mark.level is Level.BASIC]
    assert [mark.title for mark in basic] == ["Title A", "Title B", "Title C"]


@pytest.mark.parametrize("item", ["1. #1 of the list", "1. C# is a language", "1. `# a comment`"])
def test_a_number_sign_in_an_item_is_no_heading(item: str) -> None:
    text = f"# Rules\n\n## One\n\n{_EN}\n\n{item}\n\n## Two\n\n{_EN}\n"
    assert numbers(read(text, ".md")) == ["One", "Two"]


@pytest.mark.parametrize(
    "heading",
    [
        "## DISPOSICIONES GENERALES Y TRANSITORIAS",
        "## Disposiciones transitorias",
        "### TRANSITORIOS.",
        "## Título II\n\n### Disposiciones transitorias",
        "## Capítulo II. Disposiciones transitorias",
    ],
)
def test_transitory_provisions_below_a_declared_heading_are_units(heading: str) -> None:
    text = "# Ley\n\n## Título I\n\n" if "Título" in heading else "# Ley\n\n"
    text += "".join(f"Artículo {i}.- {_ES}\n\n" for i in (1, 2, 3)) + f"{heading}\n\n"
    text += "".join(f"{word}.- {_ES}\n\n" for word in ("PRIMERA", "SEGUNDA", "TERCERA"))
    found = read(text, ".md")
    assert numbers(found) == ["1", "2", "3"]
    named = [mark.number for mark in found.marks if mark.number.startswith("transitory")]
    assert named == ["transitory-primera", "transitory-segunda", "transitory-tercera"]


def test_words_that_count_below_another_heading_are_none() -> None:
    text = "".join(f"Artículo {i}.- {_ES}\n\n" for i in (1, 2, 3))
    text += f"## De las partes\n\nPRIMERA.- {_ES}\n\nSEGUNDA.- {_ES}\n"
    assert not [mark for mark in read(text, ".md").marks if "transitory" in mark.number]


@pytest.mark.parametrize(
    "line", ["I.3.1 Rooms", "**I.3.1** Rooms", "I.3.1. Rooms", "I.4 Halls", "II.1.1 Keys"]
)
def test_a_number_in_parts_that_the_format_does_not_declare_is_doubted(line: str) -> None:
    text = "# Manual\n\n" + "".join(f"#### I.2.{i} Rule\n\n{_EN}\n\n" for i in (1, 2, 3))
    found = read(f"{text}{line}\n\n{_EN}\n", ".md")
    assert [doubt.code for doubt in found.doubts] == ["unexplained-line"]


@pytest.mark.parametrize(
    "line", ["See I.3.1 for rooms.", "I.2.1 applies here.", "I.3.1 and I.3.2 apply.", "1.2 Rooms"]
)
def test_a_number_in_parts_in_a_sentence_is_not(line: str) -> None:
    text = "# Manual\n\n" + "".join(f"#### I.2.{i} Rule\n\n{_EN}\n\n" for i in (1, 2, 3))
    assert not read(f"{text}{line}\n\n{_EN}\n", ".md").doubts


@pytest.mark.parametrize("mark", ["## ", "", "**"])
@pytest.mark.parametrize(
    ("word", "wrong"),
    [
        ("Article", "Atricle"),
        ("Article", "Artcle"),
        ("Section", "Secton"),
        ("ARTICLE", "ARTCILE"),
        ("Section", "Setcion"),
    ],
)
def test_the_last_unit_behind_a_misspelt_word_is_doubted(word: str, wrong: str, mark: str) -> None:
    heads = [f"{word} 1", f"{word} 2", f"{wrong} 3"]
    text = "".join(f"{mark}{head}{mark.strip('# ')}\n\n{_EN}\n\n" for head in heads)
    found = read(text, ".md")
    assert numbers(found) == ["1", "2"]
    assert "unexplained-line" in [doubt.code for doubt in found.doubts]


@pytest.mark.parametrize(
    "line",
    ["Articles 3 and 4 apply.", "Particles 3-4 are small.", "Members 3.", "Atricle 5", "Art 3"],
)
def test_another_word_or_number_behind_the_last_unit_is_not(line: str) -> None:
    found = read("".join(f"Article {i}\n\n{_EN}\n\n" for i in (1, 2)) + f"{line}\n")
    assert not found.doubts
