"""How a document is to be read: the options that decide which plan, and so which digest, it
gets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class RevisingOptions:
    """What a person says about a new version of a document that stands.

    `in_force_from` is a date or `unknown`, `dates` a file with the dates of single units, `matches`
    settle doubts (`OLD=NEW`), and `amended_by` is the amending act. None: nothing is said.
    """

    in_force_from: str | None = None
    dates: str | None = None
    matches: tuple[str, ...] = ()
    amended_by: str | None = None

    def __bool__(self) -> bool:
        """Whether anything is said."""
        return bool(self.in_force_from or self.dates or self.matches or self.amended_by)


NOTHING_SAID = RevisingOptions()


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What a person says about a document. None: the document itself says it, or it is detected.

    `granularity` is basic (articles or sections are units) or sub (paragraphs and points below them
    too). `revising` is for a new version of what stands. The same options have to be used for each
    run of one plan.
    """

    code: str | None = None
    profile: str | None = None
    granularity: str = "basic"
    publication_type: str | None = None
    owner_ref: str | None = None
    revising: RevisingOptions = NOTHING_SAID

    def items(self) -> Iterator[tuple[str, str | None]]:
        """Each option of how the document is read, by name: `revising` is none.

        >>> dict(ReadingOptions(code="x").items())["code"]
        'x'
        """
        names = (field.name for field in fields(self) if field.name != "revising")
        return ((name, getattr(self, name)) for name in names)


AS_IT_IS = ReadingOptions()
"""Nothing is said about the document."""


def revising_said(
    in_force_from: str | None,
    dates: str | None,
    matches: Sequence[str],
    amended_by: str | None,
) -> RevisingOptions:
    """The same for what only a revision asks for.

    >>> revising_said("", "", (), "") == NOTHING_SAID
    True
    """
    return RevisingOptions(in_force_from or None, dates or None, tuple(matches), amended_by or None)


def reading_said(
    code: str | None,
    profile: str | None,
    granularity: str,
    publication_type: str | None,
    owner_ref: str | None,
    revising: RevisingOptions = NOTHING_SAID,
) -> ReadingOptions:
    """What the fields of a form say: an empty one says nothing.

    >>> reading_said("", "vi", "basic", "", "") == ReadingOptions(profile="vi")
    True
    """
    return ReadingOptions(
        code or None,
        profile or None,
        granularity,
        publication_type or None,
        owner_ref or None,
        revising,
    )
