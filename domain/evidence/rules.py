"""What has to hold in a bundle: every digest, id and signature that can be recomputed is, from the
bundle alone.

Each rule answers with one check. What a run has not come to yet is absent; what is there has to
fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.approval.approvals import Effect, SignatureCheck
from domain.approval.people import same_person
from domain.change_set import change_set_id, fingerprint_from
from domain.counted import counted
from domain.errors import ApprovalRefused, CutterError
from domain.evidence import ledger_rules as ledger
from domain.evidence import revert_rules as revert
from domain.evidence.bundle import Bundle, Check, Outcome, PermitOnRecord, RunFacts
from domain.evidence.case import Absent, Case, Fault, Rule, names_itself, require
from domain.evidence.permits import judge_permit
from domain.phases import Kind, Phase
from domain.plan.cut_plan import check_plan
from domain.plan.revert import RevertPlan
from domain.reading.doubts import signed_doubts
from domain.runs.run_plan import (
    blocks_of,
    cut_plan_of,
    doubts_of,
    effect_of,
    gaps_of,
    kind_of,
    manifest_of,
    publication_type_of,
    revision_fields,
)
from domain.runs.unit_leaves import root_of


def examine(bundle: Bundle, signature_is_valid: SignatureCheck) -> Iterator[Check]:
    """Every rule, in order, as a check each. Raises nothing: what can not be compared fails."""
    case = Case(bundle, signature_is_valid)
    rules = RULES | REVERT_RULES if kind_of(bundle.plan) is Kind.REVERT else RULES
    for name, rule in rules.items():
        yield _checked(name, rule, case)


def _checked(name: str, rule: Rule, case: Case) -> Check:
    try:
        return Check(name, Outcome.HOLDS, rule(case))
    except Absent as absent:
        return Check(name, Outcome.ABSENT, str(absent))
    except (Fault, CutterError) as fault:
        return Check(name, Outcome.FAILS, str(fault))
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        return Check(
            name,
            Outcome.FAILS,
            f"what is written there can not be compared ({type(error).__name__})",
        )


def _plan_digest(case: Case) -> str:
    bundle = case.bundle
    digest = bundle.plan.plan_digest
    claims = {
        "the run": bundle.run.plan_digest,
        "digests.json": bundle.digests.plan,
        **{f"the journal's {row.phase}": row.plan_digest for row in bundle.results},
    }
    for who, claimed in claims.items():
        require(
            claimed == digest, f"the plan's digest is {digest[:16]}, and {who} names {claimed[:16]}"
        )
    require(
        bundle.plan.document_code == bundle.run.document_code,
        "the plan is of another document than the run",
    )
    rows, gaps = len(manifest_of(bundle.plan)), len(gaps_of(bundle.plan))
    return f"{digest} over {counted(rows, 'row')} and {counted(gaps, 'gap')}"


def _source_text(case: Case) -> str:
    plan = case.bundle.plan
    if isinstance(plan, RevertPlan):
        return revert.withdrawals(case)
    check_plan(cut_plan_of(plan))
    require(
        case.bundle.digests.source_text == plan.text_sha256,
        "digests.json names another source text than the plan",
    )
    return f"bodies and gaps rebuild {plan.text_chars:,} characters with SHA-256 {plan.text_sha256}"


def _change_set_id(case: Case) -> str:
    run = case.bundle.run
    target = fingerprint_from(run.target)
    computed = change_set_id(target, run.document_code, case.bundle.plan.plan_digest, run.attempt)
    require(
        computed == run.change_set_id,
        f"target, document, plan and attempt make {computed}, not {run.change_set_id}",
    )
    return f"{computed}, made of target, document, plan digest and attempt {run.attempt}"


def _approvals(case: Case) -> str:
    permits = case.bundle.permits
    if not permits:
        require(not case.bundle.finished, "the run is finished, and no permit is on record")
        raise Absent("no permit is on record")
    people = [_judged(case, permit) for permit in permits]
    standing = [permit for permit in permits if permit.revoked_at is None]
    if case.bundle.finished:
        require(
            len(standing) == 1 and standing[0].used_at is not None,
            "the run is finished, and no permit was used for it",
        )
        _phases_were_permitted(case.bundle)
    elif not standing:
        raise Absent("every permit of this change set was revoked")
    return f"signed by {' and '.join(people[-1])}, over change set, plan, effect and target"


def _judged(case: Case, permit: PermitOnRecord) -> list[str]:
    """Who signed; judged as when the permit was opened, by the same rules."""
    run, plan = case.bundle.run, case.bundle.plan
    wanted = Effect(
        run.kind,
        run.change_set_id,
        run.document_code,
        plan.plan_digest,
        effect_of(plan),
        run.target,
        run.attempt,
        len(blocks_of(plan)),
        doubts=signed_doubts(doubts_of(plan)),
        units_root=root_of(plan),
        publication_type=publication_type_of(plan),
        **revision_fields(plan),
    )
    for approval in (*permit.approvals, *([permit.policy] if permit.policy else [])):
        require(
            names_itself(approval.key_id, approval.public_key),
            "an approver's key is not the one that its id names",
        )
    try:
        statements = judge_permit(permit, wanted, case.signature_is_valid)
    except ApprovalRefused as refused:
        raise Fault(str(refused).removesuffix(" Nothing was written.")) from None
    require(permit.kind is run.kind, "the permit is for something else than a " + run.kind)
    require(
        permit.execute_by == min(s.execute_by for s in statements),
        "the permit ran longer than its approvals allow",
    )
    return [f"{statement.approver} ({statement.gate})" for statement in statements]


def _phases_were_permitted(bundle: Bundle) -> None:
    for row in bundle.results:
        inside = any(
            permit.opened_at <= row.recorded_at <= permit.execute_by for permit in bundle.permits
        )
        require(inside, f"{row.phase} was recorded while no permit was open")
        submitted = any(same_person(permit.submitter, row.actor) for permit in bundle.permits)
        require(submitted, f"{row.phase} was run by {row.actor}, who has not submitted it")


def _effect(case: Case) -> str:
    bundle = case.bundle
    planned = effect_of(bundle.plan)
    require(
        bundle.digests.effect_planned == planned,
        f"the plan's effect is {planned[:16]}, and digests.json has another",
    )
    approved = {permit.effect_digest for permit in bundle.permits}
    require(approved <= {planned}, "another effect was approved than the plan's")
    named = bundle.digests.effect_approved
    require(
        named == (planned if approved else None),
        "digests.json names another approved effect than the permit",
    )
    result = bundle.result_of(Phase.LIFECYCLE_ENACT)
    enacted = None if result is None else result["effect_digest"]
    require(
        bundle.digests.effect_enacted == enacted,
        "digests.json names another enacted effect than the journal",
    )
    if not approved or enacted is None:
        raise Absent(
            "planned "
            + planned
            + ("" if approved else ", not approved")
            + ("" if enacted else ", not enacted")
        )
    require(
        enacted == planned, f"planned and approved was {planned[:16]}, enacted {str(enacted)[:16]}"
    )
    return f"planned, approved and enacted {planned}"


def _outcome(case: Case) -> str:
    bundle: Bundle = case.bundle
    run: RunFacts = bundle.run
    if not bundle.finished:
        stands = bundle.change_set.status if bundle.change_set else "nothing is on record"
        raise Absent(f"UNFINISHED: {stands}. {run.stopped or 'The run has not gone all the way.'}")
    require(run.mode == "LIVE", f"a run in mode {run.mode} can not have finished a change set")
    since = bundle.taken_back
    return f"enacted, by {run.actor}, run {run.run}" + (
        f"; reverted since, by {since.actor}, with the plan {since.payload_sha256[:16]}"
        if since
        else ""
    )


RULES: Final[dict[str, Rule]] = {
    "outcome": _outcome,
    "plan digest": _plan_digest,
    "source text": _source_text,
    "change set id": _change_set_id,
    "approvals": _approvals,
    "effect digest": _effect,
    "journal": ledger.journal,
    "change set": ledger.record,
    "rows": ledger.rows,
    "executor's signature": ledger.executor_half,
    "verifier's signature": ledger.verifier_half,
    "verification": ledger.verification,
    "results": ledger.results,
    "history": ledger.history,
    "chain head": ledger.chain_head,
}
"""Every rule by the name that is printed."""
REVERT_RULES: Final[dict[str, Rule]] = {
    "withdrawn units": revert.unit_ids,
    "what it reverts": revert.reverted,
}
"""The rules that a revert has besides; its plan's own form is checked as its source text."""
