"""Writing a law of 2,500 units as Akoma Ntoso, JSON, Markdown and HTML, and reading the first again.

Run it with `python -m tests.bench.bench_export`. Exit status 1 if a bound is missed. Processor
seconds of the fastest of some rounds: what else the machine does counts little.
"""

from __future__ import annotations

import random
import sys
from functools import partial
from typing import Final

from adapters.readers.by_content import read_document
from adapters.writers.formats import written
from domain.digests import text_sha256
from domain.units.formats import Format
from domain.units.records import DocumentText, UnitText, VersionFacts
from tests.bench.bench_compare import ARTICLES, fastest
from tests.support.amended import made_law

BOUND: Final = 1.5


def main() -> int:
    """Measure and print; 1 if a bound is missed."""
    law = made_law(random.Random(3), ARTICLES)  # noqa: S311 - repeatable text, no secret
    units = tuple(
        UnitText(
            unit.address,
            unit.title,
            unit.body,
            text_sha256(unit.body),
            unit.unit_kind,
            "container" if unit.unit_kind == "chapter" else "body",
            unit.parent,
            VersionFacts(1),
        )
        for unit in law.units
    )
    document = DocumentText("made.law", "A made law", "law", "registry", units)
    taken = {to: fastest(partial(written, document, to)) for to in Format}
    akn = written(document, Format.AKN).encode()
    again = fastest(lambda: read_document(akn, name="law.xml"))
    said = ", ".join(f"{to.value} {seconds:.2f} s" for to, seconds in taken.items())
    print(f"{len(units):,} units: {said} (bound {BOUND}); Akoma Ntoso read again {again:.2f} s")
    return int(max(*taken.values(), again) > BOUND)


if __name__ == "__main__":
    sys.exit(main())
