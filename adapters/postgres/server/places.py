"""Where a home keeps its embedded server: in the home, or beside it if root's server user can not
get there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from adapters.postgres.server.os_user import reachable_home

OUTSIDE: Final = Path("/var/lib/cutter-embedded")
"""Used when this process is root and the home lies in a folder that is closed to the user
PostgreSQL runs as.
"""


def embedded_folder(home: Path) -> Path:
    """The folder of a home's embedded PostgreSQL. One that holds a server stays where it is."""
    within = home / "postgres"
    if (within / "ready").exists():
        return within
    own = hashlib.sha256(str(home.absolute()).encode()).hexdigest()[:12]
    return reachable_home(within, OUTSIDE / own)
