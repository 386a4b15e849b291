"""A certificate of registration from the register to a stranger's telephone: issued, checked, forged, ended."""

from __future__ import annotations

import asyncio
import base64
import statistics
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.documents import PrintedFacts, check, code_is_genuine, file_is_genuine
from linli.identity import clients
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.printed_codes import read_code
from linli.verifiable import new_number

NAME = "演示王小明"
PDF = {"content-type": "application/pdf"}
GIVES = {
    "registerPerson": ("RegisterPersonInput", "person"),
    "recogniseSocialWorkerCertificate": ("RecogniseSocialWorkerCertificateInput", "socialWorkerCertificate"),
    "applyForSocialWorkerRegistration": (
        "ApplyForSocialWorkerRegistrationInput",
        "socialWorkerRegistration",
    ),
    "reviewSocialWorkerRegistration": ("SocialWorkerStepInput", "socialWorkerRegistration"),
    "registerSocialWorker": ("RegisterSocialWorkerInput", "socialWorkerRegistration"),
    "cancelSocialWorkerRegistration": ("CancelSocialWorkerRegistrationInput", "socialWorkerRegistration"),
    "issueSocialWorkerCard": ("IssueSocialWorkerPaperInput", "issuedDocument"),
}


@dataclass(slots=True)
class Office:
    """Three programs that act for officers, and a stranger with a telephone."""

    bench: Bench
    tenant: Tenant
    client: httpx.AsyncClient
    tokens: list[str] = field(default_factory=list)
    made: int = 0

    async def ask(self, document: str, by: int = 0, **variables: Any) -> Any:
        headers = {"authorization": f"Bearer {self.tokens[by]}"}
        body = {"query": document, "variables": variables}
        answer = (await self.client.post("/graphql", json=body, headers=headers)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def act(self, name: str, by: int = 0, **given: Any) -> str:
        input_type, gives = GIVES[name]
        document = (
            f"mutation ($i: {input_type}!) {{ {name}(input: $i) {{ {gives} {{ id }} problems {{ code }} }} }}"
        )
        payload = (await self.ask(document, by, i=given))[name]
        assert payload["problems"] == [], (name, payload)
        return str(payload[gives]["id"])

    async def registered(self, valid_from: date) -> str:
        """Somebody from the register of people to the register of social workers, by three officers."""
        self.made += 1
        person = await self.act("registerPerson", areaId=None, fullName=NAME, synthetic=True)
        certificate = await self.act(
            "recogniseSocialWorkerCertificate",
            personId=person,
            level="ASSISTANT",
            number=f"ZS-{self.made:04d}",
            issuedOn=valid_from.isoformat(),
            passedIn=valid_from.year,
        )
        registration = await self.act(
            "applyForSocialWorkerRegistration", certificateId=certificate, personId=person
        )
        await self.act("reviewSocialWorkerRegistration", 1, id=registration)
        await self.act("registerSocialWorker", 2, id=registration, validFrom=valid_from.isoformat())
        return registration

    async def card(self, registration: str) -> bytes:
        """The file of a new certificate, as a browser fetches it by a link."""
        card = await self.act("issueSocialWorkerCard", id=registration)
        document = "mutation ($i: DocumentInput!) { createDocumentLink(input: $i) { path } }"
        link = (await self.ask(document, i={"id": card}))["createDocumentLink"]["path"]
        answer = await self.client.get(link)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        return answer.content


@dataclass(slots=True)
class Stranger:
    """Somebody who holds a paper or a file, and has nothing else but a telephone."""

    client: httpx.AsyncClient
    tenant: Tenant

    async def scanned(self, file: bytes) -> httpx.Response:
        """The page that the printed code opens: what stands behind `#` is never sent."""
        return await self.client.get(urlsplit(read_code(file)).path)

    async def sent(self, file: bytes, number: str) -> Any:
        path = f"/verify/{self.tenant.slug}/{number}/file"
        return (await self.client.post(path, content=file, headers=PDF)).json()

    async def key(self) -> bytes:
        (key,) = (await self.client.get(f"/verify/{self.tenant.slug}/keys")).json()["keys"].values()
        return bytes.fromhex(key)


@pytest_asyncio.fixture
async def office(web: Any, bench: Bench) -> Office:
    tenant = await bench.tenant(plugins=["social_workers"])
    office = Office(bench, tenant, web.client)
    everything = sorted(bench.composition.plugin_set(tenant.plugins).permissions)
    for _ in range(3):
        async with bench.context(tenant) as ctx:
            made = await clients.create(ctx, name="对接平台", scopes=everything)
        secret = base64.b64encode(f"{made.client.client_id}:{made.client_secret}".encode()).decode()
        headers = {"authorization": f"Basic {secret}"}
        answer = await web.client.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, headers=headers
        )
        office.tokens.append(answer.json()["access_token"])
    setting = """mutation { setSetting(input: {name: "documents.public_address", value: "http://linli.test"}) {
      problems { code } } }"""
    assert (await office.ask(setting))["setSetting"]["problems"] == []
    return office


@pytest.fixture
def stranger(office: Office) -> Stranger:
    return Stranger(office.client, office.tenant)


def number_in(file: bytes) -> str:
    return urlsplit(read_code(file)).path.rpartition("/")[2]


async def test_a_scanned_certificate_is_valid_and_shows_no_more_than_it_must(
    office: Office, stranger: Stranger
) -> None:
    today = datetime.now(UTC).date()
    file = await office.card(await office.registered(today - timedelta(days=30)))
    page = await stranger.scanned(file)
    assert page.status_code == 200
    for word in ("有效", "社会工作者登记证书", number_in(file), "演****", office.tenant.name):
        assert word in page.text, word
    for secret in (NAME, "ZS-0001", "助理社会工作师"):
        assert secret not in page.text
    facts = await stranger.sent(file, number_in(file))
    assert set(facts) == {"state", "title", "holder", "issuedOn", "validUntil", "sameFile"}
    assert (facts["state"], facts["sameFile"]) == ("valid", True)


async def test_an_altered_byte_number_or_signature_is_forged_with_and_without_the_platform(
    office: Office, stranger: Stranger
) -> None:
    today = datetime.now(UTC).date()
    file = await office.card(await office.registered(today - timedelta(days=30)))
    number, key = number_in(file), await stranger.key()
    altered = bytes([*file[:1_000], file[1_000] ^ 1, *file[1_001:]])
    signed = bytes([*file[:-10], ord("A") if file[-10] != ord("A") else ord("B"), *file[-9:]])
    assert file_is_genuine(file, key)
    for forged in (altered, signed, file[:-1], file + b" "):
        assert (await stranger.sent(forged, number))["sameFile"] is False
        assert not file_is_genuine(forged, key)
    code = urlsplit(read_code(file)).fragment
    facts = await stranger.sent(file, number)
    printed = PrintedFacts(
        office.tenant.slug,
        number,
        "social_workers.card",
        date.fromisoformat(facts["issuedOn"]),
        date.fromisoformat(facts["validUntil"]),
        NAME,
    )
    assert code_is_genuine(code, printed, key)
    head, _, signature = code.rpartition(".")
    other = new_number(today.year)
    for text, said in (
        (f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}", printed),
        (code, PrintedFacts(office.tenant.slug, other, *_rest(printed))),
        (code, PrintedFacts(office.tenant.slug, number, *_rest(printed)[:3], "演示李四")),
        (code.replace(f"{printed.valid_until:%Y%m%d}", "20991231"), printed),
    ):
        assert not code_is_genuine(text, said, key)
    page = await stranger.client.get(f"/verify/{office.tenant.slug}/{other}")
    assert (page.status_code, "查无此文书" in page.text) == (200, True)
    assert (await stranger.sent(file, other)) == {
        "state": "not_found",
        **dict.fromkeys(("title", "holder", "issuedOn", "validUntil", "sameFile")),
    }


async def test_a_cancelled_registration_shows_as_revoked_without_its_reason(
    office: Office, stranger: Stranger
) -> None:
    registration = await office.registered(datetime.now(UTC).date() - timedelta(days=30))
    file = await office.card(registration)
    await office.act("cancelSocialWorkerRegistration", 1, id=registration, reason="挪用善款")
    page = await stranger.scanned(file)
    assert "已撤销" in page.text
    assert "挪用善款" not in page.text
    assert (await stranger.sent(file, number_in(file)))["state"] == "revoked"
    document = "{ issuedDocuments { nodes { number state revokeReason } } }"
    seen = (await office.ask(document))["issuedDocuments"]["nodes"]
    assert seen == [{"number": number_in(file), "state": "REVOKED", "revokeReason": "挪用善款"}]


async def test_a_certificate_expires_with_the_term(office: Office, stranger: Stranger, web: Any) -> None:
    today = datetime.now(UTC).date()
    file = await office.card(await office.registered(today - timedelta(days=1_000)))
    until = date.fromisoformat((await stranger.sent(file, number_in(file)))["validUntil"])
    for days, state in ((0, "有效"), (1, "已过期")):
        noon = datetime(until.year, until.month, until.day, 4, tzinfo=UTC)
        web.runtime.clock = FixedClock(noon + timedelta(days=days))
        assert f"<td>{state}</td>" in (await stranger.scanned(file)).text
    assert (await stranger.sent(file, number_in(file))) == {
        "state": "expired",
        "title": "社会工作者登记证书",
        "holder": "演****",
        "issuedOn": today.isoformat(),
        "validUntil": until.isoformat(),
        "sameFile": True,
    }


async def test_a_thousand_guesses_find_nothing_and_are_told_to_wait(
    office: Office, stranger: Stranger
) -> None:
    file = await office.card(await office.registered(datetime.now(UTC).date()))
    base = f"/verify/{office.tenant.slug}"
    guesses = [new_number(2026) if n % 2 else f"{n}' or 1=1" for n in range(1_000)]
    answers = [await stranger.client.get(f"{base}/{guess}") for guess in guesses]
    served = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(served) < 30
    assert len(served) + len(refused) == 1_000
    assert {"查无此文书" in answer.text for answer in served} == {True}
    assert len({_without_numbers(answer.text) for answer in served}) == 1
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert {"操作过于频繁" in answer.text for answer in refused} == {True}
    scanned = await asyncio.gather(*(stranger.scanned(file) for _ in range(5)))  # one may be let in every 3 s
    assert 429 in {answer.status_code for answer in scanned}


async def test_unknown_and_impossible_numbers_take_as_long_as_known_ones(
    office: Office, stranger: Stranger
) -> None:
    file = await office.card(await office.registered(datetime.now(UTC).date()))
    asked = {"known": number_in(file), "unknown": new_number(2026), "impossible": "不是编号"}
    took: dict[str, list[float]] = {name: [] for name in asked}
    async with office.bench.context(office.tenant, read_only=True) as ctx:
        for _ in range(60):
            for name, number in asked.items():
                started = time.perf_counter()
                await check(ctx, number)
                took[name].append(time.perf_counter() - started)
            await asyncio.sleep(0)
    medians = {name: statistics.median(times) for name, times in took.items()}
    assert max(medians["unknown"], medians["impossible"]) < 2 * min(medians["unknown"], medians["impossible"])


def _rest(facts: PrintedFacts) -> tuple[str, date, date | None, str]:
    return facts.kind, facts.issued_on, facts.valid_until, facts.holder


def _without_numbers(page: str) -> str:
    """A page without what was asked for: it is shown in the first row."""
    head, _, rest = page.partition("<td>")
    return head + rest.partition("</td>")[2]
