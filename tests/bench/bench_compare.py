"""Comparing two versions of a law of 2,500 units, and setting the difference on a page.

Run it with `python -m tests.bench.bench_compare`. Exit status 1 if a bound is missed. Processor
seconds of the fastest of some rounds: what else the machine does counts little.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from adapters.likeness import RapidLikeness
from adapters.review_page.comparison import render_comparison
from domain.revision.compare import compare
from domain.revision.units import Version
from tests.support.amended import amended, made_law

ARTICLES: Final = 2_320  # and a chapter for every twelve
ROUNDS: Final = 5
COMPARE_BOUND: Final = 1.0
PAGE_BOUND: Final = 2.0


def fastest(run: Callable[[], object]) -> float:
    """Processor seconds of the fastest round."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        run()
        best = min(best, time.process_time() - begin)
    return best


def afresh(version: Version) -> Version:
    """The same version, with nothing of it computed yet."""
    return Version(version.document_code, version.name, version.units)


def main() -> int:
    """Measure and print; 1 if a bound is missed."""
    dice = random.Random(3)  # noqa: S311 - repeatable text, no secret
    made = amended(made_law(dice, ARTICLES), dice)
    likeness = RapidLikeness()
    compared = fastest(lambda: compare(afresh(made.old), afresh(made.new), likeness).digest)
    some = compare(made.old, made.new, likeness)
    page = fastest(lambda: render_comparison(some, likeness, datetime.now(UTC)))
    every = Version(
        "made.law",
        "changed",
        tuple(u._replace(body=u.body.replace("The ", "This ")) for u in made.new.units),
    )
    rewritten = compare(made.old, every, likeness)
    whole = fastest(lambda: render_comparison(rewritten, likeness, datetime.now(UTC)))
    units = len(made.old.units)
    print(
        f"{units:,} units: compared in {compared:.2f} s (bound {COMPARE_BOUND}), the page in "
        f"{page:.2f} s, and {whole:.2f} s where every unit is changed (bound {PAGE_BOUND})"
    )
    return int(compared > COMPARE_BOUND or max(page, whole) > PAGE_BOUND)


if __name__ == "__main__":
    sys.exit(main())
