"""What is asked: the documents of each contender, the fixed SQL of the floor, and how answers are compared.

Q1  one resident by id, with the area and the area above it
Q2  a page of 50 residents, each with the area and the last 3 entries
Q3  1,000 residents with 10 fields: ten aliased pages of 100, which is the API's limit for a page. The peers are also
    asked for one list of 1,000, and the better of the two counts for them.
write  one resident is registered. Linli also writes audit trail, counter, event and idempotency record; PostGraphile
    inserts the row alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.masks import mask_phone
from linli_graphql.ids import from_global_id

PAGES = 10
PAGE = 100
STARTS = 16

_TEN = "fullName namePinyin gender phone state synthetic version createdAt updatedAt"
_AREA = "area { id code name parent { id code name } }"

LINLI = {
    "q1": f"query Q1($id: ID!) {{ person(id: $id) {{ id fullName gender state {_AREA} }} }}",
    "q2": "query Q2($after: String) { persons(first: 50, after: $after) { nodes { id fullName area { id code name }"
    " entries(first: 3, orderBy: OCCURRED_AT_DESC) { nodes { id category points occurredAt } } } } }",
    "q3": "query Q3("
    + ", ".join(f"$a{i}: String" for i in range(PAGES))
    + ") { "
    + " ".join(
        f"p{i}: persons(first: {PAGE}, after: $a{i}) {{ nodes {{ id {_TEN} }} }}" for i in range(PAGES)
    )
    + " }",
    "write": "mutation Write($input: RegisterPersonInput!) { registerPerson(input: $input)"
    " { person { id fullName } problems { code } } }",
    "cursors": f"query Cursors($after: String) {{ persons(first: {PAGE}, after: $after)"
    " { pageInfo { endCursor } } }",
}

MERCURIUS = {
    "q1": f"query Q1($w: Way!, $id: ID!) {{ person(id: $id, way: $w) {{ id fullName gender state {_AREA} }} }}",
    "q2": "query Q2($w: Way!, $after: ID!) { persons(first: 50, after: $after, way: $w) { id fullName"
    " area { id code name } entries(first: 3) { id category points occurredAt } } }",
    "q3": "query Q3($w: Way!, "
    + ", ".join(f"$a{i}: ID!" for i in range(PAGES))
    + ") { "
    + " ".join(f"p{i}: people(first: {PAGE}, after: $a{i}, way: $w) {{ id {_TEN} }}" for i in range(PAGES))
    + " }",
    "q3 one list": f"query L($w: Way!, $after: ID!) {{ people(first: {PAGE * PAGES}, after: $after, way: $w)"
    f" {{ id {_TEN} }} }}",
}

POSTGRAPHILE = {
    "q1": "query Q1($t: UUID!, $id: UUID!) { person: identityPersonByTenantIdAndRowId(tenantId: $t, rowId: $id)"
    " { rowId fullName gender state area: areasAreaByTenantIdAndAreaId { rowId code name"
    " parent: areasAreaByTenantIdAndParentId { rowId code name } } } }",
    "q2": "query Q2($t: UUID!, $after: Cursor) { persons: allIdentityPeople(first: 50, after: $after,"
    " condition: { tenantId: $t }) { nodes { rowId fullName area: areasAreaByTenantIdAndAreaId { rowId code name }"
    " entries: benchpointsEntriesByTenantIdAndPersonId(first: 3, orderBy: [OCCURRED_AT_DESC])"
    " { nodes { rowId category points occurredAt } } } } }",
    "q3": "query Q3($t: UUID!, "
    + ", ".join(f"$a{i}: Cursor" for i in range(PAGES))
    + ") { "
    + " ".join(
        f"p{i}: allIdentityPeople(first: {PAGE}, after: $a{i}, condition: {{ tenantId: $t }})"
        f" {{ nodes {{ rowId {_TEN} }} }}"
        for i in range(PAGES)
    )
    + " }",
    "q3 one list": f"query L($t: UUID!, $after: Cursor) {{ p: allIdentityPeople(first: {PAGE * PAGES}, after: $after,"
    f" condition: {{ tenantId: $t }}) {{ nodes {{ rowId {_TEN} }} }} }}",
    "write": "mutation Write($person: IdentityPersonInput!) { createIdentityPerson(input: { identityPerson: $person })"
    " { identityPerson { rowId fullName } } }",
    "cursors": f"query Cursors($t: UUID!, $after: Cursor) {{ persons: allIdentityPeople(first: {PAGE}, after: $after,"
    " condition: { tenantId: $t }) { pageInfo { endCursor } } }",
}

_BOUND = "select case when app.bind($1::uuid) is not null then ({}) end"
_Q1 = """select json_build_object('id', p.id, 'fullName', p.full_name, 'gender', p.gender, 'state', p.state,
    'area', case when a.id is not null then json_build_object('id', a.id, 'code', a.code, 'name', a.name,
        'parent', case when b.id is not null then
            json_build_object('id', b.id, 'code', b.code, 'name', b.name) end) end)::text
from identity_person p
left join areas_area a on a.tenant_id = $1 and a.id = p.area_id
left join areas_area b on b.tenant_id = $1 and b.id = a.parent_id
where p.tenant_id = $1 and p.id = $2::uuid"""
_Q2 = """select '[' || string_agg('{"id":"' || p.id || '","fullName":' || to_json(p.full_name)::text
    || ',"area":' || case when a.id is null then 'null' else '{"id":"' || a.id || '","code":'
        || to_json(a.code)::text || ',"name":' || to_json(a.name)::text || '}' end
    || ',"entries":[' || coalesce((select string_agg('{"id":"' || e.id || '","category":'
        || to_json(e.category)::text || ',"points":' || e.points || ',"occurredAt":' || to_json(e.occurred_at)::text
        || '}', ',') from (select * from benchpoints_entry x where x.tenant_id = $1 and x.person_id = p.id
            order by x.occurred_at desc, x.id desc limit 3) e), '') || ']}', ',') || ']'
from (select * from identity_person q where q.tenant_id = $1 and q.id > $2::uuid order by q.id limit 50) p
left join areas_area a on a.tenant_id = $1 and a.id = p.area_id"""
_Q3 = """select '[' || string_agg('{"id":"' || p.id || '","fullName":' || to_json(p.full_name)::text
    || ',"namePinyin":' || to_json(p.name_pinyin)::text || ',"gender":"' || p.gender || '","phone":'
    || coalesce(to_json(p.phone)::text, 'null') || ',"state":"' || p.state || '","synthetic":' || p.synthetic::text
    || ',"version":' || p.version || ',"createdAt":' || to_json(p.created_at)::text || ',"updatedAt":'
    || to_json(p.updated_at)::text || '}', ',') || ']'
from (select * from identity_person q where q.tenant_id = $1 and q.id > $2::uuid order by q.id limit $3::int) p"""

_UNBOUND = {"q1": " ".join(_Q1.split()), "q2": " ".join(_Q2.split()), "q3": " ".join(_Q3.split())}
SQL = {name: _BOUND.format(sql) for name, sql in _UNBOUND.items()}
SQL_IN_TRANSACTION = {f"{name} in transaction": f"select ({sql})" for name, sql in _UNBOUND.items()}


def plain(value: Any) -> Any:
    """An answer as it is compared: one name for ids, lists without wrapping, enumerations and moments alike."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"nodes"}:
        return plain(value["nodes"])
    return dict(_fields(value))


# What `ledger.post` sends, for pgbench, which makes the ids of accounts from numbers.
_POSTING = """{draw}
\\set amount random(1, 40)
begin;
select app.bind('{{tenant}}');
select app.ledger_post('{{tenant}}', 1634887009, 7, uuidv7(), 'bench.drawn', 'bench:' || uuidv7(), repeat('ab', 32),
    now(), '', 'system', null, 'system', 'bench', null, null, null, array[uuidv7(), uuidv7()],
    array[('{{prefix}}' || lpad(to_hex(:source::int), 12, '0'))::uuid,
        ('{{prefix}}' || lpad(to_hex(:target::int), 12, '0'))::uuid],
    array['available', 'available'], array[-:amount::bigint, :amount::bigint], array['', 'drawn']) as entry \\gset
insert into audit_entry (tenant_id, id, occurred_at, actor_kind, actor_id, actor_name, action, subject_table,
    subject_id, request_id, origin, reason, before, after)
values ('{{tenant}}', uuidv7(), now(), 'system', null, 'system', 'post', 'ledger_entry', :entry::uuid, 'test', '', '',
    null, jsonb_build_object('digest', repeat('ab', 32), 'key', :entry::text, 'kind', 'bench.drawn', 'reason', '',
    'posted_at', '2026-01-01T00:00:00.000000+00:00', 'source_id', '', 'source_table', 'bench'));
commit"""
_TWO = "\\set source random(1, {last})\n\\set target 1 + (:source + random(0, {last} - 2)) % {last}"
POSTING = {
    "many": _POSTING.format(draw=_TWO),
    "hot": _POSTING.format(draw="\\set source {pool}\n\\set target random(1, {last})"),
}


def rows(answer: dict[str, Any]) -> list[Any]:
    """The rows of an answer, whatever its lists are called and however many there are."""
    found: list[Any] = []
    for part in plain(answer["data"]).values():
        found += part if isinstance(part, list) else [part]
    return found


def _fields(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        if name in ("id", "rowId"):
            yield "id", _row_id(item)
        elif name in ("gender", "state"):
            yield name, item.lower()
        elif name == "phone":
            yield name, item if item is None or "*" in item else mask_phone(item)
        elif name in ("createdAt", "updatedAt", "occurredAt"):
            yield name, datetime.fromisoformat(item).timestamp()
        elif name == "points":
            yield name, int(item)  # PostGraphile gives a bigint as text
        else:
            yield name, plain(item)


def _row_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return str(from_global_id(text)[1])
