"""Issued documents and attachments through the API: who sees them, who opens them, and who ends them."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli import documents, files
from linli.clock import FixedClock
from linli.context import Actor, Context
from linli.db import rows
from linli.documents import DocumentKind, Subject
from linli.files import File, FileKind, FileOwner
from linli.files.disk import DiskStore
from linli.identity import people
from linli.identity.places import Place
from linli.printing import DocumentTemplate, Lines
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli_graphql.ids import to_global_id
from linli_graphql.testing import GraphQLBench

PDF = b"%PDF-1.7\n" + bytes(500)
READ, REVOKE, FILES = "documents.document.read", "documents.document.revoke", "files.file.read"
KIND_READ, KIND_WRITE = "identity.person.read", "identity.person.write"
CARD = DocumentKind(
    DocumentTemplate("test.card", 1, "documents.page", (Lines(("holder",)),)),
    write=KIND_WRITE,
    read=KIND_READ,
)
LIST = """{ issuedDocuments { totalCount nodes { id number kind title state expired validUntil revokedAt
  revokeReason sha256 area { name } person { id } } }
  attachments { nodes { id kind name mediaType sizeBytes scannedBy removedAt person { id } } } }"""
MINE = "{ issuedDocuments { nodes { id } } attachments { nodes { id name } } }"
REVOKED = """mutation ($id: ID!, $reason: String!) { revokeDocument(input: {id: $id, reason: $reason}) {
  issuedDocument { state revokeReason } problems { code path } } }"""
DOCUMENT_LINK = (
    """mutation ($id: ID!) { createDocumentLink(input: {id: $id}) { path expiresAt problems { code } } }"""
)
FILE_LINK = (
    """mutation ($id: ID!) { createFileLink(input: {id: $id}) { path expiresAt problems { code } } }"""
)
REMOVED = """mutation ($id: ID!) { removeAttachment(input: {id: $id}) {
  attachment { name removedAt } problems { code } } }"""


@dataclass(slots=True)
class Office:
    """Two communities; in each a person with a card and a file; the kinds are the test's."""

    api: GraphQLBench
    bench: Bench
    tenant: Tenant
    areas: list[BenchArea]
    people: list[UUID]
    cards: list[UUID]
    files: list[UUID]

    def officer(self, *permissions: str, of: int = 0) -> Actor:
        return self.bench.actor(permissions, area_path=self.areas[of].path)

    def holder(self, of: int = 0) -> Actor:
        return replace(self.bench.actor(()), person_id=self.people[of])

    async def ask(self, actor: Actor, document: str, **variables: Any) -> Any:
        outcome = await self.api.execute(self.tenant, actor, document, variables)
        assert not outcome.errors, outcome.errors
        return outcome.data

    async def done(self, actor: Actor, document: str, **variables: Any) -> Any:
        (payload,) = (await self.ask(actor, document, **variables)).values()
        return payload

    def card(self, of: int = 0) -> str:
        return to_global_id("IssuedDocument", self.cards[of])

    def file(self, of: int = 0) -> str:
        return to_global_id("Attachment", self.files[of])


@pytest_asyncio.fixture
async def office(bench: Bench, api: GraphQLBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    tenant = await bench.tenant(plugins=())
    made = Office(api, bench, tenant, [await bench.area(tenant), await bench.area(tenant)], [], [], [])

    async def owner(ctx: Context, owner_id: UUID) -> FileOwner:
        place = made.areas[made.people.index(owner_id)]
        ctx.require(KIND_WRITE, place.path)
        return FileOwner("identity_person", owner_id, Place(place.id, place.path), owner_id)

    async def may_read(ctx: Context, file: File) -> bool:
        return file.person_id == ctx.actor.person_id or ctx.can(KIND_READ, file.area_path)

    kind = FileKind("test.evidence", frozenset({"application/pdf"}), 10_000, owner, may_read)
    plugins = bench.composition.plugin_set(())
    monkeypatch.setattr(plugins, "document_kinds", {CARD.name: CARD})
    monkeypatch.setattr(plugins, "file_kinds", {kind.name: kind})
    for area in made.areas:
        async with bench.context(tenant) as ctx:
            ctx.db.store = DiskStore(tmp_path)
            person = await people.register(ctx, area_id=area.id, full_name="王小明", synthetic=True)
            made.people.append(person.id)
            subject = Subject("identity_person", person.id, Place(area.id, area.path), person.id, "王小明")
            card = await documents.issue(ctx, CARD, subject=subject, values={}, valid_until=ctx.today())
            file = await files.attach(
                ctx, io.BytesIO(PDF), kind=kind.name, owner_id=person.id, name="证明.pdf"
            )
            made.cards.append(card.id)
            made.files.append(file.id)
    return made


async def test_an_officer_sees_what_lies_where_the_permissions_are_held(office: Office) -> None:
    seen = await office.ask(office.officer(READ, FILES, KIND_READ, "areas.area.read"), LIST)
    assert seen["issuedDocuments"]["totalCount"] == 1
    (card,) = seen["issuedDocuments"]["nodes"]
    assert (card["id"], card["kind"], card["state"], card["expired"]) == (
        office.card(),
        "test.card",
        "VALID",
        False,
    )
    assert card["revokeReason"] == "***"
    (file,) = seen["attachments"]["nodes"]
    assert (file["id"], file["name"], file["sizeBytes"]) == (office.file(), "证明.pdf", len(PDF))
    nothing = await office.api.execute(office.tenant, office.officer(), LIST)
    assert set(nothing.codes) == {"permission_denied"}
    for foreign in (office.card(1), office.file(1)):
        found = await office.ask(
            office.officer(READ, FILES), "query ($id: ID!) { node(id: $id) { id } }", id=foreign
        )
        assert found["node"] is None


async def test_a_person_sees_and_opens_their_own_and_nothing_else(office: Office) -> None:
    seen = await office.ask(office.holder(), MINE)
    assert seen == {
        "issuedDocuments": {"nodes": [{"id": office.card()}]},
        "attachments": {"nodes": [{"id": office.file(), "name": "证明.pdf"}]},
    }
    for document, prefix, of in (
        (DOCUMENT_LINK, "/documents/link/", office.card),
        (FILE_LINK, "/files/link/", office.file),
    ):
        made = await office.done(office.holder(), document, id=of())
        assert made["path"].startswith(f"{prefix}{office.tenant.slug}/")
        refused = await office.done(office.holder(), document, id=of(1))
        assert (refused["path"], refused["problems"]) == (None, [{"code": "not_found"}])


async def test_the_names_of_a_page_are_read_together(office: Office) -> None:
    document = "{ attachments { nodes { name } } }"
    reader = office.bench.actor([FILES, KIND_READ])
    two = await office.api.execute(office.tenant, reader, document)
    one = await office.api.execute(office.tenant, office.officer(FILES, KIND_READ), document)
    assert [len(each["attachments"]["nodes"]) for each in (one, two)] == [1, 2]
    assert one.statements == two.statements == 2


async def test_a_file_of_a_sealed_row_is_in_no_list_until_that_is_opened(office: Office) -> None:
    everywhere = office.bench.actor([FILES, KIND_READ])
    document = (
        "query ($id: ID!) { attachments { totalCount } attachmentsAggregate { count } node(id: $id) { id } }"
    )
    for sealed, count in ((True, 1), (False, 2)):
        async with office.bench.context(office.tenant) as ctx:
            if sealed:
                file = await rows.get(ctx, File, office.files[0])
                await rows.update(ctx, file, action="seal", sealed=True)
            else:
                await files.unseal(ctx, "test.evidence", office.people[0])
        seen = await office.ask(everywhere, document, id=office.file())
        assert seen["attachments"]["totalCount"] == seen["attachmentsAggregate"][0]["count"] == count
        assert (seen["node"] is None) is sealed
        mine = await office.ask(office.holder(), MINE)
        assert len(mine["attachments"]["nodes"]) == 1, "whom it tells of sees it all the same"


async def test_the_directory_of_files_opens_none(office: Office) -> None:
    clerk = office.officer(FILES)
    seen = await office.ask(clerk, MINE.replace("issuedDocuments { nodes { id } }", ""))
    assert [one["name"] for one in seen["attachments"]["nodes"]] == [None]
    assert (await office.done(clerk, FILE_LINK, id=office.file()))["problems"] == [{"code": "not_found"}]
    assert (await office.done(office.officer(READ), DOCUMENT_LINK, id=office.card()))["problems"] == [
        {"code": "not_found"}
    ]


async def test_a_document_is_revoked_for_a_reason_by_the_kinds_permission_or_the_one_for_all(
    office: Office,
) -> None:
    for actor, reason, code in (
        (office.holder(), "遗失", "permission_denied"),
        (office.officer(READ), "遗失", "permission_denied"),
        (office.officer(READ, REVOKE, of=1), "遗失", "not_found"),
        (office.officer(REVOKE, READ), " ", "required"),
    ):
        payload = await office.done(actor, REVOKED, id=office.card(), reason=reason)
        assert [one["code"] for one in payload["problems"]] == [code]
    done = await office.done(office.officer(READ, KIND_WRITE), REVOKED, id=office.card(), reason="遗失")
    assert done["issuedDocument"] == {"state": "REVOKED", "revokeReason": "***"}
    for actor in (office.holder(), office.officer(READ, REVOKE)):
        seen = await office.ask(actor, "{ issuedDocuments { nodes { revokeReason } } }")
        assert seen["issuedDocuments"]["nodes"] == [{"revokeReason": "遗失"}]
    again = await office.done(office.officer(READ, REVOKE), REVOKED, id=office.card(), reason="遗失")
    assert [one["code"] for one in again["problems"]] == ["workflow.undefined_transition"]
    other = await office.done(office.officer(READ, REVOKE, of=1), REVOKED, id=office.card(1), reason="遗失")
    assert other["issuedDocument"]["state"] == "REVOKED"


async def test_a_document_whose_last_day_is_over_is_expired(office: Office) -> None:
    office.api.runtime.clock = FixedClock(datetime.now(UTC) + timedelta(days=2))
    document = "{ issuedDocuments { nodes { expired state } } }"
    seen = await office.ask(office.holder(), document)
    assert seen["issuedDocuments"]["nodes"] == [{"expired": True, "state": "VALID"}]
    compiled = await office.api.compiled(office.tenant, office.holder(), document)
    assert (compiled.data, compiled.statements) == (seen, 1)


async def test_an_attachment_is_removed_by_who_may_attach(office: Office) -> None:
    refused = await office.done(office.holder(), REMOVED, id=office.file())
    assert [one["code"] for one in refused["problems"]] == ["permission_denied"]
    done = await office.done(office.officer(FILES, KIND_READ, KIND_WRITE), REMOVED, id=office.file())
    assert done["attachment"]["name"] is None
    assert done["attachment"]["removedAt"]
    gone = await office.done(office.holder(), FILE_LINK, id=office.file())
    assert gone["problems"] == [{"code": "not_found"}]


async def test_where_the_plugin_is_off_the_person_alone_opens_what_is_theirs(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins = office.bench.composition.plugin_set(())
    monkeypatch.setattr(plugins, "document_kinds", {})
    monkeypatch.setattr(plugins, "file_kinds", {})
    for document, node in ((DOCUMENT_LINK, office.card()), (FILE_LINK, office.file())):
        assert (await office.done(office.holder(), document, id=node))["path"]
        refused = await office.done(office.officer(READ, FILES, KIND_READ), document, id=node)
        assert refused["problems"] == [{"code": "not_found"}]
    removed = await office.done(office.holder(), REMOVED, id=office.file())
    assert removed["problems"] == [{"code": "files.kind_switched_off"}]


async def test_a_persons_node_leads_to_what_is_theirs(office: Office) -> None:
    document = """query ($id: ID!) { person(id: $id) {
      issuedDocuments { nodes { id } } attachments { nodes { id } } } }"""
    seen = await office.ask(office.holder(), document, id=to_global_id("Person", office.people[0]))
    assert seen["person"] == {
        "issuedDocuments": {"nodes": [{"id": office.card()}]},
        "attachments": {"nodes": [{"id": office.file()}]},
    }
