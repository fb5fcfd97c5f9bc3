"""Targets: documents that may be cut from Prefect's UI, how each is read, and when its dry run
begins. What counts is what somebody with SG_3 has signed; the last word about a name wins. Each
statement names the one before it, so that one which was taken away from among them is missed.

Pure. A target is not an approval: each live run of it still needs two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.approval.approvals import ApproverKey, SignatureCheck, said_by_sg_3
from domain.approval.dsse import Envelope
from domain.errors import BadInput, ConfigMismatch
from domain.reading.marks import Granularity
from domain.reading.options import AS_IT_IS, ReadingOptions
from domain.reading.vocabulary import PUBLICATION_TYPES

PAYLOAD_TYPE: Final = "application/vnd.iu-cutter.target+json;version=1"
WATCH: Final = "dry-run-"
LIVE: Final = "live-"
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Target:
    """A document under a name. `cron` is when its dry run begins, in UTC."""

    name: str
    document: str
    reading: ReadingOptions = AS_IT_IS
    cron: str = "15 2 * * *"

    @property
    def deployments(self) -> tuple[str, str]:
        """The names of its two deployments: the scheduled dry run, and the live run."""
        return f"{WATCH}{self.name}", f"{LIVE}{self.name}"

    def fields(self) -> dict[str, object]:
        """What is signed of it, and kept of a request."""
        said = {name: value for name, value in self.reading.items() if value is not None}
        return {"name": self.name, "document": self.document, "reading": said, "cron": self.cron}


@dataclass(frozen=True, slots=True)
class SignedTarget:
    """A target as it was last signed, by whom, and when. Without a target it was removed.

    `digest` is of the statement, and `after` of the one before it, if there was one.
    """

    target: Target | None
    person: str
    at: datetime
    digest: str
    after: str | None


def require_target_fields(target: Target) -> Target:
    """The same. Raises `BadInput` naming the first thing that can not be.

    >>> require_target_fields(Target("Our law", "laws/ours.md"))
    Traceback (most recent call last):
    ...
    domain.errors.BadInput: The name 'Our law' can not be a target's: write small letters, ...
    """
    if not _NAME.fullmatch(target.name) or len(target.name) > _LONGEST_NAME:
        raise BadInput(
            f"The name {target.name[:80]!r} can not be a target's: write small letters, digits and "
            f"single hyphens, such as water-act."
        )
    if not target.document.strip() or target.document == "-":
        raise BadInput("A target needs a document: a path on the worker's machine, or a URL.")
    if target.reading.granularity not in set(Granularity):
        raise BadInput("The granularity is basic or sub.")
    kind = target.reading.publication_type
    if kind is not None and kind not in PUBLICATION_TYPES:
        raise BadInput(
            f"{kind[:80]!r} is no publication type; choose of {', '.join(PUBLICATION_TYPES)}."
        )
    return target


def target_from(fields: Mapping[str, Any]) -> Target:
    """What `Target.fields` gave. Raises ValueError, KeyError or TypeError for anything else."""
    said = {name: str(fields["reading"][name]) for name in fields["reading"]}
    reading = ReadingOptions(
        said.pop("code", None),
        said.pop("profile", None),
        said.pop("granularity"),
        said.pop("publication_type", None),
        said.pop("owner_ref", None),
    )
    if said:
        raise ValueError("a target is read in a way that this version does not know")
    return Target(str(fields["name"]), str(fields["document"]), reading, str(fields["cron"]))


def statement(
    database: str,
    person: str,
    at: datetime,
    target: Target,
    after: str | None,
    *,
    removed: bool = False,
) -> dict[str, object]:
    """What is signed: that this may be cut from the UI of this database's home, or no longer.

    `after` is the digest of the statement before it.
    """
    return {
        "after": after,
        "database": database,
        "signed_by": person,
        "signed_at": at.isoformat(),
        "target": target.fields(),
        "removed": removed,
    }


def targets_that_count(
    envelopes: Iterable[Envelope],
    database: str,
    keys: Mapping[str, ApproverKey],
    is_valid: SignatureCheck,
) -> dict[str, SignedTarget]:
    """The last word about each name, by the statements that count.

    Raises what `statements_that_count` raises.
    """
    found: dict[str, SignedTarget] = {}
    for name, one in statements_that_count(envelopes, database, keys, is_valid):
        before = found.get(name)
        if before is None or before.at < one.at:
            found[name] = one
    return found


def statements_that_count(
    envelopes: Iterable[Envelope],
    database: str,
    keys: Mapping[str, ApproverKey],
    is_valid: SignatureCheck,
) -> list[tuple[str, SignedTarget]]:
    """Each name and what was signed about it: for this database, with a registered key that could
    sign for SG_3 at the time. What does not count is passed over.

    Raises `ConfigMismatch` if one that counts was signed after one that is not there: it may have
    removed what another has let in.
    """
    found = [
        counted
        for envelope in envelopes
        if (counted := _counted(envelope, database, keys, is_valid)) is not None
    ]
    digests = {one.digest for _, one in found}
    for name, one in found:
        if one.after is not None and one.after not in digests:
            raise ConfigMismatch(
                f"A signed statement about targets is missing: the one before that of {one.person} "
                f"about {name}, {one.at:%Y-%m-%d %H:%M} UTC. Bring state/targets back from a copy, "
                f"or empty it and have each target asked for and signed anew."
            )
    return found


def _counted(
    envelope: Envelope,
    database: str,
    keys: Mapping[str, ApproverKey],
    is_valid: SignatureCheck,
) -> tuple[str, SignedTarget] | None:
    said = said_by_sg_3(envelope, PAYLOAD_TYPE, "signed_at", keys, is_valid)
    if said is None or said.fields["database"] != database:
        return None
    target = target_from(said.fields["target"])
    kept, after = None if said.fields["removed"] else target, said.fields.get("after")
    return target.name, SignedTarget(kept, said.person, said.at, envelope.digest, after)
