"""What can be handed over of a person: what the kernel and the plugins declare in `handover_fields()`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.handover.errors import BadProvider, TooManyFields, UnknownField

FIELDS_MAX: Final = 100
TEXT_CHARACTERS_MAX: Final = 300
FieldValue = str | int | bool | None


@dataclass(frozen=True, slots=True)
class HandoverField:
    """One field: its key within the set, and what people call it."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class HandoverFields:
    """Fields that can be handed over, chosen one by one, and how they are read and taken in.

    `name` starts with the plugin's name and a dot; outside, a field is called `name.key`. `read` gives the values of
    the fields that it is asked for, and of no others: short texts (dates as ISO 8601), numbers, booleans or None. The
    kernel has checked permission and consent. `receive` is told, at the place of destination, of the person in that
    place's register and the values of this set that came, as they are by now, by the system, in a transaction of its
    own and at least once; without it they are only kept and shown. It checks them as it would anything from outside.
    """

    name: str
    zh: str
    en: str
    fields: tuple[HandoverField, ...]
    read: Callable[[Context, UUID, Sequence[str]], Awaitable[Mapping[str, FieldValue]]]
    receive: Callable[[Context, UUID, Mapping[str, FieldValue]], Awaitable[None]] | None = None

    def full_name(self, key: str) -> str:
        """What a field is called outside its set."""
        return f"{self.name}.{key}"


def sets_of(ctx: Context) -> Sequence[HandoverFields]:
    """What the kernel and the tenant's plugins can hand over, in dependency order."""
    return [one for _plugin, many in ctx.plugins.contributions("handover_fields") for one in many]


def titles_of(ctx: Context) -> dict[str, HandoverField]:
    """The fields that can be handed over here, by their full names."""
    return {one.full_name(field.key): field for one in sets_of(ctx) for field in one.fields}


def chosen(ctx: Context, names: Sequence[str]) -> list[str]:
    """The full names of a choice of fields, each once, in alphabetical order. Raises: TooManyFields, UnknownField."""
    wanted = sorted(set(names))
    if not 1 <= len(wanted) <= FIELDS_MAX:
        raise TooManyFields(path=("fields",), limit=FIELDS_MAX)
    known = titles_of(ctx)
    for name in wanted:
        if name not in known:
            raise UnknownField(path=("fields",), field=name[:100])
    return wanted


async def read_values(ctx: Context, person_id: UUID, names: Sequence[str]) -> dict[str, FieldValue]:
    """The present values of these fields and no others, by full name; those of a plugin that is off are left out.

    Raises: BadProvider when a part gives more than it was asked for, or no plain value.
    """
    wanted, values = frozenset(names), dict[str, FieldValue]()
    for one in sets_of(ctx):
        keys = [field.key for field in one.fields if one.full_name(field.key) in wanted]
        if not keys:
            continue
        given = await one.read(ctx, person_id, keys)
        if given.keys() - set(keys) or not all(is_plain(value) for value in given.values()):
            raise BadProvider(part=one.name)
        values |= {one.full_name(key): value for key, value in given.items()}
    return values


async def give_to_providers(ctx: Context, person_id: UUID, values: Mapping[str, FieldValue]) -> None:
    """Tell every part that takes values in of its own ones."""
    for one in sets_of(ctx):
        own = {
            field.key: values[one.full_name(field.key)]
            for field in one.fields
            if one.full_name(field.key) in values
        }
        if own and one.receive is not None:
            await one.receive(ctx, person_id, own)


def is_plain(value: object) -> bool:
    """Whether it is a short text, a number, a boolean or nothing."""
    if isinstance(value, str):
        return len(value) <= TEXT_CHARACTERS_MAX
    return value is None or isinstance(value, bool | int)
