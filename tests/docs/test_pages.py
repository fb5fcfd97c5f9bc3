"""The pages say what there is: every link, path, module and command in them exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.docs.pages import DOCS, PACKAGES, PROJECT, Page, pages, site_pages

PAGES: Final = pages()
FOLDERS: Final = (*PACKAGES, "deploy", "docs", "documents")
ENDINGS: Final = "py|sql|md|json|jsonl|toml|ya?ml|j2|css|txt|svg|png|service|timer|lock|sh"
PATH: Final = re.compile(rf"[\w.-]+(?:/[\w.-]+)*/[\w.-]+\.(?:{ENDINGS})")
OF_A_HOME: Final = ("backups/", "gnupg/", "postgres/", "runs/", "state/")
"""What a home holds, and not the project."""
PLACEHOLDER: Final = re.compile(r"(?<![A-Za-z])[A-Z]{2,}(?![a-z])")
"""A word in capitals stands for a name that the reader chooses, as in `schema_NN_subject.sql`."""
DOTTED: Final = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+")
CITATION: Final = re.compile(r"docs/architecture\.md,\s+([A-Z][a-z]+(?:\s+[a-z]+)*)")

each_page = pytest.mark.parametrize("page", PAGES, ids=str)


def words_of(page: Page) -> Iterator[str]:
    """Every word that stands in code, in running text or in a command."""
    for piece in (*page.code, *page.commands):
        yield from piece.split()


def is_missing(word: str) -> bool:
    """Whether a word is a path of the project, and nothing is there."""
    path = word.strip("'\",;:()")
    of_the_project = path.startswith(tuple(f"{folder}/" for folder in FOLDERS))
    if not (of_the_project or PATH.fullmatch(path)) or path.startswith(OF_A_HOME):
        return False
    if (PROJECT / path).exists():
        return False
    return not PLACEHOLDER.search(path)


@each_page
def test_each_link_goes_somewhere(page: Page) -> None:
    for link in page.links:
        if re.match(r"[a-z]+:", link):
            continue
        where, _, anchor = link.partition("#")
        target = (page.path.parent / where).resolve() if where else page.path
        assert target.exists(), link
        assert target.is_relative_to(PROJECT), link
        if anchor:
            assert anchor in Page(target).anchors, link


@each_page
def test_each_path_of_the_project_exists(page: Page) -> None:
    assert [word for word in words_of(page) if is_missing(word)] == []


@pytest.mark.parametrize(
    ("word", "missing"),
    [
        ("domain/errors.py", False),
        ("domain/no_such.py", True),
        ("no_such/errors.py", True),
        ("tests/no_such", True),
        ("adapters/postgres/sql/", False),
        ("runs/CHANGE_SET/review.html", False),
        ("state/target.json", False),
        ("adapters/readers/profiles/XX.py", False),
        ("docs/adr/README.md", False),
        ("errors.py", False),
        ("~/.ssh/id_ed25519", False),
    ],
)
def test_what_is_missing_is_found(word: str, missing: bool) -> None:
    assert is_missing(word) is missing


@each_page
def test_each_module_and_name_exists(page: Page) -> None:
    names = (piece.removesuffix("()") for piece in page.code)
    assert [name for name in names if DOTTED.fullmatch(name) and not defined(name)] == []


def defined(dotted: str) -> bool:
    """Whether a dotted name is a package, a module, or a name that stands in one."""
    first, *rest = dotted.split(".")
    at: Path = PROJECT / first
    for i, part in enumerate(rest):
        if (at / part).is_dir():
            at /= part
        elif (at / f"{part}.py").is_file():
            text = (at / f"{part}.py").read_text(encoding="utf-8")
            return all(re.search(rf"\b{name}\b", text) for name in rest[i + 1 :])
        else:
            return False
    return True


def test_a_name_that_does_not_exist_is_found() -> None:
    assert defined("domain.reading.marks.Reader")
    assert not defined("domain.reading.no_such")
    assert not defined("domain.reading.marks.NoSuchReader")


@each_page
def test_each_command_that_makes_or_runs_something_exists(page: Page) -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text("Makefile"), re.MULTILINE))
    for line in (*page.code, *page.commands):
        if made := re.fullmatch(r"make ([a-z -]+?)(?: [A-Z]\S*)?", line):
            assert set(made[1].split()) <= targets, line
        if run := re.search(r"python -m (tests\.[\w.]+)", line):
            assert (PROJECT / run[1].replace(".", "/")).with_suffix(".py").is_file(), line


@each_page
def test_no_page_cites_what_is_not_in_the_project(page: Page) -> None:
    assert "DESIGN" not in page.text


def test_what_the_code_cites_is_a_heading_and_a_decision() -> None:
    headings = {*Page(DOCS / "architecture.md").headings}
    decisions = {int(path.name[:4]) for path in (DOCS / "adr").glob("0*.md")}
    cited = 0
    for path in _sources():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bDESIGN,\s+section", text), path
        for heading in CITATION.findall(text):
            assert " ".join(heading.split()) in headings, (path, heading)
            cited += 1
        assert {int(number) for number in re.findall(r"\bADR (\d+)", text)} <= decisions, path
    assert cited >= 8


def test_the_list_of_decisions_has_every_decision() -> None:
    listed = [link for link in Page(DOCS / "adr" / "README.md").links if link.startswith("0")]
    assert listed == sorted(path.name for path in (DOCS / "adr").glob("0*.md"))


def test_each_decision_has_its_number_its_context_and_what_it_costs() -> None:
    for path in sorted((DOCS / "adr").glob("0*.md")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. "), path
        for wanted in ("Context", "Decision", "What it costs|Consequences"):
            assert re.search(rf"^(?:## |\*\*)(?:{wanted})", text, re.MULTILINE), (path, wanted)


def test_the_glossary_is_in_order_and_each_term_is_there_once_on_one_line() -> None:
    text = _text("docs/glossary.md").partition("\n- ")[2]
    terms = re.findall(r"^(?:- )?\*\*(.+?)\*\*: ", text, re.MULTILINE)
    assert len(terms) == len(text.strip().splitlines())
    assert terms == sorted(terms, key=str.casefold)
    assert len(terms) == len(set(terms))


def test_the_navigation_lists_every_page() -> None:
    nav = yaml.safe_load(_text("mkdocs.yml"))["nav"]
    listed = list(_listed(nav))
    assert sorted(listed) == [str(page.path.relative_to(DOCS)) for page in site_pages()]
    assert len(listed) == len(set(listed))


def _listed(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for one in nav.values() if isinstance(nav, dict) else nav:
            yield from _listed(one)


def _sources() -> list[Path]:
    found = [path for folder in FOLDERS for path in (PROJECT / folder).rglob("*.py")]
    found += (PROJECT / "adapters").rglob("*.sql")
    return [*found, PROJECT / "pyproject.toml", PROJECT / "prefect.yaml"]


def _text(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")
