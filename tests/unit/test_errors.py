"""The errors: one tree, in one file."""

from __future__ import annotations

import copy
import importlib
import pickle
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
from domain.errors import (
    ConfigMissing,
    CutterError,
    Lock,
    PhaseStop,
    ProductionExecutionNotAuthorized,
    RevertRefused,
)

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
    assert kind.exit_status in {1, 2, 3, 4, 5, 130}  # 130: what shells use for Ctrl-C


SAMPLES = (
    ConfigMissing("DOT_CUTTER_DB_HOST"),
    ProductionExecutionNotAuthorized(Lock.PERMIT, "it is revoked"),
    PhaseStop("mark stopped", phase="mark", sqlstate="42883"),
    RevertRefused("a unit is cited"),
)


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_a_copy_of_an_error_says_the_same(error: CutterError) -> None:
    pickled = pickle.loads(pickle.dumps(error))  # noqa: S301  # made here
    for again in (pickled, copy.copy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_a_refusal_names_its_lock() -> None:
    refusal = ProductionExecutionNotAuthorized(Lock.ADAPTER, "the kill-switch is OFF")
    assert (
        str(refusal) == "Refused at the adapter lock: the kill-switch is OFF. Nothing was written."
    )
