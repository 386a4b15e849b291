"""Mutations on accounts, roles, grants and API clients."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from linli.context import Context
from linli.identity import accounts, clients, grants, roles, sessions
from linli.identity import tables as identity
from linli_graphql.inputs import EXPECTED_VERSION, described, input_type, values_of
from linli_graphql.kernel.access import Account, ApiClient, Role, RoleGrant
from linli_graphql.mutations import Outcome, mutation

_SECRET = {"client_secret": (str, "The secret; it is shown this once.")}


@input_type
class CreateAccountInput:
    """An account to be created; it has no rights until a role is granted to it."""

    login_name: str = described("The name to log in with: letters, digits, dot, hyphen, underscore.")
    password: str | None = described("A first password; without one nobody can log in yet.", optional=True)
    person_id: strawberry.ID | None = described("Whose account it is.", optional=True)
    must_change_password: bool | None = described(
        "Whether the password must be changed at the first log-in; yes by default.", optional=True
    )


@input_type
class AccountInput:
    """An account, in the version that the caller saw."""

    id: strawberry.ID = described("The account.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class SetPasswordInput:
    """A new password for somebody's account."""

    id: strawberry.ID = described("The account.")
    password: str = described("The new password.")
    must_change_password: bool | None = described("Whether it must be changed at log-in.", optional=True)


@input_type
class AccountOnlyInput:
    """An account."""

    id: strawberry.ID = described("The account.")


@input_type
class DefineRoleInput:
    """A role to be defined."""

    key: str = described("Names the role in commands; lower case.")
    name_zh: str = described("The role's name in Chinese.")
    name_en: str = described("The role's name in English.")
    permissions: list[str] = described("The names of its permissions.")
    require_second_factor: bool | None = described("Whether holders need a second factor.", optional=True)


@input_type
class ChangeRoleInput:
    """What to change of a role; what is left out stays."""

    id: strawberry.ID = described("The role.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    name_zh: str | None = described("The role's name in Chinese.", optional=True)
    name_en: str | None = described("The role's name in English.", optional=True)
    permissions: list[str] | None = described("The names of all its permissions.", optional=True)
    require_second_factor: bool | None = described("Whether holders need a second factor.", optional=True)


@input_type
class RoleInput:
    """A role, in the version that the caller saw."""

    id: strawberry.ID = described("The role.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class GrantRoleInput:
    """A role to be granted at an area and everywhere below it."""

    account_id: strawberry.ID = described("To whom.")
    role_id: strawberry.ID = described("Which role.")
    area_id: strawberry.ID | None = described("Where; null is the whole tenant.")
    valid_from: date | None = described("From which day; today by default.", optional=True)
    valid_to: date | None = described("Up to, and without, which day.", optional=True)


@input_type
class RevokeGrantInput:
    """A grant to be ended."""

    id: strawberry.ID = described("The grant.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    valid_to: date | None = described(
        "The first day on which it no longer holds; today by default.", optional=True
    )


@input_type
class CreateApiClientInput:
    """A program that is to use the API."""

    name: str = described("What it is called.")
    scopes: list[str] = described("The permissions that its tokens may carry; at most one's own.")
    area_id: strawberry.ID | None = described("Where they hold; null is the whole tenant.", optional=True)
    expires_at: datetime | None = described("When it ends.", optional=True)


@input_type
class RotateSecretInput:
    """A client that needs a new secret."""

    id: strawberry.ID = described("The API client.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    overlap_s: int | None = described("How many seconds the old secret stays good.", optional=True)


@input_type
class ApiClientInput:
    """An API client, in the version that the caller saw."""

    id: strawberry.ID = described("The API client.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@mutation(gives=Account)
async def create_account(ctx: Context, input: CreateAccountInput) -> identity.Account:
    """Create an account without any rights."""
    return await accounts.create(ctx, **values_of(input, ids={"person_id": "Person"}))


@mutation(gives=Account)
async def disable_account(ctx: Context, input: AccountInput) -> identity.Account:
    """Let nobody log in with an account any more; its sessions end at once."""
    values = values_of(input, ids={"id": "Account"})
    return await accounts.disable(ctx, values.pop("id"), **values)


@mutation(gives=Account)
async def enable_account(ctx: Context, input: AccountInput) -> identity.Account:
    """Let a disabled account log in again."""
    values = values_of(input, ids={"id": "Account"})
    return await accounts.enable(ctx, values.pop("id"), **values)


@mutation(gives=Account)
async def set_account_password(ctx: Context, input: SetPasswordInput) -> identity.Account:
    """Give somebody a new password; their sessions end."""
    values = values_of(input, ids={"id": "Account"})
    return await accounts.set_password(ctx, values.pop("id"), **values)


@mutation(gives=Account)
async def reset_second_factor(ctx: Context, input: AccountOnlyInput) -> identity.Account:
    """Take away an account's authenticator, because it was lost; its sessions end."""
    return await accounts.reset_second_factor(ctx, values_of(input, ids={"id": "Account"})["id"])


@mutation(extra={"sessions_ended": (int, "How many sessions were ended.")})
async def revoke_sessions(ctx: Context, input: AccountOnlyInput) -> Outcome:
    """End all sessions of an account."""
    count = await sessions.revoke_all(ctx, values_of(input, ids={"id": "Account"})["id"])
    return Outcome(row=None, extra={"sessions_ended": count})


@mutation(gives=Role)
async def define_role(ctx: Context, input: DefineRoleInput) -> identity.Role:
    """Define a role of the tenant's own."""
    return await roles.define(ctx, **values_of(input))


@mutation(gives=Role)
async def change_role(ctx: Context, input: ChangeRoleInput) -> identity.Role:
    """Change a role of the tenant's own, for all who hold it."""
    values = values_of(input, ids={"id": "Role"})
    return await roles.change(ctx, values.pop("id"), **values)


@mutation()
async def remove_role(ctx: Context, input: RoleInput) -> None:
    """Delete a role of the tenant's own that was never granted."""
    values = values_of(input, ids={"id": "Role"})
    await roles.remove(ctx, values.pop("id"), **values)


@mutation(gives=RoleGrant)
async def grant_role(ctx: Context, input: GrantRoleInput) -> identity.RoleGrant:
    """Grant a role at an area; nobody grants more than they hold themselves."""
    ids = {"account_id": "Account", "role_id": "Role", "area_id": "Area"}
    return await grants.grant(ctx, **values_of(input, ids=ids))


@mutation(gives=RoleGrant)
async def revoke_grant(ctx: Context, input: RevokeGrantInput) -> identity.RoleGrant:
    """End a grant; the record of it stays."""
    values = values_of(input, ids={"id": "RoleGrant"})
    return await grants.revoke(ctx, values.pop("id"), **values)


@mutation(gives=ApiClient, extra=_SECRET)
async def create_api_client(ctx: Context, input: CreateApiClientInput) -> Outcome:
    """Create an API client; its secret is shown this once."""
    made = await clients.create(ctx, **values_of(input, ids={"area_id": "Area"}))
    return Outcome(row=made.client, extra={"client_secret": made.client_secret})


@mutation(gives=ApiClient, extra=_SECRET)
async def rotate_api_client_secret(ctx: Context, input: RotateSecretInput) -> Outcome:
    """Give an API client a new secret; the old one stays good for a while."""
    values = values_of(input, ids={"id": "ApiClient"})
    made = await clients.rotate_secret(ctx, values.pop("id"), **values)
    return Outcome(row=made.client, extra={"client_secret": made.client_secret})


@mutation(gives=ApiClient)
async def revoke_api_client(ctx: Context, input: ApiClientInput) -> identity.Client:
    """Refuse an API client and all its tokens from now on."""
    values = values_of(input, ids={"id": "ApiClient"})
    return await clients.revoke(ctx, values.pop("id"), **values)


ACCESS_MUTATIONS = (
    create_account,
    disable_account,
    enable_account,
    set_account_password,
    reset_second_factor,
    revoke_sessions,
    define_role,
    change_role,
    remove_role,
    grant_role,
    revoke_grant,
    create_api_client,
    rotate_api_client_secret,
    revoke_api_client,
)
