"""Log-in, lockout, second factor, sessions, and the way from a token to an actor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.context import Context, PermissionDenied
from linli.db import rows
from linli.db.encryption import decrypt
from linli.errors import LinliError, TenantSuspended, Unauthenticated
from linli.housekeeping import purge_credentials
from linli.identity import accounts, grants, roles, second_factor, sessions
from linli.identity.accounts import ACCOUNT_STATES
from linli.identity.authenticate import Principal, authenticate
from linli.identity.credentials import TokenKind, new_token
from linli.identity.errors import (
    GrantExceedsOwn,
    InvalidLoginName,
    LoginNameTaken,
    NotOwnAccount,
    SecondFactorEnrolled,
    SecondFactorNotBegun,
    SecondFactorRequired,
    SignInFailed,
    WeakPassword,
    WrongCode,
    WrongPassword,
)
from linli.identity.sign_in import SignedIn, sign_in
from linli.identity.tables import Account
from linli.identity.visit import Visit
from linli.ids import new_id
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.workflow import UndefinedTransition

PASSWORD = "Harmony-Lane-7"
START = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
READ = "identity.person.read"
MANAGE = "identity.account.manage"


@dataclass
class Door:
    """A tenant with one account, seen from outside."""

    bench: Bench
    tenant: Tenant
    account: Account
    clock: FixedClock

    @property
    def visit(self) -> Visit:
        plugins = self.bench.composition.plugin_set(self.tenant.plugins)
        return Visit(self.bench.database, self.tenant, plugins, clock=self.clock, origin="192.0.2.7")

    async def enter(
        self, login: str = "wang", password: str = PASSWORD, code: str | None = None, replaces: str = ""
    ) -> SignedIn:
        return await sign_in(self.visit, login_name=login, password=password, code=code, replaces=replaces)

    async def who(self, token: str) -> Principal:
        return await authenticate(self.bench.database, self.bench.catalogue, token, clock=self.clock)

    @asynccontextmanager
    async def as_(self, token: str) -> AsyncIterator[Context]:
        principal = await self.who(token)
        async with self.bench.context(self.tenant, actor=principal.actor, clock=self.clock) as ctx:
            yield ctx

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Context]:
        async with self.bench.context(self.tenant, clock=self.clock) as ctx:
            yield ctx

    async def give_role(self, *, require_second_factor: bool = False) -> None:
        async with self.system() as ctx:
            role = await roles.define(
                ctx,
                key="reader",
                name_zh="读者",
                name_en="Reader",
                permissions=[READ],
                require_second_factor=require_second_factor,
            )
            await grants.grant(ctx, account_id=self.account.id, role_id=role.id, area_id=None)

    async def enrol(self, token: str) -> tuple[pyotp.TOTP, str]:
        async with self.as_(token) as ctx:
            totp = pyotp.TOTP((await second_factor.begin(ctx)).secret)
            return totp, await second_factor.confirm(ctx, code=totp.at(self.clock.now()))


@pytest_asyncio.fixture
async def door(bench: Bench) -> Door:
    tenant = await bench.tenant(plugins=())
    clock = FixedClock(START)
    async with bench.context(tenant, clock=clock) as ctx:
        account = await accounts.create(ctx, login_name="Wang", password=PASSWORD, must_change_password=False)
    return Door(bench, tenant, account, clock)


async def refusal(door: Door, **given: str) -> tuple[type[LinliError], str, dict[str, object]]:
    with pytest.raises(Unauthenticated) as refused:
        await door.enter(**given)
    return type(refused.value), refused.value.code, dict(refused.value.details)


async def fail(door: Door, times: int) -> None:
    for _ in range(times):
        assert (await refusal(door, password="wrong"))[0] is SignInFailed


async def test_a_log_in_opens_a_session_with_the_rights_of_today(door: Door) -> None:
    await door.give_role()

    signed_in = await door.enter(login=" WANG ")
    principal = await door.who(signed_in.token)

    assert principal.actor.id == door.account.id
    assert principal.actor.permissions == {READ}
    assert principal.actor.grants[0].area_path == ""
    assert (signed_in.must_change_password, signed_in.second_factor_missing) == (False, False)


async def test_unknown_names_wrong_passwords_and_disabled_accounts_get_the_same_answer(door: Door) -> None:
    answers = [
        await refusal(door, password="wrong"),
        await refusal(door, login="nobody"),
        await refusal(door, login="not a name! " * 1000),
        await refusal(door, login="wang\x00"),
        await refusal(door, login="\ud800"),
        await refusal(door, password="x" * 100_000),
    ]
    async with door.system() as ctx:
        await accounts.disable(ctx, door.account.id)
    answers.append(await refusal(door))

    assert answers == [(SignInFailed, "identity.sign_in_failed", {})] * len(answers)


async def test_every_attempt_is_on_record_without_the_password(door: Door) -> None:
    await fail(door, 1)
    await refusal(door, login="nobody", password="secret-of-mine")
    await door.enter()

    async with door.system() as ctx:
        found = await ctx.db.fetch(
            "select action, subject_id, origin, actor_name, after::text from audit_entry"
            " where tenant_id = $1 and action like 'sign_in%' order by id",
            ctx.tenant_id,
        )
    attempts, decisions = found[::2], found[1::2]
    assert [row["action"] for row in attempts] == ["sign_in_attempt"] * 3
    assert [row["action"] for row in decisions] == ["sign_in_refused", "sign_in_refused", "sign_in"]
    assert [row["actor_name"] for row in decisions] == ["wang", "", "wang"]
    assert [row["subject_id"] for row in attempts] == [door.account.id, None, door.account.id]
    assert {row["origin"] for row in found} == {"192.0.2.7"}
    assert not any("secret" in (row["after"] or "") or "token" in (row["after"] or "") for row in found)


async def test_too_many_failures_lock_the_account_for_longer_and_longer(door: Door) -> None:
    await fail(door, 5)
    assert (await refusal(door))[0] is SignInFailed  # the right password, but locked
    door.clock.advance(timedelta(seconds=29))
    await refusal(door)
    door.clock.advance(timedelta(seconds=1))
    await fail(door, 1)  # the sixth failure locks for a minute
    door.clock.advance(timedelta(seconds=59))
    await refusal(door)
    door.clock.advance(timedelta(seconds=1))

    await door.enter()
    await fail(door, 4)  # the count has begun anew
    await door.enter()


async def test_a_lock_never_lasts_longer_than_the_tenant_allows(door: Door) -> None:
    async with door.system() as ctx:
        await ctx.db.execute(
            "update identity_account set failed_attempts = 2000000 where tenant_id = $1", ctx.tenant_id
        )
    await fail(door, 1)
    door.clock.advance(timedelta(seconds=3599))
    await refusal(door)
    door.clock.advance(timedelta(seconds=1))

    await door.enter()


async def test_guesses_in_parallel_are_bounded_like_guesses_in_a_row(door: Door) -> None:
    async def guess(password: str) -> bool:
        try:
            await door.enter(password=password)
        except SignInFailed:
            return False
        return True

    await fail(door, 3)
    outcomes = await asyncio.gather(*(guess("wrong") for _ in range(6)))

    async with door.system() as ctx:
        counted = await ctx.db.fetchval(
            "select failed_attempts from identity_account where tenant_id = $1", ctx.tenant_id
        )
    assert not any(outcomes)
    assert counted == 5
    assert not await guess(PASSWORD)


async def test_a_new_password_lifts_the_lock_and_ends_all_sessions(door: Door) -> None:
    token = (await door.enter()).token
    await fail(door, 5)
    async with door.system() as ctx:
        await accounts.set_password(ctx, door.account.id, password="Another-Lane-8")

    with pytest.raises(Unauthenticated):
        await door.who(token)
    entered = await door.enter(password="Another-Lane-8")
    assert entered.must_change_password


async def test_until_the_password_is_changed_the_session_has_no_rights(door: Door) -> None:
    await door.give_role()
    async with door.system() as ctx:
        await accounts.set_password(ctx, door.account.id, password="Another-Lane-8")
    token = (await door.enter(password="Another-Lane-8")).token
    other = (await door.enter(password="Another-Lane-8")).token
    principal = await door.who(token)
    assert (principal.must_change_password, principal.actor.grants) == (True, ())

    async with door.as_(token) as ctx:
        with pytest.raises(WrongPassword):
            await accounts.change_password(ctx, present="wrong", new="Third-Lane-9")
        with pytest.raises(WeakPassword):
            await accounts.change_password(ctx, present="Another-Lane-8", new="short")
        new_token = await accounts.change_password(ctx, present="Another-Lane-8", new="Third-Lane-9")

    for ended in (token, other):
        with pytest.raises(Unauthenticated):
            await door.who(ended)
    assert (await door.who(new_token)).actor.permissions == {READ}


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Short-1", "too_short"),
        ("x" * 129, "too_long"),
        ("aaaaaaaaaaA1", "guessable"),
        ("Wang-lane-77", "guessable"),
        ("onlylowercase", "too_few_kinds"),
        ("Harmony\x00Lane-7", "unprintable"),
    ],
)
async def test_weak_passwords_are_refused_with_the_policy(door: Door, password: str, reason: str) -> None:
    async with door.system() as ctx:
        with pytest.raises(WeakPassword) as refused:
            await accounts.set_password(ctx, door.account.id, password=password)
    assert refused.value.details == {"reason": reason, "length_min": 10, "kinds_min": 3}


async def test_login_names_are_unique_in_their_tenant_and_well_formed(bench: Bench, door: Door) -> None:
    for name in ("", "x", "-wang", "wang ming", "王明", "w" * 65, "w" * 1_000_000):
        async with door.system() as ctx:
            with pytest.raises(InvalidLoginName):
                await accounts.create(ctx, login_name=name)
    with pytest.raises(LoginNameTaken):
        async with door.system() as ctx:
            await accounts.create(ctx, login_name="wang")
    async with bench.context(await bench.tenant(plugins=())) as ctx:
        await accounts.create(ctx, login_name="wang")


async def test_an_account_without_a_password_cannot_be_entered(door: Door) -> None:
    async with door.system() as ctx:
        await accounts.create(ctx, login_name="li")

    assert (await refusal(door, login="li", password="!"))[0] is SignInFailed


async def test_a_secret_that_an_earlier_version_stored_in_clear_is_good_and_encrypted_by_the_nightly_job(
    door: Door,
) -> None:
    totp, _token = await door.enrol((await door.enter()).token)
    async with door.system() as ctx:
        await ctx.db.execute(
            "update identity_account set totp_secret = $3, totp_sealed = null where tenant_id = $1 and id = $2",
            door.tenant.id,
            door.account.id,
            totp.secret,
        )
    door.clock.advance(timedelta(seconds=30))
    await door.enter(code=totp.at(door.clock.now()))
    async with door.system() as ctx:
        await purge_credentials(ctx, {})
        account = await rows.get(ctx, Account, door.account.id)
        assert (account.totp_secret, await decrypt(ctx, account, "totp_sealed")) == (None, totp.secret)
        assert await second_factor.encrypt_old_secrets(ctx) == 0
    door.clock.advance(timedelta(seconds=30))
    assert (await door.who((await door.enter(code=totp.at(door.clock.now()))).token)).second_factor


async def test_a_second_factor_is_set_up_and_then_wanted_at_each_log_in(door: Door) -> None:
    first = (await door.enter()).token
    async with door.as_(first) as ctx:
        with pytest.raises(SecondFactorNotBegun):
            await second_factor.confirm(ctx, code="000000")
        enrolment = await second_factor.begin(ctx)
        assert enrolment.uri.startswith("otpauth://totp/")
        totp = pyotp.TOTP(enrolment.secret)
        with pytest.raises(WrongCode):
            await second_factor.confirm(ctx, code=totp.at(START + timedelta(minutes=5)))
        token = await second_factor.confirm(ctx, code=totp.at(START))
        with pytest.raises(SecondFactorEnrolled):
            await second_factor.begin(ctx)
    with pytest.raises(Unauthenticated):
        await door.who(first)
    assert (await door.who(token)).second_factor

    assert (await refusal(door))[0] is SecondFactorRequired
    assert (await refusal(door, code=" "))[0] is SecondFactorRequired
    assert (await refusal(door, code="12345a"))[0] is SignInFailed
    door.clock.advance(timedelta(seconds=30))
    assert (await door.who((await door.enter(code=totp.at(door.clock.now()))).token)).second_factor


async def test_a_code_is_good_once_and_one_step_early_or_late(door: Door) -> None:
    totp, _token = await door.enrol((await door.enter()).token)
    used = totp.at(START)
    assert (await refusal(door, code=used))[0] is SignInFailed  # used for the set-up

    door.clock.advance(timedelta(minutes=10))
    now = door.clock.now()
    await door.enter(code=totp.at(now - timedelta(seconds=30)))
    await door.enter(code=totp.at(now + timedelta(seconds=30)))
    for seconds in (-30, 0, 30, 60, -60):  # used, passed over, used, too early, too late
        assert (await refusal(door, code=totp.at(now + timedelta(seconds=seconds))))[0] is SignInFailed
    door.clock.advance(timedelta(minutes=5))
    await door.enter(code=totp.at(door.clock.now()))


async def test_the_same_code_in_two_log_ins_at_once_is_good_for_one(door: Door) -> None:
    totp, _token = await door.enrol((await door.enter()).token)
    door.clock.advance(timedelta(minutes=1))
    code = totp.at(door.clock.now())

    outcomes = await asyncio.gather(*(door.enter(code=code) for _ in range(3)), return_exceptions=True)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "SignInFailed",
        "SignInFailed",
        "SignedIn",
    ]


async def test_wrong_codes_lock_and_a_missing_one_does_not(door: Door) -> None:
    totp, _token = await door.enrol((await door.enter()).token)
    door.clock.advance(timedelta(minutes=1))
    for _ in range(8):
        assert (await refusal(door))[0] is SecondFactorRequired
    for _ in range(5):
        assert (await refusal(door, code="000000"))[0] is SignInFailed

    assert (await refusal(door, code=totp.at(door.clock.now())))[0] is SignInFailed
    assert (await refusal(door))[0] is SignInFailed


async def test_a_role_that_wants_a_second_factor_sleeps_until_there_is_one(door: Door) -> None:
    await door.give_role(require_second_factor=True)

    entered = await door.enter()
    assert entered.second_factor_missing
    assert (await door.who(entered.token)).actor.grants == ()
    _totp, token = await door.enrol(entered.token)

    assert (await door.who(token)).actor.permissions == {READ}


async def test_a_lost_authenticator_is_reset_by_whoever_manages_accounts(door: Door) -> None:
    _totp, token = await door.enrol((await door.enter()).token)
    async with door.system() as ctx:
        await accounts.reset_second_factor(ctx, door.account.id)

    with pytest.raises(Unauthenticated):
        await door.who(token)
    await door.enter()


async def test_sessions_end_by_idling_by_age_and_by_signing_out(door: Door) -> None:
    idle, old, out = [(await door.enter()).token for _ in range(3)]
    async with door.as_(out) as ctx:
        await sessions.sign_out(ctx)
    for _ in range(12):
        await door.who(old)
        door.clock.advance(timedelta(hours=1) - timedelta(seconds=1))
    await door.who(old)
    door.clock.advance(timedelta(seconds=12))

    for token in (idle, old, out):
        with pytest.raises(Unauthenticated) as refused:
            await door.who(token)
        assert (refused.value.code, dict(refused.value.details)) == ("unauthenticated", {})


async def test_the_last_use_is_written_once_a_minute(door: Door) -> None:
    token = (await door.enter()).token
    seen = []
    for seconds in (59, 2, 30, 31):
        door.clock.advance(timedelta(seconds=seconds))
        await door.who(token)
        async with door.system() as ctx:
            seen.append(
                await ctx.db.fetchval(
                    "select max(last_seen_at) from identity_session where tenant_id = $1", ctx.tenant_id
                )
            )

    assert [(at - START).total_seconds() for at in seen] == [0, 61, 61, 122]


async def test_a_log_in_ends_the_session_that_it_replaces(door: Door) -> None:
    old = (await door.enter()).token
    other = (await door.enter()).token

    new = (await door.enter(replaces=old)).token

    with pytest.raises(Unauthenticated):
        await door.who(old)
    assert (await door.who(other)).actor.id == (await door.who(new)).actor.id


async def test_one_account_has_at_most_fifty_sessions(door: Door) -> None:
    tokens = []
    async with door.system() as ctx:
        for _ in range(sessions.PER_ACCOUNT_MAX + 1):
            tokens.append((await sessions.open_session(ctx, door.account, second_factor=False))[0])

    with pytest.raises(Unauthenticated):
        await door.who(tokens[0])
    await door.who(tokens[1])


async def test_all_sessions_of_somebody_can_be_ended_with_the_right_to_do_so(
    bench: Bench, door: Door
) -> None:
    await door.give_role()
    token = (await door.enter()).token
    refused: list[tuple[list[str], type[LinliError]]] = [
        ([MANAGE], PermissionDenied),
        (["identity.session.revoke"], GrantExceedsOwn),
    ]
    for permissions, error in refused:
        async with bench.context(door.tenant, permissions=permissions, clock=door.clock) as ctx:
            with pytest.raises(error):
                await sessions.revoke_all(ctx, door.account.id)
    await door.who(token)
    async with bench.context(
        door.tenant, permissions=["identity.session.revoke", READ], clock=door.clock
    ) as ctx:
        assert await sessions.revoke_all(ctx, door.account.id) == 1
    with pytest.raises(Unauthenticated):
        await door.who(token)


async def test_expired_sessions_are_deleted_in_time(door: Door) -> None:
    await door.enter()
    async with door.system() as ctx:
        assert await sessions.purge_expired(ctx) == 0
        door.clock.advance(timedelta(days=31))
        assert await sessions.purge_expired(ctx) == 1


async def test_unknown_foreign_and_malformed_tokens_get_the_same_answer(bench: Bench, door: Door) -> None:
    other = await bench.tenant(plugins=())
    token = (await door.enter()).token
    foreign = new_token(TokenKind.SESSION, other.id)[:32] + token[32:]
    as_client = token.replace("ll_s_", "ll_c_", 1)
    answers = set()
    for text in (
        foreign,
        as_client,
        token + "x",
        "",
        new_token(TokenKind.SESSION, new_id()),
        token[:-1] + "!",
    ):
        with pytest.raises(Unauthenticated) as refused:
            await door.who(text)
        answers.add((refused.value.code, str(refused.value)))

    assert len(answers) == 1
    await door.who(token)


@pytest.mark.parametrize("state", ["suspended", "closing", "provisioning"])
async def test_a_tenant_that_is_not_active_lets_nobody_in(bench: Bench, door: Door, state: str) -> None:
    token = (await door.enter()).token
    async with bench.database.kernel() as db:
        await db.execute("update tenancy_tenant set state = $2 where tenant_id = $1", door.tenant.id, state)
    bench.catalogue.forget(door.tenant.id)

    with pytest.raises(TenantSuspended):
        await door.who(token)
    door.tenant = await bench.catalogue.by_id(door.tenant.id)
    with pytest.raises(TenantSuspended):
        await door.enter()


async def test_one_statement_gives_the_actor_with_all_grants(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await door.give_role()
    token = (await door.enter()).token
    statements: list[str] = []
    read = door.bench.database.read

    async def counting(tenant_id: UUID, sql: str, arguments: Sequence[object]) -> bytes | None:
        statements.append(sql)
        return await read(tenant_id, sql, arguments)

    monkeypatch.setattr(door.bench.database, "read", counting)
    monkeypatch.setattr(door.bench.database, "unit_of_work", None)  # none is opened
    await door.who(token)

    assert len(statements) == 1


async def test_only_an_account_acts_for_itself(door: Door) -> None:
    async with door.system() as ctx:
        with pytest.raises(NotOwnAccount):
            await second_factor.begin(ctx)
        with pytest.raises(NotOwnAccount):
            await sessions.sign_out(ctx)
        with pytest.raises(NotOwnAccount):
            await accounts.change_password(ctx, present=PASSWORD, new="Another-Lane-8")


async def test_managing_accounts_takes_the_permission_for_the_whole_tenant(bench: Bench, door: Door) -> None:
    async with bench.context(door.tenant, permissions=[MANAGE], area_path="00.") as ctx:
        with pytest.raises(PermissionDenied):
            await accounts.create(ctx, login_name="li")
        with pytest.raises(PermissionDenied):
            await accounts.disable(ctx, door.account.id)


async def test_nobody_takes_over_an_account_with_more_rights_than_their_own(bench: Bench, door: Door) -> None:
    await door.give_role()
    async with bench.context(door.tenant, permissions=[MANAGE], clock=door.clock) as ctx:
        with pytest.raises(GrantExceedsOwn):
            await accounts.set_password(ctx, door.account.id, password="Another-Lane-8")
        with pytest.raises(GrantExceedsOwn):
            await accounts.reset_second_factor(ctx, door.account.id)
    async with bench.context(door.tenant, permissions=[MANAGE, READ], clock=door.clock) as ctx:
        await accounts.set_password(ctx, door.account.id, password="Another-Lane-8")


@pytest.mark.parametrize(("state", "action"), ACCOUNT_STATES.legal() + ACCOUNT_STATES.illegal())
async def test_an_account_is_disabled_and_enabled_by_its_table(door: Door, state: str, action: str) -> None:
    token = (await door.enter()).token
    actions = {"disable": accounts.disable, "enable": accounts.enable}
    async with door.system() as ctx:
        if state == "disabled":
            await accounts.disable(ctx, door.account.id)
        if (state, action) in ACCOUNT_STATES.illegal():
            with pytest.raises(UndefinedTransition):
                await actions[action](ctx, door.account.id)
            return
        turned = await actions[action](ctx, door.account.id)
    assert turned.state == ACCOUNT_STATES.transition(state, action).target
    with pytest.raises(Unauthenticated):
        await door.who(token)
