"""Provisioners: how a plugin makes a tenant ready for itself, and what made-up data is made with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID, uuid5

from linli.clock.errors import UnknownYear
from linli.context import WHOLE_TENANT, Actor, ActorKind, Context, Grant
from linli.db.encryption.errors import MasterKeyMissing


@dataclass(frozen=True, slots=True)
class ProvisionRequest:
    """What a tenant's profile says to a plugin.

    `profile` is the plugin's own section of `tenant.toml`; `directory` is the profile's folder, from which
    files may be read (None when there is none); `demo` asks for synthetic people and figures, which say so.
    """

    demo: bool = False
    profile: Mapping[str, object] = field(default_factory=dict)
    directory: Path | None = None


@dataclass(frozen=True, slots=True)
class Provisioner:
    """One idempotent step; `run` works in the transaction of the context, as the system."""

    name: str
    run: Callable[[Context, ProvisionRequest], Awaitable[None]]


def demo_id(ctx: Context, plugin: str, name: str) -> UUID:
    """The id of a made-up row of a plugin: each time the same, so that what is there already is found."""
    return uuid5(ctx.tenant_id, f"demo:{plugin}:{name}")


def demo_officer(ctx: Context, plugin: str, name: str) -> Context:
    """The context of a made-up part of the system, so that maker and checker differ in demo data too."""
    return replace(ctx, actor=Actor(kind=ActorKind.SYSTEM, id=demo_id(ctx, plugin, name), name=name))


def demo_person(ctx: Context, person_id: UUID, permissions: Collection[str]) -> Context:
    """The context of a made-up person who may do so much, for steps that only the person behind an account may take."""
    grant = Grant(role="demo", area_id=None, area_path=WHOLE_TENANT, permissions=frozenset(permissions))
    account_id = uuid5(person_id, "demo:account")
    actor = Actor(ActorKind.ACCOUNT, account_id, "演示账号", person_id=person_id, grants=(grant,))
    return replace(ctx, actor=actor)


@asynccontextmanager
async def demo_step(ctx: Context) -> AsyncIterator[None]:
    """A step of a demonstration that is left out, whole, where the official calendar ends before it or no key is there.

    Any other refusal is a mistake of the demonstration, and is raised.
    """
    with suppress(UnknownYear, MasterKeyMissing):
        async with ctx.db.savepoint():
            yield
