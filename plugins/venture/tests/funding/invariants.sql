-- What must hold of the money at every moment. Each query gives the rows that break a rule; $1 is the tenant.

-- paid <= verified <= grant
select id from venture_grant where tenant_id = $1
    and not (0 <= paid_fen and paid_fen <= verified_fen and verified_fen <= amount_fen);

-- a grant's sums are those of its parts
select id from venture_grant g where tenant_id = $1 and (
    paid_fen <> (select coalesce(sum(amount_fen), 0) from venture_payment
        where tenant_id = $1 and grant_id = g.id)
    or refunded_fen <> (select coalesce(sum(amount_fen), 0) from venture_refund
        where tenant_id = $1 and grant_id = g.id and state = 'confirmed')
    or own_shown_fen <> (select coalesce(sum(amount_fen), 0) from venture_expenditure
        where tenant_id = $1 and grant_id = g.id and paid_from = 'own_funds' and state = 'verified')
    or verified_fen <> (select coalesce(sum(amount_fen), 0) from venture_milestone
        where tenant_id = $1 and grant_id = g.id and state in ('verified', 'paid'))
    or (amount_fen, paid_fen, released_fen, refunded_fen) <> (
        select coalesce(sum(amount_fen), 0), coalesce(sum(paid_fen), 0), coalesce(sum(released_fen), 0),
            coalesce(sum(refunded_fen), 0)
        from venture_allocation where tenant_id = $1 and grant_id = g.id));

-- grants <= pool
select id from venture_pool p where tenant_id = $1
    and (select coalesce(sum(amount_fen - released_fen - refunded_fen), 0) from venture_grant
        where tenant_id = $1 and pool_id = p.id)
    > (select coalesce(sum(amount_fen), 0) from venture_receipt
        where tenant_id = $1 and pool_id = p.id and state = 'posted')
    + (select coalesce(sum(amount_fen), 0) from venture_carry_over
        where tenant_id = $1 and to_pool_id = p.id and state = 'posted')
    - (select coalesce(sum(amount_fen), 0) from venture_carry_over
        where tenant_id = $1 and from_pool_id = p.id and state = 'posted');

-- a source has what came in, less what grants took
select s.id from venture_source s
join ledger_account f on f.tenant_id = $1 and f.id = s.fund_account_id
join ledger_account i on i.tenant_id = $1 and i.id = s.given_account_id
where s.tenant_id = $1 and (
    -i.available <> (select coalesce(sum(amount_fen), 0) from venture_receipt
        where tenant_id = $1 and source_id = s.id and state = 'posted')
    or f.reserved <> (select coalesce(sum(amount_fen - paid_fen - released_fen), 0) from venture_allocation
        where tenant_id = $1 and source_id = s.id)
    or f.available + f.reserved <> -i.available
        + (select coalesce(sum(amount_fen), 0) from venture_carry_over
            where tenant_id = $1 and to_source_id = s.id and state = 'posted')
        - (select coalesce(sum(amount_fen), 0) from venture_carry_over
            where tenant_id = $1 and from_source_id = s.id and state = 'posted') - (
        select coalesce(sum(paid_fen - refunded_fen), 0) from venture_allocation
        where tenant_id = $1 and source_id = s.id));

-- what pools, grantees and the settled account have = what sources gave
select 1 from ledger_account where tenant_id = $1 and role like 'venture\_%'
having coalesce(sum(available + reserved), 0) <> 0;

-- a grantee holds what was paid, less what came back or was settled
select g.id from venture_grant g join ledger_account a on a.tenant_id = $1 and a.id = g.account_id
where g.tenant_id = $1 and a.available <> g.paid_fen - g.refunded_fen - g.settled_fen;

-- what is carried over stays bound as it was
select c.id from venture_carry_over c
join venture_source s on s.tenant_id = $1 and s.id = c.from_source_id
join venture_source t on t.tenant_id = $1 and t.id = c.to_source_id
where c.tenant_id = $1 and (s.kind, s.category, s.terms) <> (t.kind, t.category, t.terms);

-- restricted money serves its purpose only
select a.id from venture_allocation a
join venture_source s on s.tenant_id = $1 and s.id = a.source_id
join venture_grant g on g.tenant_id = $1 and g.id = a.grant_id
where a.tenant_id = $1 and s.category not in ('', g.category);

-- closing releases exactly what is unspent
select g.id from venture_grant g left join venture_audit u on u.tenant_id = $1 and u.grant_id = g.id
join venture_call c on c.tenant_id = $1 and c.id = g.call_id
where g.tenant_id = $1 and g.state = 'closed'
    and (g.released_fen + g.refunded_fen <> g.amount_fen - g.settled_fen or not coalesce(
        g.settled_fen = u.accepted_fen or (g.settled_fen < u.accepted_fen and c.final_tranche > 0
            and not exists (select 1 from venture_appraisal a where a.tenant_id = $1 and a.grant_id = g.id
                and a.kind = 'final' and a.grade <> 'unqualified')), false));

-- a tranche is paid once the appraisal was passed that it waits for
select p.id from venture_payment p
join venture_milestone m on m.tenant_id = $1 and m.id = p.milestone_id
join venture_grant g on g.tenant_id = $1 and g.id = p.grant_id
join venture_call c on c.tenant_id = $1 and c.id = g.call_id
left join (select grant_id, bool_or(kind = 'final') as final from venture_appraisal
    where tenant_id = $1 and grade <> 'unqualified' group by grant_id) a on a.grant_id = g.id
where p.tenant_id = $1 and (c.midterm_tranche between 1 and m.number and a.grant_id is null
    or c.final_tranche between 1 and m.number and a.final is not true);

-- a grant that has ended holds nothing back, and one that is closed or declined nothing at all
select g.id from venture_grant g
where g.tenant_id = $1 and (
    g.state in ('closed', 'terminated', 'declined') and g.released_fen <> g.amount_fen - g.paid_fen
    or g.state in ('closed', 'declined') and g.paid_fen <> g.refunded_fen + g.settled_fen);

-- a project is funded once
select project_digest from venture_grant
where tenant_id = $1 and state not in ('declined', 'terminated')
group by project_digest having count(*) > 1;

-- a tranche is paid once, and only when somebody else verified it
select m.id from venture_milestone m
left join venture_payment p on p.tenant_id = $1 and p.milestone_id = m.id
where m.tenant_id = $1
group by m.id, m.state, m.verified_by, m.submitted_by
having count(p.id) <> (m.state = 'paid')::int
    or m.state = 'paid' and coalesce(m.verified_by = m.submitted_by, true);

-- each entry adds up to zero
select entry_id from ledger_posting where tenant_id = $1 group by entry_id having sum(amount) <> 0;

-- each entry leads to a decision and a person
select e.id from ledger_entry e
left join venture_receipt r on r.tenant_id = $1 and r.id = e.source_id and e.source_table = 'venture_receipt'
left join venture_carry_over k on k.tenant_id = $1 and k.id = e.source_id and k.basis <> ''
left join venture_payment p on p.tenant_id = $1 and p.id = e.source_id and e.source_table = 'venture_payment'
left join venture_refund b on b.tenant_id = $1 and b.id = e.source_id and e.source_table = 'venture_refund'
left join venture_termination_objection o on o.tenant_id = $1 and o.id = e.source_id
left join venture_grant g on g.tenant_id = $1 and g.id = coalesce(p.grant_id, b.grant_id, o.grant_id, e.source_id)
left join venture_decision d on d.tenant_id = $1 and d.id = g.decision_id
where e.tenant_id = $1 and (e.actor_id is null or (r.id is null and d.id is null and k.id is null)
    or coalesce(r.recorded_by, k.carried_by, p.paid_by, b.recorded_by, o.decided_by, g.awarded_by) is null);
