"""Search by name, code and pinyin: pairs of characters in a GIN index, behind one audited function."""

from linli.db.ddl import Migration

SCANNED_MAX = 4_000
SORTED_MAX = 2_000
FOUND_MAX = 200
_ARGUMENTS = "(uuid, text, text, integer)"

_SEARCH = f"""
create function app.search_areas(
    tenant uuid, wanted_text text, scope text default '', wanted integer default 100)
returns setof uuid language plpgsql stable security definer
set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
declare
    needle text := normalize(lower(btrim(left(wanted_text, 50))), nfkc);
    letters text := regexp_replace(needle, '[ '']', '', 'g');
    grams text[];
    found uuid[];
    scanned integer;
begin
    if tenant is null or app.tenant() is distinct from tenant then
        raise exception 'another tenant is bound to this transaction' using errcode = '42501';
    end if;
    wanted := least(greatest(wanted, 1), {FOUND_MAX});
    scope := coalesce(scope, '');
    if needle is null or needle = '' then
        return;
    end if;
    if letters ~ '^[0-9a-z_-]+$' then
        return query
            (select id from public.areas_area where tenant_id = tenant and state = 'active' and path >= scope
                and path < scope || '~' and code >= needle and code < needle || '~'
                order by code limit wanted)
            union
            (select id from public.areas_area where tenant_id = tenant and state = 'active' and path >= scope
                and path < scope || '~' and code >= upper(needle) and code < upper(needle) || '~'
                order by code limit wanted)
            union
            (select id from public.areas_area where tenant_id = tenant and state = 'active' and path >= scope
                and path < scope || '~' and name_letters >= letters and name_letters < letters || '~'
                order by name_letters limit wanted)
            union
            (select id from public.areas_area where tenant_id = tenant and state = 'active' and path >= scope
                and path < scope || '~' and name_initials >= letters and name_initials < letters || '~'
                order by name_initials limit wanted);
    end if;
    select coalesce(array_agg(right(replace(tenant::text, '-', ''), 6) || substr(needle, i, 2)), '{{}}')
        into grams from generate_series(1, length(needle) - 1) i
        where substr(needle, i, 2) ~ '^[0-9a-z\\u4e00-\\u9fff]{{2}}$';
    select count(*), (array_agg(id order by depth, path) filter (where hit)) into scanned, found from (
        select id, depth, path, state = 'active' and strpos(normalize(lower(name), nfkc), needle) > 0 as hit
        from public.areas_area where tenant_id = tenant and path >= scope and path < scope || '~'
        order by path limit {SCANNED_MAX}) first_ones;
    if scanned < {SCANNED_MAX} or coalesce(cardinality(found), 0) >= wanted or cardinality(grams) = 0 then
        return query select unnest(found[:wanted]);
        return;
    end if;
    return query select few.id from (select a.id, a.depth, a.path from public.areas_area a
        where a.tenant_id = tenant and a.name_grams @> grams and a.state = 'active'
        and a.path >= scope and a.path < scope || '~' and strpos(normalize(lower(a.name), nfkc), needle) > 0
        limit {SORTED_MAX}) few order by few.depth, few.path limit wanted;
end $$"""

_ANALYZE = """
create function app.analyze_areas() returns void language plpgsql volatile security definer
set search_path = pg_catalog, public as $$
begin
    if app.tenant() is null then
        raise exception 'no tenant is bound to this transaction' using errcode = '42501';
    end if;
    analyze public.areas_area, public.areas_version;
    perform gin_clean_pending_list('public.areas_area_name_grams_idx');
end $$"""


def upgrade(m: Migration) -> None:
    """The one way past row-level security in this part: it gives ids of the bound tenant's areas, no more.

    `@>` on arrays is not leakproof, so that under row-level security the index could not be used. The
    function runs as the owner, who may read the areas of all tenants (they are names of places), and refuses
    any tenant but the bound one. A word so common that the first 4,000 areas of the scope hold enough of it
    is answered from those; a rare one from the index, uppermost areas first, out of at most 2,000.
    """
    m.index("areas_area", "name_grams", using="gin")
    m.execute("create policy search on areas_area for select to current_user using (true)")
    m.execute(_SEARCH)
    m.execute(f"revoke execute on function app.search_areas{_ARGUMENTS} from public")
    m.execute(f"grant execute on function app.search_areas{_ARGUMENTS} to {m.api}")
    m.execute(_ANALYZE)
    m.execute("revoke execute on function app.analyze_areas() from public")
    m.execute(f"grant execute on function app.analyze_areas() to {m.api}")
