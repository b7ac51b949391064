-- Supabase's claim readers for plain PostgreSQL; Supabase's own are left alone.
-- nullif: after the first transaction of a pooled connection the setting is '' and not null (22P02 without it).
do $$
begin
    if to_regrole('supabase_auth_admin') is not null then
        return;
    end if;

    create or replace function auth.jwt() returns jsonb language sql stable set search_path = ''
    as $fn$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $fn$;

    create or replace function auth.uid() returns uuid language sql stable set search_path = ''
    as $fn$ select nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')::uuid $fn$;

    create or replace function auth.role() returns text language sql stable set search_path = ''
    as $fn$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role' $fn$;

    create or replace function auth.email() returns text language sql stable set search_path = ''
    as $fn$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email' $fn$;

    -- To each role and not to public: a dump restores with the default privileges, which take public's away.
    grant execute on function auth.jwt(), auth.uid(), auth.role(), auth.email()
        to anon, authenticated, service_role, casebase_analyst, casebase_ai_broker, casebase_api;
end
$$;
