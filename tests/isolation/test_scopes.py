"""Two streets of one tenant: somebody with every permission in the first neither sees nor changes the second."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from linli.testing.isolation import Pair
from linli_graphql.isolation import MutationAttack, ReadingAttack, ScopeProbe

# Nodes whose rows lie in no area and are no secret within the tenant; all others take a grant for the whole tenant.
LIE_IN_NO_AREA = {
    "AreaChangeSet": "one set of changes may touch all areas; what it may change is checked by place",
    "AreaLevel": "the levels are the same for all areas",
    "MigrantService": "what newcomers are entitled to is the same for all areas",
    "OrganisationCategory": "the categories are the same for all areas",
    "PointsRule": "the standard is the same for all areas in which it holds",
    "PointsRuleSet": "the standard is the same for all areas in which it holds",
    "PointsSubcategory": "the headings are the same for all areas",
    "ServiceTagKind": "the catalogue of tags is the same for all areas",
    "Role": "the roles are the same for all areas",
}

# Where the answer for a row of the other street may differ from that for a missing one.
MAY_DIFFER = {
    r"Query\.roleGrants\(filter\.account\.(eq|in\.0): Account\)": "whoever sees a grant sees to whom it is given",
    r"[\w.]+\((input\.)?area(Id|Ids\.0)?: Area\): .*permission_denied.* but missing: .*not_found": (
        "that a place exists in one's own tenant is no secret; the refusal names the permission that is missing"
    ),
    r"Query\.ledgerTrialBalance is not answered": "the trial balance is of the whole tenant, or of no use",
    r"Query\.retention(Periods|Reports) is not answered": "for how long data are kept is decided for the whole tenant",
    r"Query\.notificationFigures is not answered": "the log of deliveries is of the whole tenant",
    r"(create|update)VolunteerActivity\(input\.organiserId: Organisation\)": (
        "an organiser of the whole city may have its seat in any street"
    ),
    r"(create|update)MigrantDwelling\(input\.landlordOrganisationId: Organisation\)": (
        "a unit that lets dwellings may have its seat in any street"
    ),
    r"(create|update)PointsReward\(input\.providerId: Organisation\)": "a provider may have its seat in any street",
    r"receiveVentureMoney\(input\.organisationId: Organisation\)": "who gives may have its seat in any street",
    r"reservePointsRedemption\(input\.rewardId: PointsReward\): .*points\.not_offered": (
        "what is offered in another street is no secret; it cannot be redeemed from here"
    ),
    r"offerPointsTransfer\(input\.toParticipantId: PointsParticipant\): .*points\.not_a_household": (
        "a receiver may live in any street; whether they belong to one's household is no more than one knows"
    ),
    r"(accept|decline|cancel|post)PointsTransfer\(input\.id: PointsTransfer\)": (
        "whoever sees the receiver's transfers sees those that come from another street"
    ),
    r"Query\.myPointsTransfers: shows": "the two sides of a transfer see each other, wherever they live",
}


def unexplained(findings: list[str]) -> list[str]:
    return [one for one in findings if not any(re.match(pattern, one) for pattern in MAY_DIFFER)]


async def test_every_node_lies_in_areas_or_has_a_reason_not_to(pair: Pair) -> None:
    specs = ScopeProbe(pair).specs.values()
    lying = {spec.name for spec in specs if spec.scope_column is None and not spec.whole_tenant}
    assert lying == set(LIE_IN_NO_AREA)


async def test_nothing_of_the_other_street_is_read_or_counted(pair: Pair) -> None:
    assert unexplained(await ReadingAttack(ScopeProbe(pair, compiled=True)).run()) == []


async def test_nothing_of_the_other_street_is_changed(pair: Pair, funded_pool: str) -> None:
    values = {"assessedOn": "2026-06-01", "activityDay": datetime.now(UTC).date().isoformat()}
    attack = MutationAttack(ScopeProbe(pair, values=values), own={"adjustPointsPool(input.id)": funded_pool})
    assert unexplained(await attack.run()) == []
    assert attack.called == set(attack.probe.mutation.fields)
