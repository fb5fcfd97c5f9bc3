"""A document that is revised again and again: every version can be rebuilt byte for byte, and a
base that is not the one that stands is refused, also by the database alone.
"""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.postgres.phases.transactions import LiveTransactions
from adapters.postgres.record.documents import standing_digest
from domain.digests import text_sha256
from domain.errors import ProductionExecutionNotAuthorized
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.support.live import LiveBench, live_bench, row_hashes, scalar
from tests.support.postgres import Database
from tests.support.reverts import reverted
from tests.support.revising import (
    bodies,
    cut_first,
    living,
    revised,
    revision_adapter,
    revision_context,
    revision_plan,
    what_stands,
)
from tests.support.revisions import CODE, OLD, PREAMBLE, harbour_plan, laid_out, new_texts

FORGED = 10_000
UNITS = ("public.information_unit", "public.unit_version", "public.unit_lineage")


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    """A database in which the harbour's rules stand."""
    made = live_bench(database, tmp_path)
    cut_first(made, harbour_plan(sorted(OLD.items())))
    return made


def rebuilt(bench: LiveBench, change_set_id: Any) -> str:
    """The text of a change set, from its manifest and the versions whose hashes it names."""
    with bench.database.connect() as admin:
        pieces = admin.execute(
            "SELECT b.start_char, coalesce(b.gap_text, (SELECT v.body FROM unit_version v"
            " JOIN information_unit u ON u.id = v.unit_id"
            " WHERE u.canonical_address = b.canonical_address"
            " AND v.body_sha256 = b.body_sha256 LIMIT 1))"
            " FROM cutter.manifest_unit_block b"
            " JOIN cutter.manifest_envelope m ON m.envelope_id = b.envelope_id"
            " JOIN cutter.decision_backlog_entry e ON e.entry_id = m.entry_id"
            " WHERE e.change_set_id = %s ORDER BY b.start_char",
            (change_set_id,),
        ).fetchall()
    return "".join(piece for _, piece in pieces)


def versions_of_a_law(count: int, seed: int) -> list[CutPlan]:
    """A law and its later versions: articles are changed, repealed, and come again."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, no secret
    texts, plans = dict(OLD), []
    for number in range(count):
        for article in chance.sample(sorted(OLD), 3):
            if article in texts and len(texts) > 3 and chance.random() < 0.4:
                del texts[article]
            else:
                texts[article] = f"{OLD[article]} As of reading {number}."
        plans.append(harbour_plan(sorted(texts.items()), f"version-{number}.md"))
    return plans


def the_server_has_the_same_digest(bench: LiveBench) -> None:
    """What the executor asks the server for is what the verifier computes of the texts."""
    with closing(bench.connections.connect(Principal.EXEC)) as conn:
        assert standing_digest(conn, CODE) == what_stands(bench, CODE).base_digest


@pytest.mark.one_quick
@pytest.mark.parametrize("until", list(Phase)[:-1])
def test_the_server_has_the_digest_of_what_stands_while_a_revision_waits(
    bench: LiveBench, until: Phase
) -> None:
    revised(bench, laid_out("signed.md", PREAMBLE, *"21345", "Signed."))
    revised(bench, harbour_plan([*new_texts(), ("10", "Dogs stay ashore.")]), until=until)
    the_server_has_the_same_digest(bench)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_chain_is_rebuilt_byte_for_byte_and_taken_back_step_by_step(
    bench: LiveBench, seed: int
) -> None:
    """To its end, each version as it was published; and back to the first, row for row."""
    change_sets, states = [], [living(bench)]
    for plan in versions_of_a_law(6, seed):
        ctx, _, _ = revised(bench, plan)
        states.append(living(bench))
        the_server_has_the_same_digest(bench)
        assert bodies(what_stands(bench, CODE)) == [
            (r.canonical_address, r.body) for r in plan.rows
        ]
        change_sets.append((ctx.change_set_id, plan.text_sha256))
    for _ in range(2):  # and still when all of it is taken back
        assert [text_sha256(rebuilt(bench, one)) for one, _ in change_sets] == [
            digest for _, digest in change_sets
        ]
        for one, _ in reversed(change_sets[: len(states) - 1]):
            states.pop()
            reverted(bench, one)
            the_server_has_the_same_digest(bench)
            assert living(bench) == states[-1]


@pytest.mark.slow
def test_ten_thousand_forged_bases_are_refused_with_a_permit_in_hand(bench: LiveBench) -> None:
    """The executor's own login, while its revision is open: nothing but what stands is a base."""
    revised(bench, harbour_plan(new_texts()))
    later = harbour_plan([(n, t.replace("fourteen", "sixteen")) for n, t in new_texts()], "l.md")
    revised(bench, later, until=Phase.REVIEW)
    before = row_hashes(bench.database)
    with closing(bench.connections.connect(Principal.EXEC)) as thief:
        answers = thief.execute(
            "WITH base AS (SELECT n, CASE n %% 3 WHEN 0 THEN (SELECT v.version_id FROM"
            " cutter.iu_version v JOIN cutter.iu_unit u ON u.unit_id = v.unit_id WHERE"
            " u.canonical_address = %(address)s AND v.version_id <> u.version_id LIMIT 1)"
            " WHEN 1 THEN (SELECT u.version_id FROM cutter.iu_unit u WHERE"
            " u.canonical_address = %(other)s AND u.lifecycle <> 'withdrawn')"
            " ELSE gen_random_uuid() END AS id FROM generate_series(1, %(count)s) AS n)"
            " SELECT f.status FROM base CROSS JOIN LATERAL cutter.fn_iu_revise(%(address)s,"
            " base.id, 't', 'b', 'mallory', 'article', 'body', NULL, NULL) AS f",
            {"address": f"{CODE}~art_2", "other": f"{CODE}~art_1", "count": FORGED},
        ).fetchall()
        thief.commit()
    assert Counter(status for (status,) in answers) == {"base_version: another is in force": FORGED}
    assert row_hashes(bench.database) == before


def test_a_version_beside_the_plan_is_enacted_by_nobody(bench: LiveBench) -> None:
    """An executor writes more than was signed, with a permit that is: the version stays in the
    table, and what stands is what was signed.
    """
    old = bodies(what_stands(bench, CODE))
    ctx, plan, _ = revised(bench, harbour_plan(new_texts()), until=Phase.CUT_LEG_A)
    with closing(bench.connections.connect(Principal.EXEC)) as thief:
        version = scalar(
            thief, "SELECT version_id FROM cutter.iu_unit WHERE canonical_address = %s",
            f"{CODE}~art_1",
        )  # fmt: skip
        status = scalar(
            thief,
            "SELECT status FROM cutter.fn_iu_revise(%s, %s, 't', 'planted', 'mallory', 'article',"
            " 'body', NULL, NULL)",
            f"{CODE}~art_1",
            version,
        )
        planted = scalar(thief, "SELECT version_id FROM cutter.iu_version WHERE body = 'planted'")
        thief.commit()
    assert (status, planted is None) == ("revised", False), "the permit is open, so it is written"
    assert bodies(what_stands(bench, CODE)) == old
    adapter = revision_adapter(bench, LiveTransactions(bench.connections, longest_wait=0.05))
    adapter.leg_b_record(ctx, plan)
    adapter.write_verify(ctx, plan)
    with closing(bench.connections.connect(Principal.EXEC)) as thief:
        answer = scalar(
            thief,
            "SELECT f.status FROM cutter.cut_change_set s CROSS JOIN LATERAL"
            " cutter.fn_iu_enact_version(%s, s.decision_id, 'mallory') AS f"
            " WHERE s.change_set_id = %s",
            planted,
            ctx.change_set_id,
        )
        thief.commit()
    assert answer.startswith("review_decision: no ")
    adapter.lifecycle_enact(ctx, plan)
    assert bodies(what_stands(bench, CODE)) == [(r.canonical_address, r.body) for r in plan.rows]


def test_a_permit_for_one_revision_opens_nothing_for_another(bench: LiveBench) -> None:
    signed = revision_plan(bench, harbour_plan(new_texts()))
    revision_context(bench, signed)
    other = revision_plan(
        bench, harbour_plan([*sorted(OLD.items())[:5], ("6", "Fees are nothing.")], "other.md")
    )
    ctx = revision_context(bench, other, approved=False)
    before = {table: row_hashes(bench.database)[table] for table in UNITS[:2]}
    with pytest.raises(ProductionExecutionNotAuthorized, match="no permit"):
        revision_adapter(bench).pre_write_backup(ctx)
    assert {table: row_hashes(bench.database)[table] for table in UNITS[:2]} == before
