"""Accounts, roles, grants and API clients in the API."""

from __future__ import annotations

from datetime import date, datetime

from linli.identity import tables
from linli_graphql.connections import Connection
from linli_graphql.kernel.areas import Area
from linli_graphql.kernel.enums import AccountState
from linli_graphql.kernel.identity import Person
from linli_graphql.nodes import Node, column, many, node, one


@node(
    tables.Account,
    plural="accounts",
    permission="identity.account.read",
    own_column="person_id",
    filters=("login_name", "state", "person"),
    order_by=("login_name",),
    administrative=True,
    whole_tenant=True,
)
class Account(Node):
    """What somebody logs in with."""

    login_name: str = column("The name to log in with.")
    state: AccountState = column("Whether it may be used.")
    must_change_password: bool = column("Whether the password must be changed at the next log-in.")
    totp_confirmed_at: datetime | None = column("Since when a second factor is set up.")
    locked_until: datetime | None = column("Until when failed attempts have locked it.")
    person: Person | None = one("person_id", "Whose account it is.")
    grants: Connection[RoleGrant] = many("account_id", "The roles that it holds, past ones too.")


@node(
    tables.Role,
    plural="roles",
    permission="identity.role.read",
    filters=("key",),
    order_by=("key",),
    administrative=True,
)
class Role(Node):
    """A named set of permissions."""

    key: str = column("Names the role in profiles and commands.")
    name_zh: str = column("The role's name in Chinese.")
    name_en: str = column("The role's name in English.")
    permissions: list[str] = column("The names of its permissions.")
    source: str = column("Where it comes from: profile, plugin or tenant.")
    require_second_factor: bool = column("Whether its holders must use a second factor.")


@node(
    tables.RoleGrant,
    plural="role_grants",
    permission="identity.grant.read",
    filters=("account", "role"),
    order_by=("valid_from",),
    administrative=True,
)
class RoleGrant(Node):
    """A role that an account holds at an area and everywhere below it."""

    valid_from: date = column("From which day.")
    valid_to: date | None = column("Up to, and without, which day.")
    account: Account | None = one("account_id", "Who holds it.")
    role: Role | None = one("role_id", "The role.")
    area: Area | None = one("area_id", "Where; null is the whole tenant.")


@node(
    tables.Client,
    plural="api_clients",
    permission="identity.client.read",
    filters=("state", "client_id"),
    order_by=("name",),
    administrative=True,
)
class ApiClient(Node):
    """A program that uses the API with client credentials."""

    name: str = column("What it is called.")
    client_id: str = column("Its public identifier in OAuth 2.")
    scopes: list[str] = column("The permissions that its tokens may carry.")
    state: AccountState = column("Whether it may be used.")
    expires_at: datetime | None = column("When it ends.")
    previous_expires_at: datetime | None = column(
        "Until when the secret before the last rotation is still good."
    )
    area: Area | None = one("area_id", "Where its permissions hold; null is the whole tenant.")
