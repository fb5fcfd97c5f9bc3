"""A service of libpq's connection service file (PostgreSQL manual, section 34.17)."""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from domain.errors import ConfigMismatch

NO_SERVICE: Final[Mapping[str, str]] = {}
USERS: Final = "~/.pg_service.conf"
SYSTEMS: Final = "pg_service.conf"


def read_service(name: str) -> Mapping[str, str]:
    """What the file says of a service: the user's (or the one of PGSERVICEFILE), then the system's
    in PGSYSCONFDIR.

    Raises `ConfigMismatch` if neither names it, or one can not be read.
    """
    places = [Path(os.environ.get("PGSERVICEFILE") or USERS).expanduser()]
    if folder := os.environ.get("PGSYSCONFDIR"):
        places.append(Path(folder) / SYSTEMS)
    for place in places:
        services = _services(place)
        if services.has_section(name):
            return dict(services[name])
    raise ConfigMismatch(
        f"DOT_CUTTER_DB_SERVICE is {name!r}, and no such service is in "
        f"{' or '.join(map(str, places))}; name it there, or set the DOT_CUTTER_DB_ keys."
    )


def _services(place: Path) -> configparser.ConfigParser:
    services = configparser.ConfigParser(
        interpolation=None, delimiters=("=",), comment_prefixes=("#",), default_section="\0"
    )
    try:
        services.read(place, encoding="utf-8")
    except (OSError, ValueError, configparser.Error):
        raise ConfigMismatch(f"The service file {place} can not be read as one.") from None
    return services
