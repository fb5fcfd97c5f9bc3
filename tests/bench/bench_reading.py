"""Reading out of 100,000 units of five versions each: as of a day on the server, one address and a
law of 500 units, the law against the plainest query that reads as many texts by the same indexes;
and one unit from the shell by `cutter show`, against the floors beside it, `psql` with the same
question and a Python that does nothing.

Run it with `python -m tests.bench.bench_reading`. Exit status 1 if a bound is missed. The server's
own times and those of the shell, each of the fastest of some rounds. From the shell processor time
counts, of the command and of what it starts; the clock, which also counts what else the machine
does, is said beside it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from adapters.postgres.server.binaries import binaries
from tests.support.knowledge import home_of_reader
from tests.support.postgres import (
    Connection,
    Database,
    fresh_database,
    prepared_cluster,
    running_server,
    wheel_major,
)

DOCUMENTS: Final = 200
UNITS: Final = 500
VERSIONS: Final = 5
ADDRESS_BOUND: Final = 0.2
"""Milliseconds for one address; 0.1 is the aim."""
DOCUMENT_BOUND: Final = 25.0
"""Milliseconds for a law of 500 units; 5 is the aim."""
SHELL_BOUND: Final = 0.5
"""Seconds for one unit, from the shell."""
SHELL_ROUNDS: Final = 15
ADDRESS: Final = f"law.{DOCUMENTS // 2}~art_{UNITS // 2}"
ASKED: Final = f"SELECT title, body, version_no FROM cutter.v_unit WHERE address = '{ADDRESS}'"

PLAINEST: Final = """
SELECT count(v.body) INTO STRICT found FROM public.information_unit u
  JOIN public.unit_version v ON v.unit_id = u.id AND v.version_no = 3
 WHERE u.document_code = 'law.' || (n % 200 + 1);
"""
"""Reads a law's bodies at a version that is known: nothing is chosen, and the ledger is not asked."""

# The rows stand in the order in which change sets write them: every law's first version, then its next.
FILLED: Final = """
SET session_replication_role = replica;
CREATE TEMP TABLE law AS SELECT d, 'law.' || d AS code FROM generate_series(1, {documents}) d;
CREATE TEMP TABLE step AS
  SELECT l.code, n, md5('e' || l.d || ' ' || n)::uuid AS entry_id, md5('c' || l.d || ' ' || n)::uuid AS set_id,
         md5('m' || l.d || ' ' || n)::uuid AS envelope_id, timestamptz '2026-01-01' + n * interval '1 day' AS moment
    FROM law l, generate_series(1, {versions}) n;
CREATE TEMP TABLE piece AS
  SELECT l.code, u, md5('u' || l.d || ' ' || u)::uuid AS unit_id, l.code || '~art_' || u AS address FROM law l, generate_series(1, {units}) u;
INSERT INTO public.information_unit (id, canonical_address, document_code, unit_kind, section_type, publication_type, owner_ref,
    lifecycle, current_version_id, created_by)
  SELECT unit_id, address, code, 'article', 'body', 'law', 'o', 'enacted', md5(address || ' ' || {versions})::uuid, 'x' FROM piece ORDER BY code, u;
INSERT INTO public.unit_version (id, unit_id, version_no, title, body, body_sha256, actor, in_force_from, replaces, unit_kind, section_type)
  SELECT md5(address || ' ' || n)::uuid, unit_id, n, 'Article ' || u, t.body, sha256(t.body::bytea), 'x',
         CASE WHEN n > 1 THEN date '2026-01-01' + n * 30 END, CASE WHEN n > 1 THEN md5(address || ' ' || n - 1)::uuid END,
         CASE WHEN n > 1 THEN 'article' END, CASE WHEN n > 1 THEN 'body' END
    FROM piece, generate_series(1, {versions}) n, LATERAL (SELECT repeat(address || ' ' || n || ' ', 20) AS body) t
    ORDER BY n, code, u;
INSERT INTO cutter.decision_backlog_entry (entry_id, change_set_id, document_code, plan_digest, attempt, kind, status, opened_by)
  SELECT entry_id, set_id, code, repeat('0', 64), 1, CASE n WHEN 1 THEN 'cut' ELSE 'revision' END, 'enacted', 'x' FROM step;
INSERT INTO cutter.decision_backlog_history (document_code, chain_no, entry_id, from_status, to_status, actor, payload_sha256,
    recorded_at, previous_sha256, row_sha256)
  SELECT code, n * 5 + k, entry_id, NULL, (ARRAY['marked', 'reviewed', 'cut_applied', 'verified_complete', 'enacted'])[k], 'x',
         repeat('0', 64), moment, '', '' FROM step, generate_series(1, 5) k;
INSERT INTO cutter.manifest_envelope (envelope_id, entry_id, plan_digest, text_sha256, unit_blocks, gap_blocks)
  SELECT envelope_id, entry_id, repeat('0', 64), repeat('0', 64), {units}, 0 FROM step;
INSERT INTO cutter.manifest_unit_block (envelope_id, start_char, end_char, canonical_address, seq, title_sha256, body_sha256)
  SELECT s.envelope_id, p.u * 10, p.u * 10 + 10, p.address, p.u, '', '' FROM step s JOIN piece p USING (code)
  ORDER BY s.n, s.code, p.u;
INSERT INTO cutter.cut_change_set (change_set_id, entry_id, envelope_id, decision_id, document_code, plan_digest, target, attempt,
    unit_count, rows_sha256, actor, executor_signature_id, verifier_signature_id, status)
  SELECT set_id, entry_id, envelope_id, entry_id, code, repeat('0', 64), 't', 1, {units}, repeat('0', 64), 'x', entry_id, entry_id,
         'verified_complete' FROM step;
INSERT INTO cutter.cut_change_set_affected_row (change_set_id, seq, unit_id, version_id, action)
  SELECT s.set_id, p.u, p.unit_id, md5(p.address || ' ' || s.n)::uuid, CASE s.n WHEN 1 THEN 'created' ELSE 'revised' END
    FROM step s JOIN piece p USING (code) ORDER BY s.n, s.code, p.u;
SET session_replication_role = origin;
"""

TIMED: Final = """
DO $$
DECLARE
  began timestamptz;
  taken numeric;
  best numeric := 'infinity';
  found record;
BEGIN
  FOR round IN 1 .. {rounds} LOOP
    began := clock_timestamp();
    FOR n IN 1 .. {calls} LOOP
      {call}
    END LOOP;
    taken := extract(epoch FROM clock_timestamp() - began) * 1000 / {calls};
    best := least(best, taken);
  END LOOP;
  PERFORM set_config('bench.best', round(best, 4)::text, false);
END $$
"""


def filled(admin: Connection) -> None:
    """Every unit with all its versions, each enacted by a change set of its own."""
    words = FILLED.format(documents=DOCUMENTS, units=UNITS, versions=VERSIONS)
    admin.execute(words.encode())
    admin.execute("ANALYZE")


def milliseconds(conn: Connection, call: str, calls: int, rounds: int = 60) -> float:
    """Of one call on the server, in the fastest of many short rounds."""
    conn.execute(TIMED.format(call=call, calls=calls, rounds=rounds).encode())
    row = conn.execute("SELECT current_setting('bench.best')").fetchone()
    assert row is not None
    return float(row[0])


def main() -> int:
    """Measure and print; 1 if a bound is missed."""
    with (
        running_server() as server,
        prepared_cluster(server) as cluster,
        fresh_database(cluster) as database,
    ):
        with database.connect(autocommit=True) as admin:
            filled(admin)
        with database.reader() as conn:
            one = milliseconds(
                conn,
                "SELECT f.version_no INTO STRICT found FROM cutter.fn_iu_at('law.' || (n % 200 + 1)"
                " || '~art_' || (n % 500 + 1), '2026-04-15') f;",
                50,
            )
            law = milliseconds(
                conn,
                "SELECT count(f.body) INTO STRICT found"
                " FROM cutter.fn_iu_document_at('law.' || (n % 200 + 1), '2026-04-15') f;",
                2,
            )
        with database.connect(autocommit=True) as admin:
            plainest = milliseconds(admin, PLAINEST, 2)
        show, psql, nothing = from_the_shell(database)
    print(
        f"{DOCUMENTS * UNITS:,} units x {VERSIONS} versions, as of a day: one address {one:.3f} ms"
        f" (bound {ADDRESS_BOUND}), a law of {UNITS} units {law:.2f} ms (bound {DOCUMENT_BOUND}),"
        f" {law / plainest:.1f} x the plainest query ({plainest:.2f} ms)"
    )
    print(
        f"from the shell: `cutter show` {show.processor:.2f} s of processor time (bound "
        f"{SHELL_BOUND}), {show.clock:.2f} s by the clock, "
        f"{show.clock / psql.clock:.1f} x psql ({psql.clock:.2f} s), "
        f"{show.clock / nothing.clock:.1f} x a Python that does nothing ({nothing.clock:.2f} s)"
    )
    return int(one > ADDRESS_BOUND or law > DOCUMENT_BOUND or show.processor > SHELL_BOUND)


class Taken(NamedTuple):
    """The seconds that a command has taken: of the processors, and by the clock."""

    processor: float
    clock: float


def from_the_shell(database: Database) -> tuple[Taken, Taken, Taken]:
    """What `cutter show` takes, psql with the same question, and a Python that does nothing."""
    with tempfile.TemporaryDirectory() as folder:
        environment = home_of_reader(database, Path(folder))
        return (
            fastest([sys.executable, "-m", "cli.main", "show", ADDRESS], environment),
            fastest(
                [str(binaries(wheel_major()).tool("psql")), "-X", "-q", "-c", ASKED],
                {**os.environ, **libpq(database)},
            ),
            fastest([sys.executable, "-c", "print()"], os.environ),
        )


def libpq(database: Database) -> dict[str, str]:
    """The same login for psql."""
    reader = database.cluster.reader
    return {
        "PGHOST": database.endpoint.host,
        "PGPORT": str(database.endpoint.port),
        "PGDATABASE": database.endpoint.database,
        "PGUSER": reader.user,
        "PGPASSWORD": reader.password.get_secret_value(),
    }


def fastest(command: Sequence[str], environment: Mapping[str, str]) -> Taken:
    """What a command takes, each in the best of some rounds."""
    processor, clock = list[float](), list[float]()
    for _ in range(SHELL_ROUNDS):
        before, began = processor_time(), time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        clock.append(time.perf_counter() - began)
        processor.append(processor_time() - before)
        assert done.returncode == 0, done.stderr
        assert done.stdout
    return Taken(min(processor), min(clock))


def processor_time() -> float:
    """The seconds that all processes which this one has started and that have ended have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
