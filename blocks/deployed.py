"""What each deployment may do.

Its parameters are defaults that a person can edit, so the flows ask `prefect.yaml` again: the
home's own, which `cutter init` writes, else the one that ships with the project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from domain.errors import ConfigMismatch, Refused
from domain.phases import Mode
from domain.reading.options import AS_IT_IS, ReadingOptions

_SHIPPED: Final = Path(__file__).resolve().parent / "shipped"
INSTALLED: Final = _SHIPPED.is_dir()
"""Whether this is an installed package, and not a clone of the project."""
PROJECT: Final = _SHIPPED if INSTALLED else _SHIPPED.parent.parent
"""Where the `prefect.yaml` and the documents are that ship with the project."""
NAME: Final = "prefect.yaml"
POOL: Final = "cutter"
"""The work pool that our worker takes runs from."""
TABLE: Final = PROJECT / NAME

CLOSED_POOL: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "job_configuration": {
            "command": None,
            "env": {},
            "labels": {},
            "name": None,
            "stream_output": "{{ stream_output }}",
            "working_dir": None,
        },
        "variables": {
            "type": "object",
            "properties": {"stream_output": {"type": "boolean", "default": False}},
            "additionalProperties": False,
        },
    }
)
"""The template of our work pool's jobs. Prefect's own lets whoever starts a run give it a command,
an environment and a folder, which the worker takes as its own user; here they are fixed, and a run
that brings one is refused by the server.
"""


def open_variables(template: object) -> tuple[str, ...]:
    """What a work pool's template lets a run say of its own job, beside what ours does.

    >>> open_variables({"job_configuration": {"command": "{{ command }}", "env": {}}})
    ('command',)
    >>> open_variables(CLOSED_POOL)
    ()
    """
    jobs = template.get("job_configuration") if isinstance(template, Mapping) else None
    if not isinstance(jobs, Mapping):
        return ("anything",)
    fixed: Mapping[str, Any] = CLOSED_POOL["job_configuration"]
    return tuple(sorted(str(name) for name, said in jobs.items() if said != fixed.get(name)))


MODES: Final[Mapping[str, frozenset[Mode]]] = MappingProxyType(
    {
        "flows.cut.cut_document": frozenset({Mode.DRYRUN, Mode.LIVE}),
        "flows.cut.cut_live": frozenset({Mode.LIVE}),
        "flows.dry_run.dry_run": frozenset({Mode.DRYRUN}),
        "flows.rehearse.rehearse_document": frozenset({Mode.REHEARSE}),
    }
)
"""What the flows that read a document may do with it. Other flows read none."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a deployment may cut, and how. `document` None allows any, read in any way."""

    document: str | None
    reading: ReadingOptions
    modes: frozenset[Mode]


def table_of(home: Path) -> Path:
    """The table of deployments that counts for a home."""
    own = home / NAME
    return own if own.exists() else TABLE


@cache
def allowed_deployments(table: Path = TABLE) -> Mapping[str, Allowed]:
    """Every deployment that reads a document, by name.

    Raises `ConfigMismatch` if the table can not be read.
    """
    return MappingProxyType(
        {one["name"]: _allowed(one) for one in deployments(table) if one.get("entrypoint") in MODES}
    )


def deployments(table: Path = TABLE) -> list[dict[str, Any]]:
    """The table's deployments as they are written. Raises `ConfigMismatch`."""
    import yaml

    try:
        return list(yaml.safe_load(table.read_text(encoding="utf-8"))["deployments"])
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        raise ConfigMismatch(
            f"{table} can not be read as a table of deployments; put back the one of this version."
        ) from None


def _allowed(one: Mapping[str, Any]) -> Allowed:
    given: Mapping[str, Any] = one.get("parameters") or {}
    reading = {name: given.get(name, usual) for name, usual in AS_IT_IS.items()}
    return Allowed(given.get("document"), ReadingOptions(**reading), MODES[one["entrypoint"]])


def refuse_other_parameters(
    deployment: str | None,
    document: str,
    mode: Mode,
    reading: ReadingOptions = AS_IT_IS,
    table: Path = TABLE,
) -> None:
    """Raises `Refused` unless the deployment is known and this is what it is for.

    None is a run without a deployment.

    >>> refuse_other_parameters(None, "any.md", Mode.LIVE)
    """
    if not deployment:
        return
    allowed = allowed_deployments(table).get(deployment)
    if allowed is None:
        raise Refused(
            f"The deployment {deployment} is not known to this program; deploy from its own "
            f"prefect.yaml."
        )
    if mode not in allowed.modes:
        raise Refused(
            f"The deployment {deployment} may not run {mode}; it is for "
            f"{', '.join(sorted(allowed.modes))}."
        )
    if allowed.document is None:
        return
    if allowed.document != document:
        raise Refused(
            f"The deployment {deployment} is for {allowed.document}, not for {document}; use "
            f"the deployment cut."
        )
    for name, wanted in allowed.reading.items():
        if (given := getattr(reading, name)) != wanted:
            raise Refused(
                f"The deployment {deployment} reads its document with {name} {wanted}, not "
                f"{given}; "
                f"change {table} and run `cutter deploy`."
            )
