-- requires: functions/get_scenario_case.sql
-- Definer: staff may not write events. Looking again within five minutes is the same viewing: an open page fetches
-- itself anew whenever something changes, which nobody asked for. Open pages are not told, as nothing changed.
create or replace function mortgage.view_scenario_case(case_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.scenario_cases := mortgage.acting_case(case_id);
begin
    if not exists (
        select from public.scenario_events e
        where e.case_id = v_case.id and e.tenant_id = v_case.tenant_id
          and e.occurred_at > casebase.now() - interval '5 minutes'
          and e.event_type = 'admin_view' and e.payload_json = jsonb_build_object('actor', mortgage.actor())
    ) then
        insert into public.scenario_events (tenant_id, case_id, event_type, payload_json)
        values (v_case.tenant_id, v_case.id, 'admin_view', jsonb_build_object('actor', mortgage.actor()));
    end if;
    return mortgage.get_scenario_case(case_id);
end
$$;

create or replace function public.view_scenario_case(case_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.view_scenario_case(case_id)
$$;

comment on function public.view_scenario_case(uuid) is
    'get_scenario_case for a person: the view is logged as admin_view, once in five minutes for each person. 404 case_not_found.';

revoke execute on function mortgage.view_scenario_case(uuid), public.view_scenario_case(uuid) from public, anon, authenticated, service_role;
grant execute on function mortgage.view_scenario_case(uuid), public.view_scenario_case(uuid) to authenticated, service_role;
