"""What can be done on the earning side; each mutation calls one service function, which has the rules."""

from __future__ import annotations

from typing import Any

from linli.plugin import Context
from linli_graphql.plugin import mutation, values_of
from linli_points import (
    catalogue,
    claims,
    decisions,
    objections,
    participants,
    posting,
    rule_sets,
    tables,
)
from linli_points.errors import NotAParticipant
from linli_points.evidence import EvidenceGiven
from linli_points.graphql.inputs import (
    AddPointsSubcategoryInput,
    AdoptPointsRuleSetInput,
    ChoosePointsRankingInput,
    DraftPointsClaimInput,
    DraftPointsRuleSetInput,
    JoinPointsInput,
    LimitPointsRuleSetInput,
    ObjectToPointsClaimInput,
    PointsEvidenceInput,
    PointsReasonInput,
    PointsStepInput,
    PutPointsRuleInput,
    RenamePointsSubcategoryInput,
    RevisePointsClaimInput,
)
from linli_points.graphql.nodes import (
    PointsClaim,
    PointsObjection,
    PointsParticipant,
    PointsRule,
    PointsRuleSet,
    PointsSubcategory,
)

_CLAIM = {"id": "PointsClaim"}
_OBJECTION = {"id": "PointsObjection"}
_PARTICIPANT = {"id": "PointsParticipant"}
_RULE_SET = {"id": "PointsRuleSet"}
_SUBCATEGORY = {"id": "PointsSubcategory"}


@mutation(gives=PointsSubcategory)
async def add_points_subcategory(ctx: Context, input: AddPointsSubcategoryInput) -> tables.Subcategory:
    """Add a sub-category to the tenant's list."""
    return await catalogue.add(ctx, **values_of(input))


@mutation(gives=PointsSubcategory)
async def rename_points_subcategory(ctx: Context, input: RenamePointsSubcategoryInput) -> tables.Subcategory:
    """Word a sub-category anew."""
    values = values_of(input, ids=_SUBCATEGORY)
    return await catalogue.rename(ctx, values.pop("id"), **values)


@mutation(gives=PointsSubcategory)
async def retire_points_subcategory(ctx: Context, input: PointsStepInput) -> tables.Subcategory:
    """Take a sub-category out of use."""
    values = values_of(input, ids=_SUBCATEGORY)
    return await catalogue.retire(ctx, values.pop("id"), **values)


@mutation(gives=PointsRuleSet)
async def draft_points_rule_set(ctx: Context, input: DraftPointsRuleSetInput) -> tables.RuleSet:
    """Begin a version of the standard."""
    return await rule_sets.draft(ctx, **values_of(input, ids={"based_on_id": "PointsRuleSet"}))


@mutation(gives=PointsRule)
async def put_points_rule(ctx: Context, input: PutPointsRuleInput) -> tables.Rule:
    """Put a rule into a draft, or change the one with this code."""
    values = values_of(input, ids={"rule_set_id": "PointsRuleSet", "subcategory_id": "PointsSubcategory"})
    return await rule_sets.put_rule(ctx, values.pop("rule_set_id"), **values)


@mutation(gives=PointsRuleSet)
async def remove_points_rule(ctx: Context, input: PointsStepInput) -> tables.RuleSet:
    """Take a rule out of a draft."""
    return await rule_sets.remove_rule(ctx, values_of(input, ids={"id": "PointsRule"})["id"])


@mutation(gives=PointsRuleSet)
async def limit_points_rule_set(ctx: Context, input: LimitPointsRuleSetInput) -> tables.RuleSet:
    """Let a draft hold in some areas only, or everywhere."""
    values = values_of(input, ids={**_RULE_SET, "area_ids": "Area"})
    return await rule_sets.limit_to_areas(ctx, values["id"], values["area_ids"])


@mutation(gives=PointsRuleSet)
async def adopt_points_rule_set(ctx: Context, input: AdoptPointsRuleSetInput) -> tables.RuleSet:
    """Put a draft that somebody else wrote into force from a day on."""
    values = values_of(input, ids=_RULE_SET)
    return await rule_sets.adopt(ctx, values.pop("id"), **values)


@mutation(gives=PointsRuleSet)
async def discard_points_rule_set(ctx: Context, input: PointsStepInput) -> tables.RuleSet:
    """Give a draft up."""
    values = values_of(input, ids=_RULE_SET)
    return await rule_sets.discard(ctx, values.pop("id"), **values)


@mutation(gives=PointsParticipant)
async def join_points(ctx: Context, input: JoinPointsInput) -> tables.Participant:
    """Let a resident, household or unit take part; residents do it for themselves and their household."""
    ids = {"person_id": "Person", "household_id": "Household", "organisation_id": "Organisation"}
    values = {name: value for name, value in values_of(input, ids=ids).items() if value is not None}
    if len(ids.keys() & values.keys()) != 1:
        raise NotAParticipant(path=("person_id",))
    if "person_id" in values:
        values.pop("charity", None)
        return await participants.join_person(ctx, **values)
    if "household_id" in values:
        values.pop("charity", None)
        return await participants.join_household(ctx, **values)
    return await participants.join_unit(ctx, **values)


@mutation(gives=PointsParticipant)
async def leave_points(ctx: Context, input: PointsStepInput) -> tables.Participant:
    """Take part no longer; the points stay."""
    values = values_of(input, ids=_PARTICIPANT)
    return await participants.leave(ctx, values.pop("id"), **values)


@mutation(gives=PointsParticipant)
async def choose_points_ranking(ctx: Context, input: ChoosePointsRankingInput) -> tables.Participant:
    """Be shown in the ranking under a nickname, or no longer."""
    values = values_of(input, ids=_PARTICIPANT)
    return await participants.choose_ranking(ctx, values.pop("id"), **values)


@mutation(gives=PointsClaim)
async def draft_points_claim(ctx: Context, input: DraftPointsClaimInput) -> tables.Claim:
    """Begin a claim, and hand it in at once if wanted."""
    ids = {"participant_id": "PointsParticipant", "rule_id": "PointsRule"}
    values = values_of(input, ids=ids, drop=("evidence", "submit"))
    if values.get("quantity", 1) is None:
        del values["quantity"]
    claim = await claims.draft(ctx, **values, given_evidence=_evidence(input.evidence) or ())
    return await claims.submit(ctx, claim.id) if input.submit is True else claim


@mutation(gives=PointsClaim)
async def revise_points_claim(ctx: Context, input: RevisePointsClaimInput) -> tables.Claim:
    """Change a draft, or a claim that was returned."""
    values = values_of(input, ids=_CLAIM, drop=("evidence",))
    return await claims.revise(ctx, values.pop("id"), given_evidence=_evidence(input.evidence), **values)


@mutation(gives=PointsClaim)
async def submit_points_claim(ctx: Context, input: PointsStepInput) -> tables.Claim:
    """Hand a claim in for verification."""
    values = values_of(input, ids=_CLAIM)
    return await claims.submit(ctx, values.pop("id"), **values)


@mutation(gives=PointsClaim)
async def withdraw_points_claim(ctx: Context, input: PointsStepInput) -> tables.Claim:
    """Take a claim back before it is verified."""
    values = values_of(input, ids=_CLAIM)
    return await claims.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=PointsClaim)
async def verify_points_claim(ctx: Context, input: PointsStepInput) -> tables.Claim:
    """Find a claim of somebody else right."""
    values = values_of(input, ids=_CLAIM)
    return await decisions.verify(ctx, values.pop("id"), **values)


@mutation(gives=PointsClaim)
async def confirm_points_claim(ctx: Context, input: PointsStepInput) -> tables.Claim:
    """Agree with whoever verified a claim, and put it under notice."""
    values = values_of(input, ids=_CLAIM)
    return await decisions.confirm(ctx, values.pop("id"), **values)


@mutation(gives=PointsClaim)
async def return_points_claim(ctx: Context, input: PointsReasonInput) -> tables.Claim:
    """Return a claim to be completed."""
    values = values_of(input, ids=_CLAIM)
    return await decisions.give_back(ctx, values.pop("id"), **values)


@mutation(gives=PointsClaim)
async def reject_points_claim(ctx: Context, input: PointsReasonInput) -> tables.Claim:
    """Refuse a claim, to which the claimant can object."""
    values = values_of(input, ids=_CLAIM)
    return await decisions.reject(ctx, values.pop("id"), **values)


@mutation(gives=PointsClaim)
async def post_points_claim(ctx: Context, input: PointsStepInput) -> tables.Claim:
    """Give the points of a claim whose notice is over; otherwise the clock does."""
    values = values_of(input, ids=_CLAIM)
    return await posting.post(ctx, values.pop("id"), **values)


@mutation(gives=PointsClaim)
async def reverse_points_claim(ctx: Context, input: PointsReasonInput) -> tables.Claim:
    """Take a wrong award back."""
    values = values_of(input, ids=_CLAIM)
    return await posting.reverse(ctx, values.pop("id"), **values)


@mutation(gives=PointsObjection)
async def object_to_points_claim(ctx: Context, input: ObjectToPointsClaimInput) -> tables.Objection:
    """Object to an award under notice, or to the rejection of one's claim."""
    return await objections.raise_objection(ctx, **values_of(input, ids={"claim_id": "PointsClaim"}))


@mutation(gives=PointsObjection)
async def uphold_points_objection(ctx: Context, input: PointsReasonInput) -> tables.Objection:
    """Find an objection right."""
    values = values_of(input, ids=_OBJECTION)
    return await objections.uphold(ctx, values.pop("id"), **values)


@mutation(gives=PointsObjection)
async def dismiss_points_objection(ctx: Context, input: PointsReasonInput) -> tables.Objection:
    """Find an objection wrong."""
    values = values_of(input, ids=_OBJECTION)
    return await objections.dismiss(ctx, values.pop("id"), **values)


def _evidence(given: list[PointsEvidenceInput] | Any | None) -> list[EvidenceGiven] | None:
    """The pieces, for the service; None when they were left out."""
    if not isinstance(given, list):
        return None
    return [EvidenceGiven(**values_of(one)) for one in given]


EARNING_MUTATIONS = (
    add_points_subcategory,
    rename_points_subcategory,
    retire_points_subcategory,
    draft_points_rule_set,
    put_points_rule,
    remove_points_rule,
    limit_points_rule_set,
    adopt_points_rule_set,
    discard_points_rule_set,
    join_points,
    leave_points,
    choose_points_ranking,
    draft_points_claim,
    revise_points_claim,
    submit_points_claim,
    withdraw_points_claim,
    verify_points_claim,
    confirm_points_claim,
    return_points_claim,
    reject_points_claim,
    post_points_claim,
    reverse_points_claim,
    object_to_points_claim,
    uphold_points_objection,
    dismiss_points_objection,
)
