"""An upgrade of a knowledge base with 100,000 units, from the first release to this one, while
others read.

Run it with `python -m tests.bench.bench_upgrade [units]`. It prints how long the upgrade took, the
locks that it held, and the longest that a reader was kept waiting. Exit status 1 if a reader waited
longer than the bound.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.postgres.schema.upgrade import upgrade
from domain.phases import Principal
from tests.support.postgres import Database, prepared_cluster, running_server
from tests.support.releases import RELEASED, released_database

UNITS = 100_000
LONGEST = 2.0
"""Seconds that a reader may be kept waiting."""
FILL = """
SET session_replication_role = replica;
WITH made AS (SELECT n, gen_random_uuid() AS unit, gen_random_uuid() AS version,
    format('Article %%s. ', n) || repeat('The registry keeps what it was given, to whoever asks. ', 15) AS body
  FROM generate_series(1, %(units)s) AS n), versions AS (
  INSERT INTO public.unit_version (id, unit_id, version_no, title, body, body_sha256, actor)
    SELECT version, unit, 1, format('Article %%s', n), body, sha256(convert_to(body, 'UTF8')), 'bench' FROM made),
  blocks AS (INSERT INTO public.manifest_unit_block
      (envelope_id, start_char, end_char, canonical_address, seq, title_sha256, body_sha256)
    SELECT (SELECT envelope_id FROM public.manifest_envelope LIMIT 1), 10000000 + 2 * n, 10000001 + 2 * n,
      format('kept.law~art_%%s', 1000 + n), 1000 + n, sha256(''), sha256('') FROM made),
  rows AS (INSERT INTO public.cut_change_set_affected_row (change_set_id, seq, unit_id, version_id, action)
    SELECT (SELECT change_set_id FROM public.cut_change_set WHERE document_code = 'kept.law'), 1000000 + n, unit, version, 'created' FROM made)
INSERT INTO public.information_unit (id, canonical_address, document_code, unit_kind, section_type, publication_type,
    owner_ref, lifecycle, current_version_id, created_by, enacted_at)
  SELECT unit, format('kept.law~art_%%s', 1000 + n), 'kept.law', o.unit_kind, o.section_type,
    o.publication_type, o.owner_ref, 'enacted', version, 'bench', now()
  FROM made, (SELECT * FROM public.information_unit WHERE lifecycle = 'enacted' LIMIT 1) AS o;
RESET session_replication_role
"""
READ = {
    "a unit": "SELECT title, body FROM public.information_unit u JOIN public.unit_version v"
    " ON v.id = u.current_version_id WHERE canonical_address = 'kept.law~art_4501'",
    "all of them": "SELECT count(*) FROM public.information_unit",
}
LOCKS = (
    "SELECT DISTINCT c.relname::text, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
    " WHERE l.pid = %s AND l.granted AND c.relkind = 'r' AND c.oid >= 16384"
    " AND l.mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')"
)


@contextmanager
def _again_and_again(act: Callable[[], None]) -> Iterator[None]:
    """Act until the block ends, in a thread of its own."""
    over = threading.Event()

    def turn() -> None:
        while not over.wait(0.005):
            act()

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def measure(database: Database, units: int) -> float:
    """Upgrade, print what it took, and answer with the longest wait of a reader."""
    with database.connect(autocommit=True) as admin:
        for words in FILL.split(";"):
            admin.execute(words.encode(), {"units": units} if "%(units)s" in words else None)
        admin.execute("ANALYZE")
    with database.connect(Principal.EXEC, autocommit=True) as conn:
        conn.execute(
            "SELECT public.fn_halt('operator', 'x'), public.fn_permits_revoke('operator', 'x')"
        )
    waited: dict[str, float] = {}
    held: set[tuple[str, str]] = set()
    with (
        database.connect(autocommit=True) as admin,
        database.connect(autocommit=True) as looker,
        database.connect(autocommit=True) as one,
        database.connect(autocommit=True) as other,
    ):
        readers = dict(zip(READ, (one, other), strict=True))

        def read(what: str) -> None:
            began = time.monotonic()
            readers[what].execute(READ[what].encode()).fetchall()
            waited[what] = max(waited.get(what, 0.0), time.monotonic() - began)

        def look() -> None:
            held.update(looker.execute(LOCKS, (admin.info.backend_pid,)).fetchall())

        for what in READ:
            read(what)
        before = dict(waited)
        with (
            _again_and_again(lambda: read("a unit")),
            _again_and_again(lambda: read("all of them")),
            _again_and_again(look),
        ):
            pid = admin.info.backend_pid
            began, worked = time.monotonic(), _processor_seconds(pid)
            done = upgrade(admin, None)
            seconds = (time.monotonic() - began, _processor_seconds(pid) - worked)
    _print(units, seconds, done.rows, held, waited, before)
    return max(waited.values())


def _processor_seconds(pid: int) -> float:
    """Of a process on this machine (proc(5)): what the server itself works, whoever else does."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _print(
    units: int,
    seconds: tuple[float, float],
    rows: int,
    held: set[tuple[str, str]],
    waited: dict[str, float],
    before: dict[str, float],
) -> None:
    print(
        f"{units:,} units, {rows:,} rows kept: upgraded in {seconds[0]:.1f} s, of which the server "
        f"worked {seconds[1]:.1f} s"
    )
    for mode in sorted({mode for _, mode in held}):
        tables = sorted(name for name, of in held if of == mode)
        print(f"  {mode}: {', '.join(tables)}")
    for what, longest in waited.items():
        print(f"  reading {what}: {longest:.2f} s at the longest, {before[what]:.2f} s before")


def main() -> int:
    """Measure; 1 if a reader waited too long."""
    units = int(sys.argv[1]) if len(sys.argv) > 1 else UNITS
    with (
        running_server() as server,
        prepared_cluster(server) as cluster,
        released_database(cluster, RELEASED[0]) as database,
    ):
        longest = measure(database, units)
    print(f"A reader waited {longest:.2f} s at the longest (bound {LONGEST} s)")
    return int(longest > LONGEST)


if __name__ == "__main__":
    sys.exit(main())
