-- Each step writes all rows at once. What is needed more than once is computed once, into v_rows.
create or replace function enforcement.add_simplicity_judgments(
    run enforcement.import_runs,
    numbers int[],
    out created int,
    out known int,
    out rejected int
)
    language plpgsql
    set search_path = ''
as $$
declare
    v_rows enforcement.simplicity_row[];
    v_new enforcement.simplicity_row[];
begin
    with checked as materialized (
        select i.row_number, enforcement.simplicity_reasons(i.raw) as reasons from enforcement.import_rows i
        where i.run_id = run.id and i.row_number = any (numbers)
    )
    update enforcement.import_rows i set status = 'rejected', reasons = c.reasons
    from checked c
    where i.run_id = run.id and i.row_number = any (numbers) and i.row_number = c.row_number and c.reasons <> '{}';
    get diagnostics rejected = row_count;

    v_rows := array(
        select enforcement.simplicity_row_of(i.row_number, i.raw) from enforcement.import_rows i
        where i.run_id = run.id and i.row_number = any (numbers) and i.status = 'staged');
    -- Of a docket that a file names twice the first row counts.
    v_new := array(
        select n from (
            select distinct on (r.state, r.county, r.court, r.case_number) r as n
            from unnest(v_rows) r
            where not exists (
                select from judgments.cases c
                where c.tenant_id = run.tenant_id and c.state = r.state and c.county = r.county and c.court = r.court
                  and c.case_number = r.case_number)
            order by r.state, r.county, r.court, r.case_number, r.row_number) first_rows);

    -- In the keys' order, so that two imports cannot wait for each other.
    insert into enrichment.entities (tenant_id, kind, name, name_key, discriminator)
    select distinct on (p.kind, p.key, p.discriminator)
           run.tenant_id, p.kind, btrim(regexp_replace(p.party ->> 'name', '\s+', ' ', 'g')), p.key, p.discriminator
    from unnest(v_new) r
    cross join lateral (values
        (r.plaintiff_kind, r.plaintiff_key, r.plaintiff_discriminator, r.plaintiff),
        (r.debtor_kind, r.debtor_key, r.debtor_discriminator, r.debtor)) p (kind, key, discriminator, party)
    order by p.kind, p.key, p.discriminator, r.row_number
    on conflict on constraint one_row_an_entity do nothing;

    insert into public.plaintiffs (tenant_id, entity_id, name, source)
    select distinct e.tenant_id, e.id, e.name, run.source
    from unnest(v_new) r
    join enrichment.entities e
        on e.tenant_id = run.tenant_id and e.kind = r.plaintiff_kind and e.name_key = r.plaintiff_key
       and e.discriminator = r.plaintiff_discriminator
    order by e.id
    on conflict on constraint one_plaintiff_an_entity do nothing;

    insert into public.judgments (
        id, tenant_id, plaintiff_id, defendant_entity_id, defendant_mask, judgment_amount, balance_due, judgment_date,
        priority_level, source)
    select r.judgment_id, run.tenant_id, p.id, d.id, coalesce(casebase.initials_of(r.debtor ->> 'name'), 'Unknown'),
           r.judgment_amount, r.balance_due, r.judgment_date, r.priority_level, run.source
    from unnest(v_new) r
    join enrichment.entities e
        on e.tenant_id = run.tenant_id and e.kind = r.plaintiff_kind and e.name_key = r.plaintiff_key
       and e.discriminator = r.plaintiff_discriminator
    join public.plaintiffs p on p.entity_id = e.id and p.tenant_id = e.tenant_id
    join enrichment.entities d
        on d.tenant_id = run.tenant_id and d.kind = r.debtor_kind and d.name_key = r.debtor_key
       and d.discriminator = r.debtor_discriminator;

    insert into judgments.cases (
        id, tenant_id, judgment_id, case_number, court, county, state, priority_level, judgment_amount)
    select r.docket_id, run.tenant_id, r.judgment_id, r.case_number, r.court, r.county, r.state, r.priority_level,
           r.judgment_amount
    from unnest(v_new) r;

    insert into enrichment.contacts (tenant_id, case_id, kind, value, value_key, sources)
    select run.tenant_id, r.docket_id, k.kind, btrim(r.debtor ->> k.kind),
           enforcement.contact_key(k.kind, r.debtor ->> k.kind), array[run.source]
    from unnest(v_new) r
    cross join unnest(array['phone', 'email', 'address']) k (kind)
    where btrim(r.debtor ->> k.kind) <> '';

    insert into enrichment.contacts (tenant_id, plaintiff_id, kind, value, value_key, sources)
    select distinct on (p.id, k.kind, r.plaintiff ->> k.kind)
           run.tenant_id, p.id, k.kind, btrim(r.plaintiff ->> k.kind),
           enforcement.contact_key(k.kind, r.plaintiff ->> k.kind), array[run.source]
    from unnest(v_new) r
    join enrichment.entities e
        on e.tenant_id = run.tenant_id and e.kind = r.plaintiff_kind and e.name_key = r.plaintiff_key
       and e.discriminator = r.plaintiff_discriminator
    join public.plaintiffs p on p.entity_id = e.id and p.tenant_id = e.tenant_id
    cross join unnest(array['phone', 'email']) k (kind)
    where btrim(r.plaintiff ->> k.kind) <> ''
    order by p.id, k.kind, r.plaintiff ->> k.kind
    on conflict do nothing;

    update enforcement.import_rows i set status = 'created', raw = null, judgment_id = r.judgment_id
    from unnest(v_new) r
    where i.run_id = run.id and i.row_number = any (numbers) and i.row_number = r.row_number;
    get diagnostics created = row_count;

    update enforcement.import_rows i set status = 'known', raw = null, judgment_id = c.judgment_id
    from unnest(v_rows) r
    join judgments.cases c
        on c.tenant_id = run.tenant_id and c.state = r.state and c.county = r.county and c.court = r.court
       and c.case_number = r.case_number
    where i.run_id = run.id and i.row_number = any (numbers) and i.row_number = r.row_number and i.status = 'staged';
    get diagnostics known = row_count;
end
$$;

comment on function enforcement.add_simplicity_judgments(enforcement.import_runs, int[]) is
    'Make plaintiffs, debtors, judgments and dockets of staged rows of a locked run; the caller has locked the tenant''s dockets.';

revoke execute on function enforcement.add_simplicity_judgments(enforcement.import_runs, int[]) from public;
