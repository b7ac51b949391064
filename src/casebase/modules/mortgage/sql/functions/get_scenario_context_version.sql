-- Definer: versions and settings are in tables that no role is granted.
-- The settings row's xmin is the transaction that wrote it: switching the reveal off and on again is a new version.
create or replace function mortgage.get_scenario_context_version(case_id uuid) returns text
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_version text;
begin
    select concat_ws('-', coalesce(v.changed_by::text, '0'), coalesce(s.xmin::text, '0')) into v_version
    from public.scenario_cases c
    left join mortgage.context_versions v on v.case_id = c.id and v.tenant_id = c.tenant_id
    left join mortgage.settings s on s.tenant_id = c.tenant_id
    where c.id = get_scenario_context_version.case_id and c.tenant_id = any (mortgage.readable_tenants());
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    return v_version;
end
$$;

create or replace function public.get_scenario_context_version(case_id uuid) returns text
    language sql stable
    set search_path = ''
as $$
    select mortgage.get_scenario_context_version(case_id)
$$;

comment on function public.get_scenario_context_version(uuid) is
    'A text that is another one after every committed write to the case or to its tenant''s settings: what a kept '
    'get_scenario_context is still good for. 404 case_not_found, also for another tenant''s.';

revoke execute on function mortgage.get_scenario_context_version(uuid), public.get_scenario_context_version(uuid)
    from public, anon, authenticated, service_role;
grant execute on function mortgage.get_scenario_context_version(uuid), public.get_scenario_context_version(uuid)
    to casebase_ai_broker, service_role;
