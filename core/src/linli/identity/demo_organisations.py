"""Demo organisations in numbers, for plugins whose demonstrations need many.

They are made up: their names begin with 演示, their rows say `synthetic`, and their unified social credit
codes carry the division 000000, which no place has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid5

from stdnum.cn import uscc

from linli.areas.locking import hold_tree
from linli.audit.record import Change, record
from linli.context import Context
from linli.i18n import sort_key

ORGANISATIONS_MAX: Final = 10_000
NAME_START: Final = "演示"
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"

# The n-th organisation lies in the n-th end of the tree, and round again; without areas it lies nowhere.
_INSERT: Final = """
with ends as (
    select id, path, row_number() over (order by path) - 1 as place, count(*) over () as total
    from areas_area where tenant_id = $1 and state = 'active' and descendants = 0
)
insert into identity_organisation
    (tenant_id, id, area_id, area_path, name, name_pinyin, kind, uscc, address, synthetic)
select $1, n.id, e.id, coalesce(e.path, ''), n.name, n.pinyin, $2, n.uscc, $3, true
from unnest($4::uuid[], $5::text[], $6::text[], $7::text[]) with ordinality
    as n (id, name, pinyin, uscc, number)
left join ends e on e.place = (n.number - 1) % e.total
on conflict (tenant_id, id) do nothing returning id"""


async def ensure_demo_organisations(ctx: Context, names: Sequence[str], *, kind: str) -> list[UUID]:
    """Organisations of these names, spread over the ends of the area tree; gives their ids in the same order.

    The same tenant and name give the same id and code; what is there already is left alone. What is made is
    told by one audit entry, and by no events.

    Raises:
        ValueError: more than 10,000 names, two equal ones, or one that does not begin with 演示.
    """
    if len(names) > ORGANISATIONS_MAX or len(set(names)) != len(names):
        raise ValueError(f"there are at most {ORGANISATIONS_MAX} demo organisations, of different names")
    if not all(name.startswith(NAME_START) for name in names):
        raise ValueError(f"the name of a demo organisation begins with {NAME_START}")
    await hold_tree(ctx)
    ids = [uuid5(ctx.tenant_id, f"demo:organisation:{name}") for name in names]
    made = await ctx.db.fetch(
        _INSERT,
        ctx.tenant_id,
        kind,
        f"{NAME_START}路1号",
        ids,
        list(names),
        [sort_key(name) for name in names],
        [demo_uscc(name) for name in names],
    )
    if made:
        after = {"organisations": len(made), "kind": kind}
        await record(ctx, Change("create_demo", "identity_organisation", after=after))
    return ids


def demo_uscc(name: str) -> str:
    """A unified social credit code that is well-formed and belongs to nobody: its division is 000000."""
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    body = ""
    for _ in range(6):
        digest, place = divmod(digest, len(_ALPHABET))
        body += _ALPHABET[place]
    code = f"59000000DEM{body}"
    return code + str(uscc.calc_check_digit(code))
