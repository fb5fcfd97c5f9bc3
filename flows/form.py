"""The fields of the forms that a person fills in Prefect's UI: label, help, and what the form accepts.

What is said here is for the form alone: whoever goes round it meets the flow's own refusals, in a sentence.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from domain.phases import Mode


def _form(label: str, help_text: str, **accepts: Any) -> Any:
    """Prefect labels a field with the parameter's bare name; what is said here comes after that, and so stays."""
    return Field(json_schema_extra={"title": label, "description": help_text, **accepts})


DocumentField = Annotated[
    str,
    _form("Document", "A path on the worker's machine, a URL, or db:DOCUMENT_CODE for the text on record.", minLength=1),
]
ModeField = Annotated[
    Mode,
    _form("Mode", "DRYRUN writes nothing. LIVE writes for real: it needs the approval below and the kill-switch armed."),
]
CodeField = Annotated[
    str | None,
    _form("Document code", "The first part of every address, such as house-rules.reading-room. Leave it out to have it found."),
]
ProfileField = Annotated[str | None, _form("Structure profile", "Leave it out to have it detected.")]
GranularityField = Annotated[
    str,
    _form(
        "Granularity",
        "basic: articles or sections are units. sub: paragraphs and points below them too.",
        enum=["basic", "sub"],
    ),
]
PublicationTypeField = Annotated[str | None, _form("Publication type", "law, constitution, decree, policy ...")]
OwnerField = Annotated[str | None, _form("Owner", "Who answers for the document.")]
AttemptField = Annotated[
    int,
    _form("Attempt", "1, and one more for each new cut of the same plan after a revert. As it was approved.", minimum=1),
]
ActorField = Annotated[
    str | None,
    _form("Started by", "Who is named in the ledger. For a live run the submitter that the approvals name, if left out."),
]
NewBaselineField = Annotated[
    bool,
    _form(
        "Accept the plan as it is now", "Tick it once you have looked at the change: this plan is the baseline from then on."
    ),
]
ReasonField = Annotated[str, _form("Reason", "Why, for the record.", minLength=1)]
ByField = Annotated[str | None, _form("Halted by", "Your name, for the record.")]
RunningTooField = Annotated[
    bool, _form("Running ones too", "Count a change set as torn although the kill-switch is still armed for it.")
]
