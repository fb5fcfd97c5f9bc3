"""Give the Prefect server's database its tables: `python -m service.store_schema`, as the server's
own profile.

Prefect's migrations want the extension pg_trgm for seven indexes that speed up searching by a part
of a name. The embedded PostgreSQL has no extensions of that kind, so here those indexes are left
out; nothing else needs them (docs/adr/0002).
"""

from __future__ import annotations

from typing import Any, Final

import anyio
import anyio.to_thread
from prefect.server.database.alembic_commands import alembic_upgrade
from sqlalchemy import Engine, event

LEFT_OUT: Final = ("pg_trgm", "gin_trgm_ops")


def without_trigrams(
    _conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _executemany: bool
) -> tuple[str, Any]:
    """A statement as it is, or one that does nothing in the place of one that needs trigrams.

    >>> without_trigrams(None, None, "CREATE EXTENSION IF NOT EXISTS pg_trgm;", (), None, False)
    ('SELECT 1', ())
    """
    return (
        ("SELECT 1", ()) if any(word in statement for word in LEFT_OUT) else (statement, parameters)
    )


def main() -> None:
    """Bring the database to the newest schema; at the newest already, do nothing."""
    event.listen(Engine, "before_cursor_execute", without_trigrams, retval=True)
    anyio.run(_upgrade)


async def _upgrade() -> None:
    await anyio.to_thread.run_sync(
        alembic_upgrade
    )  # its scripts want a worker thread of a running event loop


if __name__ == "__main__":
    main()
