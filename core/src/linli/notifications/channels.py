"""The channels of a tenant: the kernel's own, and those of its plugins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.context import Context
from linli.notifications.channel import IN_APP, Channel
from linli.notifications.email import EMAIL

CHANNELS: Final = (EMAIL,)


def channels_of(ctx: Context) -> Mapping[str, Channel]:
    """The channels that the tenant has, by name; the app itself is none of them."""
    return {one.name: one for _plugin, many in ctx.plugins.contributions("message_channels") for one in many}


def default_channels(ctx: Context, message_class: str) -> frozenset[str]:
    """By which channels messages of a class go where a person chose nothing; those that there are not are left out."""
    named = str(ctx.setting(f"notifications.channels_{message_class}")).split()
    return frozenset(named) & {IN_APP, *channels_of(ctx)}
