"""S10 and S11: the same again adds nothing, and half a phase leaves nothing."""

from __future__ import annotations

import secrets
from typing import Final

from adapters.acceptance.bench import Bench, ScenarioFailed, expect
from adapters.acceptance.sample import sample_plan
from adapters.postgres.connection.statements import statement
from domain.errors import PhaseStop
from domain.phases import Phase

FAULT: Final = "22012"  # division_by_zero: an error that no phase makes by itself


def s10_replay(bench: Bench) -> str:
    """S10: another process runs the whole cut again, with the same idempotency key: same answers,
    no row, no backup.
    """
    expect(
        set(bench.answers) == set(Phase),
        f"only {len(bench.answers)} of {len(Phase)} phases have an answer to repeat",
    )
    adapter, before, backups = bench.new_adapter(), bench.row_hashes(), _backups(bench)
    for phase in Phase:
        answer = bench.call(adapter, phase, bench.ctx, bench.plan)
        expect(answer == bench.answers[phase], f"{phase} answered differently the second time")
    expect(before == bench.row_hashes(), "the replay changed rows")
    expect(backups == _backups(bench), "the replay made another backup")
    expect(
        adapter.replayed == set(Phase),
        f"only {len(adapter.replayed)} phases were answered from the journal",
    )
    return (
        f"{len(Phase)} phases of {bench.ctx.change_set_id} replayed: same answers, same row "
        f"hashes, same backup"
    )


def s11_induced_failure(bench: Bench) -> str:
    """S11: a second document; each phase fails at its last statement, changes nothing, then runs
    well and goes on.
    """
    plan = sample_plan(f"acceptance.{secrets.token_hex(4)}")
    ctx, adapter = bench.context(plan), bench.new_adapter()
    bench.approve(ctx, plan)
    disturbed: list[str] = []
    for phase in Phase:
        before = bench.row_hashes()
        bench.statements.fail_at = statement("journal_record")
        try:
            bench.call(adapter, phase, ctx, plan)
        except PhaseStop as stop:
            expect(
                stop.sqlstate == FAULT,
                f"{phase} stopped with {stop.sqlstate}, not with the induced {FAULT}",
            )
        else:
            raise ScenarioFailed(f"{phase} ended well although the server had refused a statement")
        finally:
            bench.statements.fail_at = ""
        after = bench.row_hashes()
        disturbed += [f"{table} ({phase})" for table in before if before[table] != after[table]]
        if not disturbed:
            bench.call(adapter, phase, ctx, plan)
    expect(not disturbed, f"rows have stayed in {', '.join(disturbed)}")
    return (
        f"{len(Phase)} phases stopped by a real {FAULT} before COMMIT: all table hashes "
        f"unchanged; each then ran to its end"
    )


def _backups(bench: Bench) -> list[str]:
    return sorted(path.name for path in bench.target.backups.iterdir())
