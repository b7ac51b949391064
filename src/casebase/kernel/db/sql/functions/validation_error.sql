create or replace function casebase.validation_error(field text, rule text, message text) returns jsonb
    language sql immutable parallel safe
    set search_path = ''
as $$
    select jsonb_build_object('field', field, 'rule', rule, 'message', message)
$$;

comment on function casebase.validation_error(text, text, text) is 'One breach, as casebase.validation_errors lists it.';

revoke execute on function casebase.validation_error(text, text, text) from public;
grant execute on function casebase.validation_error(text, text, text) to anon, authenticated, service_role;
