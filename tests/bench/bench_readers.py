"""Reading and planning beside what else one could run over the same text.

Run it with `python -m tests.bench.bench_readers`, and with a folder of laws behind it to have the
XML files in there measured as well. Ratios of the fastest of several rounds, taken in turns in one
process, since times alone are noise. Prints a table with the bound beside each ratio: what holds
today, so that it is seen to get worse, and the aim where that is further. Exit status 1 if a bound
is missed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from langchain_text_splitters import MarkdownHeaderTextSplitter
from lxml import etree

from adapters.collector import collector_paused
from adapters.readers.by_content import read_document
from domain.plan.cut_plan import CutPlan, TargetDocument, build_plan
from domain.reading.marks import Granularity
from tests.bench.law_texts import akn_law, html_law, markdown_law, plain_law

ROUNDS: Final = 5
MEGABYTE: Final = 1_000_000
_FORMATS: Final = {
    "law.txt": plain_law,
    "law.md": markdown_law,
    "law.html": html_law,
    "law.xml": akn_law,
}
_HEADING: Final = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+)?(?:Chapter|Article|Section|Part)[ \t]+(\d+[a-z]?)\b\.?[ \t]*(.*)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One ratio with its bound. `at_least` says on which side of the bound it must be."""

    what: str
    ratio: float
    bound: float
    at_least: bool
    aim: float | None = None

    @property
    def met(self) -> bool:
        """True if the bound is kept."""
        return self.ratio >= self.bound if self.at_least else self.ratio <= self.bound


def plan(data: bytes, name: str) -> CutPlan:
    """A checked plan of a document's bytes, as `plan_document` makes it."""
    with collector_paused():
        read = read_document(data, name=name)
        return build_plan(
            read, TargetDocument("bench"), source_name=name, granularity=Granularity.BASIC
        )


def fastest(*runs: Callable[[], object]) -> list[float]:
    """Processor seconds of the fastest round of each, taken in turns: what else the machine does
    counts little.
    """
    best = [float("inf")] * len(runs)
    for _ in range(ROUNDS):
        for i, run in enumerate(runs):
            begin = time.process_time()
            run()
            best[i] = min(best[i], time.process_time() - begin)
    return best


def against_splitter() -> Measured:
    """Our plan of a Markdown law against a splitter that only cuts at its headings."""
    text = markdown_law(MEGABYTE)
    data = text.encode()
    splitter = MarkdownHeaderTextSplitter(
        [("#", "chapter"), ("##", "article")], strip_headers=False
    )
    ours, theirs = fastest(lambda: plan(data, "law.md"), lambda: splitter.split_text(text))
    return Measured(
        "Markdown: throughput against MarkdownHeaderTextSplitter",
        theirs / ours,
        0.9,
        at_least=True,
        aim=3.0,
    )


def against_pattern() -> Measured:
    """Our plan of a plain law against one compiled pattern that scans it."""
    text = plain_law(MEGABYTE)
    data = text.encode()
    ours, theirs = fastest(
        lambda: plan(data, "law.txt"), lambda: [m.span() for m in _HEADING.finditer(text)]
    )
    return Measured(
        "plain text: throughput against one compiled pattern",
        theirs / ours,
        0.06,
        at_least=True,
        aim=0.15,
    )


def against_parser() -> Measured:
    """Our plan of an Akoma Ntoso law against lxml parsing it."""
    data = akn_law(MEGABYTE).encode()
    ours, theirs = fastest(lambda: plan(data, "law.xml"), lambda: etree.fromstring(data))
    return Measured(
        "XML: throughput against lxml parsing it", theirs / ours, 0.09, at_least=True, aim=0.3
    )


def against_parser_over(folder: Path) -> Measured:
    """Our plans of the XML laws in a folder against lxml parsing them, all together."""
    ours = theirs = 0.0
    files = sorted(folder.glob("*.xml"))
    for file in files:
        data = file.read_bytes()
        own, other = fastest(partial(plan, data, file.name), partial(etree.fromstring, data))
        ours, theirs = ours + own, theirs + other
    return Measured(
        f"XML: the same over {len(files)} files of {folder.name}",
        theirs / ours,
        0.12,
        at_least=True,
        aim=0.25,
    )


def linearity(name: str) -> Measured:
    """Ten megabytes against one, which is read ten times in a row: what disturbs the machine meets
    both for as long.
    """
    small, large = (_FORMATS[name](size).encode() for size in (MEGABYTE, 10 * MEGABYTE))
    ones, ten = fastest(lambda: [plan(small, name) for _ in range(10)], lambda: plan(large, name))
    return Measured(
        f"{name}: time for 10 MB against 1 MB",
        ten / ones * 100 * len(small) / len(large),
        11.0,
        at_least=False,
    )


def memory(name: str) -> Measured:
    """What planning adds to the peak memory of a process, the document's bytes included, against
    the text; in a child.
    """
    with tempfile.TemporaryDirectory() as folder:
        for file, size in ((name, 10 * MEGABYTE), (f"small.{name}", MEGABYTE // 100)):
            (Path(folder) / file).write_bytes(_FORMATS[name](size).encode())
        command = [
            sys.executable,
            "-m",
            "tests.bench.bench_readers",
            "--memory",
            str(Path(folder) / name),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    added, size = (int(number) for number in done.stdout.split())
    return Measured(
        f"{name}: peak memory against the text, 10 MB", added / size, 12.0, at_least=False
    )


def print_memory(path: Path) -> None:
    """Print how many bytes reading and planning a file added to the peak memory of this process,
    and the bytes of its text.
    """
    plan(
        path.with_name(f"small.{path.name}").read_bytes(), path.name
    )  # imports, patterns and caches are not the text's
    before = peak_memory()
    found = plan(path.read_bytes(), path.name)
    after = peak_memory()
    text = sum(len(row.body.encode()) for row in found.rows) + sum(
        len(gap.text.encode()) for gap in found.gaps
    )
    print(after - before, text)


def peak_memory() -> int:
    """The peak memory of this process in bytes (Linux).

    `getrusage` would count the parent's, which a child begins with.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def main() -> int:
    """Measure everything and print the table."""
    if sys.argv[1:2] == ["--memory"]:
        print_memory(Path(sys.argv[2]))
        return 0
    rows = [against_splitter(), against_pattern(), against_parser()]
    rows += [against_parser_over(Path(folder)) for folder in sys.argv[1:]]
    rows += [linearity(name) for name in _FORMATS]
    rows += [memory(name) for name in _FORMATS]
    for row in rows:
        sign = ">=" if row.at_least else "<="
        aim = f" (aim {row.aim})" if row.aim else ""
        print(
            f"{row.what:60} {row.ratio:8.3f}  {sign} {row.bound:<6} "
            f"{'ok' if row.met else 'MISSED'}{aim}"
        )
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
