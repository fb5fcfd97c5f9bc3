"""The fields of the forms that a person fills in Prefect's UI: label, help, and what the form
accepts.

What is said here is for the form alone: whoever goes round it meets the flow's own refusals, in a
sentence.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from domain.phases import Mode
from domain.ports import EMBEDDED_MAJORS
from domain.reading.doubts import DOUBTS


def _form(label: str, help_text: str, **accepts: Any) -> Any:
    """Prefect labels a field with the parameter's bare name; what is said here comes after that,
    and so stays.
    """
    return Field(json_schema_extra={"title": label, "description": help_text, **accepts})


DocumentField = Annotated[
    str,
    _form(
        "Document",
        "A path on the worker's machine, a URL, or db:DOCUMENT_CODE for the text on record.",
        minLength=1,
    ),
]
ModeField = Annotated[
    Mode,
    _form(
        "Mode",
        (
            "DRYRUN writes nothing. LIVE writes for real: it needs the approval below and the "
            "kill-switch armed."
        ),
    ),
]
CodeField = Annotated[
    str | None,
    _form(
        "Document code",
        (
            "The first part of every address, such as house-rules.reading-room. Leave it out to "
            "have it found."
        ),
    ),
]
ProfileField = Annotated[
    str | None, _form("Structure profile", "Leave it out to have it detected.")
]
GranularityField = Annotated[
    str,
    _form(
        "Granularity",
        "basic: articles or sections are units. sub: paragraphs and points below them too.",
        enum=["basic", "sub"],
    ),
]
PublicationTypeField = Annotated[
    str | None, _form("Publication type", "law, constitution, decree, policy ...")
]
OwnerField = Annotated[str | None, _form("Owner", "Who answers for the document.")]
AttemptField = Annotated[
    int,
    _form(
        "Attempt",
        "1, and one more for each new cut of the same plan after a revert. As it was approved.",
        minimum=1,
    ),
]
ActorField = Annotated[
    str | None,
    _form(
        "Started by",
        (
            "Who is named in the ledger. For a live run the submitter that the approvals name, if "
            "left out."
        ),
    ),
]
AcceptDoubtsField = Annotated[
    list[str] | None,
    _form(
        "Accepted doubts",
        (
            "The code of each doubt of the plan, once somebody has looked at its lines. "
            "A plan with doubts is refused without; `cutter plan` names them."
        ),
        items={"type": "string", "enum": list(DOUBTS)},
    ),
]
NewBaselineField = Annotated[
    bool,
    _form(
        "Accept the plan as it is now",
        "Tick it once you have looked at the change: this plan is the baseline from then on.",
    ),
]
ReasonField = Annotated[str, _form("Reason", "Why, for the record.", minLength=1)]
ByField = Annotated[str | None, _form("Halted by", "Your name, for the record.")]
RunningTooField = Annotated[
    bool,
    _form(
        "Running ones too",
        "Count a change set as torn although the kill-switch is still armed for it.",
    ),
]

_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
ChangeSetField = Annotated[
    str,
    _form(
        "Change set",
        "What is to be reverted; `cutter status` lists the change sets.",
        pattern=f"^{_UUID}$",
    ),
]
RevertModeField = Annotated[
    Mode,
    _form(
        "Mode",
        "DRYRUN shows what would be withdrawn. REHEARSE does it and rolls it back. LIVE does "
        "it: it needs the approval below. "
        "The last two need the kill-switch armed.",
    ),
]
RevertAttemptField = Annotated[
    int,
    _form(
        "Attempt",
        "1, and one more if a revert of the same plan was superseded. As it was approved.",
        minimum=1,
    ),
]

PgMajorField = Annotated[
    int,
    _form(
        "PostgreSQL",
        "The major version of the server that is made for this run and destroyed.",
        enum=list(EMBEDDED_MAJORS),
    ),
]
BackupFileField = Annotated[
    str | None,
    _form(
        "Backup",
        (
            "A backup's path on the worker's machine, to restore; without it the run makes its own "
            "data."
        ),
        minLength=1,
    ),
]
ForbidField = Annotated[
    list[str] | None,
    _form(
        "Never touch",
        (
            "Databases that the run must not be given, each as NAME:OID@SYSTEM_IDENTIFIER; the "
            "registered target anyhow."
        ),
        items={"type": "string", "pattern": "^.+:[0-9]+@[0-9]+$"},
    ),
]

BackupNameField = Annotated[
    str | None,
    _form(
        "Backup",
        "The name of a file in the folder of backups; the newest one, if left out.",
        pattern="^[^/]+$",
    ),
]
FreshField = Annotated[bool, _form("Make one first", "Make a new backup and prove that one.")]
