"""The rules of `catalogue.walk`: what must hold → a query that gives what breaks it, as column `thing`.

`$1` is the API role's name, `$2` the kernel role's; `catalogue._NAMES` explains the other names.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

# The tables of all tenants that the kernel role works on: the catalogue, the queues, the trail to be sealed.
KERNEL_TABLES: Final = (
    "tenancy_tenant",
    "tenancy_plugin",
    "jobs_job",
    "events_delivery",
    "notifications_delivery",
    "audit_entry",
    "audit_seal",
    "audit_head",
    "privacy_data_key",
    "handover_delivery",
    "handover_public_key",
)
_KERNEL_TABLES: Final = ", ".join(f"'{name}'" for name in KERNEL_TABLES)
_POLICY: Final = "(tenant_id = app.tenant())"

_TABLES: Final = {
    "table has a tenant_id": """
        select relname as thing from tenant_table t where not exists (
            select 1 from pg_attribute a where a.attrelid = t.id and a.attname = 'tenant_id' and a.attnotnull
            and a.atttypid = 'uuid'::regtype)""",
    "primary key begins with tenant_id": """
        select relname as thing from tenant_table t left join key k on k.table_id = t.id
        where not exists (
            select 1 from pg_index i where i.indrelid = t.id and i.indisprimary and i.indkey[0] = k.attnum)""",
    "index begins with tenant_id": """
        select i.indexrelid::regclass::text as thing from pg_index i join tenant_table t on t.id = i.indrelid
        left join key k on k.table_id = t.id where i.indkey[0] is distinct from k.attnum""",
    "reference carries the tenant": """
        select c.conname as thing from pg_constraint c join tenant_table t on t.id = c.conrelid
        left join key own on own.table_id = c.conrelid left join key other on other.table_id = c.confrelid
        where c.contype = 'f' and (cardinality(c.conkey) < 2
            or c.conkey[1] is distinct from own.attnum or c.confkey[1] is distinct from other.attnum)""",
    "reference neither empties nor deletes": """
        select c.conname as thing from pg_constraint c join tenant_table t on t.id = c.conrelid
        where c.contype = 'f' and c.confdeltype not in ('a', 'r')""",
    "row-level security is on and forced": """
        select relname as thing from tenant_table
        where not (relrowsecurity and relforcerowsecurity)""",
    "policy binds the tenant": f"""
        select relname as thing from tenant_table t where not exists (
            select 1 from pg_policy p where p.polrelid = t.id and p.polcmd = '*' and 0 = any(p.polroles)
            and pg_get_expr(p.polqual, p.polrelid) = '{_POLICY}'
            and pg_get_expr(p.polwithcheck, p.polrelid) = '{_POLICY}')""",
    "no policy widens the API role's view": f"""
        select t.relname || '.' || p.polname as thing from pg_policy p join tenant_table t on t.id = p.polrelid
        where p.polpermissive and (coalesce(pg_get_expr(p.polqual, p.polrelid), '') <> '{_POLICY}'
            or coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') <> '{_POLICY}')
        and exists (select 1 from unnest(p.polroles) r, api where r = 0 or pg_has_role(api.oid, r, 'member'))""",
    "no trigger and no rule": """
        select t.relname || '.' || g.tgname as thing from pg_trigger g join tenant_table t on t.id = g.tgrelid
        where not g.tgisinternal
        union all select tablename || '.' || rulename from pg_rules where schemaname = 'public'""",
    "no sequence counts over tenants": """
        select relname as thing from ours where relkind = 'S'""",
    "view reads with the caller's rights": """
        select relname as thing from ours where (relkind in ('m', 'f') or (relkind = 'v'
            and not coalesce(reloptions, '{}') && array['security_invoker=true', 'security_invoker=on']))""",
    "no large object": "select oid::text as thing from pg_largeobject_metadata",
}

_FUNCTIONS: Final = {
    "no function runs as its owner": """
        select pronamespace::regnamespace || '.' || proname as thing from pg_proc
        where prosecdef and pronamespace::regnamespace::text not in ('pg_catalog')""",
    "function that runs as its owner asks for the tenant": """
        select pronamespace::regnamespace || '.' || proname as thing from pg_proc
        where prosecdef and pronamespace::regnamespace::text not in ('pg_catalog')
        and not (prosrc like '%app.tenant()%' and coalesce(array_to_string(proconfig, ' '), '') like '%search_path=%'
            and not exists (
                select 1 from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0))""",
    "app.tenant() is STABLE and the caller's": """
        select 'app.tenant' as thing where not exists (
            select 1 from pg_proc where oid = 'app.tenant()'::regprocedure and provolatile = 's' and not prosecdef)""",
}

_ROLES: Final = {
    "runtime role has no special power": """
        select rolname as thing from pg_roles where rolname in ($1, $2)
        and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)""",
    "runtime role exists": """
        select name as thing from unnest(array[$1, $2]) name
        where name not in (select rolname from pg_roles)""",
    "runtime role is a member of no role": """
        select m.member::regrole || ' in ' || m.roleid::regrole as thing from pg_auth_members m
        join pg_roles r on r.oid = m.member where r.rolname in ($1, $2)""",
    "runtime role owns nothing": """
        select r.rolname || ' owns ' || d.classid::regclass || ' ' || d.objid as thing from pg_shdepend d
        join pg_roles r on r.oid = d.refobjid where d.deptype = 'o' and r.rolname in ($1, $2)
        and d.dbid = (select oid from pg_database where datname = current_database())""",
    "runtime role creates nothing": """
        select r.rolname || ' in ' || n.nspname as thing from pg_namespace n, pg_roles r
        where r.rolname in ($1, $2) and has_schema_privilege(r.oid, n.oid, 'create')
        union all select r.rolname || ' in the database' from pg_roles r
        where r.rolname in ($1, $2) and (has_database_privilege(r.oid, current_database(), 'create')
            or has_database_privilege(r.oid, current_database(), 'temporary'))""",
    "runtime role neither truncates nor refers": """
        select r.rolname || ' on ' || t.relname as thing from tenant_table t, pg_roles r
        where r.rolname in ($1, $2)
        and has_table_privilege(r.oid, t.id, 'truncate, references, trigger')""",
    "runtime role sees tenants' tables only": """
        select r.rolname || ' on ' || o.nspname || '.' || o.relname as thing from ours o, pg_roles r
        where r.rolname in ($1, $2) and o.nspname <> 'public' and o.relkind in ('r', 'p', 'v', 'm', 'f')
        and (o.nspname || '.' || o.relname <> 'app.migration'
            and has_any_column_privilege(r.oid, o.id, 'select')
            or has_any_column_privilege(r.oid, o.id, 'insert, update, references')
            or has_table_privilege(r.oid, o.id, 'delete, truncate, trigger'))""",
    "kernel role works on its own tables only": f"""
        select t.relname as thing from tenant_table t, kernel where t.relname not in ({_KERNEL_TABLES})
        and (has_any_column_privilege(kernel.oid, t.id, 'select, insert, update')
            or has_table_privilege(kernel.oid, t.id, 'delete'))""",
}

RULES: Final = MappingProxyType({**_TABLES, **_FUNCTIONS, **_ROLES})
