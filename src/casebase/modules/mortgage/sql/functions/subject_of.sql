-- Also the parts of a name: people are written of by one of them.
create or replace function mortgage.subject_of(lead_id uuid) returns text[]
    language sql stable
    set search_path = ''
as $$
    select coalesce(array_agg(distinct t.term order by t.term) filter (
               where length(t.term) >= case when t.term ~ '[\u2e80-\ud7af]' then 2 else 3 end), '{}')
    from public.leads l
    cross join lateral (
        select unnest(array[l.name, l.email, l.phone])
        union all
        select regexp_split_to_table(l.name, '[^[:alpha:]]+')
    ) t (term)
    where l.id = subject_of.lead_id
$$;

comment on function mortgage.subject_of(uuid) is 'A borrower''s own details, for casebase.scrub_text; none once erased.';

revoke execute on function mortgage.subject_of(uuid) from public;
