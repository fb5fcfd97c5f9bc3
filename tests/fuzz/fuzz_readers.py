"""Feed made-up and damaged documents of every format to the readers, for a given time, and report
the first crash or hang.

Run it with `python -m tests.fuzz.fuzz_readers [seconds] [seed]`. Every document must be planned
without loss or refused by name, within five seconds. Exit status 1 with the document in hexadecimal
if one is not.
"""

from __future__ import annotations

import faulthandler
import sys
import time
import traceback
from dataclasses import dataclass
from typing import Final

from hypothesis import HealthCheck, Phase, given, seed, settings

from adapters.readers.by_content import read_document
from domain.errors import BadInput
from domain.plan.cut_plan import TargetDocument, build_plan
from domain.reading.marks import Granularity
from tests.fuzz.made_documents import Document, damaged, damaged_parts, made_pdf, made_up, made_xml

_SLOW: Final = 5.0
_HANG: Final = 60.0
_ROUND: Final = 500


@dataclass(slots=True)
class Tally:
    """What was tried and how it ended."""

    tried: int = 0
    planned: int = 0
    refused: int = 0
    slowest: float = 0.0


def try_document(document: Document, tally: Tally) -> None:
    """Plan a document both ways, which must not change its text.

    Raises whatever is not a refusal, `ValueError` for another text, and `TimeoutError` for what
    takes too long.
    """
    name, data = document
    begin = time.process_time()
    faulthandler.dump_traceback_later(_HANG, exit=True)
    texts = set()
    for granularity in Granularity:
        tally.tried += 1
        try:
            read = read_document(data, name=name, granularity=granularity)
            texts.add(read.text)
            build_plan(read, TargetDocument("fuzz"), source_name=name, granularity=granularity)
            tally.planned += 1
        except BadInput as error:
            tally.refused += 1
            if "not lossless" in str(error):
                raise
    if len(texts) > 1:
        raise ValueError(f"{name} has another text at each granularity")
    faulthandler.cancel_dump_traceback_later()
    seconds = time.process_time() - begin
    tally.slowest = max(tally.slowest, seconds)
    if seconds > _SLOW:
        raise TimeoutError(f"{name} took {seconds:.1f} s")


def fuzz_round(number: int, tally: Tally) -> None:
    """One round of a few hundred documents; a failing one is made smaller before it is raised."""
    failed: list[Document] = []

    @seed(number)
    @settings(
        max_examples=_ROUND,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(made_up() | damaged() | damaged_parts() | made_xml() | made_pdf())
    def attempt(document: Document) -> None:
        try:
            try_document(document, tally)
        except Exception:
            failed.append(document)
            raise

    try:
        attempt()
    except Exception:
        name, data = failed[-1]
        print(f"{name}: {data.hex()}")
        raise


def main() -> int:
    """Fuzz until the time is over; one line a round."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    tally, begin = Tally(), time.monotonic()
    while time.monotonic() - begin < seconds:
        try:
            fuzz_round(number, tally)
        except Exception:  # noqa: BLE001 - whatever it is, it is what we look for
            traceback.print_exc()
            return 1
        number += 1
        spent = time.monotonic() - begin
        print(
            f"{spent:6.0f} s  {tally.tried} tried, {tally.planned} planned, {tally.refused} "
            f"refused",
            end="  ",
        )
        print(f"slowest {tally.slowest:.2f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
