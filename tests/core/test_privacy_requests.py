"""Requests about one's own data: everything about the person, nothing about anyone else, and what is kept."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from linli import ledger
from linli.clock import FixedClock
from linli.context import Context, PermissionDenied
from linli.db import rows
from linli.db.encryption import EncryptedText, decrypt
from linli.errors import NotFound, Required
from linli.identity import accounts, people
from linli.identity.places import Place
from linli.identity.tables import Account, Person
from linli.privacy import consents, requests
from linli.privacy.errors import AlreadyExtended, PersonStillServed, RequestKindUnfit
from linli.privacy.requests import DECIDE, REQUEST_STATES, ExportFormat, RequestKind
from linli.privacy.subjects import export_all, parts_of
from linli.registry import Composition
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.isolation import Pair
from linli.testing.printed_words import printed_pages
from linli.workflow import UndefinedTransition

NUMBER, PHONE = "999999199003070012", "19900000001"  # made up: there is no such region
CLOCK = FixedClock(datetime(2026, 7, 24, 4, 0, tzinfo=UTC))

# Personal values of these tables are of no one person: places, offices, and what others say of themselves.
NOT_ABOUT_ONE_PERSON = {
    "handover_key": "what the tenant signs with",
    "identity_household": "a household's name and address; membership is exported",
    "identity_organisation": "a unit's telephone",
    "privacy_export": "the export itself",
    "transfer_block": "a list of many, which is removed after some days",
    "transfer_piece": "a list of many, which is removed after some days",
    "venture_draw_seed": "what decides a draw, until it is told",
    "transfer_problem": "a row of a list of many, masked, which is removed with it",
}


async def resident(bench: Bench, tenant: Tenant, name: str = "测试甲") -> UUID:
    async with bench.context(tenant, clock=CLOCK) as ctx:
        person = await people.register(
            ctx,
            area_id=None,
            full_name=name,
            birth_date=date(1990, 3, 7),
            phone=PHONE,
            id_number=NUMBER,
            synthetic=True,
        )
    return person.id


async def verified(bench: Bench, tenant: Tenant, person_id: UUID, kind: RequestKind) -> UUID:
    async with bench.context(tenant, permissions=(DECIDE,), clock=CLOCK) as ctx:
        request = await requests.receive(ctx, person_id, kind, detail="请提供")
        await requests.verify(ctx, request.id, how="身份证原件")
    return request.id


def test_every_table_with_personal_data_says_how_it_is_exported(composition: Composition) -> None:
    plugins = composition.plugin_set(composition.names)
    covered = {
        table
        for _name, parts in plugins.contributions("personal_data")
        for part in parts
        for table in part.tables
    }
    declared = {
        column.partition(".")[0]
        for manifest in plugins.manifests.values()
        for column in manifest.declares.personal_data
    }
    assert sorted(declared - covered - NOT_ABOUT_ONE_PERSON.keys()) == []


def test_encrypted_columns_are_declared_sensitive_and_sensitive_texts_are_encrypted(
    composition: Composition,
) -> None:
    columns = {
        f"{table._meta.tablename}.{column._meta.name}": column
        for tables in composition.tables.values()
        for table in tables
        for column in table._meta.columns
    }
    sensitive = {
        name
        for manifest in composition.manifests.values()
        for name, entry in manifest.declares.personal_data.items()
        if entry.class_ == "sensitive"
    }
    encrypted = {name for name, column in columns.items() if isinstance(column, EncryptedText)}
    ids = {name for name in sensitive if name.endswith("_id")}
    assert sensitive - ids == encrypted
    owners = {name.partition("_")[0] for name in encrypted}
    assert all(columns[name].purpose.partition(".")[0] in owners for name in encrypted)


async def test_an_export_has_all_rows_about_the_person_in_every_table_and_no_row_about_another(
    pair: Pair,
) -> None:
    """Every table is filled for two people of the tenant, and for two of another."""
    tenant, seeded = pair.a.tenant, pair.a.rows
    first, second = (UUID(str(seeded["identity_person"][variant]["id"])) for variant in (1, 2))
    async with pair.bench.context(tenant) as ctx:
        found = {variant: await export_all(ctx, [one]) for variant, one in ((1, first), (2, second))}
        about = {table for part in parts_of(ctx) for table in part.tables}
    for variant, other in ((1, 2), (2, 1)):
        text = json.dumps(found[variant], default=str)
        for table in sorted(about):
            row = seeded[table].get(variant, {})
            owners = {str(row.get(name)) for name in ("person_id", "owner_id")}
            if str((first, second)[variant - 1]) in owners:
                assert str(row["id"]) in text, table
        strangers = [str(seeded["identity_person"][other]["id"])]
        strangers += [
            str(row["id"]) for rows_of in pair.b.rows.values() for row in rows_of.values() if "id" in row
        ]
        assert [one for one in strangers if one in text] == []


async def test_a_person_asks_for_their_data_and_gets_a_file_in_every_form(bench: Bench) -> None:
    tenant = await bench.tenant()
    person_id, _other = await resident(bench, tenant), await resident(bench, tenant, "测试乙")
    oneself = replace(bench.actor(()), person_id=person_id)
    async with bench.context(tenant, actor=oneself, clock=CLOCK) as ctx:
        await consents.give(ctx, person_id, "volunteers.publicity", text_version=1)
        request = await requests.receive(ctx, person_id, RequestKind.EXPORT)
        assert request.state == "verified"
        export = await requests.make_export(ctx, request.id)
        document = await requests.read_export(ctx, export.id, ExportFormat.JSON)
        content = json.loads(document.content)
        (entry,) = content["data"]["identity.person"]
        assert (entry["full_name"], entry["id_number"], entry["phone"]) == ("测试甲", NUMBER, PHONE)
        assert content["data"]["privacy.consent"][0]["purpose"] == "volunteers.publicity"
        assert "测试乙" not in document.content.decode()
        sheet = await requests.read_export(ctx, export.id, ExportFormat.XLSX)
        paper = await requests.read_export(ctx, export.id, ExportFormat.PDF)
    with zipfile.ZipFile(io.BytesIO(sheet.content)) as book:
        assert "identity.person" in book.read("xl/workbook.xml").decode()
        assert NUMBER in book.read("xl/sharedStrings.xml").decode()
    assert (paper.name, paper.media_type) == (f"personal-data-{export.id}.pdf", "application/pdf")
    printed = "".join(printed_pages(paper.content))
    for one in ("个人信息副本", "identity.person 1", "测试甲", NUMBER, PHONE, "volunteers.publicity"):
        assert one in printed, one
    assert "测试乙" not in printed
    later = FixedClock(CLOCK.now() + timedelta(days=7))
    async with bench.context(tenant, actor=oneself, clock=later) as ctx:
        with pytest.raises(NotFound):
            await requests.read_export(ctx, export.id, ExportFormat.JSON)


async def test_an_export_is_for_the_person_and_the_office_only(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    person_id = await resident(bench, tenant)
    request_id = await verified(bench, tenant, person_id, RequestKind.SEE)
    stranger = replace(bench.actor(()), person_id=await resident(bench, tenant))
    async with bench.context(tenant, clock=CLOCK) as ctx:
        export = await requests.make_export(ctx, request_id)
    async with bench.context(tenant, actor=stranger, clock=CLOCK) as ctx:
        with pytest.raises(NotFound):
            await requests.read_export(ctx, export.id, ExportFormat.JSON)
        with pytest.raises(NotFound):
            await requests.make_export(ctx, request_id)
        with pytest.raises(NotFound):
            await requests.receive(ctx, person_id, RequestKind.SEE)
    async with bench.context(tenant, permissions=("identity.person.read",), clock=CLOCK) as ctx:
        with pytest.raises(PermissionDenied):
            await requests.read_export(ctx, export.id, ExportFormat.JSON)


async def test_a_request_is_due_in_fifteen_working_days_and_extended_once(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    person_id = await resident(bench, tenant)
    async with bench.context(tenant, permissions=(DECIDE,), clock=CLOCK) as ctx:
        request = await requests.receive(ctx, person_id, RequestKind.CORRECT, detail="电话有误")
        assert request.due_at.astimezone(UTC).date() == date(2026, 8, 14)
        assert await decrypt(ctx, request, "detail") == "电话有误"
        with pytest.raises(UndefinedTransition):
            await requests.answer(ctx, request.id, text="已更正")
        extended = await requests.extend(ctx, request.id, reason="需核对档案")
        assert extended.due_at.astimezone(UTC).date() == date(2026, 9, 4)
        with pytest.raises(AlreadyExtended):
            await requests.extend(ctx, request.id, reason="再延")
        await requests.verify(ctx, request.id, how="身份证原件")
        with pytest.raises(Required):
            await requests.answer(ctx, request.id, text="")
        done = await requests.answer(ctx, request.id, text="已更正")
        assert (done.state, await decrypt(ctx, done, "answer")) == ("answered", "已更正")
        with pytest.raises(RequestKindUnfit):
            await requests.make_export(ctx, request.id)


@pytest.mark.parametrize(("state", "action"), REQUEST_STATES.illegal())
def test_every_other_step_of_a_request_is_refused(state: str, action: str) -> None:
    with pytest.raises(UndefinedTransition):
        REQUEST_STATES.transition(state, action)


async def test_an_erasure_leaves_no_personal_value_and_the_books_still_add_up(bench: Bench) -> None:
    tenant = await bench.tenant()
    person_id = await resident(bench, tenant)
    request_id = await verified(bench, tenant, person_id, RequestKind.ERASE)
    async with bench.context(tenant, clock=CLOCK) as ctx:
        account = await accounts.create(
            ctx, login_name="ce-shi-jia", password="Ce-shi-2026!", person_id=person_id
        )
        await _give_points(ctx, person_id, 70)
        with pytest.raises(PersonStillServed):
            await requests.erase(ctx, request_id)
        await people.mark_left(ctx, person_id, on=date(2026, 7, 24))
        before = await _books(ctx, person_id)
        assert before[1] == 70
        kept = await requests.erase(ctx, request_id)
        assert {one.what for one in kept} >= {"ledger", "audit", "privacy", "volunteers.certificate"}
        person = await rows.get(ctx, Person, person_id)
        assert (person.full_name, person.name_pinyin, person.gender) == ("—", "", "unknown")
        assert (person.birth_date, person.phone, person.id_number, person.id_number_index) == (None,) * 4
        ended = await rows.get(ctx, Account, account.id)
        assert (ended.state, ended.login_name) == ("disabled", f"erased-{account.id.hex}")
        assert await _books(ctx, person_id) == before
        request = await rows.get(ctx, requests.Request, request_id)
        assert (request.state, "账目" in (await decrypt(ctx, request, "answer") or "")) == ("answered", True)
        text = json.dumps(await export_all(ctx, [person_id]), default=str, ensure_ascii=False)
    assert not any(value in text for value in ("测试甲", NUMBER, PHONE, "ce-shi-jia"))


async def _give_points(ctx: Context, person_id: UUID, amount: int) -> None:
    whole = Place(None, "")
    issuer = ledger.Owner(ledger.OwnerKind.TENANT, ctx.tenant_id)
    holder = ledger.Owner(ledger.OwnerKind.PERSON, person_id)
    unit = ledger.Unit.POINTS
    source = await ledger.account(ctx, issuer, unit=unit, role="issuance", place=whole, may_be_negative=True)
    target = await ledger.account(ctx, holder, unit=unit, role="holder", place=whole)
    lines = [ledger.Line(source.id, -amount), ledger.Line(target.id, amount)]
    await ledger.post(ctx, ledger.Purpose("test.given", str(person_id)), lines)


async def _books(ctx: Context, person_id: UUID) -> tuple[object, ...]:
    """What figures and books are made of: balances by role, the person's own points, the people that are counted."""
    owner = ledger.Owner(ledger.OwnerKind.PERSON, person_id)
    sums = await ledger.trial_balance(ctx, ledger.Unit.POINTS)
    own = await ctx.db.fetchval(
        "select sum(available) from ledger_account where tenant_id = $1 and owner_id = $2",
        ctx.tenant_id,
        owner.id,
    )
    left = "select count(*) from identity_person where tenant_id = $1 and state <> 'active'"
    return sums, own, await ctx.db.fetchval(left, ctx.tenant_id)
