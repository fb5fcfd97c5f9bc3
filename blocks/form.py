"""The fields of the forms that a person fills in Prefect's UI: label, help, and what the form
accepts.

What is said here is for the form alone: whoever goes round it meets the flow's own refusals, in a
sentence.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from domain.phases import Mode
from domain.ports import EMBEDDED_MAJORS
from domain.reading.doubts import DOUBTS
from domain.reading.vocabulary import PUBLICATION_TYPES


def _form(label: str, help_text: str, **accepts: Any) -> Any:
    """Prefect labels a field with the parameter's bare name; what is said here comes after that,
    and so stays.
    """
    return Field(json_schema_extra={"title": label, "description": help_text, **accepts})


Text = Annotated[str, BeforeValidator(lambda said: said or "")]
"""A text that may be left out: an empty field in the form, and no choice between a text and
nothing.
"""
Texts = Annotated[tuple[str, ...], BeforeValidator(lambda said: said or ())]
"""Several texts, or none."""

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
    Text,
    _form(
        "Document code",
        "The first part of every address, such as house-rules.reading-room. Empty: the document "
        "says it.",
    ),
]
ProfileField = Annotated[
    Text, _form("Structure profile", "Such as en, de or vi. Empty: it is detected.")
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
    Text,
    _form("Publication type", "Empty: the document says it.", enum=["", *PUBLICATION_TYPES]),
]
OwnerField = Annotated[
    Text, _form("Owner", "Who answers for the document. Empty: the document says it.")
]
AttemptField = Annotated[
    int,
    _form(
        "Attempt",
        "1, and one more for each new cut of the same plan after a revert. As it was approved.",
        minimum=1,
    ),
]
ActorField = Annotated[
    Text,
    _form(
        "Started by",
        (
            "Who is named in the ledger. Empty: for a live run the submitter that the approvals "
            "name, else whose login it is."
        ),
    ),
]
ReleaseField = Annotated[
    str,
    _form("Release", "The id of a release, as `cutter corpus plan` says it.", minLength=36),
]
WorkersField = Annotated[
    int,
    _form(
        "Workers",
        "How many work at it at once; all but one are asked of the work pool.",
        minimum=1,
        maximum=64,
    ),
]
AcceptDoubtsField = Annotated[
    Texts,
    _form(
        "Accepted doubts",
        (
            "The code of each doubt of the plan, once somebody has looked at its lines. "
            "A plan with doubts is refused without; `cutter plan` names them."
        ),
        items={"type": "string", "enum": list(DOUBTS)},
    ),
]
InForceFromField = Annotated[
    Text,
    _form(
        "In force from",
        "Of a new version: a day such as 2027-01-01, or unknown. As it was proposed.",
    ),
]
DatesField = Annotated[
    Text,
    _form(
        "Dates of single units",
        "Of a new version: a file on the worker's machine, a line each: address, date, source.",
    ),
]
MatchesField = Annotated[
    Texts,
    _form(
        "Settled matches",
        "Of a new version: OLD=NEW by address, OLD= for repealed, =NEW for added.",
        items={"type": "string"},
    ),
]
AmendedByField = Annotated[
    Text,
    _form(
        "Amended by",
        "Of a new version: the amending act, a path on the worker's machine or a URL.",
    ),
]
TargetNameField = Annotated[
    str,
    _form(
        "Name",
        "Small letters, digits and hyphens, such as water-act. Its deployments are dry-run-NAME "
        "and live-NAME.",
        pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
        maxLength=60,
    ),
]
CronField = Annotated[
    str,
    _form(
        "When its dry run begins",
        "Five fields of cron, in UTC: 15 2 * * * is a quarter past two each night.",
        minLength=9,
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
ByField = Annotated[
    Text, _form("Halted by", "Your name, for the record. Empty: whose login it is.")
]
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
        "Document",
        "The code of the document whose last cut or revision is to be reverted, or the id of a "
        "change set, which `cutter status` lists.",
        pattern=f"^({_UUID}|[a-z0-9][a-z0-9.-]*[a-z0-9])$",
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
    Text,
    _form(
        "Backup",
        ("A backup's path on the worker's machine, to restore. Empty: the run makes its own data."),
    ),
]
ForbidField = Annotated[
    Texts,
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
    Text,
    _form(
        "Backup",
        "The name of a file in the folder of backups. Empty: the newest one.",
        pattern="^[^/]*$",
    ),
]
FreshField = Annotated[bool, _form("Make one first", "Make a new backup and prove that one.")]
