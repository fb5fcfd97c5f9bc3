"""What two records share, taken by name, so that a list of fields is written once."""

from __future__ import annotations

from dataclasses import fields
from typing import Any


def fields_from(source: object, kind: type[Any]) -> dict[str, Any]:
    """The values that a source has for every field of a dataclass, by name; nothing is copied.

    >>> from domain.change_set import TargetFingerprint
    >>> fields_from(TargetFingerprint("kb", 1, 2), TargetFingerprint)
    {'database': 'kb', 'database_oid': 1, 'system_identifier': 2}
    """
    return {field.name: getattr(source, field.name) for field in fields(kind)}
