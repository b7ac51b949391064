-- The lock orders everything that is written to one case. Whoever also needs the judgment locks it after its case.
create or replace function enforcement.acting_case(case_id uuid) returns public.enforcement_cases
    language plpgsql
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
begin
    -- Asked before locking: a stranger must not be able to wait for, or hold up, another tenant's work.
    perform enforcement.require_operator(
        (select c.tenant_id from public.enforcement_cases c where c.id = acting_case.case_id), 'case_not_found', 'case_id');
    select c.* into v_case from public.enforcement_cases c where c.id = acting_case.case_id for no key update;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    return v_case;
end
$$;

comment on function enforcement.acting_case(uuid) is
    'The case, locked, if the caller may act on it: the service and its tenant''s operators; 403 operator_required for '
    'other members, else 404 case_not_found.';

revoke execute on function enforcement.acting_case(uuid) from public;
