"""VERIFY of a revision's revert: that what stands is exactly the base that the revision had named.

The base's digest covers every living unit with the number of its version, their order, the gaps and
what is repealed; and the text is rebuilt from the stored bodies.
"""

from __future__ import annotations

from adapters.postgres.connection.driver import Connection
from adapters.postgres.record.documents import standing_text
from adapters.postgres.verify.steps import Recorded, verification_failed
from domain.digests import text_sha256
from domain.plan.revert import RevertPlan
from domain.revision.units import Version


def rebuilt_base(conn: Connection, recorded: Recorded, plan: RevertPlan) -> str:
    """The SHA-256 of the text that stands again. Raises `StopInvariantFailed` if it is another."""
    living = standing_text(conn, plan.document_code)
    units = {unit.address: unit for unit in living.units}
    missing = [b.canonical_address for b in plan.stands if b.canonical_address not in units]
    if missing or len(units) != len(plan.stands):
        where = missing[0] if missing else "one more unit"
        raise verification_failed(f"what stands and the base part at {where}")
    ordered = tuple(units[block.canonical_address] for block in plan.stands)
    gaps = tuple(gap.text for gap in plan.gaps)
    standing = Version(plan.document_code, living.name, ordered, gaps, living.taken)
    if standing.base_digest != plan.base_digest:
        raise verification_failed("what stands is not the base that the revision started from")
    pieces = [(gap.start, gap.text) for gap in plan.gaps]
    pieces += [(block.start, units[block.canonical_address].body) for block in plan.stands]
    source = text_sha256("".join(piece for _, piece in sorted(pieces)))
    if not source == plan.text_sha256 == recorded.text_sha256:
        raise verification_failed(
            f"what stands does not rebuild the text that stood before (SHA-256 {source[:12]})"
        )
    return source
