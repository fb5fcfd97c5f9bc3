"""A worker of a release in a process of its own, for tests that end it:
`python -m tests.support.release_worker RELEASE ACTOR SECONDS`, in the environment of a home.
"""

from __future__ import annotations

import sys
from uuid import UUID

from tasks.app import current_app
from tasks.corpus.running import join_release, work_on


def main() -> None:
    """Work until every document has ended."""
    release, actor, seconds = sys.argv[1:]
    app = current_app()
    work_on(app, join_release(app, UUID(release), actor), seconds=float(seconds))


if __name__ == "__main__":
    main()
