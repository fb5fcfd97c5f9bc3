"""Connections of the login that reads out units, and may see nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import SecretStr

from adapters.postgres.connection.session import PostgresConnections, SessionLimits
from domain.change_set import TargetFingerprint
from domain.ledger.privileges import READER
from domain.phases import Principal
from domain.ports import Credentials, Endpoint

LOGIN: Final[Mapping[Principal, str]] = dict.fromkeys(Principal, READER)
LIMITS: Final = SessionLimits(lock_timeout="2s", statement_timeout="60s")
"""Who reads waits for nobody for long."""


def reader_connections(
    endpoint: Endpoint, password: SecretStr, target: TargetFingerprint | None
) -> PostgresConnections:
    """Connects as `cutter_reader`, whoever is asked for, with the same checks of identity, target
    and server as any other connection.
    """
    login = Credentials(READER, password)
    return PostgresConnections(
        endpoint, lambda _principal: login, target=target, roles=LOGIN, limits=LIMITS
    )
