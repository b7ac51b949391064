-- The front desks of many tenants: bookings, orders, conversation scores, metrics and PHI events (specs/frontdesk.md,
-- DECISIONS 9 to 14).
--
-- Names, e-mails and addresses of customers have their home in bookings and orders. Feedback, contexts and metadata hold
-- what was scrubbed; what tells of health has no home at all: of a PHI event its mask is kept.

create schema frontdesk;
comment on schema frontdesk is 'Implementation of the front desk module, its settings and price list. Not exposed.';
revoke all on schema frontdesk from public;
grant usage on schema frontdesk to anon, authenticated, service_role;
alter default privileges in schema frontdesk revoke execute on functions from public;

-- For constraints over ids and times together; in the schema that Supabase keeps for extensions.
create schema if not exists extensions;
create extension if not exists btree_gist with schema extensions;

-- The bounds keep NaN out, which is greater than any number.
create domain frontdesk.money as numeric(10, 2)
    constraint money_is_positive_and_finite check (value > 0 and value <= 99999999.99);
comment on domain frontdesk.money is 'An amount of some currency, above 0 and below 100 million, in units with two decimals.';

create domain frontdesk.reading as numeric
    constraint reading_is_finite check (value > -1e30 and value < 1e30);
comment on domain frontdesk.reading is 'What a metric measured: any number that arithmetic can go on with.';

create table frontdesk.settings (
    tenant_id uuid primary key references public.tenants (id) on delete cascade,
    time_zone text not null default 'UTC',
    hold_minutes int not null default 15,
    currency text not null default 'USD',
    updated_at timestamptz not null default casebase.now(),
    constraint time_zone_is_short check (length(time_zone) between 1 and 60),
    constraint hold_minutes_are_few check (hold_minutes between 1 and 1440)
);
comment on table frontdesk.settings is 'What a tenant decided for its front desk; one without a row has the defaults.';

create table frontdesk.currencies (
    code text primary key,
    minor_units smallint not null,
    name text not null,
    constraint code_is_iso_4217 check (code ~ '^[A-Z]{3}$'),
    constraint minor_units_are_a_count check (minor_units between 0 and 4)
);
comment on table frontdesk.currencies is 'Currencies of ISO 4217 that money is paid in, and how many decimals each has.';
alter table frontdesk.settings add constraint settings_currency_fkey foreign key (currency) references frontdesk.currencies (code);
create index settings_currency_idx on frontdesk.settings (currency);

-- Bookings

create table public.slots (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    slot_id text not null default gen_random_uuid()::text,
    resource text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    capacity smallint not null default 1,
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint slots_tenant_id_slot_id_key unique (tenant_id, slot_id),
    constraint slot_id_is_short check (length(slot_id) between 1 and 200),
    constraint resource_is_short check (length(resource) between 1 and 100),
    constraint slot_ends_after_it_starts check (ends_at > starts_at and ends_at - starts_at <= interval '7 days'),
    constraint slot_is_within_bounds check (starts_at >= '2000-01-01Z' and ends_at < '2200-01-01Z'),
    constraint capacity_is_small check (capacity between 1 and 1000),
    -- Deferrable, and so asked when a statement ends: a whole day can be moved by half an hour.
    constraint one_slot_of_a_resource_at_a_time
        exclude using gist (tenant_id with =, resource with =, tstzrange(starts_at, ends_at) with &&) deferrable
);
create index slots_tenant_id_starts_at_idx on public.slots (tenant_id, starts_at);
comment on table public.slots is 'When which resource of a tenant can be booked, and by how many at once.';

create table public.bookings (
    id uuid primary key default gen_random_uuid(),
    slot_id text not null,
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    user_id uuid references auth.users (id) on delete set null,
    user_name text not null,
    user_email text not null,
    status text not null default 'pending',
    place smallint not null default 1,
    resource text,
    starts_at timestamptz,
    ends_at timestamptz,
    hold_expires_at timestamptz,
    cancelled_at timestamptz,
    cancel_reason text,
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint status_is_known check (status in ('pending', 'confirmed', 'cancelled')),
    constraint slot_id_is_short check (length(slot_id) between 1 and 200),
    constraint user_name_is_short check (length(user_name) between 1 and 200),
    constraint user_email_is_an_email check (user_email ~ '^[^@[:space:]]+@[^@[:space:]]+$' and length(user_email) <= 254),
    constraint place_is_counted_from_1 check (place between 1 and 1000),
    constraint resource_is_short check (length(resource) between 1 and 100),
    -- Each of its days is counted, and the calendar looks back as far.
    constraint booking_ends_after_it_starts check (
        (starts_at is null) = (ends_at is null) and ends_at > starts_at and ends_at - starts_at <= interval '7 days'),
    constraint booking_is_within_bounds check (starts_at >= '2000-01-01Z' and ends_at < '2200-01-01Z'),
    constraint only_a_pending_one_is_a_hold check (hold_expires_at is not null = (status = 'pending')),
    constraint a_cancelled_one_says_when_and_why check (
        (status = 'cancelled') = (cancelled_at is not null) and (status = 'cancelled') = (cancel_reason is not null)),
    constraint cancel_reason_is_known check (cancel_reason in ('cancelled', 'expired'))
);
-- A slot is taken once (DECISIONS 9), each of its places if it has several. One that was cancelled is free again.
create unique index bookings_slot_id_key on public.bookings (tenant_id, slot_id, place) where status <> 'cancelled';
create index idx_bookings_tenant_id on public.bookings (tenant_id, starts_at, id);
create index idx_bookings_user_id on public.bookings (user_id, created_at desc, id desc);
create index idx_bookings_created_at on public.bookings (tenant_id, created_at desc, id desc);
create index idx_bookings_status on public.bookings (status, hold_expires_at) where status = 'pending';
comment on table public.bookings is 'Appointment booking records';
comment on column public.bookings.slot_id is
    'What was booked: a slot of public.slots, or any text that its sender knows a slot by.';
comment on column public.bookings.place is 'Which of a slot''s places, counted from 1.';
comment on column public.bookings.hold_expires_at is 'Until when a pending booking keeps its slot from others.';

create table frontdesk.availability_versions (
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    day date not null,
    version bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
    primary key (tenant_id, day)
);
comment on table frontdesk.availability_versions is
    'Counts what changed of a tenant''s slots and bookings, by their day in UTC: the name of a cached availability holds it. '
    'From the milliseconds of the clock on, so that no count comes twice, whatever was dropped or restored between.';

-- Orders

create table public.products (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    sku text not null,
    name text not null,
    unit_price frontdesk.money not null,
    currency text not null references frontdesk.currencies (code),
    is_active boolean not null default true,
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint products_tenant_id_sku_currency_key unique (tenant_id, sku, currency),
    constraint sku_is_short check (sku ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$'),
    constraint product_name_is_short check (length(name) between 1 and 200)
);
create index products_currency_idx on public.products (currency);
comment on table public.products is 'What a tenant sells, and for how much: orders are priced from here.';

-- Immutable, so that constraints may ask: an amount is the price times the count, and nothing is rounded.
create or replace function frontdesk.items_total(items jsonb) returns numeric
    language sql immutable strict parallel safe
    set search_path = ''
as $$
    select case when jsonb_typeof(items) = 'array' then (
        select sum(case
            when jsonb_typeof(i -> 'quantity') = 'number' and jsonb_typeof(i -> 'unit_price') = 'number'
             and jsonb_typeof(i -> 'amount') = 'number' and jsonb_typeof(i -> 'name') = 'string'
             and (i ->> 'quantity')::numeric between 1 and 100000
             and (i ->> 'quantity')::numeric = trunc((i ->> 'quantity')::numeric)
             and (i ->> 'unit_price')::numeric between 0 and 99999999.99
             and (i ->> 'unit_price')::numeric = round((i ->> 'unit_price')::numeric, 2)
             and (i ->> 'amount')::numeric = (i ->> 'unit_price')::numeric * (i ->> 'quantity')::numeric
            then (i ->> 'amount')::numeric
            else 'NaN'::numeric end)
        from jsonb_array_elements(items) i)
    end
$$;
comment on function frontdesk.items_total(jsonb) is
    'The sum of an order''s items {sku, name, quantity, unit_price, amount}; NaN if one is no item or its amount is wrong; '
    'null for none.';
revoke execute on function frontdesk.items_total(jsonb) from public;
grant execute on function frontdesk.items_total(jsonb) to service_role;

create table public.orders (
    id uuid primary key default gen_random_uuid(),
    order_id text not null,
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    user_id uuid references auth.users (id) on delete set null,
    customer_email text,
    items jsonb not null,
    total frontdesk.money not null,
    currency text not null default 'USD' references frontdesk.currencies (code),
    status text not null default 'pending',
    payment_method text,
    transaction_id text,
    shipping_address jsonb,
    checkout_id text,
    request_hash bytea,
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint orders_order_id_key unique (order_id),
    -- A checkout that is sent again makes no second order.
    constraint orders_tenant_id_checkout_id_key unique (tenant_id, checkout_id),
    constraint order_id_is_sortable check (order_id ~ '^ord_[0-9A-HJKMNP-TV-Z]{26}$'),
    constraint status_is_known check (status in ('pending', 'completed', 'failed', 'cancelled')),
    constraint customer_email_is_an_email check (
        customer_email ~ '^[^@[:space:]]+@[^@[:space:]]+$' and length(customer_email) <= 254
        and customer_email = lower(customer_email)),
    constraint items_are_few check (
        jsonb_typeof(items) = 'array' and jsonb_array_length(items) between 1 and 200 and octet_length(items::text) <= 100000),
    constraint total_is_that_of_the_items check (coalesce(total = frontdesk.items_total(items), false)),
    constraint payment_method_is_a_code check (payment_method ~ '^[a-z][a-z0-9_]{0,39}$'),
    constraint transaction_id_is_short check (length(transaction_id) between 1 and 200),
    constraint shipping_address_is_a_small_object check (
        jsonb_typeof(shipping_address) = 'object' and octet_length(shipping_address::text) <= 2000),
    constraint checkout_id_is_short check (length(checkout_id) between 1 and 200),
    constraint a_checkout_has_its_hash check ((checkout_id is null) = (request_hash is null))
);
create index idx_orders_tenant_id on public.orders (tenant_id, created_at desc, id desc);
create index idx_orders_user_id on public.orders (user_id, created_at desc, id desc);
create index idx_orders_customer_email on public.orders (customer_email, created_at desc, id desc);
create index idx_orders_status on public.orders (tenant_id, status, created_at desc, id desc);
create index idx_orders_created_at on public.orders (created_at);
create index orders_currency_idx on public.orders (currency);
comment on table public.orders is 'E-commerce order records';
comment on column public.orders.order_id is 'ord_ and 26 signs: the time of its creation, by which ids sort, and 80 random bits.';
comment on column public.orders.checkout_id is 'The sender''s name for the checkout; sent again under it, the order is the one that was made.';

-- Conversation scores

create table public.conversation_scores (
    id uuid primary key default gen_random_uuid(),
    session_id text not null,
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    user_id uuid references auth.users (id) on delete set null,
    score integer not null,
    version smallint not null,
    feedback text,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint conversation_scores_session_key unique (tenant_id, session_id, version),
    constraint score_is_0_to_100 check (score between 0 and 100),
    constraint version_is_counted_from_1 check (version between 1 and 1000),
    constraint session_id_is_short check (length(session_id) between 1 and 200),
    constraint feedback_is_short check (length(feedback) between 1 and 4000),
    -- Measures only: what was said is not kept here.
    constraint metadata_holds_measures check (
        jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 2000
        and not jsonb_path_exists(metadata, 'strict $.* ? (@.type() != "number" && @.type() != "boolean" && @.type() != "null")'))
);
create index idx_conversation_scores_session_id on public.conversation_scores (session_id);
create index idx_conversation_scores_tenant_id on public.conversation_scores (tenant_id, created_at desc, id desc);
create index idx_conversation_scores_created_at on public.conversation_scores (created_at);
create index idx_conversation_scores_score on public.conversation_scores (tenant_id, score);
create index conversation_scores_user_id_idx on public.conversation_scores (user_id);
comment on table public.conversation_scores is 'Conversation quality scores for analytics';
comment on column public.conversation_scores.version is 'Which version of the scoring made it: scores compare within one.';

-- Metrics

create table public.analytics_metrics (
    id uuid not null default gen_random_uuid(),
    name text not null,
    value frontdesk.reading not null,
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    tags jsonb not null default '{}',
    created_at timestamptz not null default casebase.now(),
    primary key (id, created_at),
    constraint name_is_normalised check (length(name) <= 100 and name ~ '^[a-z0-9]([a-z0-9_.:/ -]*[a-z0-9])?$'),
    -- What is shorter than 130 bytes has no seventeen keys, so most need not be counted.
    constraint tags_are_few_and_flat check (
        jsonb_typeof(tags) = 'object' and octet_length(tags::text) <= 1000
        and (octet_length(tags::text) < 130 or jsonb_array_length(jsonb_path_query_array(tags, '$.*')) <= 16)
        and not jsonb_path_exists(tags, 'strict $.* ? (@.type() == "object" || @.type() == "array")')),
    constraint created_at_is_within_bounds check (created_at >= '2000-01-01Z' and created_at < '2200-01-01Z')
) partition by range (created_at);
create table public.analytics_metrics_default partition of public.analytics_metrics default;
create index idx_analytics_metrics_name on public.analytics_metrics (tenant_id, name, created_at);
create index idx_analytics_metrics_created_at on public.analytics_metrics using brin (created_at);
create index idx_analytics_metrics_tags on public.analytics_metrics using gin (tags jsonb_path_ops);
comment on table public.analytics_metrics is 'Time-series metrics data (partitioned by month)';
comment on table public.analytics_metrics_default is
    'Where a row waits whose month has no partition yet: maintenance makes the partition and moves it. Watched; empty else.';

-- PHI events

create table public.phi_detection_events (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    user_id uuid references auth.users (id) on delete set null,
    session_id text,
    phi_type text not null,
    masked_value text,
    context text,
    action_taken text not null,
    score numeric(3, 2),
    created_at timestamptz not null default casebase.now(),
    constraint action_is_known check (action_taken in ('masked', 'blocked', 'alerted')),
    constraint phi_type_is_snake_case check (phi_type ~ '^[a-z][a-z0-9_]{0,39}$'),
    constraint session_id_is_short check (length(session_id) between 1 and 200),
    -- A mask, or a mask with the last four signs of a card or an account: never the value.
    constraint masked_value_is_a_mask check (masked_value ~ '^\[[a-z][a-z0-9_]{0,39}( …[A-Za-z0-9]{1,4})?\]$'),
    constraint context_is_short check (length(context) between 1 and 400),
    constraint score_is_0_to_1 check (score between 0 and 1)
);
create index idx_phi_events_tenant_id on public.phi_detection_events (tenant_id, created_at desc, id desc);
create index idx_phi_events_created_at on public.phi_detection_events (created_at);
create index idx_phi_events_phi_type on public.phi_detection_events (tenant_id, phi_type, created_at desc, id desc);
create index phi_detection_events_user_id_idx on public.phi_detection_events (user_id);
comment on table public.phi_detection_events is 'HIPAA PHI detection audit log';
comment on column public.phi_detection_events.context is 'What stood around it, masked as well.';

alter table public.slots enable row level security;
alter table public.bookings enable row level security;
alter table public.products enable row level security;
alter table public.orders enable row level security;
alter table public.conversation_scores enable row level security;
alter table public.analytics_metrics enable row level security;
alter table public.analytics_metrics_default enable row level security;
alter table public.phi_detection_events enable row level security;
alter table frontdesk.settings enable row level security;
alter table frontdesk.currencies enable row level security;
