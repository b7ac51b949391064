-- For definer functions, which row level security does not bind: what staff may not act on does not exist for them.
-- The lock orders everything that is written to one case.
create or replace function mortgage.acting_case(case_id uuid) returns public.scenario_cases
    language plpgsql
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
begin
    select c.* into v_case
    from public.scenario_cases c
    where c.id = acting_case.case_id
      and (casebase.calling_role() = 'service_role' or c.tenant_id = any (mortgage.staff_tenants()))
    for no key update;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    return v_case;
end
$$;

comment on function mortgage.acting_case(uuid) is
    'The case, locked, if the caller may act on it: the service on any, staff on their tenants''; else 404 case_not_found.';

revoke execute on function mortgage.acting_case(uuid) from public;
