-- A plaintiff is known by name to whoever works here, but not to a model elsewhere. Words of a firm's name stand for it, but
-- not those that a case is told in: what scrubs `bank` leaves nothing of a bank_levy.
create or replace function enforcement.parties_of(judgment_id uuid) returns text[]
    language sql stable
    set search_path = ''
as $$
    select enforcement.subject_of(judgment_id) || coalesce(array_agg(distinct t.term), '{}')
    from public.judgments j
    join public.plaintiffs p on p.id = j.plaintiff_id and p.tenant_id = j.tenant_id
    cross join lateral (
        select p.name
        union all
        select w.word from regexp_split_to_table(p.name, '[^[:alpha:]]+') w (word)
        where length(w.word) >= 3
          and lower(w.word) not in ('and', 'for', 'the', 'inc', 'llc', 'llp', 'ltd', 'plc', 'corp', 'company')
          and lower(w.word) not in (
              select unnest(string_to_array(v.name, '_'))
              from (
                  select k.event_kind::text from enforcement.event_kinds k
                  union all
                  select s.stage from public.enforcement_stage_lookup s
                  union all
                  select b.action_type from enforcement.playbook b
              ) v (name))
    ) t (term)
    where j.id = parties_of.judgment_id
$$;

comment on function enforcement.parties_of(uuid) is
    'The debtor''s own details and the plaintiff''s name and its words, for casebase.scrub_text.';

revoke execute on function enforcement.parties_of(uuid) from public;
