"""What a document says of itself beside its title, and where its code is from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CodeFrom(StrEnum):
    """Where the code of a document is from, in words that a person reads."""

    SAID = "as was said"
    STORED = "as the knowledge base has it"
    DOCUMENT = "as the document says"
    WORK = "of the work that the document says it is"
    FILE_NAME = "of the file's name alone; --code says another"


@dataclass(frozen=True, slots=True)
class Imprint:
    """The number as printed and the day as YYYY-MM-DD, each "" where the document has none."""

    number: str = ""
    dated: str = ""
    code_from: CodeFrom = CodeFrom.SAID


NO_IMPRINT: Final = Imprint()
