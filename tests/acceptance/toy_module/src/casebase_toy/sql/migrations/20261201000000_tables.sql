create schema toy;
revoke all on schema toy from public;
grant usage on schema toy to service_role;

create table public.greetings (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant() references public.tenants (id),
    name text not null,
    text text,
    created_at timestamptz not null default casebase.now()
);
comment on table public.greetings is 'Who asked for a greeting, and the greeting once it is written.';
create index greetings_tenant_id_idx on public.greetings (tenant_id);
alter table public.greetings enable row level security;
