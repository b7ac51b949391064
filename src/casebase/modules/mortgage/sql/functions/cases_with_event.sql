-- Definer, because an index on a day can't be used below row level security (its expression is not leakproof); the
-- tenant's own guard is repeated here. Read once a statement, so that the list finds its cases by their keys.
create or replace function mortgage.cases_with_event(tenant_id uuid, happened text, from_day date, to_day date) returns uuid[]
    language plpgsql stable security definer
    set search_path = ''
as $$
#variable_conflict use_variable
begin
    if not tenant_id = any (mortgage.readable_tenants()) then
        return '{}'::uuid[];
    elsif happened = 'outcome' then
        return array(
            select o.case_id
            from public.scenario_outcomes o
            where o.tenant_id = tenant_id
              and (o.created_at at time zone 'Asia/Singapore')::date between from_day and to_day);
    end if;
    return array(
        select distinct e.case_id
        from public.scenario_events e
        where e.tenant_id = tenant_id
          and e.event_type = happened::public.scenario_event_type
          and e.event_type in ('chat', 'reveal', 'follow_up', 'bank_quote')
          and (e.occurred_at at time zone 'Asia/Singapore')::date between from_day and to_day);
end
$$;

comment on function mortgage.cases_with_event(uuid, text, date, date) is
    'A tenant''s cases to which something happened in a period of Singapore''s days: chat, reveal, follow_up, bank_quote, outcome.';

revoke execute on function mortgage.cases_with_event(uuid, text, date, date) from public, anon, authenticated, service_role;
grant execute on function mortgage.cases_with_event(uuid, text, date, date) to authenticated, service_role;
