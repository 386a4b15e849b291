"""The functions of the ledger, as they were first made.

`app.ledger_post` runs as the owner. What it refuses it raises as a check violation with a name of its own, which
`linli.ledger.errors` turns into an error of the API.

Its statements are planned once for a connection: a plan for each call took as long as all the rest. Every row is found
by its key, also by plans that were made while the tables were empty.

Order of locks, so that two calls can never wait for each other: the key, the hold, stripes by account (see
`spreading.py`), other accounts by id.
"""

POST_ARGUMENTS = (
    "(uuid, integer, integer, uuid, text, text, text, timestamptz, text, text, uuid, text, text, uuid, uuid, uuid,"
    " uuid[], uuid[], text[], bigint[], text[])"
)

# The entry that makes a hold reserves something of one account; all later ones of that hold take from what remains.
DRAW = """
create function app.ledger_draw(
    p_tenant uuid, p_entry uuid, p_at timestamptz, p_hold uuid, p_accounts uuid[], p_parts text[], p_amounts bigint[])
returns void language plpgsql volatile as $$
declare
    v_account uuid;
    v_accounts integer;
    v_change bigint;
begin
    select count(distinct l.account), (array_agg(l.account))[1], sum(l.amount)
        into v_accounts, v_account, v_change
        from unnest(p_accounts, p_parts, p_amounts) l(account, part, amount) where l.part = 'reserved';
    if v_accounts <> 1 then
        raise exception 'not of one account' using errcode = 'check_violation', constraint = 'ledger_held';
    elsif v_change > 0 then
        insert into public.ledger_hold (tenant_id, id, created_at, updated_at, account_id, entry_id, amount, remaining)
            values (p_tenant, p_hold, p_at, p_at, v_account, p_entry, v_change, v_change);
        return;
    end if;
    update public.ledger_hold set remaining = remaining + v_change, version = version + 1, updated_at = p_at
        where tenant_id = p_tenant and id = p_hold and account_id = v_account;
    if not found then
        raise exception 'no such hold' using errcode = 'check_violation', constraint = 'ledger_held';
    end if;
end $$"""

POST = """
create function app.ledger_post(
    p_tenant uuid, p_lock integer, p_tree integer, p_entry uuid, p_kind text, p_key text, p_digest text,
    p_at timestamptz, p_reason text, p_actor_kind text, p_actor_id uuid, p_actor_name text,
    p_source_table text, p_source_id uuid, p_reverses uuid, p_hold uuid,
    p_ids uuid[], p_accounts uuid[], p_parts text[], p_amounts bigint[], p_categories text[])
returns uuid language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
    v_known record;
    v_facts record;
    v_hot record;
    v_written integer;
begin
    if p_tenant is null or app.tenant() is distinct from p_tenant then
        raise exception 'another tenant is bound to this transaction' using errcode = '42501';
    end if;
    perform pg_advisory_xact_lock_shared(p_lock, p_tree);
    insert into public.ledger_entry (tenant_id, id, created_at, updated_at, kind, key, digest, posted_at, reason,
            actor_kind, actor_id, actor_name, source_table, source_id, reverses_id, hold_id)
        values (p_tenant, p_entry, p_at, p_at, p_kind, p_key, p_digest, p_at, p_reason,
            p_actor_kind, p_actor_id, p_actor_name, p_source_table, p_source_id, p_reverses, p_hold)
        on conflict (tenant_id, key) do nothing;
    if not found then
        select id, digest into v_known from public.ledger_entry where tenant_id = p_tenant and key = p_key;
        if v_known.digest is distinct from p_digest then
            raise exception 'other content' using errcode = 'check_violation', constraint = 'ledger_key_reused';
        end if;
        return v_known.id;
    end if;
    if p_hold is not null then
        perform app.ledger_draw(p_tenant, p_entry, p_at, p_hold, p_accounts, p_parts, p_amounts);
    elsif 'reserved' = any(p_parts) then
        raise exception 'not by a hold' using errcode = 'check_violation', constraint = 'ledger_held';
    end if;
    select count(*) as accounts, count(*) filter (where stripes = 0) as plain, count(distinct unit) as units,
            bool_and(state = 'open') as open
        into v_facts from public.ledger_account where tenant_id = p_tenant and id = any(p_accounts);
    if v_facts.accounts <> (select count(distinct one) from unnest(p_accounts) one) then
        raise exception 'no such account' using errcode = 'check_violation', constraint = 'ledger_account_known';
    elsif not v_facts.open then
        raise exception 'closed' using errcode = 'check_violation', constraint = 'ledger_account_closed';
    elsif v_facts.units <> 1 then
        raise exception 'two units' using errcode = 'check_violation', constraint = 'ledger_one_unit';
    elsif cardinality(p_amounts) < 2 or (select sum(one) from unnest(p_amounts) one) is distinct from 0 then
        raise exception 'not zero' using errcode = 'check_violation', constraint = 'ledger_balanced';
    end if;
    if v_facts.plain < v_facts.accounts then
        for v_hot in
            select l.account, a.may_be_negative as negative,
                coalesce(sum(l.amount) filter (where l.part = 'available'), 0)::bigint as available,
                coalesce(sum(l.amount) filter (where l.part = 'reserved'), 0)::bigint as reserved
            from unnest(p_accounts, p_parts, p_amounts) l(account, part, amount)
            join public.ledger_account a on a.tenant_id = p_tenant and a.id = l.account and a.stripes > 0
            group by l.account, a.may_be_negative order by l.account
        loop
            perform app.ledger_spread(p_tenant, v_hot.account, v_hot.negative, v_hot.available, v_hot.reserved);
        end loop;
    end if;
    if v_facts.plain > 1 then
        perform 1 from public.ledger_account
            where tenant_id = p_tenant and id = any(p_accounts) and stripes = 0 order by id for no key update;
    end if;
    update public.ledger_account a
        set available = a.available + d.available, reserved = a.reserved + d.reserved,
            version = a.version + 1, updated_at = p_at
        from (
            select l.account, coalesce(sum(l.amount) filter (where l.part = 'available'), 0)::bigint as available,
                coalesce(sum(l.amount) filter (where l.part = 'reserved'), 0)::bigint as reserved
            from unnest(p_accounts, p_parts, p_amounts) l(account, part, amount) group by l.account) d
        where a.tenant_id = p_tenant and a.id = d.account and a.stripes = 0 and a.state = 'open';
    get diagnostics v_written = row_count;
    if v_written <> v_facts.plain then
        raise exception 'an account was changed meanwhile' using errcode = 'serialization_failure';
    end if;
    insert into public.ledger_posting (tenant_id, id, created_at, updated_at, area_id, area_path, entry_id, account_id,
            part, amount, unit, role, owner_id, entry_kind, category, posted_at)
        select p_tenant, l.id, p_at, p_at, a.area_id, a.area_path, p_entry, a.id,
            l.part, l.amount, a.unit, a.role, a.owner_id, p_kind, l.category, p_at
        from unnest(p_ids, p_accounts, p_parts, p_amounts, p_categories) l(id, account, part, amount, category)
        join public.ledger_account a on a.tenant_id = p_tenant and a.id = l.account;
    return p_entry;
end $$"""
