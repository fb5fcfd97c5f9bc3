"""Rows become types by the names of their columns, in whatever order these stand."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from adapters.postgres.connection.rows import read_all
from tests.support.postgres import Database


class InOrder(NamedTuple):
    """The columns as the statement has them."""

    role: str
    database: str
    database_oid: int
    system_identifier: int
    version: int
    standby: bool


class InAnother(NamedTuple):
    """The same in another order."""

    standby: bool
    version: int
    system_identifier: int
    database_oid: int
    database: str
    role: str


class OneLess(NamedTuple):
    role: str


def test_a_named_tuple_is_made_by_the_names_of_its_columns(database: Database) -> None:
    with database.connect() as conn:
        (one,) = read_all(conn, InOrder, "session_identity")
        (other,) = read_all(conn, InAnother, "session_identity")
        with pytest.raises(TypeError):
            read_all(conn, OneLess, "session_identity")
    assert type(one) is InOrder
    assert one._asdict() == other._asdict()
    assert one.database == database.name
