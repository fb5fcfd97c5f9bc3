"""The driver's types under a name of our own: what takes or hands on a connection need not import
the driver.
"""

from __future__ import annotations

from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
