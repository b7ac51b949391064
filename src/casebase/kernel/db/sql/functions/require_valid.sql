create or replace function casebase.require_valid(payload jsonb, schema jsonb) returns void
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_errors jsonb := casebase.validation_errors(coalesce(payload, 'null'), schema);
begin
    if v_errors <> '[]' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', v_errors),
            'Correct the fields that detail.errors names.');
    end if;
end
$$;

comment on function casebase.require_valid(jsonb, jsonb) is
    'Refuse a payload that breaks a schema (see casebase.validation_errors): 422 invalid_input, each field and rule named.';

revoke execute on function casebase.require_valid(jsonb, jsonb) from public;
grant execute on function casebase.require_valid(jsonb, jsonb) to anon, authenticated, service_role;
