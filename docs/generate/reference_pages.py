"""Makes the pages of the code's reference while the site is built: one a package, found by its
folder, so that a module that is added or moved needs no line here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

PROJECT: Final = Path(__file__).resolve().parents[2]
WINGS: Final = ("cli", "service", "flows", "tasks", "adapters", "blocks", "domain")
"""The packages, from the outside in."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """MkDocs asks for this: add the pages to the navigation."""
    config.nav = [*(config.nav or []), {"Code": [_nav_of(PROJECT / wing) for wing in WINGS]}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs asks for this: add the pages themselves."""
    for wing in WINGS:
        for package in _packages(PROJECT / wing):
            files.append(File.generated(config, _page_of(package), content=_content(package)))
    return files


def _packages(package: Path) -> Iterator[Path]:
    """A package and every one below it."""
    yield package
    for folder in _sub_packages(package):
        yield from _packages(folder)


def _sub_packages(package: Path) -> list[Path]:
    return sorted(file.parent for file in package.glob("*/__init__.py"))


def _nav_of(package: Path) -> dict[str, Any]:
    below = [_nav_of(folder) for folder in _sub_packages(package)]
    page = _page_of(package)
    return {f"{package.name}/": [page, *below] if below else page}


def _page_of(package: Path) -> str:
    return f"reference/{'.'.join(package.relative_to(PROJECT).parts)}.md"


def _content(package: Path) -> str:
    name = ".".join(package.relative_to(PROJECT).parts)
    modules = sorted(f.stem for f in package.glob("*.py") if f.stem != "__init__")
    parts = [f"# {name}", _docstring(name), *(f"::: {name}.{module}" for module in modules)]
    return "\n\n".join(parts) + "\n"


def _docstring(name: str) -> str:
    """What the package's own docstring says, without a heading of its own."""
    return f"::: {name}\n    options:\n      show_root_heading: false\n      members: []"
