"""Claims keep two workers from one document, pass on when their time is over, and cost the same
however many documents have ended.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.postgres.permits.work import (
    WorkState,
    add_work,
    claim_next,
    end_claim,
    hold,
    unended,
    work_again,
)
from domain.phases import Principal
from tests.support.live import LiveBench, scalar
from tests.support.many import Many
from tests.support.postgres import Connection


@pytest.fixture
def worker(bench: LiveBench) -> Iterator[Connection]:
    """The executor's connection in autocommit, as workers have it."""
    with bench.connections.connect(Principal.EXEC) as conn:
        conn.autocommit = True
        yield conn


def test_each_document_is_claimed_once_and_a_silent_claim_first(
    bench: LiveBench, worker: Connection
) -> None:
    many = Many.of(bench, 4)
    key = many.approve().release_permit_id
    add_work(worker, key, many.release)

    def claimed(holder: str, seconds: float = 60) -> tuple[int, int] | None:
        found = claim_next(worker, key, holder, seconds)
        return None if found is None else (found.place, found.claims)

    assert [claimed("a"), claimed("b", 0), claimed("c")] == [(0, 1), (1, 1), (1, 2)]
    assert claimed("d") == (2, 1)
    assert hold(worker, key, 0, "a", 60)
    assert not hold(worker, key, 1, "b", 60), "it is another's by now"
    assert not end_claim(worker, key, 1, "b", WorkState.DONE), "who has it will say"
    assert end_claim(worker, key, 1, "c", WorkState.FAILED, "why")
    assert end_claim(worker, key, 0, "a", WorkState.DONE)
    assert not end_claim(worker, key, 0, "a", WorkState.DONE), "said once"
    assert unended(worker, key) == 2
    add_work(worker, key, many.release)  # as a run that is begun again does
    assert [claimed("e"), claimed("e")] == [(3, 1), None]
    assert [one.place for one in work_again(worker, key)] == [1]
    assert claimed("f") == (1, 3)


def test_what_another_worker_is_just_claiming_is_not_waited_for(
    bench: LiveBench, worker: Connection
) -> None:
    many = Many.of(bench, 2)
    key = many.approve().release_permit_id
    add_work(worker, key, many.release)
    with bench.connections.connect(Principal.EXEC) as other:
        first = claim_next(other, key, "a", 60)  # not committed yet
        second = claim_next(worker, key, "b", 60)
        assert first is not None
        assert second is not None
        assert (first.place, second.place) == (0, 1)
        assert claim_next(worker, key, "b", 60) is None


def test_a_claim_looks_only_among_what_has_not_ended(bench: LiveBench, worker: Connection) -> None:
    """Seen by the server's own count of rows: with all of them it would go through 5,000 a claim."""
    many = Many.of(bench, 1)
    key = many.approve().release_permit_id
    with bench.database.connect() as admin:
        admin.execute(
            "INSERT INTO release_work (release_permit_id, place, document_code, change_set_id, "
            "state) SELECT %s, n, 'd' || n, gen_random_uuid(), CASE WHEN n < 5000 THEN 'done' "
            "ELSE 'waiting' END FROM generate_series(0, 5099) n",
            (key,),
        )
    with worker.transaction():
        for _ in range(20):
            assert claim_next(worker, key, "a", 60) is not None
        read = scalar(
            worker,
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables "
            "WHERE relname = 'release_work'",
        )
    assert int(read) < 20 * 100
