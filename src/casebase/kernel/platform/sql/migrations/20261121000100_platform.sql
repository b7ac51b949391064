-- Roles and the auth schema as Supabase has them, made only where they are missing, and the kernel's schema.

do $$
declare
    v_role text;
begin
    -- Roles belong to the cluster: another database's migration may create them in the same moment.
    foreach v_role in array array['anon', 'authenticated', 'casebase_analyst', 'casebase_ai_broker'] loop
        begin
            if to_regrole(v_role) is null then
                execute format('create role %I nologin noinherit', v_role);
            end if;
        exception when duplicate_object or unique_violation then null;
        end;
    end loop;
    begin
        if to_regrole('service_role') is null then
            create role service_role nologin noinherit bypassrls;
        end if;
    exception when duplicate_object or unique_violation then null;
    end;
    begin
        -- The API's login role; its password is set by whoever runs the server, so until then nobody can log in.
        if to_regrole('casebase_api') is null then
            create role casebase_api login noinherit;
        end if;
    exception when duplicate_object or unique_violation then null;
    end;
end
$$;

do $$
declare
    v_role text;
begin
    foreach v_role in array array['anon', 'authenticated', 'service_role', 'casebase_analyst', 'casebase_ai_broker'] loop
        begin
            if not pg_has_role('casebase_api', v_role, 'member') then
                execute format('grant %I to casebase_api', v_role);
            end if;
            -- The owner may be no superuser (Supabase's postgres): it calls for a role too, so it must be a member.
            if not pg_has_role(current_user, v_role, 'member') then
                execute format('grant %I to %I', v_role, current_user);
            end if;
        exception when unique_violation or internal_error then
            -- Two databases of one cluster granted at once ("tuple concurrently updated"): the other one's holds.
            null;
        end;
    end loop;
end
$$;

create schema if not exists casebase;
comment on schema casebase is 'The kernel of Casebase. Not exposed: clients reach it only through functions in public.';
revoke all on schema casebase from public;
grant usage on schema casebase to casebase_api, anon, authenticated, service_role, casebase_analyst, casebase_ai_broker;

create table casebase.applied_files (
    unit text not null,
    path text not null,
    checksum text not null,
    applied_at timestamptz not null default now(),
    primary key (unit, path)
);
comment on table casebase.applied_files is
    'Checksum of every SQL file as it last ran here, beside the ledger supabase_migrations.schema_migrations.';
alter table casebase.applied_files enable row level security;

-- New functions are not callable by everyone: each RPC grants whom it means to serve.
alter default privileges in schema casebase revoke execute on functions from public;
alter default privileges in schema public revoke execute on functions from public;
alter default privileges revoke execute on functions from public;

grant usage on schema public to anon, authenticated, service_role, casebase_analyst, casebase_ai_broker;
revoke create on schema public from public;

do $$
begin
    if to_regclass('auth.users') is not null then
        return;
    end if;
    create schema if not exists auth;
    comment on schema auth is 'Stand-in for Supabase Auth on plain PostgreSQL, with its column names.';
    create table auth.users (
        id uuid primary key default gen_random_uuid(),
        aud text not null default 'authenticated',
        role text not null default 'authenticated',
        email text,
        encrypted_password text,
        email_confirmed_at timestamptz,
        phone text,
        last_sign_in_at timestamptz,
        raw_app_meta_data jsonb not null default '{}',
        raw_user_meta_data jsonb not null default '{}',
        is_anonymous boolean not null default false,
        banned_until timestamptz,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        deleted_at timestamptz
    );
    create unique index users_email_key on auth.users (lower(email));
    alter table auth.users enable row level security;
    comment on table auth.users is 'People who can sign in: the home of their e-mail and password hash (bcrypt).';
    grant usage on schema auth to anon, authenticated, service_role, casebase_analyst, casebase_ai_broker, casebase_api;
end
$$;
