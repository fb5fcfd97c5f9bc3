"""S10 and S11: the same again adds nothing, and half a phase leaves nothing."""

from __future__ import annotations

import secrets
from typing import Final

from adapters.acceptance.fixture import Fixture, ScenarioFailed, expect
from adapters.acceptance.sample import sample_plan
from adapters.postgres.connection.statements import statement
from domain.errors import PhaseStop
from domain.phases import Phase

FAULT: Final = "22012"  # division_by_zero: an error that no phase makes by itself


def s10_replay(fixture: Fixture) -> str:
    """S10: another process runs the whole cut again, with the same idempotency key: same answers,
    no row, no backup.
    """
    expect(
        set(fixture.answers) == set(Phase),
        f"only {len(fixture.answers)} of {len(Phase)} phases have an answer to repeat",
    )
    adapter, before, backups = fixture.new_adapter(), fixture.row_hashes(), _backups(fixture)
    for phase in Phase:
        answer = fixture.call(adapter, phase, fixture.ctx, fixture.plan)
        expect(answer == fixture.answers[phase], f"{phase} answered differently the second time")
    expect(before == fixture.row_hashes(), "the replay changed rows")
    expect(backups == _backups(fixture), "the replay made another backup")
    expect(
        adapter.replayed == set(Phase),
        f"only {len(adapter.replayed)} phases were answered from the journal",
    )
    return (
        f"{len(Phase)} phases of {fixture.ctx.change_set_id} replayed: same answers, same row "
        f"hashes, same backup"
    )


def s11_induced_failure(fixture: Fixture) -> str:
    """S11: a second document; each phase fails at its last statement, changes nothing, then runs
    well and goes on.
    """
    plan = sample_plan(f"acceptance.{secrets.token_hex(4)}")
    ctx, adapter = fixture.context(plan), fixture.new_adapter()
    fixture.approve(ctx, plan)
    disturbed: list[str] = []
    for phase in Phase:
        before = fixture.row_hashes()
        fixture.statements.fail_at = statement("journal_record")
        try:
            fixture.call(adapter, phase, ctx, plan)
        except PhaseStop as stop:
            expect(
                stop.sqlstate == FAULT,
                f"{phase} stopped with {stop.sqlstate}, not with the induced {FAULT}",
            )
        else:
            raise ScenarioFailed(f"{phase} ended well although the server had refused a statement")
        finally:
            fixture.statements.fail_at = ""
        after = fixture.row_hashes()
        disturbed += [f"{table} ({phase})" for table in before if before[table] != after[table]]
        if not disturbed:
            fixture.call(adapter, phase, ctx, plan)
    expect(not disturbed, f"rows have stayed in {', '.join(disturbed)}")
    return (
        f"{len(Phase)} phases stopped by a real {FAULT} before COMMIT: all table hashes "
        f"unchanged; each then ran to its end"
    )


def _backups(fixture: Fixture) -> list[str]:
    return sorted(path.name for path in fixture.target.backups.iterdir())
