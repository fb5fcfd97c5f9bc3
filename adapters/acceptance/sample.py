"""The documents that the acceptance run cuts: made here, small, in more than one script, with a gap
in front.
"""

from __future__ import annotations

from typing import Final

from domain.plan.cut_plan import CutPlan, TargetDocument, build_plan
from domain.reading.marks import Granularity, Level, Mark, ReadDocument

PREAMBLE: Final = "By the assembly, for the acceptance run, this law is given.\n"
CHAPTERS: Final = ("General", "Điều khoản thi hành")
ARTICLES_A_CHAPTER: Final = 4


def sample_plan(code: str) -> CutPlan:
    """A checked plan of two chapters with four articles each, and a gap.

    >>> len(sample_plan("acceptance.sample").rows)
    10
    """
    text, marks = PREAMBLE, []
    for number, title in enumerate(CHAPTERS, start=1):
        heading = f"Chapter {number} {title}\n"
        marks.append(_mark(text, heading, Level.CONTAINER, "chapter", str(number), title, None))
        chapter, text = len(marks) - 1, text + heading
        for article in range(
            (number - 1) * ARTICLES_A_CHAPTER + 1, number * ARTICLES_A_CHAPTER + 1
        ):
            body = (
                f"Article {article}. Duty {article}\n§ {article}: người giữ sổ – the keeper – "
                f"enters it.\n"
            )
            marks.append(
                _mark(text, body, Level.BASIC, "article", str(article), f"Duty {article}", chapter)
            )
            text += body
    read = ReadDocument(text=text, marks=tuple(marks), reader="acceptance", profile="en")
    document = TargetDocument(code, owner_ref="acceptance", title="A law for the acceptance run")
    return build_plan(read, document, source_name="acceptance", granularity=Granularity.BASIC)


def _mark(
    text: str, body: str, level: Level, kind: str, number: str, title: str, parent: int | None
) -> Mark:
    return Mark(
        len(text),
        len(text) + len(body),
        level,
        kind,
        f"{kind.title()} {number}",
        number,
        title,
        parent,
    )
