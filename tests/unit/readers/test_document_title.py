"""What a document is called and of which type it is, where it does not say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.planning import plan_document
from adapters.readers.text.document_title import document_title, publication_type
from domain.reading.options import ReadingOptions
from domain.reading.vocabulary import PUBLICATION_TYPES
from tests.unit.readers.helpers import read

_ARTICLE = "Article 1. Name\nThe board shall see that the rules of it are kept.\n\n"


@pytest.mark.parametrize(
    ("head", "title", "kind"),
    [
        ("THE CLUB ACT\n\n", "THE CLUB ACT", "law"),
        (
            "No. 7\n\nCONSTITUTION OF ATLANTIS\nAS AMENDED\n\n",
            "CONSTITUTION OF ATLANTIS AS AMENDED",
            "constitution",
        ),
        (
            "Gesetz über das Wasser\nund die Teiche\n\n",
            "Gesetz über das Wasser und die Teiche",
            "law",
        ),
        ("QUỐC HỘI\nLuật số: 9/2015/QH13\n\nLUẬT\nNƯỚC\n\n", "LUẬT NƯỚC", "law"),
        ("NGHỊ ĐỊNH\n\nVề công tác văn thư\n\n", "NGHỊ ĐỊNH Về công tác văn thư", "decree"),
        ("LOI\nrelative aux eaux\n\n", "LOI relative aux eaux", "law"),
        ("Bylaws of the Club\n\n", "Bylaws of the Club", "policy"),
        ("> **<u>Bylaws of the Club</u>**\n\n", "Bylaws of the Club", "policy"),
        (
            "DIRECTIVE 2009/1/EC OF THE COUNCIL\nof 3 May 2009\n\n",
            "DIRECTIVE 2009/1/EC OF THE COUNCIL of 3 May 2009",
            "directive",
        ),
        ("The board has kept the rules of this Act since it was passed.\n\n", "", ""),
        ("in this Act\n\n", "", ""),
        ("", "", ""),
    ],
)
def test_the_title_of_a_text_is_found_before_its_first_unit(
    head: str, title: str, kind: str
) -> None:
    found = document_title(read(head + _ARTICLE))
    assert (found, publication_type(found)) == (title, kind)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Constitution Act 1982", "law"),
        ("An Act to amend the Constitution", "law"),
        ("Companies Act (Fees) Regulations 2004", "law"),
        ("Companies (Fees) Regulations 2004", "regulation"),
        ("The Criminal Code", "code"),
        ("Code of Conduct of the Club", "policy"),
        ("To enact title 54, United States Code", ""),
        ("Luật sửa đổi Bộ luật Hình sự", "law"),
        ("Verordnung zum Gesetz über Teiche", "regulation"),
        ("Grundgesetz für die Bundesrepublik Deutschland", "constitution"),
        ("Bürgerliches Gesetzbuch", "code"),
        ("Ley de Aguas", "law"),
        ("Constitución Política del Perú", "constitution"),
        ("Real Decreto 3/2020", "decree"),
        ("Vattenlag", "law"),
        ("Lagerung von Holz", ""),
        ("中华人民共和国宪法", "constitution"),
        ("Data Protection Policy", "policy"),
    ],
)
def test_the_type_is_what_the_title_says(title: str, kind: str) -> None:
    assert publication_type(title) == kind
    assert kind in {"", *PUBLICATION_TYPES}


def test_the_heading_of_a_markdown_document_is_its_title() -> None:
    assert document_title(read(f"# Rules of Boats\n\n## {_ARTICLE}", ".md")) == "Rules of Boats"
    assert document_title(read(f"---\ntitle: Nets\n---\n# Boats\n\n## {_ARTICLE}", ".md")) == "Nets"


def test_a_title_that_an_export_made_of_a_file_name_is_none() -> None:
    page = "<html><head><title>L_2016119EN.01000101.xml</title></head><body><p>REGULATION (EU) 1/2"
    page += f" OF THE COUNCIL</p><p>{_ARTICLE}</p></body></html>"
    assert document_title(read(page, ".html")) == "REGULATION (EU) 1/2 OF THE COUNCIL"
    stated = page.replace("L_2016119EN.01000101.xml", "On boats")
    assert document_title(read(stated, ".html")) == "On boats"


def test_a_plan_takes_title_and_type_unless_they_are_given(tmp_path: Path) -> None:
    path = tmp_path / "boats.txt"
    path.write_text(f"CONSTITUTION OF ATLANTIS\n\n{_ARTICLE}", encoding="utf-8")
    document = plan_document(str(path)).document
    assert document.title == "CONSTITUTION OF ATLANTIS"
    assert document.publication_type == "constitution"
    given = plan_document(str(path), ReadingOptions(publication_type="manual")).document
    assert given.publication_type == "manual"
