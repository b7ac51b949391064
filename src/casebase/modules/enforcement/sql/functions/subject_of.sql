-- Also the parts of a name: people are written of by one of them.
create or replace function enforcement.subject_of(judgment_id uuid) returns text[]
    language sql stable
    set search_path = ''
as $$
    select coalesce(array_agg(distinct t.term order by t.term) filter (where length(t.term) >= 3), '{}')
    from public.judgments j
    left join enrichment.entities e on e.id = j.defendant_entity_id and e.tenant_id = j.tenant_id
    left join judgments.cases c on c.judgment_id = j.id and c.tenant_id = j.tenant_id
    left join enrichment.contacts k on k.case_id = c.id and k.tenant_id = c.tenant_id
    cross join lateral (
        select unnest(array[e.name, k.value, case k.kind when 'address' then split_part(k.value, ',', 1) end])
        union all
        select regexp_split_to_table(e.name, '[^[:alpha:]]+') where e.kind = 'person'
    ) t (term)
    where j.id = subject_of.judgment_id
$$;

comment on function enforcement.subject_of(uuid) is 'The debtor''s own details, for casebase.scrub_text.';

revoke execute on function enforcement.subject_of(uuid) from public;
