"""Roles, grants by area, API clients and their tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.context import Actor, ActorKind, Context, PermissionDenied
from linli.db.failures import Duplicate
from linli.errors import Invalid, LinliError, NotFound, StaleVersion, Unauthenticated, UnknownValue
from linli.identity import accounts, clients, grants, people, roles, sessions
from linli.identity.authenticate import Principal, authenticate
from linli.identity.clients import AccessToken, NewSecret
from linli.identity.errors import (
    ClientNotActive,
    EndsBeforeItBegins,
    GrantExceedsOwn,
    GrantToSelf,
    RoleInUse,
    RoleIsGiven,
    ScopeExceedsClient,
)
from linli.identity.tables import Account, Role
from linli.identity.visit import Visit
from linli.ids import new_id
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli.workflow import UndefinedTransition

NOW = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
TODAY = date(2026, 7, 24)
READ, WRITE = "identity.person.read", "identity.person.write"
GRANT, ROLE, CLIENT = "identity.grant.manage", "identity.role.manage", "identity.client.manage"


@dataclass
class Office:
    """A tenant with a street, its community, another street, an account and a role of a street's clerk."""

    bench: Bench
    tenant: Tenant
    street: BenchArea
    community: BenchArea
    elsewhere: BenchArea
    account: Account
    role: Role
    token: str
    clock: FixedClock

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Context]:
        async with self.bench.context(self.tenant, clock=self.clock) as ctx:
            yield ctx

    @asynccontextmanager
    async def someone(self, *permissions: str, at: str = "") -> AsyncIterator[Context]:
        """An account that really exists, so that it can grant."""
        async with self.system() as ctx:
            account = await accounts.create(ctx, login_name=f"boss-{new_id().hex[-12:]}")
        actor = self.bench.actor(permissions, area_path=at, account_id=account.id)
        async with self.bench.context(self.tenant, actor=actor, clock=self.clock) as ctx:
            yield ctx

    async def who(self, token: str = "") -> Principal:
        return await authenticate(
            self.bench.database, self.bench.catalogue, token or self.token, clock=self.clock
        )

    async def issue(
        self, made: NewSecret, *, secret: str = "", scopes: list[str] | None = None, client_id: str = ""
    ) -> AccessToken:
        plugins = self.bench.composition.plugin_set(self.tenant.plugins)
        return await clients.issue_token(
            Visit(self.bench.database, self.tenant, plugins, clock=self.clock),
            client_id=client_id or made.client.client_id,
            client_secret=secret or made.client_secret,
            scopes=scopes,
        )

    async def client(self, *, area: BenchArea | None = None, expires_at: datetime | None = None) -> NewSecret:
        async with self.system() as ctx:
            return await clients.create(
                ctx,
                name="数据交换",
                scopes=[READ, WRITE],
                area_id=area.id if area else None,
                expires_at=expires_at,
            )


@pytest_asyncio.fixture
async def office(bench: Bench) -> Office:
    tenant = await bench.tenant(plugins=())
    street = await bench.area(tenant, "中山街道")
    community = await bench.area(tenant, "和平社区", parent=street)
    elsewhere = await bench.area(tenant, "解放街道")
    clock = FixedClock(NOW)
    async with bench.context(tenant, clock=clock) as ctx:
        account = await accounts.create(ctx, login_name="wang")
        role = await define(ctx)
        token, _session = await sessions.open_session(ctx, account, second_factor=False, lasts_s=400 * 86_400)
    return Office(bench, tenant, street, community, elsewhere, account, role, token, clock)


async def define(ctx: Context, **given: object) -> Role:
    values: dict[str, object] = {
        "key": "clerk",
        "name_zh": "办事员",
        "name_en": "Clerk",
        "permissions": [READ, WRITE],
        **given,
    }
    return await roles.define(ctx, **values)  # type: ignore[arg-type]


async def test_a_grant_at_a_street_reaches_its_subtree_and_no_further(office: Office) -> None:
    async with office.system() as ctx:
        await grants.grant(
            ctx, account_id=office.account.id, role_id=office.role.id, area_id=office.street.id
        )
    actor = (await office.who()).actor
    async with office.bench.context(office.tenant, actor=actor, clock=office.clock) as ctx:
        assert ctx.scopes(READ) == (office.street.path,)
        person = await people.register(ctx, area_id=office.community.id, full_name="王明")
        with pytest.raises(PermissionDenied):
            await people.register(ctx, area_id=office.elsewhere.id, full_name="王明")
        assert person.area_path == office.community.path


async def test_one_account_holds_posts_in_several_areas(office: Office) -> None:
    async with office.system() as ctx:
        for area in (office.community, office.elsewhere):
            await grants.grant(ctx, account_id=office.account.id, role_id=office.role.id, area_id=area.id)
    actor = (await office.who()).actor
    async with office.bench.context(office.tenant, actor=actor, clock=office.clock) as ctx:
        assert ctx.scopes(READ) == tuple(sorted((office.community.path, office.elsewhere.path)))


async def test_a_grant_holds_from_its_first_day_and_not_on_its_last(office: Office) -> None:
    async with office.system() as ctx:
        await grants.grant(
            ctx,
            account_id=office.account.id,
            role_id=office.role.id,
            area_id=None,
            valid_from=TODAY + timedelta(days=1),
            valid_to=TODAY + timedelta(days=3),
        )
    held = []
    for _ in range(4):
        held.append(bool((await office.who()).actor.grants))
        office.clock.advance(timedelta(days=1))

    assert held == [False, True, True, False]


async def test_a_day_begins_in_the_tenants_time_zone(office: Office) -> None:
    async with office.system() as ctx:
        await grants.grant(
            ctx,
            account_id=office.account.id,
            role_id=office.role.id,
            area_id=None,
            valid_from=TODAY + timedelta(days=1),
        )
    office.clock.advance(timedelta(hours=11, minutes=59))
    assert not (await office.who()).actor.grants
    office.clock.advance(timedelta(minutes=1))  # 16:00 UTC is midnight in China
    assert (await office.who()).actor.grants


async def test_nobody_grants_to_themselves(office: Office) -> None:
    actor = office.bench.actor([GRANT, READ, WRITE], account_id=office.account.id)
    async with office.bench.context(office.tenant, actor=actor) as ctx:
        with pytest.raises(GrantToSelf):
            await grants.grant(
                ctx, account_id=office.account.id, role_id=office.role.id, area_id=office.street.id
            )


async def test_nobody_grants_more_than_they_hold_or_beyond_their_area(office: Office) -> None:
    async def give(ctx: Context, area: BenchArea | None) -> None:
        await grants.grant(
            ctx,
            account_id=office.account.id,
            role_id=office.role.id,
            area_id=area.id if area else None,
        )

    async with office.someone(GRANT, READ) as ctx:
        with pytest.raises(GrantExceedsOwn) as refused:
            await give(ctx, office.street)
        assert refused.value.details == {"permission": WRITE}
        assert refused.value.code == "identity.grant_exceeds_own"
    async with office.someone(READ, WRITE) as ctx:
        with pytest.raises(PermissionDenied):
            await give(ctx, office.street)
    async with office.someone(GRANT, READ, WRITE, at=office.community.path) as ctx:
        for area in (office.street, office.elsewhere, None):
            with pytest.raises(PermissionDenied):
                await give(ctx, area)
        await give(ctx, office.community)
    assert [grant.area_path for grant in (await office.who()).actor.grants] == [office.community.path]


async def test_rights_held_below_do_not_cover_a_grant_above(office: Office) -> None:
    async with office.system() as ctx:
        above = await define(ctx, key="granter", permissions=[GRANT])
        boss = await accounts.create(ctx, login_name="boss")
        await grants.grant(ctx, account_id=boss.id, role_id=above.id, area_id=None)
        await grants.grant(ctx, account_id=boss.id, role_id=office.role.id, area_id=office.community.id)
        token, _session = await sessions.open_session(ctx, boss, second_factor=False)
    actor = (await office.who(token)).actor
    async with office.bench.context(office.tenant, actor=actor, clock=office.clock) as ctx:
        with pytest.raises(GrantExceedsOwn):
            await grants.grant(
                ctx, account_id=office.account.id, role_id=office.role.id, area_id=office.street.id
            )
        await grants.grant(
            ctx, account_id=office.account.id, role_id=office.role.id, area_id=office.community.id
        )


async def test_bad_grants_are_refused_and_foreign_things_are_not_found(bench: Bench, office: Office) -> None:
    other = await bench.tenant(plugins=())
    async with bench.context(other) as ctx:
        foreign = await accounts.create(ctx, login_name="wang")
        foreign_role = await define(ctx)
    async with office.system() as ctx:
        with pytest.raises(EndsBeforeItBegins):
            await grants.grant(
                ctx,
                account_id=office.account.id,
                role_id=office.role.id,
                area_id=None,
                valid_to=TODAY - timedelta(days=1),
            )
        for account_id, role_id in (
            (foreign.id, office.role.id),
            (new_id(), office.role.id),
            (office.account.id, foreign_role.id),
        ):
            with pytest.raises(NotFound):
                await grants.grant(ctx, account_id=account_id, role_id=role_id, area_id=None)


async def test_a_revoked_grant_ends_at_once_and_stays_on_record(office: Office) -> None:
    async with office.system() as ctx:
        made = await grants.grant(
            ctx, account_id=office.account.id, role_id=office.role.id, area_id=office.street.id
        )
    assert (await office.who()).actor.grants
    async with office.someone(GRANT, at=office.elsewhere.path) as ctx:
        with pytest.raises(NotFound):
            await grants.revoke(ctx, made.id)
    async with office.someone("identity.grant.read") as ctx:
        with pytest.raises(PermissionDenied):
            await grants.revoke(ctx, made.id)
    async with office.someone(GRANT, at=office.street.path) as ctx:
        with pytest.raises(StaleVersion):
            await grants.revoke(ctx, made.id, expected_version=7)
        with pytest.raises(EndsBeforeItBegins):
            await grants.revoke(ctx, made.id, valid_to=TODAY - timedelta(days=1))
        ended = await grants.revoke(ctx, made.id)
        again = await grants.revoke(ctx, made.id)

    assert not (await office.who()).actor.grants
    assert (ended.valid_to, again.version) == (TODAY, ended.version)
    async with office.system() as ctx:
        names = await ctx.db.fetch(
            "select name from events_event where tenant_id = $1 and name like '%grant%' order by id",
            ctx.tenant_id,
        )
    assert [row["name"] for row in names] == ["identity.role_granted", "identity.grant_revoked"]


async def test_ensuring_a_grant_twice_makes_one(office: Office) -> None:
    async with office.system() as ctx:
        given = {"account_id": office.account.id, "role_id": office.role.id, "area_id": office.street.id}
        one = await grants.ensure(ctx, **given)
        two = await grants.ensure(ctx, **given)
        whole = await grants.ensure(ctx, **{**given, "area_id": None})  # type: ignore[arg-type]

    assert one.id == two.id != whole.id


async def test_bad_roles_are_refused(office: Office) -> None:
    cases: list[tuple[dict[str, object], type[Invalid], str]] = [
        ({"permissions": ["identity.person.fly"]}, UnknownValue, "permissions"),
        ({"permissions": ["x" * 10_000]}, UnknownValue, "permissions"),
        ({"key": "Bad Key"}, UnknownValue, "key"),
        ({"source": "nowhere"}, UnknownValue, "source"),
        ({"name_zh": ""}, Invalid, "name_zh"),
    ]
    async with office.system() as ctx:
        for given, error, path in cases:
            with pytest.raises(error) as refused:
                await define(ctx, **{"key": "other", **given})
            assert refused.value.path == (path,)
    with pytest.raises(Duplicate):
        async with office.system() as ctx:
            await define(ctx)


async def test_a_roles_maker_holds_all_that_is_in_it(office: Office) -> None:
    async with office.someone(ROLE, READ) as ctx:
        with pytest.raises(GrantExceedsOwn):
            await define(ctx, key="other")
        with pytest.raises(GrantExceedsOwn):
            await roles.change(ctx, office.role.id, permissions=[READ])
        mine = await define(ctx, key="reader", permissions=[READ])
        with pytest.raises(GrantExceedsOwn):
            await roles.change(ctx, mine.id, permissions=[READ, WRITE])
        with pytest.raises(RoleIsGiven):
            await define(ctx, key="other", permissions=[READ], source="profile")
    async with office.someone(ROLE, READ, WRITE, at=office.street.path) as ctx:
        with pytest.raises(PermissionDenied):
            await define(ctx, key="third")


async def test_a_changed_role_counts_at_once_for_all_who_hold_it(office: Office) -> None:
    async with office.system() as ctx:
        await grants.grant(ctx, account_id=office.account.id, role_id=office.role.id, area_id=None)
        await roles.change(ctx, office.role.id, permissions=[READ])
    assert (await office.who()).actor.permissions == {READ}
    async with office.system() as ctx:
        await roles.change(ctx, office.role.id, require_second_factor=True)
    assert (await office.who()).actor.permissions == frozenset()


async def test_a_role_of_the_profile_is_the_systems_and_applying_it_twice_changes_nothing(
    office: Office,
) -> None:
    given = {"key": "admin", "name_zh": "管理员", "name_en": "Admin", "permissions": [WRITE, READ, READ]}
    async with office.system() as ctx:
        one = await roles.ensure(ctx, **given, source="profile")  # type: ignore[arg-type]
        two = await roles.ensure(ctx, **given, source="profile")  # type: ignore[arg-type]
        three = await roles.ensure(ctx, **{**given, "permissions": [READ]}, source="profile")  # type: ignore[arg-type]
    assert (one.id, one.version, one.permissions) == (two.id, two.version, [READ, WRITE])
    assert (three.version, three.permissions) == (2, [READ])
    async with office.someone(ROLE, READ, WRITE) as ctx:
        with pytest.raises(RoleIsGiven):
            await roles.change(ctx, one.id, permissions=[])


async def test_a_role_is_removed_unless_it_was_granted(office: Office) -> None:
    async with office.system() as ctx:
        unused = await define(ctx, key="unused")
        await roles.remove(ctx, unused.id)
        await grants.grant(ctx, account_id=office.account.id, role_id=office.role.id, area_id=None)
    with pytest.raises(RoleInUse):
        async with office.system() as ctx:
            await roles.remove(ctx, office.role.id)


async def test_a_client_gets_tokens_for_its_scopes_at_its_area(office: Office) -> None:
    made = await office.client(area=office.street)

    all_scopes = await office.issue(made)
    some = await office.issue(made, scopes=[READ])
    actor = (await office.who(some.token)).actor

    assert (all_scopes.scopes, all_scopes.expires_in_s) == ((READ, WRITE), 3600)
    assert (actor.kind, actor.id, actor.permissions) == (ActorKind.CLIENT, made.client.id, {READ})
    assert actor.grants[0].area_path == office.street.path
    with pytest.raises(ScopeExceedsClient):
        await office.issue(made, scopes=[READ, GRANT])


async def test_a_wrong_secret_and_an_unknown_client_get_the_same_answer(bench: Bench, office: Office) -> None:
    made = await office.client()
    other = await bench.tenant(plugins=())
    async with bench.context(other) as ctx:
        foreign = await clients.create(ctx, name="x", scopes=[READ])
    unknown = made.client.client_id[:-1] + ("a" if made.client.client_id[-1] != "a" else "b")
    answers = []
    for given in (
        {"secret": "wrong"},
        {"secret": "\ud800"},
        {"client_id": unknown},
        {"client_id": "nonsense"},
        {"client_id": foreign.client.client_id, "secret": foreign.client_secret},
    ):
        with pytest.raises(Unauthenticated) as refused:
            await office.issue(made, **given)  # type: ignore[arg-type]
        answers.append((refused.value.code, dict(refused.value.details)))

    assert answers == [("unauthenticated", {})] * len(answers)


async def test_after_a_rotation_both_secrets_are_good_until_the_overlap_ends(office: Office) -> None:
    made = await office.client()
    async with office.system() as ctx:
        rotated = await clients.rotate_secret(ctx, made.client.id, overlap_s=600)
    await office.issue(made)
    await office.issue(rotated)
    office.clock.advance(timedelta(seconds=600))
    with pytest.raises(Unauthenticated):
        await office.issue(made)
    await office.issue(rotated)
    async with office.system() as ctx:
        last = await clients.rotate_secret(ctx, made.client.id, overlap_s=0)
        with pytest.raises(Invalid):
            await clients.rotate_secret(ctx, made.client.id, overlap_s=-1)
    with pytest.raises(Unauthenticated):
        await office.issue(rotated)
    await office.issue(last)


async def test_tokens_and_clients_expire(office: Office) -> None:
    made = await office.client(expires_at=NOW + timedelta(minutes=90))
    token = (await office.issue(made)).token
    office.clock.advance(timedelta(minutes=59))
    await office.who(token)
    office.clock.advance(timedelta(minutes=1))
    with pytest.raises(Unauthenticated):
        await office.who(token)
    late = (await office.issue(made)).token
    office.clock.advance(timedelta(minutes=30))
    with pytest.raises(Unauthenticated):
        await office.who(late)
    with pytest.raises(Unauthenticated):
        await office.issue(made)
    with pytest.raises(Invalid):
        await office.client(expires_at=NOW)
    office.clock.advance(timedelta(days=2))
    async with office.system() as ctx:
        assert await clients.purge_expired(ctx) == 2


async def test_a_revoked_client_and_its_tokens_are_refused_at_once(office: Office) -> None:
    made = await office.client()
    token = (await office.issue(made)).token
    async with office.system() as ctx:
        await clients.revoke(ctx, made.client.id)
        with pytest.raises(UndefinedTransition):
            await clients.revoke(ctx, made.client.id)
        with pytest.raises(ClientNotActive):
            await clients.rotate_secret(ctx, made.client.id)

    with pytest.raises(Unauthenticated):
        await office.who(token)
    with pytest.raises(Unauthenticated):
        await office.issue(made)


async def test_a_client_never_has_more_than_its_maker(office: Office) -> None:
    refusals: list[tuple[tuple[str, ...], str, list[str], type[LinliError]]] = [
        ((CLIENT, READ), "", [READ, WRITE], GrantExceedsOwn),
        ((READ,), "", [READ], PermissionDenied),
        ((CLIENT, READ), office.elsewhere.path, [READ], PermissionDenied),
        ((CLIENT, READ), "", ["no.such.thing"], UnknownValue),
    ]
    for permissions, at, scopes, error in refusals:
        async with office.someone(*permissions, at=at) as ctx:
            with pytest.raises(error):
                await clients.create(ctx, name="x", scopes=scopes, area_id=office.street.id)
    made = await office.client(area=office.street)
    async with office.someone(CLIENT, READ, at=office.street.path) as ctx:
        with pytest.raises(GrantExceedsOwn):
            await clients.rotate_secret(ctx, made.client.id)
    async with office.someone(CLIENT, READ, WRITE, at=office.elsewhere.path) as ctx:
        with pytest.raises(NotFound):
            await clients.revoke(ctx, made.client.id)


async def test_secrets_and_hashes_are_nowhere_in_the_audit_trail(office: Office) -> None:
    made = await office.client()
    token = (await office.issue(made)).token
    async with office.system() as ctx:
        trail = await ctx.db.fetchval(
            "select string_agg(coalesce(before::text, '') || coalesce(after::text, ''), '') from audit_entry"
            " where tenant_id = $1",
            ctx.tenant_id,
        )
    for secret in (made.client_secret, made.client.secret_hash, token, "hash"):
        assert secret not in trail


async def test_a_client_is_put_down_in_the_audit_trail_as_itself(office: Office) -> None:
    made = await office.client()
    await office.issue(made)
    async with office.system() as ctx:
        row = await ctx.db.fetchrow(
            "select actor_kind, actor_id from audit_entry where tenant_id = $1 and action = 'issue_token'",
            ctx.tenant_id,
        )
    assert row is not None
    assert tuple(row) == ("client", made.client.id)
    assert Actor(kind=ActorKind.CLIENT, id=made.client.id, name="").permissions == frozenset()
