"""The tenant, its plugins and settings, and the caller, in the API."""

from __future__ import annotations

from typing import Any

import strawberry

from linli.context import Context
from linli.registry import PluginSet
from linli.tenancy import enablement
from linli.tenancy import settings as tenant_settings
from linli.tenancy.catalogue import TenantKind, TenantState
from linli.tenancy.inheritance import InheritanceMode
from linli.tenancy.invalidation import announcer
from linli_graphql.contribution import query
from linli_graphql.fields import computed_on
from linli_graphql.inputs import described, expose, input_type
from linli_graphql.kernel.access import Account
from linli_graphql.kernel.identity import Person
from linli_graphql.mutations import Outcome, mutation
from linli_graphql.request import GraphQLRequest

_READ = "tenancy.tenant.read"
expose(
    InheritanceMode,
    "How far a district may depart from its city's value of a setting.",
    {
        "FIXED": "The city's value holds.",
        "BOUNDED": "A district may choose within the city's bounds.",
        "FREE": "A district may choose any value.",
    },
)


@strawberry.type(description="A place that uses the platform: a city or a district.")
class Tenant:
    """A place that uses the platform: a city or a district."""

    slug: str = strawberry.field(description="Names the tenant in commands and log-ins.")
    name: str = strawberry.field(description="The place's name.")
    kind: TenantKind = strawberry.field(description="Whether it is a city or a district.")
    state: TenantState = strawberry.field(description="A tenant serves requests only while it is active.")
    parent_slug: str | None = strawberry.field(description="The city that hands its settings down to it.")
    time_zone: str = strawberry.field(description="The IANA time zone of its dates and deadlines.")
    locale: str = strawberry.field(description="The language of its texts by default.")


@strawberry.type(description="A plugin, and whether this tenant has it switched on.")
class Plugin:
    """A plugin, and whether this tenant has it switched on."""

    name: str = strawberry.field(description="Names the plugin in commands.")
    title: str = strawberry.field(description="What it is called, in the caller's language.")
    version: str = strawberry.field(description="The installed version.")
    enabled: bool = strawberry.field(description="Whether it is switched on for this tenant.")
    requires: list[str] = strawberry.field(description="The plugins that must be on as well.")
    quarantined: str | None = strawberry.field(description="Why it cannot be used; null when it can.")


@strawberry.type(description="A setting of the tenant with the value that holds now.")
class Setting:
    """A setting of the tenant with the value that holds now."""

    name: str = strawberry.field(description="Names the setting.")
    description: str = strawberry.field(description="What it decides, in the caller's language.")
    type: str = strawberry.field(description="Integer, decimal, text or boolean.")
    value: strawberry.scalars.JSON = strawberry.field(description="The value that holds now.")
    default: strawberry.scalars.JSON = strawberry.field(description="The value when nobody sets one.")


@strawberry.type(description="A permission that the caller holds somewhere, with its sentence.")
class Permission:
    """A permission that the caller holds somewhere, with its sentence."""

    name: str = strawberry.field(description="Names the permission.")
    description: str = strawberry.field(description="What it allows, in the caller's language.")


@strawberry.type(description="Who is asking, and what they may do.")
class Viewer:
    """Who is asking, and what they may do."""

    kind: str = strawberry.field(description="Account, client or system.")
    name: str = strawberry.field(description="The log-in name, or the client's name.")
    permissions: list[Permission] = strawberry.field(description="What the caller may do somewhere.")
    account: Account | None = computed_on(
        "The caller's account; null for an API client.", lambda value: value.account_ref
    )
    person: Person | None = computed_on(
        "The caller's own entry in the register.", lambda value: value.person_ref
    )


class _ViewerValue:
    """The value behind `Viewer`."""

    def __init__(self, request: GraphQLRequest) -> None:
        actor = request.actor
        self.kind = actor.kind.value
        self.name = actor.name
        known = request.plugins.permissions
        self.permissions = [
            Permission(name=name, description=known[name].en if request.locale == "en" else known[name].zh)
            for name in sorted(actor.permissions)
            if name in known
        ]
        self.account_ref = (Account, actor.id) if actor.kind.value == "account" and actor.id else None
        self.person_ref = (Person, actor.person_id) if actor.person_id else None


@query
async def tenant(request: GraphQLRequest) -> Tenant:
    """The tenant of the caller's credential."""
    found = request.tenant
    return Tenant(
        slug=found.slug,
        name=found.name,
        kind=found.kind,
        state=found.state,
        parent_slug=found.parent_slug,
        time_zone=found.time_zone,
        locale=found.locale,
    )


@query
async def me(request: GraphQLRequest) -> Viewer:
    """The caller, and what they may do."""
    return _ViewerValue(request)  # type: ignore[return-value]


@query
async def plugins(request: GraphQLRequest) -> list[Plugin]:
    """All installed plugins, and which of them this tenant has switched on."""
    (await request.reading()).require(_READ)
    composition = request.runtime.composition
    names = sorted({*composition.names, *composition.quarantined})
    return [_plugin(request, request.plugins, name) for name in names]


@query
async def settings(request: GraphQLRequest) -> list[Setting]:
    """The settings of the kernel and of the tenant's plugins, with the values that hold now."""
    ctx = await request.reading()
    ctx.require(_READ)
    english = request.locale == "en"
    return [
        Setting(
            name=name,
            description=declared.en if english else declared.zh,
            type=declared.type,
            value=ctx.setting(name),  # type: ignore[arg-type]
            default=declared.default,
        )
        for name, declared in sorted(request.plugins.settings.items())
    ]


@input_type
class PluginInput:
    """A plugin."""

    name: str = described("The plugin's name.")


@input_type
class SetSettingInput:
    """A setting and its new value."""

    name: str = described("The setting's name.")
    value: strawberry.scalars.JSON = described("The new value, of the setting's type.")
    mode: InheritanceMode | None = described("How far districts may depart from it.", optional=True)
    minimum: int | None = described("The least value that a district may set.", optional=True)
    maximum: int | None = described("The greatest value that a district may set.", optional=True)


@mutation(extra={"plugin": (Plugin, "The plugin as it is now.")})
async def enable_plugin(ctx: Context, input: PluginInput, request: GraphQLRequest) -> Outcome:
    """Switch a plugin on; its types are in the schema from the next request on."""
    return await _switch(ctx, input.name, request, enabled=True)


@mutation(extra={"plugin": (Plugin, "The plugin as it is now.")})
async def disable_plugin(ctx: Context, input: PluginInput, request: GraphQLRequest) -> Outcome:
    """Switch a plugin off; its types are hidden from the next request on, its data stay."""
    return await _switch(ctx, input.name, request, enabled=False)


@mutation(extra={"setting": (Setting, "The setting as it is now.")})
async def set_setting(ctx: Context, input: SetSettingInput, request: GraphQLRequest) -> Outcome:
    """Set a setting of the tenant."""
    given: dict[str, Any] = {
        name: getattr(input, name)
        for name in ("mode", "minimum", "maximum")
        if getattr(input, name) is not strawberry.UNSET
    }
    announce = announcer(request.runtime.catalogue, request.runtime.redis)
    await tenant_settings.set_setting(ctx, name=input.name, value=input.value, announce=announce, **given)
    declared = request.plugins.settings[input.name]
    made = Setting(
        name=input.name,
        description=declared.en if request.locale == "en" else declared.zh,
        type=declared.type,
        value=input.value,
        default=declared.default,
    )
    return Outcome(row=None, extra={"setting": made})


async def _switch(ctx: Context, name: str, request: GraphQLRequest, *, enabled: bool) -> Outcome:
    composition = request.runtime.composition
    announce = announcer(request.runtime.catalogue, request.runtime.redis)
    if enabled:
        await enablement.enable_plugin(ctx, name=name, composition=composition, announce=announce)
    else:
        await enablement.disable_plugin(ctx, name=name, composition=composition, announce=announce)
    after = composition.plugin_set(await enablement.enabled_plugins(ctx))
    return Outcome(row=None, extra={"plugin": _plugin(request, after, name)})


def _plugin(request: GraphQLRequest, enabled: PluginSet, name: str) -> Plugin:
    composition = request.runtime.composition
    manifest = composition.manifests.get(name)
    trouble = composition.quarantined.get(name)
    english = request.locale == "en"
    return Plugin(
        name=name,
        title=(manifest.title.en if english else manifest.title.zh) if manifest else name,
        version=manifest.version if manifest else "",
        enabled=name in enabled.names,
        requires=sorted(manifest.requires) if manifest else [],
        quarantined=trouble.sentence if trouble else None,
    )


TENANCY_QUERIES = (tenant, me, plugins, settings)
TENANCY_MUTATIONS = (enable_plugin, disable_plugin, set_setting)
