-- What leaves the house by itself: signed webhooks with their log. Alerts need no table, their jobs say it all.

create table casebase.webhook_endpoints (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    url text not null,
    event_types text[] not null default '{*}',
    description text not null default '',
    is_enabled boolean not null default true,
    disabled_reason text,
    secret text not null,
    previous_secret text,
    previous_secret_until timestamptz,
    created_at timestamptz not null default casebase.now(),
    constraint url_is_http_without_credentials check (url ~ '^https?://[^[:space:]/?#@\\]+(?:[/?][^[:space:]#\\]*)?$' and length(url) <= 2000),
    constraint event_types_are_names_or_patterns check (
        cardinality(event_types) between 1 and 100
        and array_to_string(event_types, ' ', '-')
            ~ '^(?:\*|[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?:\.\*)?)(?: (?:\*|[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?:\.\*)?))*$'),
    constraint description_is_short check (length(description) <= 500),
    constraint disabled_reason_is_snake_case check (disabled_reason ~ '^[a-z][a-z_]{0,62}$'),
    constraint previous_secret_ends check ((previous_secret is null) = (previous_secret_until is null))
);
create index webhook_endpoints_tenant_id_idx on casebase.webhook_endpoints (tenant_id);
comment on table casebase.webhook_endpoints is 'Where a tenant''s events are sent. Only the functions of this unit read it: it holds the signing secrets.';
comment on column casebase.webhook_endpoints.event_types is 'Names such as mortgage.lead_form, patterns such as mortgage.*, or * for all.';
comment on column casebase.webhook_endpoints.disabled_reason is 'endpoint_gone when the receiver answered 410, by_request when somebody switched it off.';
comment on column casebase.webhook_endpoints.previous_secret is 'Signs too until previous_secret_until, so that a receiver can change over in its own time.';
alter table casebase.webhook_endpoints enable row level security;

create table casebase.webhook_deliveries (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    endpoint_id uuid not null references casebase.webhook_endpoints (id) on delete cascade,
    event_id uuid not null,
    event_type text not null,
    subject_id uuid not null,
    payload jsonb not null default '{}',
    status text not null default 'pending',
    attempts int not null default 0,
    redeliveries int not null default 0,
    last_status_code int,
    last_error text,
    next_attempt_at timestamptz,
    created_at timestamptz not null default casebase.now(),
    delivered_at timestamptz,
    constraint webhook_deliveries_endpoint_id_event_id_key unique (endpoint_id, event_id),
    constraint status_is_known check (status in ('pending', 'delivered', 'failed')),
    constraint payload_is_object check (jsonb_typeof(payload) = 'object'),
    constraint event_type_is_a_name check (event_type ~ '^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*$' and length(event_type) <= 120),
    constraint attempts_are_counted check (attempts >= 0 and redeliveries >= 0),
    constraint last_error_is_snake_case check (last_error ~ '^[a-z][a-z_]{0,62}$'),
    constraint delivered_at_when_delivered check ((status = 'delivered') = (delivered_at is not null)),
    constraint next_attempt_while_pending check (next_attempt_at is null or status = 'pending')
);
create index webhook_deliveries_tenant_id_created_at_idx on casebase.webhook_deliveries (tenant_id, created_at);
create index webhook_deliveries_created_at_idx on casebase.webhook_deliveries (created_at);
create index webhook_deliveries_endpoint_id_status_idx on casebase.webhook_deliveries (endpoint_id, status)
    where status <> 'delivered';
comment on table casebase.webhook_deliveries is
    'The delivery log: one row for each event and endpoint, kept for 30 days. Payloads hold ids and masked facts only.';
comment on column casebase.webhook_deliveries.attempts is 'How many attempts ended with an answer or an error, since the last redelivery was asked for.';
comment on column casebase.webhook_deliveries.redeliveries is 'How often somebody asked for it again; a job of an earlier round does nothing.';
comment on column casebase.webhook_deliveries.last_error is 'A code, never the receiver''s words: they may hold anything.';
alter table casebase.webhook_deliveries enable row level security;
