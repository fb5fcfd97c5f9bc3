"""Where the driver and its errors may be met: read from the source, so that no new place slips in."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ABOVE = ("blocks", "cli", "domain", "flows", "service", "tasks")
DRIVER = "psycopg"

HANDLERS = Counter(
    {
        "adapters/postgres/connection/errors.py": 1,  # the one place
        "adapters/postgres/connection/session.py": 1,  # while connecting there is no code, only text
        "adapters/postgres/connection/watched.py": 1,  # who watches a wait may fail to look
        "adapters/postgres/adopting/faults.py": 1,  # what the server does not understand is a fault
        "adapters/postgres/phases/transactions.py": 1,  # about a retry
        "adapters/postgres/rehearsal/transactions.py": 5,  # as above; and what is gone is rolled back
        "adapters/postgres/connection/writing.py": 1,  # a step that was not taken
        "adapters/postgres/permits/permit.py": 2,  # a nonce that is used; a permit that is held
        "adapters/postgres/permits/releases.py": 2,  # as above: another run was the first
        "adapters/postgres/schema/alone.py": 1,  # what is held is tried again
        "adapters/postgres/reverting/plan.py": 1,  # a table of others that may not be read
        "adapters/acceptance/scenarios/refusals.py": 1,  # the code is what a scenario asks for
    }
)
"""Where an error of the driver is caught, and in how many places; everybody else translates."""


def sources(*folders: str, naming: str = "") -> Iterator[tuple[str, ast.Module]]:
    """Every file of the folders that names this, parsed."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if naming in text:
                yield path.relative_to(ROOT).as_posix(), ast.parse(text)


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def names_the_driver(node: ast.AST | None) -> bool:
    return node is not None and any(
        isinstance(part, ast.Name) and part.id == DRIVER for part in ast.walk(node)
    )


def catches(tree: ast.AST) -> int:
    """How many handlers and `suppress` calls name an error of the driver."""
    return sum(
        (isinstance(node, ast.ExceptHandler) and names_the_driver(node.type))
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "suppress"
            and any(map(names_the_driver, node.args))
        )
        for node in ast.walk(tree)
    )


def test_nothing_above_the_adapters_knows_the_driver() -> None:
    found = {
        name
        for name, tree in sources(*ABOVE)
        if any(module.split(".")[0] == DRIVER for module in imported(tree))
    }
    assert found == set(), "use what adapters/postgres offers instead of the driver"


def test_the_drivers_errors_are_caught_in_these_places_only() -> None:
    found = Counter({name: n for name, tree in sources("adapters") if (n := catches(tree))})
    assert found == HANDLERS


def test_a_handler_is_seen_in_every_spelling() -> None:
    spellings = (
        "try: ...\nexcept psycopg.Error: ...",
        "try: ...\nexcept (ValueError, psycopg.errors.UniqueViolation) as e: ...",
        "with suppress(psycopg.Error): ...",
    )
    assert [catches(ast.parse(text)) for text in spellings] == [1, 1, 1]
    assert catches(ast.parse("try: ...\nexcept CutterError: ...")) == 0


# --- what is offered to others ---------------------------------------------------------------


def used_above() -> set[tuple[str, str]]:
    """Module and name of everything of adapters.postgres that other wings and layers import.

    But for the acceptance run, which speaks to the driver itself.
    """
    found = set()
    for name, tree in sources(*ABOVE, "adapters", naming="adapters.postgres."):
        if name.startswith(("adapters/postgres/", "adapters/acceptance/")):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "adapters.postgres."
            ):
                found |= {(str(node.module), alias.name) for alias in node.names}
    return found


def functions_over_a_connection() -> Iterator[tuple[str, str]]:
    """Those of them that take a connection; a module that is imported whole counts with all of its
    public functions.
    """
    for module, name in sorted(used_above()):
        thing = getattr(importlib.import_module(module), name, None)
        if thing is None or inspect.ismodule(thing):
            whole = importlib.import_module(f"{module}.{name}")
            found = [f for f in vars(whole).values() if inspect.isfunction(f)]
            candidates = [
                f for f in found if f.__module__ == whole.__name__ and f.__name__[0] != "_"
            ]
        else:
            candidates = [thing] if inspect.isfunction(thing) else []
        for function in candidates:
            parameters = inspect.signature(function).parameters.values()
            if any(parameter.annotation == "Connection" for parameter in parameters):
                yield function.__module__, function.__name__


PERMIT = "adapters.postgres.permits.permit"
PHASES_OWN = {(PERMIT, "fence"), (PERMIT, "check_permit"), (PERMIT, "approvals_of")}
"""Work inside a phase's transaction only, which looks at the errors itself."""
OFFERED = set(functions_over_a_connection()) - PHASES_OWN


@pytest.mark.parametrize(("module", "name"), sorted(OFFERED))
def test_what_is_offered_over_a_connection_translates(module: str, name: str) -> None:
    path = ROOT / (module.replace(".", "/") + ".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    function = next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name
    )
    translates = any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "translated"
        for node in ast.walk(function)
    )
    assert translates, f"{module}.{name} lets errors of the driver out; put `translated` around it"


def test_the_list_of_what_is_offered_is_not_empty() -> None:
    assert {(PERMIT, "halt"), ("adapters.postgres.record.audit", "audit_database")} <= OFFERED
    assert len(OFFERED) > 15
