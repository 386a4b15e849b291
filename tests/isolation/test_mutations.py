"""Every mutation of the schema of all plugins, called with the ids of another tenant."""

from __future__ import annotations

from datetime import UTC, datetime

from linli.ids import new_id
from linli.testing.isolation import Pair
from linli_graphql.ids import local_id, to_global_id
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


async def active_grant(pair: Pair) -> dict[str, str]:
    """A grant of B at which changes can be proposed, with a line and a milestone, and without a contract."""
    b, grant, line, milestone = pair.b, new_id(), new_id(), new_id()
    place = b.place(1)
    where = (b.tenant.id, place.id, place.path)
    unit = b.id_in("identity_organisation", 1)
    async with pair.database.unit_of_work(b.tenant.id) as db:
        account, proposal = new_id(), new_id()
        await db.execute(
            "insert into venture_proposal (tenant_id, area_id, area_path, id, call_id, organisation_id, title, state)"
            " values ($1, $2, $3, $4, $5, $6, '试', 'awarded')",
            *where,
            proposal,
            b.id_in("venture_call", 1),
            unit,
        )
        await db.execute(
            "insert into ledger_account (tenant_id, area_id, area_path, id, unit, role, owner_kind, owner_id)"
            " values ($1, $2, $3, $4, 'CNY', 'venture_grantee', 'other', $5)",
            *where,
            account,
            grant,
        )
        await db.execute(
            "insert into venture_grant (tenant_id, area_id, area_path, id, call_id, pool_id, proposal_id, decision_id,"
            " organisation_id, title, project_digest, amount_fen, state, account_id, awarded_at, starts_on, ends_on,"
            " signed_on) values ($1, $2, $3, $4, $5, $6, $7, $11, $8, '试', $9, 100, 'active', $10, now(),"
            " '2026-01-01', '2199-01-01', '2026-01-01')",
            *where,
            grant,
            b.id_in("venture_call", 1),
            b.id_in("venture_pool", 1),
            proposal,
            unit,
            "0" * 64,
            account,
            b.id_in("venture_decision", 1),
        )
        await db.execute(
            "insert into venture_grant_line (tenant_id, area_id, area_path, id, grant_id, organisation_id, place, name,"
            " amount_fen) values ($1, $2, $3, $4, $5, $6, 1, '试', 100)",
            *where,
            line,
            grant,
            unit,
        )
        await db.execute(
            "insert into venture_milestone (tenant_id, area_id, area_path, id, grant_id, organisation_id, number,"
            " title, share_percent, amount_fen, due_on)"
            " values ($1, $2, $3, $4, $5, $6, 1, '试', 100, 100, '2198-01-01')",
            *where,
            milestone,
            grant,
            unit,
        )
    return {
        "readVentureContract(input.id)": to_global_id("VentureGrant", grant),
        "proposeVentureChange(input.grantId)": to_global_id("VentureGrant", grant),
        "proposeVentureChange(input.lines.0.lineId)": to_global_id("VentureGrantLine", line),
        "proposeVentureChange(input.milestones.0.milestoneId)": to_global_id("VentureMilestone", milestone),
    }


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


async def venture_round(pair: Pair) -> dict[str, str]:
    """Calls of B that are published, under review with a reviewer, and ranked: where ids are looked at at all."""
    b, open_call, reviewed, ranked = pair.b, new_id(), new_id(), new_id()
    read, proposal = new_id(), new_id()
    place = b.place(1)
    organisation = b.id_in("identity_organisation", 1)
    strangers = local_id("Organisation", await organisation_without_a_registration(pair))
    calls = (
        (open_call, "published", None),
        (reviewed, "reviewing", None),
        (ranked, "reviewing", datetime.now(UTC)),
    )
    where = (b.tenant.id, place.id, place.path)
    async with pair.database.unit_of_work(b.tenant.id) as db:
        for number, (call, state, at) in enumerate(calls):
            await db.execute(
                "insert into venture_call (tenant_id, area_id, area_path, id, number, title, pool_id, opens_at,"
                " closes_at, cap_fen, grant_percent_max, categories, tranche_shares, reviews_min, notice_days,"
                " correction_days, state, ranked_at) values ($1, $2, $3, $4, $5, '试', $6, '2026-01-01',"
                " '2199-01-01', 1, 60, '{}', '{100}', 5, 5, 5, $7, $8)",
                *where,
                call,
                f"试-{number}",
                b.id_in("venture_pool", 1),
                state,
                at,
            )
        for made, call, applicant in ((read, reviewed, organisation), (proposal, ranked, strangers)):
            await db.execute(
                "insert into venture_proposal (tenant_id, area_id, area_path, id, call_id, organisation_id, number,"
                " title, state, sealed, grant_fen) values ($1, $2, $3, $4, $5, $6, $7, '试', 'scored', false, 1)",
                *where,
                made,
                call,
                applicant,
                f"试-{made}"[:30],
            )
        await db.execute(
            "insert into venture_ranking (tenant_id, area_id, area_path, id, call_id, proposal_id, stage, rank,"
            " reviews, score_numerator, score_denominator, needs_numerator, needs_denominator, derivation)"
            " values ($1, $2, $3, $4, $5, $6, 'written', 1, 5, 1, 1, 1, 1, '{}')",
            *where,
            new_id(),
            ranked,
            proposal,
        )
        await db.execute(
            "insert into venture_review (tenant_id, area_id, area_path, id, call_id, proposal_id, expert_id, person_id,"
            " place) values ($1, $2, $3, $4, $5, $6, $7, $8, 1)",
            *where,
            new_id(),
            reviewed,
            read,
            b.id_in("venture_expert", 1),
            b.id_in("identity_person", 1),
        )
    assert organisation is not None
    return {
        "draftVentureProposal(input.callId)": to_global_id("VentureCall", open_call),
        "draftVentureProposal(input.organisationId)": to_global_id("Organisation", organisation),
        "declareVentureInterests(input.callId)": to_global_id("VentureCall", reviewed),
        "declareVentureInterests(input.interests.0.organisationId)": to_global_id(
            "Organisation", organisation
        ),
        "proposeVentureDecision(input.callId)": to_global_id("VentureCall", ranked),
        "proposeVentureDecision(input.outcomes.0.proposalId)": to_global_id("VentureProposal", proposal),
    }


async def test_no_mutation_tells_of_another_tenant_or_changes_its_rows(pair: Pair, funded_pool: str) -> None:
    own = {
        **await active_grant(pair),
        "applyForRegistration(input.organisationId)": await organisation_without_a_registration(pair),
        "adjustPointsPool(input.id)": funded_pool,
        "reportMigrantStay(input.personId)": await active_person(pair),
        "applyForSocialWorkerRegistration(input.personId)": await active_person(pair),
        "takeUpSocialWorkerPost(input.personId)": await active_person(pair),
        "enterSocialWorkerSupervision(input.supervisorId)": await active_person(pair),
        **await venture_round(pair),
    }
    attack = MutationAttack(SchemaProbe(pair, values=VALUES), own=own)
    assert await attack.run() == []
    assert attack.vacuous == set()
    assert attack.called == set(attack.probe.mutation.fields)
    assert attack.compared == attack.places()
