"""The functions of the ledger, as they were first made.

`app.ledger_post` runs as the owner. What it refuses it raises as a check violation with a name of its own, which
`linli.ledger.errors` turns into an error of the API.

Order of locks, so that two calls can never wait for each other: the key, stripes by account, other accounts by id.
"""

POST_ARGUMENTS = (
    "(uuid, integer, integer, uuid, text, text, text, timestamptz, text, text, uuid, text, text, uuid, uuid, uuid,"
    " uuid[], uuid[], text[], bigint[], text[])"
)
STRIPE_ARGUMENTS = "(uuid, uuid, integer)"

# A free stripe that suffices is taken without waiting. Where none does (all are taken, or what is left is spread too
# thin), all are taken in order, and what is left after the posting is spread evenly again.
SPREAD = """
create function app.ledger_spread(
    p_tenant uuid, p_account uuid, p_negative boolean, p_available bigint, p_reserved bigint)
returns void language plpgsql volatile set search_path = pg_catalog, public as $$
declare
    v_id uuid;
    v_count integer;
    v_available bigint;
    v_reserved bigint;
    v_each bigint;
    v_rest bigint;
begin
    select id into v_id from public.ledger_stripe
        where tenant_id = p_tenant and account_id = p_account
        and (p_negative or available + p_available >= 0) and reserved + p_reserved >= 0
        order by random() limit 1 for no key update skip locked;
    if v_id is null and p_negative then
        select id into v_id from public.ledger_stripe
            where tenant_id = p_tenant and account_id = p_account and reserved + p_reserved >= 0
            order by random() limit 1 for no key update;
    end if;
    if v_id is not null then
        update public.ledger_stripe set available = available + p_available, reserved = reserved + p_reserved
            where tenant_id = p_tenant and id = v_id;
        return;
    end if;
    perform 1 from public.ledger_account where tenant_id = p_tenant and id = p_account for share;
    perform 1 from public.ledger_stripe where tenant_id = p_tenant and account_id = p_account
        order by stripe for no key update;
    select count(*), sum(available) + p_available, sum(reserved) + p_reserved
        into v_count, v_available, v_reserved
        from public.ledger_stripe where tenant_id = p_tenant and account_id = p_account;
    if v_count = 0 then
        raise exception 'the account was changed meanwhile' using errcode = 'serialization_failure';
    elsif v_available < 0 and not p_negative then
        raise exception 'overdrawn' using errcode = 'check_violation', constraint = 'ledger_account_covered';
    end if;
    v_each := floor(v_available::numeric / v_count);
    v_rest := v_available - v_each * v_count;
    update public.ledger_stripe set available = v_each + case when stripe < v_rest then 1 else 0 end,
        reserved = v_reserved / v_count + case when stripe < v_reserved % v_count then 1 else 0 end
        where tenant_id = p_tenant and account_id = p_account;
end $$"""

POST = """
create function app.ledger_post(
    p_tenant uuid, p_lock integer, p_tree integer, p_entry uuid, p_kind text, p_key text, p_digest text,
    p_at timestamptz, p_reason text, p_actor_kind text, p_actor_id uuid, p_actor_name text,
    p_source_table text, p_source_id uuid, p_reverses uuid, p_hold uuid,
    p_ids uuid[], p_accounts uuid[], p_parts text[], p_amounts bigint[], p_categories text[])
returns uuid language plpgsql volatile security definer set search_path = pg_catalog, public as $$
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
        where a.tenant_id = p_tenant and a.id = d.account and a.stripes = 0;
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

STRIPE = """
create function app.ledger_set_stripes(p_tenant uuid, p_account uuid, p_count integer)
returns void language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare
    v_account record;
    v_available bigint;
    v_reserved bigint;
    v_each bigint;
begin
    if p_tenant is null or app.tenant() is distinct from p_tenant then
        raise exception 'another tenant is bound to this transaction' using errcode = '42501';
    end if;
    select id, available, reserved into v_account from public.ledger_account
        where tenant_id = p_tenant and id = p_account for no key update;
    perform 1 from public.ledger_stripe where tenant_id = p_tenant and account_id = p_account
        order by stripe for no key update;
    select coalesce(sum(available), 0) + coalesce(v_account.available, 0),
            coalesce(sum(reserved), 0) + coalesce(v_account.reserved, 0)
        into v_available, v_reserved
        from public.ledger_stripe where tenant_id = p_tenant and account_id = p_account;
    delete from public.ledger_stripe where tenant_id = p_tenant and account_id = p_account;
    if p_count > 0 then
        v_each := floor(v_available::numeric / p_count);
        insert into public.ledger_stripe (tenant_id, id, account_id, stripe, available, reserved)
            select p_tenant, gen_random_uuid(), p_account, n,
                v_each + case when n < v_available - v_each * p_count then 1 else 0 end,
                v_reserved / p_count + case when n < v_reserved % p_count then 1 else 0 end
            from generate_series(0, p_count - 1) n;
    end if;
    update public.ledger_account set stripes = p_count, version = version + 1, updated_at = now(),
        available = case when p_count = 0 then v_available end,
        reserved = case when p_count = 0 then v_reserved end
        where tenant_id = p_tenant and id = p_account;
end $$"""
