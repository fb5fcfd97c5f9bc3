"""What applications and auditors take out of the knowledge base: read-only, as whoever reads out
units.

Plain functions, no Prefect run.
"""

from __future__ import annotations

from typing import Any

from adapters.evidence.collect import bundles_of
from adapters.evidence.files import decode
from adapters.evidence.verify import read_folder, verify
from adapters.home.target import require_target
from domain.errors import BadInput, DatabaseUnsuitable, UnitNotFound
from domain.evidence.bundle import Verdict
from domain.evidence.citation import citation_of
from domain.reading.address import parse_address
from domain.units.records import REPEALED, UnitText
from tasks.app import App
from tasks.records.units import reading_out


def standing_unit(app: App, address: str) -> tuple[UnitText, str]:
    """A unit as it stands, and the database that it is from.

    Raises `BadInput` if the address is none, `UnitNotFound` if nothing stands there, and a
    connection's refusal.
    """
    parse_address(address)
    with reading_out(app) as reader:
        unit = reader.unit(address)
    if unit.version.state == REPEALED:
        raise UnitNotFound(
            f"Nothing stands at {address} any more: it is repealed; `cutter history {address}` "
            f"lists its versions."
        )
    return unit, str(require_target(app.settings.state))


def proof_of(app: App, unit: UnitText) -> dict[str, Any]:
    """The proof of a unit that stands, out of the sealed bundle of the change set that wrote it.

    The bundle is verified first, and the text in it has to be what stands. Raises `BadInput` if
    there is no bundle, and `DatabaseUnsuitable` if it does not prove this text.
    """
    change_set = unit.version.change_set_id
    if change_set is None:
        raise BadInput(
            f"No change set is on record that wrote {unit.address}, so nothing proves it."
        )
    for folder in reversed(bundles_of(app.settings.runs, change_set)):
        contents = read_folder(folder)
        if verify(contents).verdict is Verdict.PROVED:
            proof = citation_of(decode(contents), unit.address)
            if (proof["title"], proof["body"]) != (unit.title, unit.body):
                raise DatabaseUnsuitable(
                    f"What stands at {unit.address} is not what change set {change_set} wrote; "
                    f"`cutter audit` names what has changed."
                )
            return proof
    raise BadInput(
        f"No finished evidence of change set {change_set} is in this home; make it with `cutter "
        f"evidence make {change_set}`."
    )
