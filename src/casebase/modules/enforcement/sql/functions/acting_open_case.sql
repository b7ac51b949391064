create or replace function enforcement.acting_open_case(case_id uuid) returns public.enforcement_cases
    language plpgsql
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases := enforcement.acting_case(case_id);
begin
    if v_case.closed_at is not null then
        perform casebase.fail(409, 'case_closed', '{"field": "case_id"}', 'Open a new case for the judgment.');
    end if;
    return v_case;
end
$$;

comment on function enforcement.acting_open_case(uuid) is 'enforcement.acting_case for what only an open case takes; 409 case_closed.';

revoke execute on function enforcement.acting_open_case(uuid) from public;
