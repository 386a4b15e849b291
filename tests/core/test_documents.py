"""Issued documents: signed, checked by anybody with and without the platform, revoked, and emptied at an erasure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli import documents
from linli.clock import FixedClock
from linli.context import PermissionDenied
from linli.documents import Document, DocumentKind, Subject, check, code_is_genuine, file_is_genuine, personal
from linli.documents.errors import BadValidity, DocumentErased
from linli.documents.following import follow_merge
from linli.documents.signatures import PrintedFacts, code_of, sign_file, taken_apart
from linli.documents.verification import public_keys
from linli.errors import NotFound, Required
from linli.handover.signing import signer
from linli.identity import people
from linli.identity.places import Place
from linli.printing import BadDocumentAddress, DocumentTemplate, Lines, Signature
from linli.privacy import retention
from linli.privacy.subjects import erase_all, export_all
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli.testing.printed_codes import read_code
from linli.testing.printed_words import printed_pages
from linli.verifiable import new_number
from linli.workflow import UndefinedTransition

CLOCK = FixedClock(datetime(2026, 7, 24, 4, 0, tzinfo=UTC))
UNTIL = date(2029, 7, 23)
CARD = DocumentKind(
    DocumentTemplate(
        "test.card",
        1,
        "test.card",
        (Lines(("holder", "level", "issued_on", "valid_until")), Signature("office")),
    ),
    write="identity.person.write",
    read="identity.person.read",
)
OTHER = replace(CARD, template=replace(CARD.template, kind="test.other"))
VALUES: dict[str, Any] = {"level": "助理社会工作师", "office": "和平社区"}
RIGHTS = ("identity.person.write", "identity.person.read")


@dataclass(slots=True)
class Office:
    """A community, a resident of it, and what its office may do."""

    bench: Bench
    tenant: Tenant
    area: BenchArea
    person_id: UUID

    @property
    def subject(self) -> Subject:
        place = Place(self.area.id, self.area.path)
        return Subject("identity_person", self.person_id, place, self.person_id, "王小明")

    def at(self, clock: FixedClock = CLOCK, *, rights: tuple[str, ...] = RIGHTS) -> Any:
        actor = self.bench.actor(rights, area_path=self.area.path)
        return self.bench.context(self.tenant, actor=actor, clock=clock)

    async def issued(self) -> Document:
        async with self.at() as ctx:
            return await documents.issue(ctx, CARD, subject=self.subject, values=VALUES, valid_until=UNTIL)


@pytest.fixture
async def office(bench: Bench) -> Office:
    tenant = reached_at(await bench.tenant(), "https://linli.example.cn/")
    area = await bench.area(tenant, "和平社区")
    async with bench.context(tenant, clock=CLOCK) as ctx:
        person = await people.register(ctx, area_id=area.id, full_name="王小明", synthetic=True)
    return Office(bench, tenant, area, person.id)


async def test_why_one_was_revoked_stands_in_no_trail_and_an_erasure_leaves_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await office.issued()
    async with office.at() as ctx:
        await documents.revoke_all(ctx, CARD, office.person_id, reason="违规-甲")
        trail = await ctx.db.fetch(
            "select after::text from audit_entry where tenant_id = $1 and subject_table = 'documents_document'",
            ctx.tenant_id,
        )
        assert not any("违规-甲" in row["after"] for row in trail)
    monkeypatch.setattr(personal, "_AT_ONCE", 2)
    async with office.bench.context(office.tenant, clock=CLOCK) as ctx:
        for _ in range(2):
            kept = await erase_all(ctx, [office.person_id])
            assert personal.NUMBERS in kept
        left = await ctx.db.fetchval(
            """select count(*) from documents_document where tenant_id = $1 and (content is not null
                or holder_masked <> '' or revoke_reason <> '')""",
            ctx.tenant_id,
        )
    assert left == 0


def reached_at(tenant: Tenant, address: str) -> Tenant:
    return replace(tenant, settings={**tenant.settings, "documents.public_address": address})


async def test_a_document_is_issued_kept_and_checked_by_its_number(office: Office) -> None:
    document = await office.issued()
    async with office.at() as ctx:
        content = await documents.content_of(ctx, CARD, document.id)
        found = await check(ctx, document.number.lower().replace("-", " "), file=content)
        assert [one.id for one in await documents.of_subject(ctx, CARD, office.person_id)] == [document.id]
    printed = "".join(printed_pages(content))
    address = f"https://linli.example.cn/verify/{office.tenant.slug}/{document.number}"
    assert read_code(content).startswith(f"{address}#1.test:card.20260724.20290723.")
    for word in (document.number, "王小明", "助理社会工作师", "2026-07-24", "2029-07-23", "和平社区"):
        assert word in printed, word
    assert address in re.sub(r"\s", "", printed)
    assert found is not None
    assert (found.state, found.holder, found.same_file) == ("valid", "王**", True)
    assert (found.issued_on, found.valid_until) == (date(2026, 7, 24), UNTIL)


async def test_one_altered_byte_tells_a_forged_file_with_and_without_the_platform(office: Office) -> None:
    document = await office.issued()
    async with office.at() as ctx:
        content = await documents.content_of(ctx, CARD, document.id)
        key = bytes.fromhex((await public_keys(ctx))[document.key_id.hex])
        assert file_is_genuine(content, key)
        for place in (0, 9, len(content) // 2, *range(len(content) - 150, len(content))):
            forged = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
            found = await check(ctx, document.number, file=forged)
            assert found is not None
            assert found.same_file is False
            assert not file_is_genuine(forged, key)
        assert not file_is_genuine(content + b"\n", key)
        assert not file_is_genuine(content[: content.index(b"%linli-signature")], key)


async def test_the_code_is_checked_offline_with_the_name_on_the_paper(bench: Bench) -> None:
    tenant = await bench.tenant()
    facts = PrintedFacts(tenant.slug, new_number(2026), "test.card", date(2026, 7, 24), UNTIL, "王小明")
    async with bench.context(tenant) as ctx:
        key = await signer(ctx)
        code = code_of(facts, key)
    assert code_is_genuine(code, facts, key.public_key)
    changes: tuple[dict[str, Any], ...] = (
        {"holder": "王大明"},
        {"number": new_number(2026)},
        {"kind": "test.other"},
        {"valid_until": None},
        {"issued_on": date(2026, 7, 25)},
        {"tenant_slug": "elsewhere"},
    )
    for change in changes:
        assert not code_is_genuine(code, replace(facts, **change), key.public_key)
    for broken in ("", "1.", "2" + code[1:], code[:-2], code + "中"):
        assert not code_is_genuine(broken, facts, key.public_key)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_no_signed_file(content: bytes) -> None:
    assert taken_apart(content) is None
    assert not file_is_genuine(content, bytes(32))


async def test_a_signature_for_a_file_is_none_for_another_key(bench: Bench) -> None:
    one, other = await bench.tenant(), await bench.tenant()
    async with bench.context(one) as ctx:
        mine = await signer(ctx)
    async with bench.context(other) as ctx:
        theirs = await signer(ctx)
    file = sign_file(b"%PDF-", mine)
    assert file_is_genuine(file, mine.public_key)
    assert not file_is_genuine(file, theirs.public_key)


async def test_revoked_and_expired_are_told_apart_and_revoked_counts_more(office: Office) -> None:
    document = await office.issued()
    for days, state in ((0, "valid"), (1, "expired")):
        later = FixedClock(datetime(2029, 7, 23, 15, 59, tzinfo=UTC) + timedelta(days=days))
        async with office.at(later) as ctx:
            found = await check(ctx, document.number)
            assert found is not None
            assert found.state == state
    async with office.at() as ctx:
        with pytest.raises(Required):
            await documents.revoke(ctx, CARD, document.id, reason=" ")
        revoked = await documents.revoke(ctx, CARD, document.id, reason="信息有误")
        assert (revoked.state, revoked.revoke_reason) == ("revoked", "信息有误")
        with pytest.raises(UndefinedTransition):
            await documents.revoke(ctx, CARD, document.id, reason="再次")
        found = await check(ctx, document.number)
        assert found is not None
        assert found.state == "revoked"


async def test_rights_are_asked_for_at_the_place(office: Office) -> None:
    document = await office.issued()
    async with office.at(rights=("identity.person.read",)) as ctx:
        with pytest.raises(PermissionDenied):
            await documents.issue(ctx, CARD, subject=office.subject, values=VALUES)
        with pytest.raises(PermissionDenied):
            await documents.revoke(ctx, CARD, document.id, reason="信息有误")
    elsewhere = await office.bench.area(office.tenant, "团结社区")
    stranger = office.bench.actor(RIGHTS, area_path=elsewhere.path)
    async with office.bench.context(office.tenant, actor=stranger, clock=CLOCK) as ctx:
        for refused in (
            lambda: documents.content_of(ctx, CARD, document.id),
            lambda: documents.revoke(ctx, CARD, document.id, reason="信息有误"),
        ):
            with pytest.raises(NotFound):
                await refused()
        assert await documents.of_subject(ctx, CARD, office.person_id) == []
    oneself = replace(office.bench.actor(()), person_id=office.person_id)
    async with office.bench.context(office.tenant, actor=oneself, clock=CLOCK) as ctx:
        assert await documents.content_of(ctx, CARD, document.id)
        with pytest.raises(NotFound):
            await documents.content_of(ctx, OTHER, document.id)


async def test_another_tenant_knows_nothing_of_a_number(office: Office) -> None:
    document = await office.issued()
    async with office.bench.context(await office.bench.tenant()) as ctx:
        assert await check(ctx, document.number) is None
        with pytest.raises(NotFound):
            await documents.content_of(ctx, CARD, document.id)


async def test_what_cannot_be_issued_leaves_nothing(office: Office) -> None:
    async with office.at() as ctx:
        with pytest.raises(BadValidity):
            await documents.issue(
                ctx, CARD, subject=office.subject, values=VALUES, valid_until=date(2026, 7, 23)
            )
    tenant = reached_at(await office.bench.tenant(), "linli.example.cn")
    async with office.bench.context(tenant, clock=CLOCK) as ctx:
        with pytest.raises(BadDocumentAddress):
            await documents.issue(ctx, CARD, subject=replace(_nobody(), holder="甲"), values=VALUES)
        assert (
            await ctx.db.fetchval("select count(*) from documents_document where tenant_id = $1", tenant.id)
            == 0
        )


async def test_the_file_is_encrypted_where_it_lies_and_its_digest_is_in_the_audit_trail(
    office: Office,
) -> None:
    document = await office.issued()
    async with office.at() as ctx:
        content = await documents.content_of(ctx, CARD, document.id)
        stored = await ctx.db.fetchval(
            "select content from documents_document where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            document.id,
        )
        told = await ctx.db.fetch(
            "select action, after::text from audit_entry where tenant_id = $1 and subject_id = $2 order by id",
            ctx.tenant_id,
            document.id,
        )
    assert content[:5] == b"%PDF-"
    assert b"%PDF-" not in stored
    assert len(stored) > len(content)
    assert [row["action"] for row in told] == ["issue", "read"]
    assert document.sha256 in told[0]["after"]
    assert "王" not in told[0]["after"]


async def test_an_erasure_takes_the_file_and_the_name_and_leaves_a_revoked_number(office: Office) -> None:
    document = await office.issued()
    async with office.bench.context(office.tenant, clock=CLOCK) as ctx:
        await documents.revoke_all(ctx, CARD, office.person_id, reason="违规")
        exported = (await export_all(ctx, [office.person_id]))["documents.document"]
        assert [one["number"] for one in exported] == [document.number]
        kept = await erase_all(ctx, [office.person_id])
        assert "documents" in {one.what for one in kept}
        with pytest.raises(DocumentErased):
            await documents.content_of(ctx, CARD, document.id)
        found = await check(ctx, document.number)
        left = await ctx.db.fetchval(
            "select revoke_reason from documents_document where tenant_id = $1", ctx.tenant_id
        )
    assert found is not None
    assert (found.state, found.holder, left) == ("revoked", "", "")


async def test_a_file_past_its_period_goes_and_the_number_still_tells(office: Office) -> None:
    document = await office.issued()
    later = FixedClock(CLOCK.now() + timedelta(days=3_651))
    async with office.bench.context(office.tenant, clock=later) as ctx:
        await retention.apply(ctx, {})
        with pytest.raises(DocumentErased):
            await documents.content_of(ctx, CARD, document.id)
        found = await check(ctx, document.number)
    assert found is not None
    assert (found.state, found.holder) == ("expired", "王**")


async def test_what_becomes_of_the_subject_revokes_all_that_was_issued_about_it(office: Office) -> None:
    first, second = await office.issued(), await office.issued()
    async with office.bench.context(office.tenant, permissions=()) as ctx:
        assert await documents.revoke_all(ctx, OTHER, office.person_id, reason="注销") == 0
        assert await documents.revoke_all(ctx, CARD, office.person_id, reason="注销") == 2
        assert await documents.revoke_all(ctx, CARD, office.person_id, reason="注销") == 0
        for one in (first, second):
            found = await check(ctx, one.number)
            assert found is not None
            assert found.state == "revoked"


async def test_a_document_without_an_address_has_no_code(office: Office) -> None:
    office.tenant = reached_at(office.tenant, "")
    document = await office.issued()
    async with office.at() as ctx:
        content = await documents.content_of(ctx, CARD, document.id)
    with pytest.raises(ValueError, match="three finder patterns"):
        read_code(content)


async def test_documents_of_a_merged_entry_are_the_kept_ones(office: Office) -> None:
    document = await office.issued()
    async with office.bench.context(office.tenant, clock=CLOCK) as ctx:
        kept = await people.register(ctx, area_id=office.area.id, full_name="王小明", synthetic=True)
        await people.merge(ctx, kept_id=kept.id, duplicate_id=office.person_id, reason="重复登记")
        for _ in range(2):
            await follow_merge(ctx, office.person_id)
        found = await ctx.db.fetchval(
            "select person_id from documents_document where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            document.id,
        )
    assert found == kept.id


def _nobody() -> Subject:
    return Subject("identity_person", UUID(int=1), Place(None, ""))
