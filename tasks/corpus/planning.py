"""Plan a corpus: what is new or changed, what was found before, and the release of all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

from adapters.corpus import Corpus, Source
from adapters.files import keep_bytes
from adapters.home.plans import plan_is_kept
from adapters.home.proposals import keep_proposal, kept_proposal
from adapters.home.target import require_target
from adapters.releases import (
    PAGE,
    Kept,
    folder_of_release,
    keep_looked,
    keep_release,
    kept_looked,
)
from adapters.review_page.release import render_release
from domain.digests import records_sha256
from domain.reading.options import ReadingOptions
from domain.release.looked import Found, Looked, of_the_release, without_the_same_code
from domain.release.manifest import Release, release_of
from domain.reports.proposal import Stage
from tasks.app import App
from tasks.corpus.one import Answer, Job
from tasks.records.knowledge_base import status
from tasks.records.proposals import standings

PROGRAM: Final = "iu-cutter"
_LEFT_OUT: Final = {
    Stage.BEGUN: Found.BEGUN,
    Stage.DONE: Found.STANDS,
    Stage.WITHDRAWN: Found.WITHDRAWN,
    Stage.DECLINED: Found.DECLINED,
}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a run of `cutter corpus plan` will do: which documents it plans, and which it takes as
    they were found before.
    """

    corpus: Corpus
    key: str
    new: tuple[Job, ...]
    changed: tuple[Job, ...]
    same: Mapping[str, Kept]
    gone: tuple[str, ...]
    marks: Mapping[str, str] = field(repr=False)
    history: Mapping[str, str] = field(repr=False)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The documents to plan."""
        return (*self.new, *self.changed)


@dataclass(frozen=True, slots=True)
class Planned:
    """A corpus that was planned: every document by its place, and the release of those that are
    ready; None if none is.
    """

    looked: tuple[Looked, ...]
    release: Release | None
    manifest: Path | None = None
    page: Path | None = None


def foresee(
    app: App,
    corpus: Corpus,
    reading: ReadingOptions,
    actor: str,
    in_force_from: str | None = None,
    *,
    anew: bool = False,
) -> Foreseen:
    """Find out what has to be planned; `anew` takes nothing as it was found before, and
    `in_force_from` is said of each that is a new version.

    A document is as before while its bytes, the options, this program, the target and what is on
    record of it in the knowledge base are. Raises `ConfigMissing` without a registered target, and
    a connection's refusal.
    """
    state, target = app.settings.state, str(require_target(app.settings.state))
    key = records_sha256([(str(corpus.place), repr(reading), target)])[:16]
    before = kept_looked(state, key)
    history = _histories(app)
    jobs, marks, same = list[Job](), dict[str, str](), dict[str, Kept]()
    for source in corpus.sources:
        job = Job(source.place, replace(reading, code=source.code), actor, in_force_from)
        marks[job.source] = _bytes_mark(source)
        kept = before.get(job.source)
        if kept and not anew and _is_same(state, kept, _mark(marks, job, kept.looked, history)):
            same[job.source] = kept
        else:
            jobs.append(job)
    return Foreseen(
        corpus,
        key,
        tuple(job for job in jobs if job.source not in before),
        tuple(job for job in jobs if job.source in before),
        same,
        tuple(sorted(before.keys() - marks.keys())),
        marks,
        history,
    )


def remember(app: App, foreseen: Foreseen, answers: Iterable[Answer]) -> dict[str, Kept]:
    """Keep what was found, also what was found until something ended the rest; by source.

    Raises `BadInput` if the home can not be written.
    """
    jobs = {job.source: job for job in foreseen.jobs}
    kept = dict(foreseen.same)
    for answer in answers:
        looked = answer.looked
        mark = _mark(foreseen.marks, jobs[looked.source], looked, foreseen.history)
        kept[looked.source] = Kept(mark, looked, answer.proposal)
    lasting = {name: one for name, one in kept.items() if one.looked.found is not Found.LOST}
    keep_looked(app.settings.state, foreseen.key, lasting)
    return kept


def release_all(app: App, foreseen: Foreseen, kept: Mapping[str, Kept]) -> Planned:
    """Propose what is ready, and make the release: manifest and page.

    Raises `BadInput` if the home can not be written, and a connection's refusal.
    """
    state = app.settings.state
    found = [kept[one.place].looked for one in foreseen.corpus.sources if one.place in kept]
    looked = without_the_same_code(found)
    _propose(state, [kept[one.source] for one in looked if one.found is Found.READY])
    looked = _as_they_stand(app, looked)
    effects = of_the_release(looked)
    if not effects:
        return Planned(tuple(looked), None)
    release = release_of(effects)
    manifest = keep_release(state, release)
    page = folder_of_release(state, release.release_id) / PAGE
    keep_bytes(page, render_release(release, looked, page.parent, app.clock()).encode())
    return Planned(tuple(looked), release, manifest, page)


def _propose(state: Path, ready: Iterable[Kept]) -> None:
    """Keep the proposals that are not kept yet. What is the same stays, withdrawn or not."""
    for one in ready:
        there = kept_proposal(state, one.looked.code)
        if one.proposal and not (there and there.change_set_id == one.proposal.change_set_id):
            keep_proposal(state, one.proposal)


def _as_they_stand(app: App, looked: Iterable[Looked]) -> list[Looked]:
    """The same, without those that were withdrawn, declined or begun by themselves."""
    every, state = list(looked), app.settings.state
    proposals = [
        proposal
        for one in every
        if one.found is Found.READY and (proposal := kept_proposal(state, one.code))
    ]
    stages = {one.proposal.change_set_id: one for one in standings(app, proposals)}
    for place, one in enumerate(every):
        standing = stages.get(one.effect.change_set_id) if one.effect else None
        if standing is not None and (found := _LEFT_OUT.get(standing.stage)):
            every[place] = replace(one, found=found, why=standing.next_step, effect=None)
    return every


def _histories(app: App) -> dict[str, str]:
    """What is on record of each document: its change sets and how far they are."""
    found: dict[str, list[str]] = {}
    for one in status(app):
        found.setdefault(one.document_code, []).append(f"{one.change_set_id} {one.status}")
    return {code: "; ".join(sorted(lines)) for code, lines in found.items()}


def _bytes_mark(source: Source) -> str:
    """The hash of a file; "" for what is elsewhere or can not be read: it is planned each time."""
    try:
        with Path(source.place).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


def _mark(contents: Mapping[str, str], job: Job, looked: Looked, history: Mapping[str, str]) -> str:
    """The hash of all that what was found depends on; "" where that can not be told."""
    if not (content := contents[job.source]):
        return ""
    on_record, said = history.get(looked.code, ""), repr((job.reading, job.in_force_from))
    return records_sha256([(version(PROGRAM), content, said, on_record)])


def _is_same(state: Path, kept: Kept, mark: str) -> bool:
    return bool(mark) and kept.mark == mark and _is_there(state, kept.looked)


def _is_there(state: Path, looked: Looked) -> bool:
    """Whether what was kept of a document still is; a doubtful one may have been accepted since."""
    if looked.found is Found.DOUBTFUL:
        kept = kept_proposal(state, looked.code)
        return kept is None or not kept.accepted
    if looked.effect is None or looked.found is not Found.READY:
        return looked.found is not Found.WITHDRAWN
    effect, kept = looked.effect, kept_proposal(state, looked.code)
    return (
        (kept is None or kept.change_set_id == effect.change_set_id)
        and plan_is_kept(state, effect.document_code, effect.plan_digest)
        and Path(looked.page).exists()
    )
