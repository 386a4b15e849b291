"""The two runtime roles of a database: neither owns a table, neither may bypass row-level security."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

_LIMITS = "nosuperuser nobypassrls nocreatedb nocreaterole"


@dataclass(frozen=True, slots=True)
class RuntimeRoles:
    """Names and passwords, derived from the database's name and the installation's secret key."""

    api: str
    kernel: str
    api_password: str
    kernel_password: str

    @classmethod
    def of(cls, database: str, secret_key: str) -> RuntimeRoles:
        """The roles of a database. Roles are global in a cluster, so their names carry the database's."""

        def password(role: str) -> str:
            return hmac.new(secret_key.encode(), f"role:{role}".encode(), hashlib.sha256).hexdigest()

        api, kernel = f"{database}_api", f"{database}_kernel"
        return cls(api, kernel, password(api), password(kernel))


def quoted(identifier: str) -> str:
    """An identifier in double quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def url_for(owner_url: str, role: str, password: str) -> str:
    """The owner's URL with another user and password; host, port, database and options stay."""
    parts = urlsplit(owner_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password)}@{host}"))


async def create_roles(
    connection: asyncpg.Connection[asyncpg.Record], database: str, roles: RuntimeRoles
) -> None:
    """Create or refresh the roles and their rights on the database and on schema `app`."""
    for name, password in ((roles.api, roles.api_password), (roles.kernel, roles.kernel_password)):
        attributes = await connection.fetchrow(
            "select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole as too_many"
            " from pg_roles where rolname = $1",
            name,
        )
        verb = "create" if attributes is None else "alter"
        # An owner who is no superuser may not even repeat that a role is none: only what is wrong is altered.
        limits = "" if attributes and not attributes["too_many"] else _LIMITS
        # The password is a hexadecimal digest of our own, so it needs no escaping.
        await connection.execute(f"{verb} role {quoted(name)} login {limits} password '{password}'")
        for statement in (
            f"grant connect on database {quoted(database)} to {quoted(name)}",
            f"grant usage on schema public, app to {quoted(name)}",
            f"grant select on app.migration to {quoted(name)}",
            f"revoke temporary on database {quoted(database)} from public",
            f"alter role {quoted(name)} in database {quoted(database)} set search_path = public, pg_catalog",
        ):
            await connection.execute(statement)
