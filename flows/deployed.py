"""What each deployment may do. A deployment's parameters are defaults that a person can edit, so the flow asks this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from domain.errors import Refused
from domain.phases import Mode


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a deployment may cut, and how. `document` None allows any."""

    document: str | None
    modes: frozenset[Mode]


_DRYRUN: Final = frozenset({Mode.DRYRUN})

ALLOWED: Final[Mapping[str, Allowed]] = MappingProxyType(
    {
        "cut": Allowed(None, frozenset({Mode.DRYRUN, Mode.LIVE})),
        "dry-run-safe-target": Allowed("documents/safe-target.md", _DRYRUN),
        "dry-run-lending-rules": Allowed("documents/lending-rules.txt", _DRYRUN),
    }
)
"""Every deployment of `prefect.yaml`; a test compares the two."""


def refuse_other_parameters(deployment: str | None, document: str, mode: Mode) -> None:
    """Raises `Refused` unless the deployment is known and this is what it is for. None is a run without a deployment.

    >>> refuse_other_parameters(None, "any.md", Mode.LIVE)
    """
    if not deployment:
        return
    allowed = ALLOWED.get(deployment)
    if allowed is None:
        raise Refused(f"The deployment {deployment} is not known to this program; deploy from its own prefect.yaml.")
    if mode not in allowed.modes:
        raise Refused(f"The deployment {deployment} may not run {mode}; it is for {', '.join(sorted(allowed.modes))}.")
    if allowed.document not in (None, document):
        raise Refused(f"The deployment {deployment} is for {allowed.document}, not for {document}; use the deployment cut.")
