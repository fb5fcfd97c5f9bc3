"""The process in which a PDF is opened: bytes in, lines out, and nothing else within its reach.

`python -I -m adapters.readers.pdf.child SECONDS BYTES` reads a PDF from its standard input and
writes one JSON object to its standard output: `refused` with a sentence, or the lines of the
document as `layout.LaidOut` has them, and `notices`. PDFium is a large program in C++ that reads
what a stranger wrote. So before the first byte is looked at, the process gives up what it does not
need: memory, time, files, further processes.
"""

from __future__ import annotations

import encodings.utf_16_le  # noqa: F401  # what the standard library would open when it is used
import heapq  # noqa: F401
import json
import os
import resource
import sys
from dataclasses import asdict

from adapters.readers.pdf.damage import check_whole
from adapters.readers.pdf.document import Notices, read_pages
from adapters.readers.pdf.layout import lay_out
from adapters.readers.pdf.rows import page_rows
from domain.errors import DocumentRefused


def main() -> None:
    """Read a PDF from the standard input."""
    seconds, memory = (int(argument) for argument in sys.argv[1:3])
    data = sys.stdin.buffer.read()
    give_up(seconds, memory)
    try:
        answer = read_lines(data)
    except DocumentRefused as refusal:
        answer = {"refused": str(refusal)}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())
    sys.stdout.flush()
    os._exit(0)  # PDFium's own end is of no use, and one more thing that could go wrong


def give_up(seconds: int, memory: int) -> None:
    """Let this process have so many seconds of a processor and bytes of memory, and let it open no
    file and no connection, write none, start no process and leave no picture of its memory.
    """
    for limit, value in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def read_lines(data: bytes) -> dict[str, object]:
    """The lines of a PDF. Raises `DocumentRefused`."""
    check_whole(data)
    notices = Notices()
    rows = [page_rows(page.glyphs) for page in read_pages(data, notices)]
    return {**asdict(lay_out(rows)), "notices": notices.pages}


if __name__ == "__main__":
    main()
