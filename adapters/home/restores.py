"""What somebody with SG_3 has accepted: that a database has gone back to an earlier state.

The signed statement is one file in `state/restores`. The heads that no longer hold are set aside
beside it, and the file of heads begins anew with what the database holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.files import keep_bytes
from adapters.home.chain_heads import ChainHead, locked
from adapters.keys.approvers import ApproverSigner
from domain.approval.dsse import Envelope

PAYLOAD_TYPE: Final = "application/vnd.iu-cutter.restore-accepted+json;version=1"
FOLDER: Final = "restores"


def signed_acceptance(signer: ApproverSigner, statement: dict[str, object]) -> Envelope:
    """The statement's bytes with the signature over them."""
    return signer.envelope(PAYLOAD_TYPE, statement)


def keep_acceptance(
    heads_file: Path, envelope: Envelope, heads: Sequence[ChainHead], at: datetime
) -> Path:
    """Keep the statement, set the old heads aside and begin with these; the statement's file.

    A stop in between leaves the old heads in force: then it is accepted again.
    """
    folder, stamp = heads_file.parent / FOLDER, f"{at:%Y%m%dT%H%M%S%f}"
    kept = folder / f"{stamp}.json"
    with locked(heads_file) as file:
        keep_bytes(folder / f"{stamp}-{heads_file.name}", heads_file.read_bytes())
        keep_bytes(kept, f"{envelope.text()}\n".encode())
        file.begin_anew(heads)
    return kept
