"""A backup beside its floor: the same programs joined by a shell, without checks, manifest, row
hashes, signature or fsync.

Run it with `python -m tests.bench.bench_backup [megabytes]`. It prints the ratio of medians taken
in turns, since times alone are noise, and MB of database a second in the best round, the one that
the rest of the machine has disturbed least. Exit status 1 if a bound is missed, 2 without the
program zstd, which the floor needs.
"""

from __future__ import annotations

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
from tests.support.keys import Keyring, keyring
from tests.support.postgres import Database, fresh_database, prepared_cluster, running_server

FLOOR_BOUND = 0.5  # of the floor's speed
SPEED_BOUND = 150.0  # MB of database a second, on two cores
ROUNDS = 5


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


def timed(
    action: Callable[[Database, Keyring, Path], None],
    database: Database,
    ring: Keyring,
    folder: Path,
) -> float:
    """Seconds that an action takes."""
    start = time.perf_counter()
    action(database, ring, folder)
    return time.perf_counter() - start


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
        with database.connect() as admin:
            row = admin.execute("SELECT pg_database_size(current_database()) / 1e6").fetchone()
        size = float(row[0]) if row else 0.0
        taken: dict[str, list[float]] = {"floor": [], "ours": []}
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(ROUNDS):
                taken["floor"].append(timed(floor, database, ring, Path(folder)))
                taken["ours"].append(timed(ours, database, ring, Path(folder)))
    ratio = statistics.median(taken["floor"]) / statistics.median(taken["ours"])
    speed, plain = (size / min(taken[name]) for name in ("ours", "floor"))
    print(  # a bench prints
        f"{size:.0f} MB database: backup at {ratio:.2f} of its floor's speed (bound "
        f"{FLOOR_BOUND}), "
        f"{speed:.0f} MB/s (bound {SPEED_BOUND:.0f}; floor {plain:.0f})"
    )
    return int(ratio < FLOOR_BOUND or speed < SPEED_BOUND)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
