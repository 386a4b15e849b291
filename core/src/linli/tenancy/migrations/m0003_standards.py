"""Standards that a city hands down to its districts."""

from linli.db.ddl import Migration

_INHERITED = """
create function app.inherited_standards(tenant uuid, wanted text, above integer)
returns table (id uuid, number integer, valid_from date, content jsonb)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
    if tenant is null or app.tenant() is distinct from tenant then
        raise exception 'another tenant is bound to this transaction' using errcode = '42501';
    end if;
    return query select s.id, s.number, s.valid_from, s.content
        from public.tenancy_tenant t join public.tenancy_standard s on s.tenant_id = t.parent_id
        where t.tenant_id = tenant and s.key = wanted and s.number > above order by s.number limit 100;
end $$"""


def upgrade(m: Migration) -> None:
    """A district reads its parent's standards, and nothing else of it, through one function.

    The function runs as the owner and refuses any tenant but the bound one; whose child that is stands in the
    catalogue, which only the kernel role writes.
    """
    m.tenant_table(
        "tenancy_standard",
        """
        key text collate "C" not null check (length(key) between 3 and 80),
        number integer not null check (number > 0),
        valid_from date not null,
        content jsonb not null check (pg_column_size(content) <= 1000000)
        """,
        unique=[("key", "number")],
        append_only=True,
    )
    m.execute("create policy standard on tenancy_standard for select to current_user using (true)")
    m.execute(_INHERITED)
    m.execute("revoke execute on function app.inherited_standards(uuid, text, integer) from public")
    m.execute(f"grant execute on function app.inherited_standards(uuid, text, integer) to {m.api}")
