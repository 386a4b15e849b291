"""Server, worker and database are killed under load: what the API acknowledged is there, and nothing is twice."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import socket
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from linli import ledger
from linli.audit.verify import verify
from linli.clock import FixedClock, SystemClock
from linli.context import Actor, Context
from linli.db.database import Database
from linli.db.migrations import KERNEL_MIGRATIONS, migrate
from linli.errors import LinliError
from linli.identity import clients
from linli.plugin import ProvisionRequest, enqueue, organisations, people
from linli.registry import Composition
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.killing import DATABASE, House
from linli.testing.pytest_plugin import SECRET_KEY
from linli_graphql.ids import from_global_id, to_global_id
from linli_points import accounts, claims, decisions, participants, provisioning, rewards
from linli_points.evidence import EvidenceGiven
from linli_points.terms import RewardKind

CLIENTS = 5
VICTIMS = ("server", "worker", DATABASE) * 2
ACKNOWLEDGED_BETWEEN = 30
PATIENCE_S = 120
REQUEST_S_MAX = 20.0
PAUSE_S = 0.1
# A client that knocks at a port from which nobody listens must not be given that port as its own.
PORTS = range(20_000, 30_000)
DUE_CLAIMS = 12
GIVEN = 1_000
COST = 3
WORTH = 5
JOBS = ("points.post_transfers", "points.post_due_claims")
SETTINGS = {"points.notice_working_days": 0, "points.transfer_cooling_off_hours": 0}
AWAY = (OSError, TimeoutError, LinliError, asyncpg.PostgresError, asyncpg.InterfaceError)
AGAIN = frozenset({"database_busy", "unavailable", "graphql.tenant_busy"})
TRADES = {
    "clerk": ("claim.write", "claim.read", "claim.post", "redemption.write", "redemption.read",
              "transfer.write", "transfer.read", "participant.read"),
    "verifier": ("claim.read", "claim.verify", "redemption.read", "redemption.fulfil", "transfer.read",
                 "transfer.write"),
    "confirmer": ("claim.read", "claim.confirm"),
}  # fmt: skip
INPUTS = {
    "draftPointsClaim": "DraftPointsClaimInput",
    "reservePointsRedemption": "ReservePointsRedemptionInput",
    "fulfilPointsRedemption": "FulfilPointsRedemptionInput",
    "cancelPointsRedemption": "PointsSpendingReasonInput",
    "offerPointsTransfer": "OfferPointsTransferInput",
    "issuePointsRedemption": "PointsSpendingStepInput",
    "acceptPointsTransfer": "PointsSpendingStepInput",
}
LEADS_TO = {
    "draftPointsClaim": "submitted",
    "verifyPointsClaim": "verified",
    "confirmPointsClaim": "publicised",
    "postPointsClaim": "posted",
    "reservePointsRedemption": "reserved",
    "issuePointsRedemption": "issued",
    "fulfilPointsRedemption": "fulfilled",
    "cancelPointsRedemption": "cancelled",
    "offerPointsTransfer": "posted",  # every offer is accepted, and the worker moves it
    "acceptPointsTransfer": "posted",
}
TABLES = {
    "PointsClaim": "points_claim",
    "PointsRedemption": "points_redemption",
    "PointsTransfer": "points_transfer",
}
POSTED_EVENTS = """
select payload ->> 'claim_id' as claim_id from events_event where tenant_id = $1 and name = 'points.claim_posted'"""
GIVES = {
    "Claim": "pointsClaim { id }",
    "Redemption": "pointsRedemption { id number }",
    "Transfer": "pointsTransfer { id }",
}


@dataclass(frozen=True, slots=True)
class Resident:
    """A participant, its account, and its claims whose notice is over."""

    participant: str
    account_id: UUID
    due: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Town:
    """Ids that the clients need; `secrets` are of the programs that use the API, by their trade."""

    tenant: Tenant
    rule: str
    reward: str
    charity: str
    charity_account_id: UUID
    residents: tuple[Resident, ...]
    secrets: dict[str, tuple[str, str]]


@dataclass(slots=True)
class Load:
    """What all clients share: the tokens, whether to go on, and how much was acknowledged."""

    town: Town
    http: httpx.AsyncClient
    tokens: dict[str, str] = field(default_factory=dict)
    acknowledged: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    ending: bool = False

    async def sign_in(self) -> None:
        """Get a token for each program, as soon as the server answers."""
        for trade, secret in self.town.secrets.items():
            asked = {"data": {"grant_type": "client_credentials"}, "auth": secret}
            while (answer := await self.post("/oauth/token", **asked)) is None:  # noqa: ASYNC110 (bounded outside)
                await asyncio.sleep(PAUSE_S)
            self.tokens[trade] = answer.json()["access_token"]

    async def post(self, path: str, **options: Any) -> httpx.Response | None:
        """The answer of the server; None when it is away, or says that it cannot answer now. A hang raises."""
        try:
            answer = await self.http.post(path, **options)
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            return None
        if answer.status_code == 503:
            return None
        assert answer.status_code == 200, answer.text
        return answer


class Client:
    """Does one operation after the other, each under one key until it is acknowledged; `done` is its list."""

    def __init__(self, load: Load, number: int) -> None:
        self.load, self.number = load, number
        self.resident = load.town.residents[number]
        self.done: list[tuple[str, str, dict[str, Any]]] = []
        self._chance = random.Random(number)  # noqa: S311
        self._due = iter(self.resident.due)

    async def work(self) -> None:
        """Go on until the load ends; what was begun is brought to its end."""
        while not self.load.ending:
            await self._chance.choice([self._claim, self._redeem, self._give, self._post])()

    async def _claim(self) -> None:
        name = f"清洁 {self.number}:{len(self.done)}"
        made = await self._do(
            "draftPointsClaim",
            "clerk",
            participantId=self.resident.participant,
            ruleId=self.load.town.rule,
            activity=name,
            activityDay=SystemClock().now().date().isoformat(),
            evidence=[{"kind": "REFERENCE", "reference": name}],
            submit=True,
        )
        await self._do("verifyPointsClaim", "verifier", id=made["id"])
        if self._chance.random() < 0.5:
            await self._do("confirmPointsClaim", "confirmer", id=made["id"])

    async def _post(self) -> None:
        claim = next(self._due, None)
        if claim is not None:
            await self._do("postPointsClaim", "clerk", id=claim)

    async def _redeem(self) -> None:
        town = self.load.town
        wanted = {"participantId": self.resident.participant, "rewardId": town.reward}
        made = await self._do("reservePointsRedemption", "clerk", **wanted)
        what = self._chance.choice(["leave", "cancel", "fulfil"])
        if what == "cancel":
            await self._do("cancelPointsRedemption", "clerk", id=made["id"], reason="不要了")
        elif what == "fulfil":
            await self._do("issuePointsRedemption", "clerk", id=made["id"])
            await self._do("fulfilPointsRedemption", "verifier", number=made["number"])

    async def _give(self) -> None:
        giver, receiver = self.resident.participant, self.load.town.charity
        parties = {"fromParticipantId": giver, "toParticipantId": receiver}
        made = await self._do("offerPointsTransfer", "clerk", **parties, points=1, purpose="CHARITY")
        await self._do("acceptPointsTransfer", "verifier", id=made["id"])

    async def _do(self, name: str, trade: str, **values: Any) -> dict[str, Any]:
        """Try until it is acknowledged; gives the row."""
        kind = next(kind for kind in GIVES if kind in name)
        document = (
            f"mutation($input: {INPUTS.get(name, 'PointsStepInput')}!, $key: String) {{"
            f" {name}(input: $input, idempotencyKey: $key) {{ {GIVES[kind]} problems {{ code }} }} }}"
        )
        key = f"{self.number}:{len(self.done)}"
        body = {"query": document, "variables": {"input": values, "key": key}}
        headers = {"Authorization": f"Bearer {self.load.tokens[trade]}"}
        while True:
            answer = await self.load.post("/graphql", json=body, headers=headers)
            row = None if answer is None else _acknowledged(name, kind, answer.json(), values)
            if row is not None:
                break
            await asyncio.sleep(PAUSE_S)
        self.done.append((name, key, row))
        self.load.acknowledged.release()
        return row


def _acknowledged(
    name: str, kind: str, told: dict[str, Any], values: dict[str, Any]
) -> dict[str, Any] | None:
    """The row of an answer that acknowledges; None for one that asks to try again."""
    payload = (told.get("data") or {}).get(name) or {}
    codes = {one["extensions"]["code"] for one in told.get("errors", ())}
    codes |= {one["code"] for one in payload.get("problems", ())}
    if name == "postPointsClaim" and codes == {"workflow.undefined_transition"}:
        return {"id": values["id"]}  # the worker was faster
    assert codes <= AGAIN, told
    row: dict[str, Any] | None = payload.get(f"points{kind}")
    assert codes or row, told
    return None if codes else row


@pytest.fixture
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("killed")
    made = House(folder, "points", secret_key=SECRET_KEY, LINLI_PORT=str(_free_port()))
    try:
        await made.start_database()
        yield made
    finally:
        await made.close()


def _free_port() -> int:
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


async def test_what_the_api_acknowledged_is_there_once_whatever_was_killed(
    house: House, composition: Composition
) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await migrate(house.url, [*KERNEL_MIGRATIONS, *composition.migration_sets], secret_key=SECRET_KEY)
        for name in ("server", "worker"):  # while the tenant is made
            await begin(house, name)
        async with Database(house.url, secret_key=SECRET_KEY, pool_size_max=4) as database:
            bench = Bench(database, composition)
            town = await settled(bench)
            done = await killed_under_load(house, bench, town)
            await transfers_moved(bench, town)
            await assert_once(bench, town, done)
            assert (await verify(database, town.tenant)).intact
        assert await house.linli("ledger", "verify", "--tenant", town.tenant.slug) == 0


async def settled(bench: Bench) -> Town:
    """A tenant with the default standard, a reward, a charity, and residents with claims whose notice is over."""
    tenant = await bench.tenant(plugins=["points"])
    async with bench.database.kernel() as db:
        settings = {name: {"value": value, "mode": "bounded"} for name, value in SETTINGS.items()}
        sql = "update tenancy_tenant set settings = $2 where tenant_id = $1"
        await db.execute(sql, tenant.id, json.dumps(settings))
    bench.catalogue.forget(tenant.id)
    tenant = await bench.catalogue.by_id(tenant.id)
    area = await bench.area(tenant)
    async with bench.context(tenant) as ctx:
        await provisioning.standard(ctx, ProvisionRequest())
        found = await ctx.db.fetch("select code, id from points_rule where tenant_id = $1", tenant.id)
        rules = {row["code"]: row["id"] for row in found}
        offered = await rewards.create(ctx, area_id=None, name="洗衣液", kind=RewardKind.GOODS, points=COST)
        await rewards.offer(ctx, offered.id)
        unit = await organisations.register(
            ctx, area_id=area.id, name="演示慈善会", kind="social_organisation"
        )
        charity = await participants.join_unit(ctx, organisation_id=unit.id, charity=True)
        joined = []
        for number in range(CLIENTS):
            person = await people.register(
                ctx, area_id=area.id, full_name=f"演示居民{number}", synthetic=True
            )
            joined.append(await participants.join_person(ctx, person_id=person.id))
            purpose = ledger.Purpose("test.given", f"given:{number}")
            lines = (
                ledger.Line(await accounts.issuance(ctx), -GIVEN),
                ledger.Line(joined[-1].account_id, GIVEN),
            )
            await ledger.post(ctx, purpose, lines)
        secrets = {}
        for trade, scopes in TRADES.items():
            made = await clients.create(ctx, name=trade, scopes=[f"points.{scope}" for scope in scopes])
            secrets[trade] = (made.client.client_id, made.client_secret)
    due = await publicised(bench, tenant, rules["elderly_care"], [one.id for one in joined])
    return Town(
        tenant,
        to_global_id("PointsRule", rules["clean_up"]),
        to_global_id("PointsReward", offered.id),
        to_global_id("PointsParticipant", charity.id),
        charity.account_id,
        tuple(
            Resident(to_global_id("PointsParticipant", one.id), one.account_id, due[one.id]) for one in joined
        ),
        secrets,
    )


async def publicised(
    bench: Bench, tenant: Tenant, rule_id: UUID, participant_ids: list[UUID]
) -> dict[UUID, tuple[str, ...]]:
    """Claims that were put under notice three days ago, so that it is over."""
    clock = FixedClock(SystemClock().now() - timedelta(days=3))
    scopes = {f"points.{scope}" for trade in TRADES.values() for scope in trade}
    clerk, verifier, confirmer = (bench.actor(scopes) for _ in range(3))
    made: dict[UUID, list[UUID]] = defaultdict(list)

    def acting(actor: Actor) -> Any:
        return bench.context(tenant, actor=actor, clock=clock)

    async with acting(clerk) as ctx:
        for participant_id, number in itertools.product(participant_ids, range(DUE_CLAIMS)):
            name = f"{participant_id} {number}"
            claim = await claims.draft(
                ctx,
                participant_id=participant_id,
                rule_id=rule_id,
                activity=name,
                activity_day=clock.now().date(),
                given_evidence=[EvidenceGiven("reference", name)],
            )
            await claims.submit(ctx, claim.id)
            made[participant_id].append(claim.id)
    for actor, decide in ((verifier, decisions.verify), (confirmer, decisions.confirm)):
        async with acting(actor) as ctx:
            for claim_id in itertools.chain(*made.values()):
                await decide(ctx, claim_id)
    return {key: tuple(to_global_id("PointsClaim", one) for one in found) for key, found in made.items()}


async def killed_under_load(house: House, bench: Bench, town: Town) -> list[Client]:
    """Let clients work while the three are killed in a seeded order; gives the clients with their lists."""
    order = list(VICTIMS)
    random.Random(7).shuffle(order)  # noqa: S311
    address = f"http://127.0.0.1:{house.environment['LINLI_PORT']}"
    async with httpx.AsyncClient(base_url=address, timeout=REQUEST_S_MAX) as http:
        load = Load(town, http)
        await load.sign_in()
        workers = [Client(load, number) for number in range(CLIENTS)]
        async with asyncio.TaskGroup() as group:
            for one in workers:
                group.create_task(one.work())
            for turn, victim in enumerate(order):
                await acknowledged(load, ACKNOWLEDGED_BETWEEN // 2)
                await put_down(bench, town.tenant, *JOBS[: 1 if turn < len(order) // 2 else 2])
                await acknowledged(load, ACKNOWLEDGED_BETWEEN // 2)
                await house.kill(victim)
                await begin(house, victim)
                if house.processes["worker"].returncode is not None:  # it may end without its database
                    await begin(house, "worker")
            await acknowledged(load, ACKNOWLEDGED_BETWEEN)
            load.ending = True
    assert house.processes["server"].returncode is None
    return workers


async def begin(house: House, name: str) -> None:
    if name == DATABASE:
        await house.start_database()
    else:
        await house.start_linli(name, {"server": "serve"}.get(name, name))


async def acknowledged(load: Load, count: int) -> None:
    """Wait for so many acknowledgements."""
    for _ in range(count):
        await load.acknowledged.acquire()


async def put_down(bench: Bench, tenant: Tenant, *jobs: str) -> None:
    """Have the worker do what the clock would let it do."""
    while True:
        try:
            async with bench.context(tenant) as ctx:
                for job in jobs:
                    await enqueue(ctx, job)
        except AWAY:
            await asyncio.sleep(PAUSE_S)
        else:
            return


async def transfers_moved(bench: Bench, town: Town) -> None:
    """Wait until the worker has moved all that was accepted."""
    await put_down(bench, town.tenant, JOBS[0])
    sql = "select count(*) from points_transfer where tenant_id = $1 and state = 'accepted'"
    left = 1
    while left:
        async with bench.context(town.tenant, read_only=True) as ctx:
            left = await ctx.db.fetchval(sql, town.tenant.id)
        await asyncio.sleep(PAUSE_S)


async def assert_once(bench: Bench, town: Town, done: list[Client]) -> None:
    """What follows from the lists is there, once, and nothing else is."""
    expected: dict[str, dict[UUID, str]] = defaultdict(dict)
    for name, _key, row in itertools.chain(*(client.done for client in done)):
        kind, row_id = id_of(row["id"])
        expected[kind][row_id] = LEADS_TO[name]
    async with bench.context(town.tenant) as ctx:
        stored = {kind: await states(ctx, table) for kind, table in TABLES.items()}
        entries = await ctx.db.fetch("select key from ledger_entry where tenant_id = $1", ctx.tenant_id)
        events = await ctx.db.fetch(POSTED_EVENTS, ctx.tenant_id)
        balances = [await ledger.balance(ctx, one.account_id) for one in town.residents]
        charity = await ledger.balance(ctx, town.charity_account_id)
    claims_due = {id_of(claim)[1] for resident in town.residents for claim in resident.due}
    for claim_id in claims_due - expected["PointsClaim"].keys():  # the worker may have posted it, or not
        assert stored["PointsClaim"][claim_id] in ("posted", "publicised")
        expected["PointsClaim"][claim_id] = stored["PointsClaim"][claim_id]
    assert stored == expected
    posted = [claim_id for claim_id, state in stored["PointsClaim"].items() if state == "posted"]
    assert sorted(row["claim_id"] for row in events) == sorted(str(claim_id) for claim_id in posted)
    assert sorted(row["key"] for row in entries) == sorted(keys_of(stored))
    assert charity == ledger.Balance(len(stored["PointsTransfer"]), 0)
    for client, balance in zip(done, balances, strict=True):
        assert balance == balance_of(client, stored)


def keys_of(stored: dict[str, dict[UUID, str]]) -> Iterator[str]:
    """The keys of all entries that belong to rows in these states."""
    yield from (f"given:{number}" for number in range(CLIENTS))
    yield from (f"points.claim:{one}" for one, state in stored["PointsClaim"].items() if state == "posted")
    for row_id, state in stored["PointsRedemption"].items():
        yield f"points.redemption:{row_id}:reserved"
        if state in ("fulfilled", "cancelled"):
            yield f"points.redemption:{row_id}:{state}"
    for row_id in stored["PointsTransfer"]:
        yield from (f"points.transfer:{row_id}:{word}" for word in ("offered", "posted"))


def balance_of(client: Client, stored: dict[str, dict[UUID, str]]) -> ledger.Balance:
    """What a client's resident must have."""
    due = (id_of(claim)[1] for claim in client.resident.due)
    earned = WORTH * sum(stored["PointsClaim"][claim_id] == "posted" for claim_id in due)
    counts = Counter(name for name, _key, _row in client.done)
    taken = counts["reservePointsRedemption"] - counts["cancelPointsRedemption"]
    reserved = COST * (taken - counts["fulfilPointsRedemption"])
    return ledger.Balance(GIVEN + earned - counts["offerPointsTransfer"] - COST * taken, reserved)


async def states(ctx: Context, table: str) -> dict[UUID, str]:
    """The state of each row of a table."""
    found = await ctx.db.fetch(f"select id, state from {table} where tenant_id = $1", ctx.tenant_id)
    return {row["id"]: row["state"] for row in found}


def id_of(text: str) -> tuple[str, UUID]:
    kind, row_id = from_global_id(text)
    return kind, row_id
