"""The errors: one tree, in one file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import adapters
import blocks
import cli
import domain
import flows
import service
import tasks
from domain import errors
from domain.errors import CutterError

PACKAGES = (adapters, blocks, cli, domain, flows, service, tasks)


def children(kind: type[CutterError]) -> Iterator[type[CutterError]]:
    for child in kind.__subclasses__():
        yield child
        yield from children(child)


def every_module() -> None:
    """Import all of the product, so that every class of it is known."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)


def test_every_error_of_the_product_stands_in_the_one_file() -> None:
    every_module()
    elsewhere = {
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in children(CutterError)
        if kind.__module__ != errors.__name__ and not kind.__module__.startswith("tests.")
    }
    assert elsewhere == set()


@pytest.mark.parametrize("kind", sorted({CutterError, *children(CutterError)}, key=str))
def test_an_error_says_what_it_means_and_how_the_command_ends(kind: type[CutterError]) -> None:
    assert kind.__doc__
    assert kind.exit_status in range(1, 6)
