"""A backup and its proof beside their floors: the same programs joined by a shell, without checks,
manifest, row hashes, signature or fsync.

A proof begins and ends with a throwaway server, whatever the size; so it is measured at two sizes,
and what is compared is what more text takes.

Run it with `python -m tests.bench.bench_backup [megabytes]`. It prints the ratio of medians taken
in turns, since times alone are noise, and MB of database a second in the best round, the one that
the rest of the machine has disturbed least. Exit status 1 if a bound is missed, 2 without the
program zstd, which the floor needs.
"""

from __future__ import annotations

import os
import random
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

from adapters.keys.gpg import encrypt_command, gpg_environment
from adapters.keys.signing import Ed25519Signer, new_private_key
from adapters.postgres.backups.backup import PgDumpBackup
from adapters.postgres.backups.dump_pipe import ZSTD_LEVEL
from adapters.postgres.backups.pgpass import child_login
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.server.binaries import client_binaries
from domain.ledger.privileges import SCHEMAS
from domain.phases import Principal
from tests.support.backups import BackupBench
from tests.support.keys import Keyring, keyring
from tests.support.live import live_bench, scalar
from tests.support.postgres import (
    Cluster,
    Database,
    fresh_database,
    prepared_cluster,
    running_server,
)

FLOOR_BOUND = 0.5  # of the floor's speed
SPEED_BOUND = 150.0  # MB of database a second, on two cores
PROOF_BOUND = 3.0  # times what pg_restore of the same takes: each row is read and hashed once more
ROUNDS = 5
PROOF_ROUNDS = 3


def fill(database: Database, megabytes: int) -> None:
    """A table of text that zstd packs to a fifth, as it does laws (a fourth to a sixth): recurring
    phrases of common words.
    """
    dice = random.Random(20)  # noqa: S311  # repeatable text, no secret
    letters = "etaoinshrdlucmfwypvbg"
    words = [
        "".join(dice.choices(letters, weights=range(len(letters), 0, -1), k=dice.randint(2, 11)))
        for _ in range(4000)
    ]
    phrases = [
        " ".join(dice.choices(words, [1 / (rank + 1) for rank in range(len(words))], k=6))
        for _ in range(20_000)
    ]
    weights = list(accumulate((rank + 1) ** -0.5 for rank in range(len(phrases))))
    with database.connect() as admin:
        admin.execute("CREATE TABLE public.filling (id uuid PRIMARY KEY, body text)")
        admin.execute("GRANT SELECT ON public.filling TO cutter_exec")
        with admin.cursor() as cursor, cursor.copy("COPY public.filling FROM STDIN") as copy:
            for _ in range(megabytes * 1_000_000 // 1000):
                copy.write_row(
                    (uuid.uuid4(), ", ".join(dice.choices(phrases, cum_weights=weights, k=22)))
                )


def floor(database: Database, ring: Keyring, folder: Path) -> None:
    """The plain pipe, by a shell."""
    with database.connect() as admin:
        programs = client_binaries(admin.info.server_version // 10_000)
    only = [f"--schema={schema}" for schema in SCHEMAS]
    dump = shlex.join([str(programs.tool("pg_dump")), "-Fc", "-Z0", *only])
    out = folder / "floor"
    pipe = (
        f"{dump} | zstd -q -{ZSTD_LEVEL} -c | {shlex.join(encrypt_command(ring.fingerprint))} "
        f"> {shlex.quote(str(out))}"
    )
    with child_login(database.endpoint, database.credentials(Principal.EXEC)) as child:
        env = {**child.env, **gpg_environment(ring.home)}
        subprocess.run(["/bin/sh", "-c", pipe], env=env, pass_fds=child.pass_fds, check=True)
    out.unlink()


def ours(database: Database, ring: Keyring, folder: Path) -> None:
    """The backup as a cut makes it."""
    with database.connect() as admin:
        target = read_fingerprint(admin)
    signer = Ed25519Signer(new_private_key())
    PgDumpBackup(
        database.endpoint,
        database.credentials,
        folder / "ours",
        ring.fingerprint,
        signer=signer,
        gnupg_home=ring.home,
    ).make(target)
    shutil.rmtree(folder / "ours")


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def restored_plainly(bench: BackupBench, backup: Path) -> None:
    """The floor of a proof: decrypted, decompressed and restored into a database of the server."""
    with bench.database.connect(autocommit=True) as admin:
        admin.execute("CREATE DATABASE plain")
        programs = client_binaries(admin.info.server_version // 10_000)
    server = bench.database.cluster.server
    into = ["-h", server.host, "-p", str(server.port), "-U", server.admin.user, "-d", "plain"]
    decrypt = shlex.join(["gpg", "--batch", "-q", "-d", str(backup)])
    restore = shlex.join([str(programs.tool("pg_restore")), *into])
    env = {
        **os.environ,
        **gpg_environment(bench.ring.home),
        "PGPASSWORD": server.admin.password.get_secret_value(),
    }
    pipe = f"{decrypt} | zstd -d -q | {restore}"
    done = subprocess.run(["/bin/sh", "-c", pipe], env=env, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0 or b"errors ignored" in done.stderr, done.stderr  # public is there
    with bench.database.connect(autocommit=True) as admin:
        admin.execute("DROP DATABASE plain")


def proof_times(cluster: Cluster, ring: Keyring, megabytes: int) -> tuple[float, float, float]:
    """Seconds of the floor and of a proof at this size, medians, and the database's megabytes."""
    with fresh_database(cluster) as database, tempfile.TemporaryDirectory() as folder:
        fill(database, megabytes)
        bench = BackupBench(
            database, live_bench(database, Path(folder)), ring, Path(folder) / "backups"
        )
        backup = Path(bench.back_up().path)
        taken: dict[str, list[float]] = {"floor": [], "proof": []}
        for _ in range(PROOF_ROUNDS):
            taken["floor"].append(timed(lambda: restored_plainly(bench, backup)))
            taken["proof"].append(timed(lambda: bench.drill().prove(backup)))
        plain, proof = map(statistics.median, taken.values())
        return plain, proof, size_of(database)


def measure_proof(cluster: Cluster, ring: Keyring, megabytes: int) -> bool:
    """Print what a proof takes; whether its bound is missed."""
    plain, proof, size = proof_times(cluster, ring, megabytes)
    little_plain, little_proof, little = proof_times(cluster, ring, megabytes // 5)
    more = (proof - little_proof) / (plain - little_plain)
    speed = (size - little) / (proof - little_proof)
    print(
        f"{size:.0f} MB database: proof {proof:.1f} s, of {little:.0f} MB {little_proof:.1f} s; what "
        f"lies between takes {more:.2f} x pg_restore of the same (bound {PROOF_BOUND}), "
        f"{speed:.0f} MB/s"
    )
    return more > PROOF_BOUND


def size_of(database: Database) -> float:
    """Megabytes on the server's disk."""
    with database.connect() as admin:
        return float(scalar(admin, "SELECT pg_database_size(current_database()) / 1e6"))


def main(megabytes: int) -> int:
    """Print the ratio and the speed; 1 if one is below its bound."""
    if shutil.which("zstd") is None:
        print("The floor needs the program zstd. Install it and run again.")  # a bench prints
        return 2
    with (
        running_server() as server,
        prepared_cluster(server) as cluster,
        fresh_database(cluster) as database,
        keyring() as ring,
    ):
        fill(database, megabytes)
        size = size_of(database)
        taken: dict[str, list[float]] = {"floor": [], "ours": []}
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(ROUNDS):
                taken["floor"].append(timed(lambda: floor(database, ring, Path(folder))))
                taken["ours"].append(timed(lambda: ours(database, ring, Path(folder))))
        missed = measure_proof(cluster, ring, megabytes)
    ratio = statistics.median(taken["floor"]) / statistics.median(taken["ours"])
    speed, plain = (size / min(taken[name]) for name in ("ours", "floor"))
    print(  # a bench prints
        f"{size:.0f} MB database: backup at {ratio:.2f} of its floor's speed (bound "
        f"{FLOOR_BOUND}), "
        f"{speed:.0f} MB/s (bound {SPEED_BOUND:.0f}; floor {plain:.0f})"
    )
    return int(missed or ratio < FLOOR_BOUND or speed < SPEED_BOUND)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
