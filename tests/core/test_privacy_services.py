"""Reveals, consents and service tags."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from linli.clock import FixedClock
from linli.context import Actor, Context, PermissionDenied
from linli.db import rows
from linli.errors import FutureDate, NotFound, Required
from linli.identity import people
from linli.ids import new_id
from linli.privacy import consents, reveals, tags
from linli.privacy.consents import ConsentForm
from linli.privacy.errors import (
    ConsentGiven,
    ConsentMissing,
    ConsentTextOutdated,
    ForbiddenTag,
    TagKindRetired,
    TagPeriod,
    UnknownConsentPurpose,
)
from linli.privacy.forbidden import HEADER_WORDS, WORDS, forbidden_header, forbidden_word
from linli.privacy.reveals import REVEAL, PersonField
from linli.privacy.tags import TagBasis
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea

NUMBER = "999999199003070012"  # made up: there is no such region
PHONE = "19900000001"
TAGS = "privacy.service_tags"
NOW = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
CLOCK = FixedClock(NOW)


async def resident(bench: Bench, tenant: Tenant, area: BenchArea | None = None) -> UUID:
    async with bench.context(tenant, clock=CLOCK) as ctx:
        person = await people.register(
            ctx,
            area_id=area.id if area else None,
            full_name="测试人员",
            birth_date=date(1990, 3, 7),
            phone=PHONE,
            id_number=NUMBER,
            synthetic=True,
        )
    return person.id


def oneself(bench: Bench, person_id: UUID) -> Actor:
    return replace(bench.actor(()), person_id=person_id)


async def trail(ctx: Context) -> str:
    found = await ctx.db.fetch("select * from audit_entry where tenant_id = $1", ctx.tenant_id)
    return json.dumps([dict(row) for row in found], default=str, ensure_ascii=False)


# --- reveals ---------------------------------------------------------------------------------------------


async def test_a_reveal_shows_the_value_and_the_person_can_read_who_saw_it_and_why(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    area = await bench.area(tenant, "和平社区")
    person_id = await resident(bench, tenant, area)
    values = {}
    async with bench.context(tenant, permissions=(REVEAL,), area_path=area.path, clock=CLOCK) as ctx:
        for field in PersonField:
            shown = await reveals.reveal_person_field(ctx, person_id, field, reason="上门核实")
            values[field.value] = shown.value
    assert values == {"id_number": NUMBER, "phone": PHONE, "birth_date": "1990-03-07"}
    async with bench.context(tenant) as ctx:
        log = await ctx.db.fetch(
            "select * from privacy_reveal where tenant_id = $1 and person_id = $2 order by id",
            ctx.tenant_id,
            person_id,
        )
        assert [(row["field"], row["actor_name"], row["office"], row["reason"]) for row in log] == [
            (field.value, "测试账号", "test, 和平社区", "上门核实") for field in PersonField
        ]
        text = await trail(ctx)
    assert NUMBER not in text
    assert PHONE not in text


async def test_a_reveal_takes_the_permission_at_the_persons_place_and_a_reason(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    here, there = await bench.area(tenant), await bench.area(tenant)
    person_id = await resident(bench, tenant, here)
    field = PersonField.PHONE
    async with bench.context(tenant, permissions=(REVEAL,), area_path=there.path) as ctx:
        with pytest.raises(NotFound):
            await reveals.reveal_person_field(ctx, person_id, field, reason="好奇")
    async with bench.context(tenant, permissions=("identity.person.read",)) as ctx:
        with pytest.raises(PermissionDenied):
            await reveals.reveal_person_field(ctx, person_id, field, reason="好奇")
    async with bench.context(tenant, permissions=(REVEAL,)) as ctx:
        with pytest.raises(Required):
            await reveals.reveal_person_field(ctx, person_id, field, reason=" ")
        assert await ctx.db.fetchval(
            "select count(*) from privacy_reveal where tenant_id = $1", ctx.tenant_id
        ) == 0  # fmt: skip


# --- consents --------------------------------------------------------------------------------------------


async def test_a_withdrawn_consent_stops_its_purpose_and_nothing_else(bench: Bench) -> None:
    tenant = await bench.tenant()
    person_id = await resident(bench, tenant)
    async with bench.context(tenant, actor=oneself(bench, person_id), clock=CLOCK) as ctx:
        for purpose in (TAGS, "volunteers.publicity"):
            await consents.give(ctx, person_id, purpose, text_version=1)
        with pytest.raises(ConsentGiven):
            await consents.give(ctx, person_id, TAGS, text_version=1)
        await consents.require_consent(ctx, person_id, TAGS)
        await consents.withdraw(ctx, person_id, TAGS)
        with pytest.raises(ConsentMissing):
            await consents.require_consent(ctx, person_id, TAGS)
        await consents.require_consent(ctx, person_id, "volunteers.publicity")
        with pytest.raises(ConsentMissing):
            await consents.withdraw(ctx, person_id, TAGS)
        await consents.give(ctx, person_id, TAGS, text_version=1)
        found = await consents.consents_of(ctx, person_id)
        assert [(one.purpose, one.withdrawn_at is not None) for one in found] == [
            (TAGS, False),
            ("volunteers.publicity", False),
            (TAGS, True),
        ]
        events = await ctx.db.fetch(
            "select name from events_event where tenant_id = $1 and name like 'privacy.%' order by id",
            ctx.tenant_id,
        )
        assert [row["name"].partition("_")[2] for row in events] == ["given", "given", "withdrawn", "given"]


async def test_a_consent_on_paper_says_who_entered_it_and_where_the_paper_is(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    person_id = await resident(bench, tenant)
    paper = {
        "text_version": 1,
        "form": ConsentForm.PAPER,
        "reference": "档案盒 3",
        "given_on": date(2026, 7, 1),
    }
    async with bench.context(tenant, permissions=(consents.RECORD,), clock=CLOCK) as ctx:
        made = await consents.record_paper(ctx, person_id, TAGS, **paper)  # type: ignore[arg-type]
        assert (made.form, made.reference, made.recorded_by) == ("paper", "档案盒 3", ctx.actor.id)
        with pytest.raises(FutureDate):
            await consents.record_paper(
                ctx,
                person_id,
                TAGS,
                **{**paper, "given_on": date(2026, 7, 25)},  # type: ignore[arg-type]
            )
        with pytest.raises(Required):
            await consents.withdraw(ctx, person_id, TAGS, form=ConsentForm.PAPER)
        ended = await consents.withdraw(ctx, person_id, TAGS, form=ConsentForm.PAPER, reference="档案盒 3")
        assert (ended.withdrawn_form, ended.withdrawn_at) == ("paper", NOW)
    async with bench.context(tenant, permissions=("identity.person.read",), clock=CLOCK) as ctx:
        with pytest.raises(PermissionDenied):
            await consents.record_paper(ctx, person_id, TAGS, **paper)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            await consents.give(ctx, person_id, TAGS, text_version=1)


@pytest.mark.parametrize(("purpose", "version", "error"), [
    ("volunteers.nothing", 1, UnknownConsentPurpose), (TAGS, 0, ConsentTextOutdated), (TAGS, 2, ConsentTextOutdated),
])  # fmt: skip
async def test_unknown_purposes_and_texts_are_refused(
    bench: Bench, purpose: str, version: int, error: type[Exception]
) -> None:
    tenant = await bench.tenant()
    person_id = await resident(bench, tenant)
    async with bench.context(tenant, actor=oneself(bench, person_id), clock=CLOCK) as ctx:
        with pytest.raises(error):
            await consents.give(ctx, person_id, purpose, text_version=version)


async def test_a_purpose_goes_with_its_plugin_and_a_consent_can_be_withdrawn_all_the_same(
    bench: Bench,
) -> None:
    tenant = await bench.tenant()
    person_id = await resident(bench, tenant)
    async with bench.context(tenant, actor=oneself(bench, person_id), clock=CLOCK) as ctx:
        await consents.give(ctx, person_id, "volunteers.publicity", text_version=1)
    without = replace(tenant, plugins=frozenset())
    async with bench.context(without, actor=oneself(bench, person_id), clock=CLOCK) as ctx:
        with pytest.raises(UnknownConsentPurpose):
            await consents.require_consent(ctx, person_id, "volunteers.publicity")
        await consents.withdraw(ctx, person_id, "volunteers.publicity")


async def test_a_consent_given_under_an_entry_that_was_merged_counts_for_the_person(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    kept, duplicate = await resident(bench, tenant), await resident(bench, tenant)
    async with bench.context(tenant, actor=oneself(bench, duplicate), clock=CLOCK) as ctx:
        await consents.give(ctx, duplicate, TAGS, text_version=1)
    async with bench.context(tenant, clock=CLOCK) as ctx:
        await people.merge(ctx, kept_id=kept, duplicate_id=duplicate, reason="同一人")
        assert await consents.has_consent(ctx, kept, TAGS)


# --- service tags ----------------------------------------------------------------------------------------


async def kind(ctx: Context, **given: object) -> UUID:
    values = {"key": "living_alone", "name_zh": "独居老人", "name_en": "Living alone", "purpose": "上门探访"}
    made = await tags.define_kind(ctx, **{**values, **given})  # type: ignore[arg-type]
    return made.id


async def test_a_tag_needs_its_ground_and_ends_with_the_consent_that_it_rests_on(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    person_id = await resident(bench, tenant)
    wanted = {"person_id": person_id, "legal_reference": "民政部门名单 2026-3"}
    async with bench.context(tenant) as ctx:
        soon = ctx.today() + timedelta(days=30)
        kind_id = await kind(ctx)
        given = {**wanted, "kind_id": kind_id, "expires_on": soon}
        with pytest.raises(ConsentMissing):
            await tags.grant(ctx, basis=TagBasis.CONSENT, **given)  # type: ignore[arg-type]
        await tags.grant(ctx, basis=TagBasis.DUTY, **given)  # type: ignore[arg-type]
        for day in (ctx.today(), ctx.today() + timedelta(days=367)):
            with pytest.raises(TagPeriod):
                await tags.grant(ctx, basis=TagBasis.DUTY, **{**given, "expires_on": day})  # type: ignore[arg-type]
        with pytest.raises(Required):
            await tags.grant(ctx, basis=TagBasis.DUTY, **{**given, "legal_reference": ""})  # type: ignore[arg-type]
    async with bench.context(tenant, actor=oneself(bench, person_id)) as ctx:
        await consents.give(ctx, person_id, TAGS, text_version=1)
    async with bench.context(tenant) as ctx:
        await tags.grant(ctx, basis=TagBasis.CONSENT, **given)  # type: ignore[arg-type]
        assert len(await tags.tags_of(ctx, person_id)) == 2
    async with bench.context(tenant, actor=oneself(bench, person_id)) as ctx:
        await consents.withdraw(ctx, person_id, TAGS)
        assert [one.basis for one in await tags.tags_of(ctx, person_id)] == ["duty"]


async def test_an_expired_tag_cannot_be_read_by_any_statement_and_is_deleted_later(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    person_id = await resident(bench, tenant)
    async with bench.context(tenant) as ctx:
        kind_id = await kind(ctx)
        tag = await tags.grant(
            ctx,
            person_id=person_id,
            kind_id=kind_id,
            basis=TagBasis.DUTY,
            legal_reference="民政部门名单 2026-3",
            expires_on=ctx.today() + timedelta(days=1),
        )
    async with bench.database.owner() as db:
        await db.execute("select app.bind($1)", tenant.id)
        await db.execute(
            "update privacy_tag set expires_at = now() - interval '1 second' where tenant_id = $1", tenant.id
        )
    async with bench.context(tenant) as ctx:
        assert await tags.tags_of(ctx, person_id) == []
        assert await ctx.db.fetchval("select count(*) from privacy_tag where tenant_id = $1", tenant.id) == 0
        with pytest.raises(NotFound):
            await rows.get(ctx, type(tag), tag.id)
        assert await ctx.db.fetchval("select app.privacy_purge_tags($1, now(), 10)", tenant.id) == 1


async def test_the_day_of_expiry_is_the_tenants_own(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    person_id = await resident(bench, tenant)
    async with bench.context(tenant) as ctx:
        day = ctx.today() + timedelta(days=2)
        tag = await tags.grant(
            ctx,
            person_id=person_id,
            kind_id=await kind(ctx),
            basis=TagBasis.DUTY,
            legal_reference="名单",
            expires_on=day,
        )
    assert tag.expires_at == datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


async def test_tags_are_granted_and_read_by_permission_at_the_persons_place(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    area = await bench.area(tenant)
    person_id = await resident(bench, tenant, area)
    async with bench.context(tenant) as ctx:
        kind_id = await kind(ctx)
        retired = await kind(ctx, key="old")
        await tags.retire_kind(ctx, retired)
        soon = ctx.today() + timedelta(days=30)
    given = {"person_id": person_id, "basis": TagBasis.DUTY, "legal_reference": "名单", "expires_on": soon}
    async with bench.context(tenant, permissions=("identity.person.read",)) as ctx:
        with pytest.raises(PermissionDenied):
            await tags.grant(ctx, kind_id=kind_id, **given)  # type: ignore[arg-type]
        with pytest.raises(PermissionDenied):
            await tags.tags_of(ctx, person_id)
        with pytest.raises(PermissionDenied):
            await kind(ctx, key="other")
    async with bench.context(tenant, permissions=(tags.GRANT,), area_path=area.path) as ctx:
        with pytest.raises(TagKindRetired):
            await tags.grant(ctx, kind_id=retired, **given)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            await tags.grant(ctx, kind_id=new_id(), **given)  # type: ignore[arg-type]
        tag = await tags.grant(ctx, kind_id=kind_id, **given)  # type: ignore[arg-type]
        await tags.revoke(ctx, tag.id, reason="情况变化")
        told = await ctx.db.fetch(
            "select before, after from audit_entry where tenant_id = $1 and subject_table = 'privacy_tag'",
            tenant.id,
        )
        assert len(told) == 2
        assert not any(secret in str(told) for secret in ("上门探访", "名单", str(kind_id)))


@pytest.mark.parametrize(
    "name",
    [
        *WORDS,
        "上 访 户",
        "重-点-人-员",
        "刑　满 释放",
        "Ｐｅｔｉｔｉｏｎｅｒ",
        "EX-Offender",
        "key  person",
        "Former convict",
    ],
)
async def test_people_are_never_tagged_as_petitioners_ex_offenders_or_key_persons(
    bench: Bench, name: str
) -> None:
    assert forbidden_word(name) is not None
    if name in WORDS[:3]:
        async with bench.context(await bench.tenant(plugins=())) as ctx:
            for field in ("key", "name_zh", "name_en", "purpose"):
                with pytest.raises(ForbiddenTag):
                    await kind(ctx, **{field: f"a {name} b"})


@pytest.mark.parametrize(
    "name", ["低保", "空巢老人", "残疾", "独居老人", "Agriculture", "Difficult to reach"]
)
def test_ordinary_tags_are_not_refused(name: str) -> None:
    assert forbidden_word(name) is None


@pytest.mark.parametrize(
    "header",
    [
        *HEADER_WORDS,
        "婚 育 证 明",
        "生育状况",
        "ＸＸ宗教信仰ＸＸ",
        "Family Planning",
        "是否重点人员",
        "前科（有/无）",
        "最近孕检日期",
    ],
)
def test_columns_that_nobody_may_collect_are_known_however_they_are_written(header: str) -> None:
    assert forbidden_header(header) is not None


@pytest.mark.parametrize(
    "header",
    [
        "姓名",
        "身份证号",
        "婚姻状况",
        "职业",
        "生育保险",
        "是否参加生育保险",
        "文化程度",
        "政治面貌",
        "流入原因",
        "Name",
        "Region",
    ],
)
def test_columns_that_lists_need_are_kept(header: str) -> None:
    assert forbidden_header(header) is None
