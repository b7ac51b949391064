-- One statement, one list: what is erased of a case, and by the same token counted. Masks, amounts of the loan, advice
-- and structure stay (specification 4.4). Erased because income could be computed from them: affordability, the inputs
-- in the record that replays a calculation, and result_hash, which a search over plausible incomes would find; the
-- hash of the row's id takes its place, as the column must be unique.
--
-- A timeline may be longer than one transaction should take: of events and ledger at most row_limit rows are emptied.
-- Files are removed by a job, since their store has no transactions. Rows are found by the case's id alone: with the
-- tenant's beside it, a plan made while a table was empty would choose an index that begins with the tenant.
create or replace function mortgage.erase_case(
    case_row public.scenario_cases,
    subject text[],
    through bigint,
    row_limit int,
    out counts jsonb,
    out next_through bigint,
    out is_complete boolean
)
    language plpgsql
    set search_path = ''
as $$
begin
    with inputs as (
        update public.scenario_inputs i set income_profile_json = null
        where i.case_id = case_row.id and i.income_profile_json is not null
        returning 1
    ), private_inputs as (
        update mortgage.private_inputs p set current_rate = null
        where p.case_id = case_row.id and p.current_rate is not null
        returning 1
    ), calculations as (
        update public.scenario_calculations k
        set affordability_json = null, ai_notes_json = null, result_hash = o.blank_hash
        from (
            select n.id, encode(sha256(convert_to(n.id::text, 'UTF8')), 'hex') as blank_hash, n.result_hash,
                   n.affordability_json is not null as had_affordability, n.ai_notes_json is not null as had_ai_notes
            from public.scenario_calculations n
            where n.case_id = case_row.id
        ) o
        where k.id = o.id and (o.had_affordability or o.had_ai_notes or o.result_hash <> o.blank_hash)
        returning o.had_affordability, o.had_ai_notes
    ), facts as (
        update mortgage.calculation_facts f set record_json = f.record_json - '{inputs,result_hash}'::text[]
        where f.case_id = case_row.id
          and f.record_json ?| '{inputs,result_hash}'::text[]
        returning 1
    ), outcomes as (
        update public.scenario_outcomes o set notes = null
        where o.case_id = case_row.id and o.notes is not null
        returning 1
    ), cases as (
        update public.scenario_cases c
        set erased_at = casebase.now(), notes = null,
            source = case when mortgage.mentions(c.source, subject) then 'removed' else c.source end
        where c.id = case_row.id and c.erased_at is null
        returning 1
    ), conversations as (
        delete from mortgage.conversations v
        where v.case_id = case_row.id
        returning 1
    ), tags as (
        delete from public.scenario_tags t
        where t.case_id = case_row.id and mortgage.mentions(t.tag, subject)
        returning 1
    ), documents as (
        delete from public.scenario_documents d
        where d.case_id = case_row.id
        returning d.storage_path
    ), files as (
        select casebase.enqueue('mortgage_file_removal', jsonb_build_object('path', d.storage_path)) as job_id
        from documents d
    ), entries as (
        select l.id from public.scenario_ai_ledger l
        where l.case_id = case_row.id and l.content_json <> '{}'
        order by l.position limit row_limit
    ), ledger as (
        update public.scenario_ai_ledger l set content_json = '{}'
        from entries e where l.id = e.id
        returning 1
    ), chapter as (
        select e.id, e.position, mortgage.kept_payload(e.payload_json, mortgage.kept_keys(e.event_type), subject) as kept
        from public.scenario_events e
        where e.case_id = case_row.id and e.position > through
        order by e.position limit row_limit
    ), events as (
        update public.scenario_events e set payload_json = c.kept
        from chapter c where e.id = c.id and e.payload_json <> c.kept
        returning 1
    )
    select casebase.sum_counts('{}', jsonb_build_object(
               'public.scenario_inputs.income_profile_json', (select count(*) from inputs),
               'mortgage.private_inputs.current_rate', (select count(*) from private_inputs),
               'public.scenario_calculations.affordability_json', (select count(*) from calculations k where k.had_affordability),
               'public.scenario_calculations.ai_notes_json', (select count(*) from calculations k where k.had_ai_notes),
               'public.scenario_calculations.result_hash', (select count(*) from calculations),
               'mortgage.calculation_facts.record_json', (select count(*) from facts),
               'public.scenario_outcomes.notes', (select count(*) from outcomes),
               'public.scenario_cases.notes', (select count(*) from cases where case_row.notes is not null),
               'mortgage.conversations.*', (select count(*) from conversations),
               'public.scenario_tags.*', (select count(*) from tags),
               'public.scenario_documents.*', (select count(f.job_id) from files f),
               'public.scenario_ai_ledger.content_json', (select count(*) from ledger),
               'public.scenario_events.payload_json', (select count(*) from events))),
           coalesce((select max(c.position) from chapter c), through),
           (select count(*) from chapter) < row_limit and (select count(*) from entries) < row_limit
    into counts, next_through, is_complete;
end
$$;

comment on function mortgage.erase_case(public.scenario_cases, text[], bigint, int) is
    'Erase what is personal of a locked case, events after the position `through`, at most row_limit of them: returns how '
    'much was erased by schema.table.column, the position reached, and whether nothing is left.';

revoke execute on function mortgage.erase_case(public.scenario_cases, text[], bigint, int) from public;
