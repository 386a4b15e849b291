"""Every mutation of the schema of all plugins, called with the ids of another tenant."""

from __future__ import annotations

from datetime import UTC, datetime

from linli.ids import new_id
from linli.testing.isolation import Pair
from linli_graphql.ids import to_global_id
from linli_graphql.isolation import MutationAttack, SchemaProbe

# Values with which the rules come to look at the ids at all.
VALUES = {
    "assessedOn": "2026-06-01",
    "originCode": "610121",
    "activityDay": datetime.now(UTC).date().isoformat(),
}


async def organisation_without_a_registration(pair: Pair) -> str:
    made = new_id()
    async with pair.database.unit_of_work(pair.b.tenant.id) as db:
        await db.execute(
            "insert into identity_organisation (tenant_id, id, name, name_pinyin, kind)"
            " values ($1, $2, '试验协会', 'shi yan xie hui', 'social_organisation')",
            pair.b.tenant.id,
            made,
        )
    return to_global_id("Organisation", made)


async def active_person(pair: Pair) -> str:
    made = new_id()
    async with pair.database.unit_of_work(pair.b.tenant.id) as db:
        await db.execute(
            "insert into identity_person (tenant_id, id, full_name, name_pinyin, synthetic)"
            " values ($1, $2, '试验人', 'shi yan ren', true)",
            pair.b.tenant.id,
            made,
        )
    return to_global_id("Person", made)


async def test_no_mutation_tells_of_another_tenant_or_changes_its_rows(pair: Pair, funded_pool: str) -> None:
    own = {
        "applyForRegistration(input.organisationId)": await organisation_without_a_registration(pair),
        "adjustPointsPool(input.id)": funded_pool,
        "reportMigrantStay(input.personId)": await active_person(pair),
        "applyForSocialWorkerRegistration(input.personId)": await active_person(pair),
        "takeUpSocialWorkerPost(input.personId)": await active_person(pair),
        "enterSocialWorkerSupervision(input.supervisorId)": await active_person(pair),
    }
    attack = MutationAttack(SchemaProbe(pair, values=VALUES), own=own)
    assert await attack.run() == []
    assert attack.vacuous == set()
    assert attack.called == set(attack.probe.mutation.fields)
    assert attack.compared == attack.places()
