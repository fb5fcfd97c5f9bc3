"""What is written stays: the writers have no way to delete, and say so."""

from __future__ import annotations

from typing import NoReturn

from domain.errors import AppendOnlyViolation


class AppendOnly:
    """For writers of the ledger and of units: whoever looks for a way to take something away finds
    a refusal.
    """

    def delete(self, *what: object) -> NoReturn:
        """Raises `AppendOnlyViolation`, always."""
        raise AppendOnlyViolation(
            "Nothing is ever deleted: a committed cut is undone by a revert, which adds a "
            "change set."
        )

    def truncate(self, *what: object) -> NoReturn:
        """Raises `AppendOnlyViolation`, always."""
        raise AppendOnlyViolation(
            "No table is ever truncated: a committed cut is undone by a revert, which adds a "
            "change set."
        )
