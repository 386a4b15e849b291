"""Proposals through the API: written by several, handed in once, returned once, checked by others."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linli.files.disk import DiskStore
from linli.plugin import files
from linli_graphql.ids import to_global_id
from linli_organisations import bars
from linli_venture.proposals import submitting
from linli_venture.proposals.errors import NotEditable
from linli_venture.proposals.states import PROPOSAL, ProposalState

P = "VentureProposal"


async def test_two_people_write_on_one_proposal_and_the_later_sees_the_conflict(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    proposal = await story.begun(await story.open(), applicant)
    seen = world.versions[proposal]
    await story.change(proposal, applicant.writer, summary="一")
    world.versions[proposal] = seen
    assert await refused(story.change(proposal, applicant.colleague, summary="二")) == "stale_version"
    assert await refused(story.budget(proposal, applicant.colleague)) == "stale_version"
    world.versions[proposal] = seen + 1
    await story.change(proposal, applicant.colleague, summary="二")
    assert await world.value("select summary from venture_proposal where tenant_id = $1") == "二"


async def test_a_budget_is_quantity_times_price(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    proposal = await story.written(await story.open(), applicant)
    document = """query ($id: ID!) { ventureProposal(id: $id) { budgetFen ownFundsFen grantFen planText
        lines { nodes { position item quantity unitPriceFen amountFen } } } }"""
    found = await world.ask(applicant.writer, document, id=to_global_id(P, proposal))
    assert found["ventureProposal"] == {
        "budgetFen": 10_000_000,
        "ownFundsFen": 4_000_000,
        "grantFen": 6_000_000,
        "planText": "招募志愿者\n每周探访",
        "lines": {
            "nodes": [
                {
                    "position": 1,
                    "item": "社工服务",
                    "quantity": 100,
                    "unitPriceFen": 80_000,
                    "amountFen": 8_000_000,
                },
                {
                    "position": 2,
                    "item": "物资",
                    "quantity": 1,
                    "unitPriceFen": 2_000_000,
                    "amountFen": 2_000_000,
                },
            ]
        },
    }
    for line in ({"quantity": 0}, {"unitPriceFen": 0}, {"quantity": 1_000_000, "unitPriceFen": 100_000_000}):
        wrong = {"item": "物资", "quantity": 1, "unitPriceFen": 1, **line}
        assert (
            await refused(story.budget(proposal, applicant.writer, [wrong])) == "venture.number_out_of_range"
        )


async def test_a_submission_is_kept_as_it_was_with_a_digest(world: Any, story: Any) -> None:
    applicant = await world.applicant()
    proposal = await story.submitted(await story.open(), applicant)
    document = (
        """{ ventureProposals { nodes { number state submissions { nodes { round content digest } } } } }"""
    )
    (found,) = (await world.ask(world.officer, document))["ventureProposals"]["nodes"]
    assert (found["number"], found["state"]) == ("2026-1-001", "SUBMITTED")
    (kept,) = found["submissions"]["nodes"]
    text = json.dumps(kept["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == kept["digest"]
    assert kept["content"]["lines"][0]["amount_fen"] == 8_000_000
    assert kept["content"]["declarations"] == ["not_funded", "privacy", "true"]
    async with world.context() as ctx:
        sql = "select has_table_privilege(current_user, 'venture_submission', 'update')"
        assert await ctx.db.fetchval(sql) is False
    assert proposal is not None


async def test_entries_are_in_time_to_the_second(world: Any, story: Any, refused: Any) -> None:
    call = await story.published()
    applicant = await world.applicant()
    closes = world.clock.now() + timedelta(days=11)
    proposals = [await story.written(call, applicant, f"项目{i}") for i in range(4)]
    for moment, code in (
        (world.clock.now() + timedelta(hours=23, minutes=59, seconds=59), "venture.not_open_yet"),
        (closes + timedelta(seconds=1), "venture.late_entry"),
    ):
        world.at(moment)
        assert await refused(story.submit(proposals[0], applicant.writer)) == code
    world.at(closes)
    await story.submit(proposals[1], applicant.writer)
    world.at(closes - timedelta(days=10))
    await story.submit(proposals[2], applicant.writer)
    world.at(closes + timedelta(seconds=1))
    await story.step("closeVentureCall", world.officer, call)
    world.at(closes)
    assert await refused(story.submit(proposals[3], applicant.writer)) == "venture.call_not_open"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"own_funds_fen": 3_999_999}, "venture.own_funds_too_low"),
        ({"own_funds_fen": 10_000_000}, "venture.nothing_to_grant"),
        ({"summary": ""}, "venture.incomplete"),
        ({"plan_text": " "}, "venture.incomplete"),
        ({"starts_on": None}, "venture.incomplete"),
    ],
)
async def test_what_is_incomplete_or_asks_too_much_is_not_handed_in(
    world: Any, story: Any, refused: Any, changes: dict[str, Any], code: str
) -> None:
    applicant = await world.applicant()
    proposal = await story.written(await story.open(), applicant, **changes)
    assert await refused(story.submit(proposal, applicant.writer)) == code


async def test_a_grant_above_the_cap_is_refused(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    proposal = await story.written(await story.open(cap_fen=5_999_999), applicant)
    assert await refused(story.submit(proposal, applicant.writer)) == "venture.above_cap"


async def test_every_declaration_is_made(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    proposal = await story.written(await story.open(), applicant)
    for given in ((), ("TRUE", "PRIVACY"), ("NOT_FUNDED", "PRIVACY")):
        assert await refused(story.submit(proposal, applicant.writer, given)) == "venture.declaration_missing"


async def test_wrong_values_of_a_draft_are_refused(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    proposal = await story.begun(await story.open(), applicant)
    for changes, code in (
        ({"category": "环保"}, "venture.unknown_category"),
        ({"starts_on": date(2026, 7, 2), "ends_on": date(2026, 7, 1)}, "venture.ends_before_start"),
        ({"own_funds_fen": -1}, "venture.number_out_of_range"),
        ({"title": None}, "required"),
        ({"summary": "长" * 5001}, "too_long"),
        ({"summary": "a\x07"}, "identity.unprintable_text"),
        ({"need_id": world.town.id}, "not_found"),
    ):
        assert await refused(story.change(proposal, applicant.writer, **changes)) == code


async def test_only_a_published_need_is_answered(world: Any, story: Any, refused: Any) -> None:
    need = await world.act(
        "recordVentureNeed",
        world.officer,
        gives="VentureNeed",
        area_id=world.town.id,
        title="独居老人",
        category="为老",
        beneficiaries=1,
        source="问卷",
        surveyed_on="2026-04-01",
    )
    (need_id,) = [one for one in world.versions if to_global_id("VentureNeed", one) == need["id"]]
    applicant = await world.applicant()
    proposal = await story.begun(await story.open(), applicant)
    change = {"need_id": need_id}
    assert await refused(story.change(proposal, applicant.writer, **change)) == "venture.need_not_published"
    await story.step("publishVentureNeed", world.officer, need_id, "VentureNeed")
    await story.change(proposal, applicant.writer, **change)


async def test_an_organisation_that_is_not_registered_barred_or_below_the_floor_is_refused(
    world: Any, story: Any, refused: Any
) -> None:
    call = await story.published(floor_grade="A3")
    given: dict[str, dict[str, Any]] = {
        "venture.applicant_not_registered": {"registered": False},
        "venture.below_floor": {"grade": "2A"},
        "venture.applicant_barred": {"grade": "5A"},
        "": {"grade": "3A"},
    }
    applicants = {code: await world.applicant(**values) for code, values in given.items()}
    ungraded = await world.applicant()
    async with world.context() as ctx:
        barred = applicants["venture.applicant_barred"].organisation_id
        await bars.impose_bar(ctx, organisation_id=barred, barred_until=date(2027, 1, 1), reason="违约")
    world.at(world.clock.now() + timedelta(days=1))
    for code, applicant in applicants.items():
        proposal = await story.written(call, applicant)
        if code:
            assert await refused(story.submit(proposal, applicant.writer)) == code
        else:
            await story.submit(proposal, applicant.writer)
    proposal = await story.written(call, ungraded)
    assert await refused(story.submit(proposal, ungraded.writer)) == "venture.below_floor"


async def test_a_grade_that_expired_does_not_count_and_a_bar_after_the_entry_stops_it(
    world: Any, story: Any, refused: Any
) -> None:
    call = await story.published(floor_grade="A3")
    good = await world.applicant(grade="3A")
    expired = await world.applicant(grade="3A")
    await world.put(
        "organisations_grading",
        await world.value(
            "select g.id from organisations_grading g join organisations_registration r on r.tenant_id = $1"
            " and r.id = g.registration_id where g.tenant_id = $1 and r.organisation_id = $2",
            expired.organisation_id,
        ),
        valid_until=date(2026, 5, 6),
    )
    world.at(world.clock.now() + timedelta(days=1))
    late = await story.written(call, expired)
    assert await refused(story.submit(late, expired.writer)) == "venture.below_floor"
    proposal = await story.submitted(call, good)
    async with world.context() as ctx:
        await bars.impose_bar(
            ctx, organisation_id=good.organisation_id, barred_until=date(2027, 1, 1), reason="违约"
        )
    accept = story.step("acceptVentureProposal", world.officer, proposal, P)
    assert await refused(accept) == "venture.applicant_barred"


async def test_a_proposal_is_returned_once_and_corrected_in_time(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    proposal = await story.submitted(await story.open(), applicant)
    assert await refused(story.change(proposal, applicant.writer, summary="改")) == "venture.not_editable"
    await story.reason("returnVentureProposal", world.officer, proposal, P)
    due = await world.value("select correction_due_at from venture_proposal where tenant_id = $1")
    assert (
        due.astimezone(world.clock.now().tzinfo).isoformat() == "2026-05-13T15:59:59.999999+00:00"
    )  # 9 May is a make-up workday
    world.at(due + timedelta(microseconds=1))
    assert await refused(story.submit(proposal, applicant.writer)) == "venture.correction_too_late"
    world.at(due)
    await story.change(proposal, applicant.writer, summary="改")
    await story.submit(proposal, applicant.writer)
    again = story.reason("returnVentureProposal", world.officer, proposal, P)
    assert await refused(again) == "venture.returned_already"
    rounds = (
        "select array_agg(content->>'summary' order by round) from venture_submission where tenant_id = $1"
    )
    assert await world.value(rounds) == ["每周上门探访独居老人。", "改"]


async def test_a_correction_that_does_not_come_ends_by_the_clock(world: Any, story: Any) -> None:
    applicant = await world.applicant()
    proposal = await story.submitted(await story.open(), applicant)
    await story.reason("returnVentureProposal", world.officer, proposal, P)
    world.at(world.clock.now() + timedelta(days=30))
    await world.work("venture.lapse_due_corrections")
    found = "select state || reason from venture_proposal where tenant_id = $1"
    assert await world.value(found) == "ineligible逾期未补正。"


async def test_an_ineligible_applicant_objects_and_somebody_else_decides(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    proposal = await story.submitted(await story.open(), applicant)
    decide: dict[str, Any] = {"gives": P, "takes": "DecideVentureObjectionInput", "shows": "state"}

    def decided(actor: Any, upheld: bool) -> Any:
        return world.act(
            "decideVentureRefusalObjection", actor, id=proposal, upheld=upheld, reason="复核", **decide
        )

    def objected() -> Any:
        return world.act(
            "objectToVentureRefusal", applicant.writer, gives=P, id=proposal, objection="材料齐全"
        )

    assert await refused(objected()) == "workflow.undefined_transition"
    await story.reason("refuseVentureProposal", world.officer, proposal, P)
    assert await refused(decided(world.second, True)) == "venture.no_objection"
    await objected()
    assert await refused(objected()) == "venture.objected_already"
    assert await refused(decided(world.officer, True)) == "workflow.own_work"
    assert (await decided(world.second, True))["state"] == "ELIGIBLE"


async def test_an_objection_after_its_last_moment_is_refused(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    proposal = await story.submitted(await story.open(), applicant)
    await story.reason("refuseVentureProposal", world.officer, proposal, P)
    world.at(datetime(2026, 5, 13, 16, 0, tzinfo=world.clock.now().tzinfo))
    objected = world.act(
        "objectToVentureRefusal", applicant.writer, gives=P, id=proposal, objection="材料齐全"
    )
    assert await refused(objected) == "venture.objection_too_late"


async def test_whoever_acts_for_an_applicant_does_not_check_its_proposal(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    proposal = await story.submitted(await story.open(), applicant)
    both = world.resident(applicant.writer.person_id, tuple(world.officer.permissions))
    for step in ("acceptVentureProposal",):
        assert await refused(story.step(step, both, proposal, P)) == "venture.own_proposal"
    for step in ("returnVentureProposal", "refuseVentureProposal"):
        assert await refused(story.reason(step, both, proposal, P)) == "venture.own_proposal"


async def test_others_neither_write_nor_hand_in_nor_find_a_draft(
    world: Any, story: Any, refused: Any
) -> None:
    applicant, stranger = await world.applicant(), await world.applicant()
    call = await story.open()
    proposal = await story.written(call, applicant)
    begin = world.act(
        "draftVentureProposal",
        stranger.writer,
        gives=P,
        call_id=call,
        organisation_id=applicant.organisation_id,
        title="冒名",
    )
    assert await refused(begin) == "venture.not_an_applicant"
    assert await refused(story.change(proposal, stranger.writer, summary="x")) == "not_found"
    assert await refused(story.submit(proposal, stranger.writer)) == "not_found"
    assert await refused(story.step("acceptVentureProposal", world.officer, proposal, P)) == "not_found"
    document = """{ ventureProposals { totalCount nodes { id lines { totalCount } } } ventureBudgetLines { totalCount }
        ventureProposalsAggregate { count sums { value } } ventureSubmissions { totalCount } }"""
    nothing = await world.ask(world.officer, document)
    assert nothing == {
        "ventureProposals": {"totalCount": 0, "nodes": []},
        "ventureBudgetLines": {"totalCount": 0},
        "ventureProposalsAggregate": [{"count": 0, "sums": [{"value": 0}, {"value": 0}]}],
        "ventureSubmissions": {"totalCount": 0},
    }
    assert (await world.ask(stranger.writer, document)) == nothing
    own = await world.ask(applicant.colleague, document)
    assert (own["ventureProposals"]["totalCount"], own["ventureBudgetLines"]["totalCount"]) == (1, 2)
    compiled = await world.api.compiled(
        world.tenant,
        applicant.colleague,
        "{ ventureProposals { totalCount nodes { id lines { totalCount } } } }",
    )
    assert (compiled.data, compiled.statements) == ({"ventureProposals": own["ventureProposals"]}, 1)


async def test_attachments_stand_in_the_snapshot_and_are_fixed_from_then_on(
    world: Any, story: Any, tmp_path: Path
) -> None:
    applicant = await world.applicant()
    proposal = await story.written(await story.open(), applicant)

    async def attach(actor: Any) -> Any:
        async with world.context(actor) as ctx:
            ctx.db.store = DiskStore(tmp_path)
            content = io.BytesIO(b"%PDF-1.7\n" + b"x" * 100 + b"\n%%EOF")
            return await files.attach(
                ctx, content, kind="venture.attachment", owner_id=proposal, name="实施方案.pdf"
            )

    file = await attach(applicant.colleague)
    async with world.context(world.officer) as ctx:
        assert list(await files.of_owner(ctx, "venture.attachment", proposal)) == []
    await story.submit(proposal, applicant.writer)
    content = await world.value("select content->'attachments' from venture_submission where tenant_id = $1")
    assert json.loads(content)[0]["id"] == str(file.id)
    async with world.context(world.officer) as ctx:
        assert [one.id for one in await files.of_owner(ctx, "venture.attachment", proposal)] == [file.id]
    with pytest.raises(NotEditable):
        await attach(applicant.writer)


async def test_somebody_acts_for_an_organisation_once_and_no_longer_when_removed(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    values = {"organisation_id": applicant.organisation_id, "person_id": applicant.writer.person_id}
    again = world.act("addVentureMember", world.officer, gives="VentureMember", **values)
    assert await refused(again) == "venture.already_a_member"
    proposal = await story.begun(await story.open(), applicant)
    member = await world.value(
        "select id from venture_member where tenant_id = $1 and person_id = $2", applicant.writer.person_id
    )
    await world.act(
        "removeVentureMember", world.officer, takes="VentureStepInput", gives="VentureMember", id=member
    )
    assert await refused(story.change(proposal, applicant.writer, summary="x")) == "not_found"
    await story.change(proposal, applicant.colleague, summary="x")


APPLICANTS = ("submit", "withdraw")
STEPS = ("submit", "return", "accept", "refuse", "uphold", "overturn", "withdraw")


@pytest.mark.parametrize("state", list(ProposalState))
@pytest.mark.parametrize("action", STEPS)
async def test_every_step_before_the_review_works_where_the_table_has_it_and_nowhere_else(
    world: Any, story: Any, refused: Any, state: ProposalState, action: str
) -> None:
    applicant = await world.applicant()
    proposal = await story.written(await story.open(), applicant)
    await world.put(
        "venture_proposal", proposal, state=state.value, sealed=False, objection="材料齐全", object_until=None
    )
    officer = world.officer
    if action == "submit":
        step = story.submit(proposal, applicant.writer)
    elif action == "withdraw":
        step = story.step("withdrawVentureProposal", applicant.writer, proposal, P)
    elif action == "accept":
        step = story.step("acceptVentureProposal", officer, proposal, P)
    elif action in ("return", "refuse"):
        step = story.reason(f"{action}VentureProposal", officer, proposal, P)
    else:
        step = world.act(
            "decideVentureRefusalObjection",
            officer,
            takes="DecideVentureObjectionInput",
            gives=P,
            shows="state",
            id=proposal,
            upheld=action == "overturn",
            reason="复核",
        )
    if action in PROPOSAL.actions_in(state):
        assert (await step)["state"] == PROPOSAL.transition(state, action).target.upper()
    else:
        assert await refused(step) == "workflow.undefined_transition"


async def test_a_call_takes_in_no_more_than_can_be_reviewed(
    world: Any, story: Any, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submitting, "PROPOSALS_MAX", 1)
    applicants = [await world.applicant() for _ in range(2)]
    call = await story.open()
    await story.submitted(call, applicants[0])
    second = await story.written(call, applicants[1])
    assert await refused(story.submit(second, applicants[1].writer)) == "venture.call_full"


async def test_who_objects_when_the_draw_was_made_is_too_late(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    call = await story.open()
    proposal = await story.submitted(call, applicant)
    await story.reason("refuseVentureProposal", world.officer, proposal, P)
    await world.put("venture_call", call, state="reviewing")
    step = world.act(
        "objectToVentureRefusal",
        applicant.writer,
        gives=P,
        id=proposal,
        objection="材料齐全",
    )
    assert await refused(step) == "venture.call_not_open"
