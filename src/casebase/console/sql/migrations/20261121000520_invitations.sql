-- Who was invited to a tenant and has not come yet. The token is in the link alone; here is its hash.

create table casebase.invitations (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    email text not null,
    role text not null,
    token_hash bytea not null,
    invited_by uuid references auth.users (id) on delete cascade,
    created_at timestamptz not null default casebase.now(),
    expires_at timestamptz not null,
    constraint invitations_token_hash_key unique (token_hash),
    -- Who is invited again gets another link, and the one before is worth nothing.
    constraint invitations_tenant_id_email_key unique (tenant_id, email),
    constraint email_is_lower_case check (email = lower(email) and length(email) <= 254),
    constraint role_is_snake_case check (role ~ '^[a-z][a-z_]{0,62}$'),
    constraint expires_after_it_was_created check (expires_at > created_at)
);
create index invitations_invited_by_idx on casebase.invitations (invited_by);
create index invitations_expires_at_idx on casebase.invitations (expires_at);
comment on table casebase.invitations is
    'Links that let somebody join a tenant, once and within a week; a row goes when it is used, withdrawn or over.';
comment on column casebase.invitations.invited_by is
    'Null: the service. An invitation is worth no more than what its maker may do at the time it is used.';
alter table casebase.invitations enable row level security;
-- Nobody in the planner's statistics, which outlive a deleted row.
alter table casebase.invitations
alter column email set statistics 0, alter column token_hash set statistics 0, alter column invited_by set statistics 0;

-- Members in the order in which they came.
create index tenant_users_tenant_id_created_at_idx on public.tenant_users (tenant_id, created_at, user_id);

-- Tenants are few: looking at each takes no time.
-- squawk-ignore constraint-missing-not-valid
alter table public.tenants add constraint tenant_name_is_short check (length(name) between 1 and 200);
