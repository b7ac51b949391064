-- Definer: nobody has rights on the imports' tables.
-- A batch is one transaction: a process that dies leaves whole batches, and the next goes on behind them. Each step writes
-- all rows of the batch at once. What a batch needs more than once is computed once, into v_rows.
create or replace function enforcement.process_simplicity_imports(import_run_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_run enforcement.import_runs := enforcement.locked_import_run(import_run_id);
    v_numbers int[];
    v_rows enforcement.simplicity_row[];
    v_new enforcement.simplicity_row[];
    v_rejected int;
    v_created int;
    v_known int;
    v_is_more boolean;
begin
    if v_run.status = 'finished' then
        return enforcement.import_run_json(v_run) || '{"is_more": false}';
    end if;
    perform enforcement.lock_dockets(v_run.tenant_id);
    v_numbers := array(
        select i.row_number from enforcement.import_rows i
        where i.run_id = v_run.id and i.status = 'staged' order by i.row_number limit 1000);

    update enforcement.import_rows i
    set status = 'rejected', reasons = enforcement.simplicity_reasons(i.raw)
    where i.run_id = v_run.id and i.row_number = any (v_numbers) and cardinality(enforcement.simplicity_reasons(i.raw)) > 0;
    get diagnostics v_rejected = row_count;

    v_rows := array(
        select enforcement.simplicity_row_of(i.row_number, i.raw) from enforcement.import_rows i
        where i.run_id = v_run.id and i.row_number = any (v_numbers) and i.status = 'staged');
    -- Of a docket that a file names twice the first row counts.
    v_new := array(
        select n from (
            select distinct on (r.state, r.county, r.court, r.case_number) r as n
            from unnest(v_rows) r
            where not exists (
                select from judgments.cases c
                where c.tenant_id = v_run.tenant_id and c.state = r.state and c.county = r.county and c.court = r.court
                  and c.case_number = r.case_number)
            order by r.state, r.county, r.court, r.case_number, r.row_number) first_rows);

    -- In the keys' order, so that two imports cannot wait for each other.
    insert into enrichment.entities (tenant_id, kind, name, name_key, discriminator)
    select distinct on (p.kind, p.key, p.discriminator)
           v_run.tenant_id, p.kind, btrim(regexp_replace(p.party ->> 'name', '\s+', ' ', 'g')), p.key, p.discriminator
    from unnest(v_new) r
    cross join lateral (values
        (r.plaintiff_kind, r.plaintiff_key, r.plaintiff_discriminator, r.plaintiff),
        (r.debtor_kind, r.debtor_key, r.debtor_discriminator, r.debtor)) p (kind, key, discriminator, party)
    order by p.kind, p.key, p.discriminator, r.row_number
    on conflict on constraint one_row_an_entity do nothing;

    insert into public.plaintiffs (tenant_id, entity_id, name, source)
    select distinct e.tenant_id, e.id, e.name, v_run.source
    from unnest(v_new) r
    join enrichment.entities e
        on e.tenant_id = v_run.tenant_id and e.kind = r.plaintiff_kind and e.name_key = r.plaintiff_key
       and e.discriminator = r.plaintiff_discriminator
    order by e.id
    on conflict on constraint one_plaintiff_an_entity do nothing;

    insert into public.judgments (
        id, tenant_id, plaintiff_id, defendant_entity_id, defendant_mask, judgment_amount, balance_due, judgment_date,
        priority_level, source)
    select r.judgment_id, v_run.tenant_id, p.id, d.id, coalesce(casebase.initials_of(r.debtor ->> 'name'), 'Unknown'),
           r.judgment_amount, r.balance_due, r.judgment_date, r.priority_level, v_run.source
    from unnest(v_new) r
    join enrichment.entities e
        on e.tenant_id = v_run.tenant_id and e.kind = r.plaintiff_kind and e.name_key = r.plaintiff_key
       and e.discriminator = r.plaintiff_discriminator
    join public.plaintiffs p on p.entity_id = e.id and p.tenant_id = e.tenant_id
    join enrichment.entities d
        on d.tenant_id = v_run.tenant_id and d.kind = r.debtor_kind and d.name_key = r.debtor_key
       and d.discriminator = r.debtor_discriminator;

    insert into judgments.cases (
        id, tenant_id, judgment_id, case_number, court, county, state, priority_level, judgment_amount)
    select r.docket_id, v_run.tenant_id, r.judgment_id, r.case_number, r.court, r.county, r.state, r.priority_level,
           r.judgment_amount
    from unnest(v_new) r;

    insert into enrichment.contacts (tenant_id, case_id, kind, value, value_key, source)
    select v_run.tenant_id, r.docket_id, k.kind, btrim(r.debtor ->> k.kind),
           enforcement.contact_key(k.kind, r.debtor ->> k.kind), v_run.source
    from unnest(v_new) r
    cross join unnest(array['phone', 'email', 'address']) k (kind)
    where btrim(r.debtor ->> k.kind) <> '';

    insert into enrichment.contacts (tenant_id, plaintiff_id, kind, value, value_key, source)
    select distinct on (p.id, k.kind, r.plaintiff ->> k.kind)
           v_run.tenant_id, p.id, k.kind, btrim(r.plaintiff ->> k.kind),
           enforcement.contact_key(k.kind, r.plaintiff ->> k.kind), v_run.source
    from unnest(v_new) r
    join enrichment.entities e
        on e.tenant_id = v_run.tenant_id and e.kind = r.plaintiff_kind and e.name_key = r.plaintiff_key
       and e.discriminator = r.plaintiff_discriminator
    join public.plaintiffs p on p.entity_id = e.id and p.tenant_id = e.tenant_id
    cross join unnest(array['phone', 'email']) k (kind)
    where btrim(r.plaintiff ->> k.kind) <> ''
    order by p.id, k.kind, r.plaintiff ->> k.kind
    on conflict do nothing;

    update enforcement.import_rows i set status = 'created', raw = null, judgment_id = r.judgment_id
    from unnest(v_new) r
    where i.run_id = v_run.id and i.row_number = any (v_numbers) and i.row_number = r.row_number;
    get diagnostics v_created = row_count;

    update enforcement.import_rows i set status = 'known', raw = null, judgment_id = c.judgment_id
    from unnest(v_rows) r
    join judgments.cases c
        on c.tenant_id = v_run.tenant_id and c.state = r.state and c.county = r.county and c.court = r.court
       and c.case_number = r.case_number
    where i.run_id = v_run.id and i.row_number = any (v_numbers) and i.row_number = r.row_number and i.status = 'staged';
    get diagnostics v_known = row_count;

    v_is_more := exists (select from enforcement.import_rows i where i.run_id = v_run.id and i.status = 'staged');
    update enforcement.import_runs r
    set created_count = r.created_count + v_created, known_count = r.known_count + v_known,
        rejected_count = r.rejected_count + v_rejected,
        status = case when r.status = 'loaded' and not v_is_more then 'finished' else r.status end,
        finished_at = case when r.status = 'loaded' and not v_is_more then casebase.now() end
    where r.id = v_run.id
    returning * into v_run;
    perform casebase.notify_live(v_run.tenant_id, 'enforcement.imports', v_run.id);
    return enforcement.import_run_json(v_run) || jsonb_build_object('is_more', v_is_more);
end
$$;

create or replace function public.process_simplicity_imports(import_run_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.process_simplicity_imports(import_run_id)
$$;

comment on function public.process_simplicity_imports(uuid) is
    'Make plaintiffs, debtors, judgments and dockets of up to 1000 staged rows of a run: a docket that is there already makes '
    'the row known and changes nothing, a row that cannot be used is kept with its reasons. Returns the run as '
    'start_simplicity_import does, and is_more: call again while there is more. For the service alone; 404 import_run_not_found.';

revoke execute on function enforcement.process_simplicity_imports(uuid), public.process_simplicity_imports(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.process_simplicity_imports(uuid), public.process_simplicity_imports(uuid)
to service_role;
