"""The feed of changes and whole texts: nothing is missed, nothing is told twice, and every text that
was ever enacted can be had again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from adapters.postgres.units.reader import PostgresUnits, units_of_one_moment
from domain.errors import CutterError, DatabaseUnsuitable, UnitNotFound
from domain.phases import Kind, Phase
from domain.plan.cut_plan import CutPlan
from tests.support.boundaries import Moment, watched
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Connection, Database
from tests.support.reverts import revert_adapter, revert_of, revert_plan, reverted, run_revert
from tests.support.revising import cut_first, revised, revision_adapter
from tests.support.revisions import CODE, OLD, harbour_plan, new_texts
from tests.support.rig import terminate


@contextlib.contextmanager
def reading(bench: LiveBench) -> Iterator[PostgresUnits]:
    """As the reader's login reads."""
    with bench.database.reader() as conn:
        conn.read_only = True
        with units_of_one_moment(conn, str(bench.target)) as reader:
            yield reader


def text_of(plan: CutPlan) -> str:
    """The text that a plan rebuilds."""
    pieces = [(row.start, row.body) for row in plan.rows]
    pieces += [(gap.start, gap.text) for gap in plan.gaps]
    return "".join(text for _, text in sorted(pieces))


def test_each_text_that_was_enacted_comes_back_byte_for_byte(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    old, new = harbour_plan(sorted(OLD.items())), harbour_plan(new_texts())
    first = cut_first(bench, old)
    second, *_ = revised(bench, new)
    with reading(bench) as reader:
        assert reader.whole_text(CODE).text == text_of(new)
        assert reader.whole_text(CODE, first.change_set_id).text == text_of(old)
    reverted(bench, second.change_set_id)
    with reading(bench) as reader:
        assert reader.whole_text(CODE).text == text_of(old)
        assert reader.whole_text(CODE, second.change_set_id).text == text_of(new), "also reverted"
        with pytest.raises(UnitNotFound, match="No change set"):
            reader.whole_text(CODE, UUID(int=7))
        with pytest.raises(UnitNotFound, match=r"No no\.such"):
            reader.whole_text("no.such")


def test_a_text_that_is_not_what_was_enacted_is_not_given(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    cut_first(bench, harbour_plan(sorted(OLD.items())))
    with database.connect(autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE public.unit_version SET body = body || ' and more' WHERE id = ("
                      " SELECT id FROM public.unit_version LIMIT 1)")  # fmt: skip
    with reading(bench) as reader, pytest.raises(DatabaseUnsuitable, match="cutter audit"):
        reader.whole_text(CODE)


def test_the_feed_tells_each_change_once_and_in_order(database: Database, tmp_path: Path) -> None:
    bench = live_bench(database, tmp_path)
    cut_first(bench, harbour_plan(sorted(OLD.items())))
    second, *_ = revised(bench, harbour_plan(new_texts()))
    with reading(bench) as reader:
        before = reader.changes(CODE)
    reverted(bench, second.change_set_id)
    with reading(bench) as reader:
        after = reader.changes(CODE)
        assert reader.changes(CODE, len(before)) == after[len(before) :]
        assert reader.changes(CODE, 0, 3) == after[:3]
        assert reader.changes() == after
        stands = {one.address: one.body_sha256 for one in reader.document(CODE).units}
    assert after[: len(before)] == before, "a number that was given stays"
    assert [one.seq for one in after] == list(range(1, len(after) + 1))
    kinds = [one.kind for one in after]
    assert kinds[:6] == ["created"] * 6
    assert set(kinds[6 : len(before)]) == {"revised"}
    assert set(kinds[len(before) :]) <= {"restored", "withdrawn"}
    kept = {one.address: one.body_sha256 for one in after}
    assert {address: sha for address, sha in kept.items() if sha} == stands


@dataclass
class Consumer:
    """Keeps what it has heard, and where it is."""

    bench: LiveBench
    code: str
    heard: list[int] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)

    def poll(self) -> None:
        with reading(self.bench) as reader:
            found = reader.changes(self.code, self.heard[-1] if self.heard else 0)
        self.heard += [one.seq for one in found]
        for one in found:
            if one.body_sha256:
                self.kept[one.address] = one.body_sha256
            else:
                self.kept.pop(one.address, None)

    def stands(self) -> dict[str, str]:
        """What it should have kept."""
        with reading(self.bench) as reader:
            return {one.address: one.body_sha256 for one in reader.document(self.code).units}


@pytest.mark.slow
@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.UNREAD])
def test_nothing_is_missed_or_doubled_wherever_enacting_dies(
    database: Database, tmp_path: Path, moment: Moment
) -> None:
    """The backend is ended at every statement of the phase, COMMIT included, and the run resumed."""
    bench = live_bench(database, tmp_path)
    with database.reader() as ear:
        ear.execute("LISTEN cutter_unit_change")
        told = 0
        for wanted in count(1):
            plan = made_plan(3, code=f"law.n{wanted}")
            consumer = Consumer(bench, plan.document_code)
            ctx = bench.context(plan)
            run_phases(bench.adapter, ctx, plan, until=Phase.WRITE_VERIFY)
            consumer.poll()
            assert consumer.heard == [], "nothing before it is enacted"
            enact = partial(bench.new_adapter().lifecycle_enact, ctx, plan)
            died = dies_at(database, wanted, moment, enact)
            consumer.poll()
            bench.new_adapter().lifecycle_enact(ctx, plan)
            consumer.poll()
            consumer.poll()
            assert consumer.heard == list(range(1, len(plan.rows) + 1)), (wanted, moment)
            notices = list(ear.notifies(timeout=30, stop_after=1))
            notices += list(ear.notifies(timeout=0))
            assert [one.payload for one in notices] == [plan.document_code], (wanted, moment)
            told += 1
            if not died:
                break
    assert told >= 3, "the phase has statements to die at"


@pytest.mark.slow
@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.UNREAD])
@pytest.mark.parametrize("kind", [Kind.REVISION, Kind.REVERT])
def test_nothing_is_missed_or_doubled_wherever_a_revision_or_a_revert_dies(
    database: Database, tmp_path: Path, kind: Kind, moment: Moment
) -> None:
    bench = live_bench(database, tmp_path)
    texts = sorted(OLD.items()), new_texts()
    cut_first(bench, harbour_plan(texts[0]))
    consumer = Consumer(bench, CODE)
    consumer.poll()
    with database.reader() as ear:
        ear.execute("LISTEN cutter_unit_change")
        for wanted in count(1):
            new = texts[wanted % 2] if kind is Kind.REVISION else texts[1]  # a revert goes back
            last = until_verified(bench, kind, harbour_plan(new), wanted)
            list(ear.notifies(timeout=0))
            consumer.poll()
            before = len(consumer.heard)
            died = dies_at(database, wanted, moment, last)
            consumer.poll()
            last()
            consumer.poll()
            consumer.poll()
            assert consumer.heard == list(range(1, len(consumer.heard) + 1)), (wanted, moment)
            assert len(consumer.heard) > before, "what is enacted is told"
            assert consumer.kept == consumer.stands(), (wanted, moment)
            notices = list(ear.notifies(timeout=5, stop_after=1))
            notices += list(ear.notifies(timeout=0))
            assert [one.payload for one in notices] == [CODE], (wanted, moment)
            if not died:
                break
    assert wanted > 3, "the phase has statements to die at"


def until_verified(
    bench: LiveBench, kind: Kind, new: CutPlan, attempt: int
) -> Callable[[], object]:
    """A revision, or the revert of one, all but its last phase: what does that, each time by an
    adapter of its own.
    """
    if kind is Kind.REVISION:
        ctx, plan, _ = revised(bench, new, attempt=attempt, until=Phase.WRITE_VERIFY)
        return lambda: revision_adapter(bench).lifecycle_enact(ctx, plan)
    reverts, *_ = revised(bench, new, attempt=attempt)
    revert = revert_plan(bench, reverts.change_set_id)
    own = revert_of(bench, revert)
    run_revert(revert_adapter(bench), own, revert, Phase.WRITE_VERIFY)
    return lambda: revert_adapter(bench).lifecycle_enact(own, revert)


def dies_at(database: Database, wanted: int, moment: Moment, act: Callable[[], object]) -> bool:
    """Whether the statement was reached. What is done then ends with its backend, or goes on."""
    reached = False

    def watcher(conn: Connection, seen: int, at: Moment) -> None:
        nonlocal reached
        if not reached and seen >= wanted and at is moment:  # in a pipeline not each is waited for
            reached = True
            terminate(database.cluster.server, conn, moment)

    with watched(watcher), contextlib.suppress(CutterError):
        act()
    return reached


def test_what_was_known_at_a_time_is_read_out(database: Database, tmp_path: Path) -> None:
    bench = live_bench(database, tmp_path)
    cut_first(bench, harbour_plan(sorted(OLD.items())))
    between = now(database)
    second, *_ = revised(bench, harbour_plan(new_texts()))
    amended = now(database)
    reverted(bench, second.change_set_id)
    address = f"{CODE}~art_2"
    with reading(bench) as reader:
        assert "twelve" in reader.unit(address).body
        assert "twelve" in reader.unit(address, known_at=between).body
        assert "fourteen" in reader.unit(address, known_at=amended).body
        assert [u.body for u in reader.document(CODE, None, amended).units] == [
            row.body for row in harbour_plan(new_texts()).rows
        ]
        with pytest.raises(UnitNotFound, match="known at"):
            reader.unit(address, known_at=datetime(2001, 1, 1, tzinfo=UTC))
    with database.reader() as conn:
        for known, word in ((between, "twelve"), (amended, "fourteen"), (None, "twelve")):
            at = "'infinity'" if known is None else "%(known)s"
            query = f"SELECT body FROM cutter.fn_iu_at(%(address)s, current_date, {at})"
            row = conn.execute(query.encode(), {"address": address, "known": known}).fetchone()
            assert row is not None
            assert word in row[0]
        texts = conn.execute(
            "SELECT body FROM cutter.fn_iu_document_at(%s, current_date, %s)", (CODE, amended)
        ).fetchall()
        kin = conn.execute("SELECT from_address FROM cutter.v_lineage").fetchall()
        found = conn.execute("SELECT count(*) FROM cutter.fn_iu_history(%s)", (address,)).fetchone()
    assert [body for (body,) in texts] == [row.body for row in harbour_plan(new_texts()).rows]
    assert kin, "what was renumbered has a lineage"
    assert found == (2,), "the version that was reverted is in the history"


def now(database: Database) -> datetime:
    """The server's time."""
    with database.connect() as admin:
        row = admin.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    found: datetime = row[0]
    return found
