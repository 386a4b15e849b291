"""Tables of the area tree."""

from __future__ import annotations

from piccolo.columns import JSONB, Array, BigInt, Boolean, Date, Integer, Text, Timestamptz
from piccolo.columns import UUID as UUIDColumn

from linli.db.tables import TenantTable


class AreaLevel(TenantTable, tablename="areas_level"):
    """A level of a tenant's tree, such as street; `parents` are the keys of levels that it may be below."""

    key = Text()
    name_zh = Text()
    name_en = Text()
    rank = Integer()
    top = Boolean()
    parents = Array(Text())


class Area(TenantTable, tablename="areas_area"):
    """An area as it is today, or as it last was when it is retired.

    Its present version holds since `renewed_on`, or since `valid_from` when it never changed.
    `path` is C-collated and materialised; `descendants` counts the active areas below; `children_made` counts
    the path segments that were ever given out below this area.
    """

    code = Text()
    name = Text()
    name_pinyin = Text()
    name_letters = Text()
    name_initials = Text()
    name_grams = Array(Text())
    level = Text()
    parent_id = UUIDColumn(default=None, null=True)
    path = Text()
    depth = Integer()
    state = Text()
    valid_from = Date()
    valid_to = Date(default=None, null=True)
    renewed_on = Date(default=None, null=True)
    descendants = Integer(default=0)
    children_made = Integer(default=0)


class AreaVersion(TenantTable, tablename="areas_version"):
    """What an area was from `valid_from` until the day before `valid_to`; `change_set_id` ended it.

    The present version stands in the area itself.
    """

    area_id = UUIDColumn()
    code = Text()
    name = Text()
    level = Text()
    parent_id = UUIDColumn(default=None, null=True)
    path = Text()
    depth = Integer()
    valid_from = Date()
    valid_to = Date()
    change_set_id = UUIDColumn(default=None, null=True)


class AreaChangeSet(TenantTable, tablename="areas_change_set"):
    """A set of changes to the tree that are previewed together and take effect together."""

    state = Text()
    title = Text()
    effective_on = Date()
    content = JSONB()
    preview = JSONB(default=None, null=True)
    created_by = UUIDColumn(default=None, null=True)
    applied_by = UUIDColumn(default=None, null=True)
    applied_at = Timestamptz(default=None, null=True)


class AreaSuccession(TenantTable, tablename="areas_succession"):
    """One area took over from another. Rows are only ever added."""

    predecessor_id = UUIDColumn()
    successor_id = UUIDColumn()
    kind = Text()
    effective_on = Date()
    change_set_id = UUIDColumn()


class AreaCounter(TenantTable, tablename="areas_counter"):
    """How many things of a kind lie in an area itself (`own`) and in its whole subtree (`total`)."""

    area_id = UUIDColumn()
    kind = Text()
    own = BigInt()
    total = BigInt()


class AreaCounterDelta(TenantTable, tablename="areas_counter_delta"):
    """A change of a count that is not yet folded into the totals."""

    area_id = UUIDColumn()
    kind = Text()
    delta = BigInt()
