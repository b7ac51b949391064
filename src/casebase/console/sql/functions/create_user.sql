-- For the owner's CLI only, so no role is granted it. Supabase's auth.users has more columns than our stand-in: those
-- of the row below that exist are filled (its Auth service can't read a null token), and its identities get their row.
create or replace function casebase.create_user(
    email text, password_hash text, tenant_slug text default 'default', role text default 'admin'
) returns uuid
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_id constant uuid := gen_random_uuid();
    v_tenant_id uuid := (select t.id from public.tenants t where t.slug = tenant_slug);
    v_user constant jsonb := jsonb_build_object(
        'id', v_id, 'instance_id', '00000000-0000-0000-0000-000000000000',
        'aud', 'authenticated', 'role', 'authenticated', 'email', lower(email), 'encrypted_password', password_hash,
        'email_confirmed_at', casebase.now(), 'created_at', casebase.now(), 'updated_at', casebase.now(),
        'raw_app_meta_data', '{"provider": "email", "providers": ["email"]}'::jsonb, 'raw_user_meta_data', '{}'::jsonb,
        'is_anonymous', false, 'is_sso_user', false, 'confirmation_token', '', 'recovery_token', '',
        'email_change', '', 'email_change_token_new', '', 'email_change_token_current', '',
        'phone_change', '', 'phone_change_token', '', 'reauthentication_token', '');
    v_identity constant jsonb := jsonb_build_object(
        'id', gen_random_uuid(), 'user_id', v_id, 'provider', 'email', 'provider_id', v_id,
        'identity_data', jsonb_build_object('sub', v_id, 'email', lower(email), 'email_verified', true),
        'created_at', casebase.now(), 'updated_at', casebase.now());
    v_table text;
begin
    if not casebase.has_format(email, 'email') then
        perform casebase.fail(422, 'email_invalid');
    elsif tenant_slug is not null and v_tenant_id is null then
        perform casebase.fail(404, 'tenant_not_found', '{}', 'Name the slug of an existing tenant.');
    elsif exists (select from auth.users u where lower(u.email) = lower(create_user.email)) then
        perform casebase.fail(409, 'user_exists', '{}', 'Use casebase user set-password to change the password.');
    end if;

    foreach v_table in array array['auth.users', 'auth.identities'] loop
        if to_regclass(v_table) is not null then
            execute (
                select format('insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1)',
                              v_table, string_agg(format('%I', a.attname), ', '))
                from pg_catalog.pg_attribute a
                where a.attrelid = to_regclass(v_table) and a.attnum > 0 and a.attgenerated = ''
                  and (case v_table when 'auth.users' then v_user else v_identity end) ? a.attname
            ) using case v_table when 'auth.users' then v_user else v_identity end;
        end if;
    end loop;
    if v_tenant_id is not null then
        insert into public.tenant_users (tenant_id, user_id, role) values (v_tenant_id, v_id, role);
    end if;
    return v_id;
end
$$;

comment on function casebase.create_user(text, text, text, text) is
    'Make a person who can sign in with a bcrypt hash, as a member of a tenant or, without a slug, of none; refuse an e-mail '
    'that is taken.';

revoke execute on function casebase.create_user(text, text, text, text) from public;
