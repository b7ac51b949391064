-- Tenants, who belongs to them, and the replies kept for idempotent calls.

create table public.tenants (
    id uuid primary key default gen_random_uuid(),
    slug text not null,
    name text not null,
    created_at timestamptz not null default casebase.now(),
    constraint tenants_slug_key unique (slug),
    constraint slug_is_lower_case_words check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 63)
);
comment on table public.tenants is 'The organisations whose data is kept apart. Single-company installs use the one named default.';
alter table public.tenants enable row level security;

create table public.tenant_users (
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    user_id uuid not null references auth.users (id) on delete cascade,
    role text not null default 'member',
    created_at timestamptz not null default casebase.now(),
    primary key (tenant_id, user_id),
    constraint role_is_snake_case check (role ~ '^[a-z][a-z_]{0,62}$')
);
create index tenant_users_user_id_idx on public.tenant_users (user_id);
comment on table public.tenant_users is 'Who belongs to which tenant, and as what. Removing a row locks its user out at once.';
alter table public.tenant_users enable row level security;

create table casebase.idempotency_keys (
    principal text not null,
    function text not null,
    key text not null,
    request_hash bytea not null,
    reply jsonb,
    expires_at timestamptz not null default casebase.now() + interval '24 hours',
    primary key (principal, function, key),
    constraint key_is_short check (length(key) between 1 and 255)
);
create index idempotency_keys_expires_at_idx on casebase.idempotency_keys (expires_at);
comment on table casebase.idempotency_keys is
    'Replies kept for 24 hours under the caller''s Idempotency-Key, written in the transaction of the call itself.';
alter table casebase.idempotency_keys enable row level security;
