"""Checking documents over HTTP: anybody may, nobody learns more than is printed, and guessing is slow."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from linli import documents
from linli.clock import FixedClock
from linli.documents import DocumentKind, Subject, file_is_genuine
from linli.identity import accounts, people
from linli.identity.places import Place
from linli.printing import DocumentTemplate, Lines
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.verifiable import new_number

PASSWORD = "Correct-horse-battery-1"
PDF = {"content-type": "application/pdf"}
CARD = DocumentKind(
    DocumentTemplate("test.card", 1, "documents.page", (Lines(("holder",)),)), write="a.b.c", read="a.b.d"
)


@dataclass(slots=True)
class Visitor:
    """Somebody without a log-in, a document, and its file."""

    client: httpx.AsyncClient
    bench: Bench
    tenant: Tenant
    number: str
    document_id: UUID
    file: bytes

    async def facts(self, number: str = "") -> Any:
        answer = await self.client.get(f"/verify/{self.tenant.slug}/{number or self.number}/facts")
        assert answer.status_code == 200
        return answer.json()

    async def page(self, number: str = "") -> str:
        answer = await self.client.get(f"/verify/{self.tenant.slug}/{number or self.number}")
        assert answer.status_code == 200
        return answer.text

    async def sent(self, file: bytes, number: str = "") -> Any:
        path = f"/verify/{self.tenant.slug}/{number or self.number}/file"
        answer = await self.client.post(path, content=file, headers=PDF)
        assert answer.status_code == 200
        return answer.json()


def shape(page: str) -> list[str]:
    """The tags of a page, in their order."""
    return re.findall(r"<[^>]*>", re.sub(r'action="[^"]*"', "", page))


@pytest.fixture
async def visitor(web: Any, bench: Bench) -> Visitor:
    tenant = await bench.tenant()
    clock = FixedClock(datetime.now(UTC))
    subject = Subject("identity_person", tenant.id, Place(None, ""), holder="王小明")
    async with bench.context(tenant, clock=clock) as ctx:
        document = await documents.issue(ctx, CARD, subject=subject, values={})
        content = await documents.content_of(ctx, CARD, document.id)
    return Visitor(web.client, bench, tenant, document.number, document.id, content)


async def test_anybody_sees_state_kind_date_and_a_masked_name(visitor: Visitor) -> None:
    page = await visitor.page()
    for word in ("文书核验", visitor.number, "有效", "王**", visitor.tenant.name, "核对文件"):
        assert word in page, word
    assert "王小明" not in page
    told = await visitor.facts()
    assert (told["state"], told["title"], told["holder"], told["sameFile"]) == (
        "valid",
        "文书核验",
        "王**",
        None,
    )
    assert set(told) == {"state", "title", "holder", "issuedOn", "validUntil", "sameFile"}


async def test_valid_revoked_expired_and_unknown_are_told_apart(visitor: Visitor) -> None:
    bench, tenant = visitor.bench, visitor.tenant
    before = FixedClock(datetime.now(UTC) - timedelta(days=10))
    subject = Subject("identity_person", tenant.id, Place(None, ""), holder="李四")
    async with bench.context(tenant, clock=before) as ctx:
        ended = await documents.issue(
            ctx, CARD, subject=subject, values={}, valid_until=ctx.today() + timedelta(days=1)
        )
    assert (await visitor.facts())["state"] == "valid"
    assert (await visitor.facts(ended.number))["state"] == "expired"
    async with bench.context(tenant) as ctx:
        await documents.revoke(ctx, CARD, visitor.document_id, reason="内部原因")
    assert (await visitor.facts())["state"] == "revoked"
    page = await visitor.page()
    assert "已撤销" in page
    assert "内部原因" not in page


async def test_an_unknown_and_an_impossible_number_get_the_same_page_as_any_other(visitor: Visitor) -> None:
    known, unknown, typed = (
        await visitor.page(),
        await visitor.page(new_number(2026)),
        await visitor.page("<script>alert(1)"),
    )
    assert shape(known) == shape(unknown) == shape(typed)
    assert "查无此文书" in unknown
    assert "alert" not in typed
    assert "致电" not in await visitor.page("已通过请致电 400-123")
    nothing = await visitor.facts(new_number(2026))
    assert nothing == await visitor.facts("abc") == await visitor.facts("x" * 300)
    assert (nothing["state"], {value for key, value in nothing.items() if key != "state"}) == (
        "not_found",
        {None},
    )


async def test_a_forged_file_is_told_from_the_one_that_was_issued(visitor: Visitor) -> None:
    assert (await visitor.sent(visitor.file))["sameFile"] is True
    forged = visitor.file.replace(b"Linli", b"Linly", 1)
    assert forged != visitor.file
    assert (await visitor.sent(forged))["sameFile"] is False
    assert (await visitor.sent(b""))["sameFile"] is False
    assert (await visitor.sent(visitor.file, new_number(2026)))["sameFile"] is None


async def test_the_page_takes_a_file_by_its_form(visitor: Visitor) -> None:
    path = f"/verify/{visitor.tenant.slug}/{visitor.number}/file"
    for content, said in ((visitor.file, "与签发的原件一致"), (visitor.file + b" ", "不可采信")):
        answer = await visitor.client.post(path, files={"file": ("card.pdf", content, "application/pdf")})
        assert answer.status_code == 200
        assert said in answer.text
    for options in ({"data": {"file": "text"}}, {"json": {}}, {"files": {"other": ("a.pdf", b"x")}}):
        answer = await visitor.client.post(path, **options)
        assert (answer.status_code, answer.json()["code"]) == (400, "http.malformed_body")
    answer = await visitor.client.post(path, content=b"x" * 1_100_000, headers=PDF)
    assert answer.status_code == 413


async def test_the_public_keys_check_a_file_without_the_platform(visitor: Visitor) -> None:
    answer = await visitor.client.get(f"/verify/{visitor.tenant.slug}/keys")
    [key] = answer.json()["keys"].values()
    assert file_is_genuine(visitor.file, bytes.fromhex(key))


async def test_a_thousand_guesses_are_throttled_and_tell_nothing(visitor: Visitor) -> None:
    paths = [f"/verify/{visitor.tenant.slug}/{new_number(2026)}/facts" for _ in range(1_000)]
    answers = [await visitor.client.get(path) for path in paths]
    served = [answer for answer in answers if answer.status_code == 200]
    assert len(served) < 30
    assert {answer.json()["state"] for answer in served} == {"not_found"}
    refused = [answer for answer in answers if answer.status_code != 200]
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(429, "rate_limited")}
    assert {"retry-after"} <= set(refused[0].headers)
    answer = await visitor.client.get(f"/verify/{visitor.tenant.slug}/{visitor.number}/facts")
    assert answer.status_code == 429


async def test_who_asks_too_often_gets_a_page_in_their_language(visitor: Visitor) -> None:
    path = f"/verify/{visitor.tenant.slug}/{visitor.number}"
    for _ in range(25):
        answer = await visitor.client.get(path)
    unknown = await visitor.client.get(f"/verify/{visitor.tenant.slug}/{new_number(2026)}")
    english = await visitor.client.get(path, headers={"accept-language": "en"})
    form = await visitor.client.post(f"{path}/file", files={"file": ("a.pdf", b"x", "application/pdf")})
    for one, word in (
        (answer, "操作过于频繁"),
        (unknown, "操作过于频繁"),
        (english, "Too many requests"),
        (form, "操作过于频繁"),
    ):
        assert (one.status_code, one.headers["content-type"].partition(";")[0]) == (429, "text/html")
        assert int(one.headers["retry-after"]) >= 1
        assert word in one.text
        assert visitor.number not in one.text
    assert shape(answer.text) == shape(unknown.text)
    program = await visitor.client.post(f"{path}/file", content=b"x", headers=PDF)
    assert (program.status_code, program.json()["code"]) == (429, "rate_limited")


async def test_a_file_is_fetched_by_its_holder_and_by_a_link_for_ten_minutes(
    web: Any, visitor: Visitor
) -> None:
    async with visitor.bench.context(visitor.tenant) as ctx:
        person = await people.register(ctx, area_id=None, full_name="王小明", synthetic=True)
        subject = Subject("identity_person", person.id, Place(None, ""), person.id, "王小明")
        card = await documents.issue(ctx, CARD, subject=subject, values={})
        for name, who in (("wang", person.id), ("li", None)):
            await accounts.create(
                ctx, login_name=name, password=PASSWORD, must_change_password=False, person_id=who
            )
    headers = []
    for name in ("wang", "li"):
        body = {"tenant": visitor.tenant.slug, "login": name, "password": PASSWORD}
        token = (await visitor.client.post("/auth/sign-in", json=body)).json()["token"]
        headers.append({"authorization": f"Bearer {token}"})
    path = f"/documents/IssuedDocument_{card.id}"
    fetched = await visitor.client.get(path, headers=headers[0])
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/pdf")
    assert card.number in fetched.headers["content-disposition"]
    assert (await visitor.sent(fetched.content, card.number))["sameFile"] is True
    for options, status in (({"headers": headers[1]}, 404), ({}, 401)):
        assert (await visitor.client.get(path, **options)).status_code == status
    assert (await visitor.client.post(f"{path}/link", headers=headers[1])).status_code == 404
    link = (await visitor.client.post(f"{path}/link", headers=headers[0])).json()["path"]
    assert (await visitor.client.get(link)).content == fetched.content
    head, _, signature = link.rpartition("=")
    for altered, status in (
        (f"{head}={'0' * 64}", 404),
        (link.replace(str(card.id), str(visitor.document_id)), 404),
        (link.replace("/documents/", "/files/"), 404),
        (f"{head}={signature[:-1]}", 400),
        (link.replace("expires=", "expires=9"), 404),
    ):
        assert (await visitor.client.get(altered)).status_code == status, altered
    web.runtime.clock = FixedClock(datetime.now(UTC) + timedelta(minutes=11))
    assert (await visitor.client.get(link)).status_code == 404


async def test_a_password_that_must_be_changed_opens_nothing_of_its_person(
    visitor: Visitor,
) -> None:
    async with visitor.bench.context(visitor.tenant) as ctx:
        person = await people.register(ctx, area_id=None, full_name="王小明", synthetic=True)
        subject = Subject("identity_person", person.id, Place(None, ""), person.id, "王小明")
        card = await documents.issue(ctx, CARD, subject=subject, values={})
        await accounts.create(ctx, login_name="wang", password=PASSWORD, person_id=person.id)
    body = {"tenant": visitor.tenant.slug, "login": "wang", "password": PASSWORD}
    signed_in = (await visitor.client.post("/auth/sign-in", json=body)).json()
    assert signed_in["mustChangePassword"] is True
    headers = {"authorization": f"Bearer {signed_in['token']}"}
    assert (await visitor.client.get(f"/documents/{card.id}", headers=headers)).status_code == 404
    body = {"present": PASSWORD, "new": "Another-Lane-8"}
    changed = (await visitor.client.post("/auth/password", json=body, headers=headers)).json()
    headers = {"authorization": f"Bearer {changed['token']}"}
    assert (await visitor.client.get(f"/documents/{card.id}", headers=headers)).status_code == 200


async def test_clients_that_send_slowly_hold_nobody_up(visitor: Visitor) -> None:
    go_on = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield visitor.file[:100]
        await go_on.wait()
        yield visitor.file[100:]

    path = f"/verify/{visitor.tenant.slug}/{visitor.number}/file"
    sending = [asyncio.create_task(visitor.client.post(path, content=slow(), headers=PDF)) for _ in range(18)]
    await asyncio.sleep(0.5)
    try:
        assert (await asyncio.wait_for(visitor.facts(), 5))["state"] == "valid"
    finally:
        go_on.set()
        sent = await asyncio.gather(*sending)
    assert {one.json()["sameFile"] for one in sent} == {True}


async def test_an_unknown_place_has_no_documents(visitor: Visitor) -> None:
    answer = await visitor.client.get(f"/verify/nowhere/{visitor.number}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
