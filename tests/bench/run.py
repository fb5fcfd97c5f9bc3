"""Every measurement, one after the other: `make bench`. Exit status 1 if a bound is missed."""

from __future__ import annotations

import subprocess
import sys

BENCHES = (
    "bench_write",
    "bench_rehearsal",
    "bench_readers",
    "bench_compare",
    "bench_revise",
    "bench_release",
    "bench_workers",
    "bench_reading",
    "bench_export",
    "bench_api",
    "bench_prefect",
    "bench_backup",
    "bench_network",
    "bench_upgrade",
)


def main() -> int:
    """Run each in a process of its own, so that none inherits another's memory."""
    missed = []
    for bench in BENCHES:
        print(f"\n== {bench}", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.bench.{bench}"], check=False).returncode:
            missed.append(bench)
    print(f"\nBounds missed in: {', '.join(missed)}" if missed else "\nEvery bound is kept.")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
