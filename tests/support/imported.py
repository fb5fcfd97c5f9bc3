"""What a command imports, looked at in a process of its own: absolute times are the machine's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Mapping
from typing import Final

ONLY_FOR_RUNS: Final = frozenset(
    {
        "adapters.evidence.files",
        "adapters.readers.engine",
        "adapters.simulator",
        "fastapi",
        "jinja2",
        "lxml",
        "mcp",
        "prefect",
        "rapidfuzz",
        "selectolax",
        "uvicorn",
        "yaml",
    }
)
"""What takes long to import, and who only looks needs none of."""
ONLY_FOR_WRITING: Final = frozenset(
    {
        "cli.control.commands",
        "cli.documents.commands",
        "cryptography",
        "domain.approval.approvals",
        "domain.evidence.bundle",
        "domain.revision.plan",
        "rich.table",
        "rich.tree",
        "tomllib",
    }
)
"""What somebody who reads out a unit needs none of either."""
DATABASE: Final = frozenset({"psycopg", "cryptography", "psutil"})
"""What a command needs once there is a knowledge base to ask."""

_PROGRAM: Final = (
    "import sys\nsys.argv = ['cutter', *sys.argv[1:]]\nfrom cli.main import main\n"
    "try:\n main()\nexcept SystemExit:\n pass\nprint(*sys.modules)"
)


def imported(
    arguments: Collection[str], of: Collection[str], environment: Mapping[str, str] | None = None
) -> set[str]:
    """Which of these modules are imported once the command has ended."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env=environment,
    )
    return set(done.stdout.splitlines()[-1].split()) & set(of)
