"""Collect and keep a run's evidence: one bundle a run, sealed, however the run ended."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from adapters.evidence.files import encode
from adapters.evidence.seal import SealingKey, seal
from adapters.files import keep_bytes, make_folder
from adapters.home.runs import folder_of
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import server_version
from adapters.postgres.record.bundle_records import read_records
from domain.change_set import CutContext
from domain.errors import BadInput, CutterError
from domain.evidence.bundle import Bundle, Digests, LogLine, Records, RunFacts
from domain.fields import fields_from
from domain.phases import Phase
from domain.runs.run_plan import RunPlan, effect_of, kind_of

PREFIX: Final = "evidence-"
PROGRAMS: Final = ("iu-cutter", "prefect", "psycopg", "cryptography", "pydantic")


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended: the error that stopped it, if any, and what it has logged."""

    error: BaseException | None = None
    log: tuple[LogLine, ...] = ()


def keep_evidence(
    conn: Connection | None,
    runs: Path,
    ctx: CutContext,
    plan: RunPlan,
    signer: SealingKey,
    end: RunEnd = RunEnd(),
) -> Path:
    """Collect what is on record and keep it, sealed, as the next bundle below `runs/CHANGE_SET`;
    the bundle's folder.

    `conn` is the verifier's, idle and in autocommit; None if the database can not be asked: the
    bundle then says so. Raises `BadInput` if the folder can not be written, and what `read_records`
    raises if the database does not answer.
    """
    found, postgresql = None, ""
    if conn is not None:
        found = read_records(conn, ctx.change_set_id, ctx.document_code)
        postgresql = server_version(conn)
    folder, number = _next_folder(folder_of(runs, ctx.change_set_id))
    bundle = make_bundle(ctx, plan, found, end, number, postgresql)
    contents = encode(bundle)
    for name, content in contents.items():
        keep_bytes(folder / name, content)
    for name, content in seal(contents, str(ctx.change_set_id), bundle.stands, signer).items():
        keep_bytes(folder / name, content)
    return folder


def make_bundle(
    ctx: CutContext,
    plan: RunPlan,
    found: Records | None,
    end: RunEnd,
    number: int = 1,
    postgresql: str = "",
) -> Bundle:
    """The bundle of a run.

    `found` None means that the database was not asked; `postgresql` is the server's version.
    """
    on_record = found or Records()
    run = RunFacts(
        change_set_id=ctx.change_set_id,
        kind=kind_of(plan),
        mode=ctx.mode.value,
        document_code=ctx.document_code,
        plan_digest=ctx.plan_digest,
        target=str(ctx.target),
        attempt=ctx.attempt,
        actor=ctx.actor,
        run=number,
        database_asked=found is not None,
        stopped=_stopped(end.error),
        kept_at=datetime.now(UTC),
    )
    return Bundle(
        run=run,
        versions=versions(postgresql),
        plan=plan,
        digests=_digests(plan, on_record),
        log=end.log,
        **fields_from(on_record, Records),
    )


def versions(postgresql: str) -> dict[str, str]:
    """What the run was made with. A program that is not installed is left out."""
    found = {"python": platform.python_version(), "postgresql": postgresql}
    for name in PROGRAMS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def bundles_of(runs: Path, change_set_id: UUID) -> list[Path]:
    """The bundles of a change set, oldest first."""
    return sorted(_folders(folder_of(runs, change_set_id)), key=_number)


def _digests(plan: RunPlan, found: Records) -> Digests:
    enacted: Mapping[str, Any] = next(
        (row.result for row in found.results if row.phase == Phase.LIFECYCLE_ENACT), {}
    )
    approved = found.permits[-1].effect_digest if found.permits else None
    return Digests(
        plan=plan.plan_digest,
        source_text=plan.text_sha256,
        rows=found.change_set.record.rows_sha256
        if found.change_set and found.change_set.record
        else None,
        effect_planned=effect_of(plan),
        effect_approved=approved,
        effect_enacted=enacted.get("effect_digest"),
    )


def _stopped(error: BaseException | None) -> str | None:
    """One of our own sentences, which quote no secret; of any other error the name alone."""
    if error is None:
        return None
    return (
        str(error)
        if isinstance(error, CutterError)
        else f"The run was stopped by {type(error).__name__}."
    )


def _next_folder(parent: Path) -> tuple[Path, int]:
    """Make the next bundle's folder; of two processes one gets the next number after."""
    try:
        make_folder(parent)
        number = max(map(_number, _folders(parent)), default=0)
        while True:
            number += 1
            folder = parent / f"{PREFIX}{number:04}"
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                continue
            return folder, number
    except OSError as error:
        raise BadInput(
            f"{parent} can not be written: {error.strerror}. Make room there or set CUTTER_HOME."
        ) from None


def _folders(parent: Path) -> Iterable[Path]:
    return (
        path for path in parent.glob(f"{PREFIX}*") if path.name.removeprefix(PREFIX).isdecimal()
    )


def _number(folder: Path) -> int:
    return int(folder.name.removeprefix(PREFIX))
