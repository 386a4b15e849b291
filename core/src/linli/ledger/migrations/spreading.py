"""The functions for an account on which many post at once: its balance lies in stripes, each a row of its own.

Order of locks for each account: one stripe; or the account, then all its stripes. Who waits for one stripe and finds it
too thin gives it back before taking all, so nobody who holds a stripe waits for another of the same account.
"""

STRIPE_ARGUMENTS = "(uuid, uuid, integer)"
STRIPE_MAX = 140_737_488_355_327  # 64 stripes together stay below 2^53

_SUFFICES = f"""(p_negative or available + p_available >= 0)
            and available + p_available between -{STRIPE_MAX} and {STRIPE_MAX}
            and reserved + p_reserved between 0 and {STRIPE_MAX}"""

# A free stripe that suffices is taken without waiting; else one that is in use and suffices, when it gets free. Where
# none does (what is left is spread too thin), all are taken in order, and what is left is spread evenly again.
SPREAD = f"""
create function app.ledger_spread(
    p_tenant uuid, p_account uuid, p_negative boolean, p_available bigint, p_reserved bigint)
returns void language plpgsql volatile as $$
declare
    v_id uuid;
    v_count integer;
    v_available bigint;
    v_reserved bigint;
    v_rest bigint;
begin
    select id into v_id from public.ledger_stripe
        where tenant_id = p_tenant and account_id = p_account and {_SUFFICES}
        order by random() limit 1 for no key update skip locked;
    if v_id is not null then
        update public.ledger_stripe set available = available + p_available, reserved = reserved + p_reserved
            where tenant_id = p_tenant and id = v_id;
        return;
    end if;
    begin
        select id into v_id from public.ledger_stripe
            where tenant_id = p_tenant and account_id = p_account and {_SUFFICES} order by random() limit 1;
        update public.ledger_stripe set available = available + p_available, reserved = reserved + p_reserved
            where tenant_id = p_tenant and id = v_id and {_SUFFICES};
        if found then
            return;
        end if;
        raise exception 'too thin' using errcode = 'LL001';
    exception when sqlstate 'LL001' then
        null;  -- the end of this block has given the stripe back
    end;
    perform 1 from public.ledger_account where tenant_id = p_tenant and id = p_account for share;
    perform 1 from public.ledger_stripe where tenant_id = p_tenant and account_id = p_account
        order by stripe for no key update;
    select count(*), sum(available) + p_available, sum(reserved) + p_reserved
        into v_count, v_available, v_reserved
        from public.ledger_stripe where tenant_id = p_tenant and account_id = p_account;
    if v_count = 0 then
        raise exception 'the account was changed meanwhile' using errcode = 'serialization_failure';
    elsif (v_available < 0 and not p_negative) or v_reserved < 0 then
        raise exception 'overdrawn' using errcode = 'check_violation', constraint = 'ledger_account_covered';
    end if;
    v_rest := (v_available % v_count + v_count) % v_count;  -- from 0, also below zero
    update public.ledger_stripe
        set available = (v_available - v_rest) / v_count + case when stripe < v_rest then 1 else 0 end,
            reserved = v_reserved / v_count + case when stripe < v_reserved % v_count then 1 else 0 end
        where tenant_id = p_tenant and account_id = p_account;
end $$"""

SET_STRIPES = """
create function app.ledger_set_stripes(p_tenant uuid, p_account uuid, p_count integer)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_account record;
    v_available bigint;
    v_reserved bigint;
    v_rest bigint;
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
        v_rest := (v_available % p_count + p_count) % p_count;
        insert into public.ledger_stripe (tenant_id, id, account_id, stripe, available, reserved)
            select p_tenant, gen_random_uuid(), p_account, n,
                (v_available - v_rest) / p_count + case when n < v_rest then 1 else 0 end,
                v_reserved / p_count + case when n < v_reserved % p_count then 1 else 0 end
            from generate_series(0, p_count - 1) n;
    end if;
    update public.ledger_account set stripes = p_count, version = version + 1, updated_at = now(),
        available = case when p_count = 0 then v_available end,
        reserved = case when p_count = 0 then v_reserved end
        where tenant_id = p_tenant and id = p_account;
end $$"""
