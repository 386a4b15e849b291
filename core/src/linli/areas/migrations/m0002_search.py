"""Search by name: pairs of characters in a GIN index, behind one audited function."""

from linli.db.ddl import Migration

SCANNED_MAX = 4_000

_SEARCH = f"""
create function areas_search(tenant uuid, scope text, grams text[], needle text, wanted integer)
returns setof uuid language plpgsql stable security definer
set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan as $$
declare
    found uuid[];
    scanned integer;
begin
    if tenant is null or app.tenant() is distinct from tenant then
        raise exception 'another tenant is bound to this transaction' using errcode = '42501';
    end if;
    wanted := least(greatest(wanted, 1), 200);
    select count(*), (array_agg(id order by depth, path) filter (where hit)) into scanned, found from (
        select id, depth, path, state = 'active' and strpos(normalize(lower(name), nfkc), needle) > 0 as hit
        from public.areas_area where tenant_id = tenant and path >= scope and path < scope || '~'
        order by path limit {SCANNED_MAX}) first_ones;
    if scanned < {SCANNED_MAX} or coalesce(cardinality(found), 0) >= wanted or cardinality(grams) = 0 then
        return query select unnest(found[:wanted]);
        return;
    end if;
    return query select a.id from public.areas_area a
        where a.tenant_id = tenant and a.name_grams @> grams and a.state = 'active'
        and a.path >= scope and a.path < scope || '~' and strpos(normalize(lower(a.name), nfkc), needle) > 0
        order by a.depth, a.path limit wanted;
end $$"""


def upgrade(m: Migration) -> None:
    """The only way past row-level security in this part: it gives ids of the bound tenant's areas, and no more.

    `@>` on arrays is not leakproof, so that under row-level security the index could not be used. The function
    runs as the owner, who may read areas of all tenants (they are names of places), and refuses any tenant
    but the bound one. A word that is so common that the first 4,000 areas of the scope hold enough of it is
    answered from those; a rare one from the index.
    """
    m.index("areas_area", "name_grams", using="gin")
    m.execute("create policy search on areas_area for select to current_user using (true)")
    m.execute(_SEARCH)
    m.execute("revoke execute on function areas_search(uuid, text, text[], text, integer) from public")
    m.execute(f"grant execute on function areas_search(uuid, text, text[], text, integer) to {m.api}")
