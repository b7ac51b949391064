-- The one way a function refuses. SQLSTATE PTxyz is PostgREST's convention for HTTP status xyz.
create or replace function casebase.fail(status int, code text, detail jsonb default '{}', hint text default '')
    returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    raise exception using
        errcode = 'PT' || status,
        message = code,
        detail = detail::text,
        hint = hint;
end
$$;

comment on function casebase.fail(int, text, jsonb, text) is
    'Refuse with an HTTP status, a stable snake_case code and a detail that names fields and rules, never values.';

revoke execute on function casebase.fail(int, text, jsonb, text) from public;
grant execute on function casebase.fail(int, text, jsonb, text)
    to anon, authenticated, service_role, casebase_analyst, casebase_ai_broker, casebase_api;
