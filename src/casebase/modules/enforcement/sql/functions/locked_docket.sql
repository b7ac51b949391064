-- Docket first, then its open case: whoever opens a case reads the docket's score under a lock of the docket, so a new
-- case has the latest score, whichever of the two comes first.
create or replace function enforcement.locked_docket(docket_id uuid, field text) returns judgments.cases
    language plpgsql
    set search_path = ''
as $$
declare
    v_docket judgments.cases;
begin
    select c.* into v_docket from judgments.cases c where c.id = docket_id for no key update;
    if not found then
        perform casebase.fail(404, 'case_not_found', jsonb_build_object('field', field));
    end if;
    return v_docket;
end
$$;

comment on function enforcement.locked_docket(uuid, text) is 'A docket, locked, for the service''s functions; 404 case_not_found names the field.';

revoke execute on function enforcement.locked_docket(uuid, text) from public;
