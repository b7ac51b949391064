-- Judgments, their enforcement cases and everything written about them (specs/enforcement.md).
--
-- A debtor's name, telephones and assets live in the unexposed schema enrichment alone; every table of public holds ids,
-- masks and scrubbed text. A plaintiff is the house's own client, known by name. Foreign keys carry tenant_id, so no row
-- can point across tenants; those through a case also carry whose it is, so a task or a payment is its case's own party's.

create schema enforcement;
comment on schema enforcement is 'Implementation of the enforcement module, its settings and imports. Not exposed.';
create schema judgments;
comment on schema judgments is 'The court''s side of each judgment: docket and scores. Not exposed.';
create schema enrichment;
comment on schema enrichment is 'Who and where debtors and plaintiffs are: the home of the module''s personal data. Not exposed.';
revoke all on schema enforcement, judgments, enrichment from public;
grant usage on schema enforcement to anon, authenticated, service_role;
grant usage on schema judgments to authenticated, service_role;
grant usage on schema enrichment to service_role;
alter default privileges in schema enforcement revoke execute on functions from public;

-- NaN and infinity compare greater than every number, so an upper bound refuses them; `> 0` alone would not.
create domain enforcement.money as numeric(12, 2)
    constraint money_is_within_bounds check (value >= 0 and value <= 1000000000);
comment on domain enforcement.money is 'US dollars and cents, from 0 to a thousand million.';

create domain enforcement.score as numeric(5, 2)
    constraint score_is_0_to_100 check (value >= 0 and value <= 100);
comment on domain enforcement.score is 'A score from 0 to 100, with two decimals.';

create type public.enforcement_case_status as enum ('open', 'satisfied', 'uncollectible', 'withdrawn');
create type public.enforcement_event_kind as enum (
    'asset_search_requested', 'asset_search_completed',
    'bank_levy_filed', 'bank_levy_served', 'bank_levy_released',
    'garnishment_order_signed', 'garnishment_served', 'garnishment_remittance',
    'subpoena_issued', 'subpoena_complied',
    'marshal_assigned', 'marshal_attempted', 'marshal_result',
    'case_stage_changed', 'payment_received', 'note'
);
create type public.enforcement_actor_type as enum ('user', 'automation', 'rpc');
-- Declared from the most to the least pressing: the type's own order is the ranking.
create type public.judgment_priority_level as enum ('urgent', 'high', 'normal', 'low', 'on_hold');
create type public.plaintiff_task_status as enum ('open', 'done', 'cancelled');

-- What an operator of the installation may change

create table public.enforcement_stage_lookup (
    stage text primary key,
    ordinal int not null,
    description text not null,
    sla_days int,
    constraint enforcement_stage_lookup_ordinal_key unique (ordinal),
    constraint stage_is_snake_case check (stage ~ '^[a-z][a-z_]{1,39}$'),
    constraint sla_days_are_within_a_year check (sla_days between 1 and 365)
);
comment on table public.enforcement_stage_lookup is
    'The stages of a case in order, and after how many days each calls for the next action. Rows, so they can be changed.';

create table public.enforcement_tier_lookup (
    tier text primary key,
    min_score enforcement.score not null,
    max_score enforcement.score not null,
    description text not null,
    constraint tier_is_named check (tier ~ '^tier[0-9]$'),
    constraint max_score_not_below_min_score check (max_score >= min_score),
    constraint scores_belong_to_one_tier exclude using gist (numrange(min_score, max_score, '[]') with &&)
);
comment on table public.enforcement_tier_lookup is
    'The tiers by collectability score, both bounds included. Rows, so they can be changed; a score has one tier.';

create table enforcement.event_kinds (
    event_kind public.enforcement_event_kind primary key,
    needs_document boolean not null,
    workflow text,
    status text,
    is_alerted boolean not null default false,
    constraint event_kinds_event_kind_needs_document_key unique (event_kind, needs_document),
    constraint workflow_is_known check (workflow in ('levy', 'garnishment', 'marshal')),
    constraint workflow_has_a_status check ((workflow is null) = (status is null))
);
comment on table enforcement.event_kinds is
    'What an event means: whether a document proves it, which workflow''s status it sets, whether people are alerted.';

create table enforcement.playbook (
    tier text not null references public.enforcement_tier_lookup (tier),
    position int not null,
    action_type text not null,
    from_stage text not null references public.enforcement_stage_lookup (stage),
    primary key (tier, position),
    constraint playbook_tier_action_type_key unique (tier, action_type),
    constraint action_type_is_known check (action_type in ('bank_levy', 'garnishment', 'subpoena', 'marshal'))
);
create index playbook_from_stage_idx on enforcement.playbook (from_stage);
comment on table enforcement.playbook is 'Which actions a tier''s cases take, in order, and from which stage on.';

create table enforcement.settings (
    tenant_id uuid primary key references public.tenants (id) on delete cascade,
    allow_anonymous_rpc boolean not null default false,
    anonymous_calls_per_minute int not null default 30,
    is_call_rule_enabled boolean not null default true,
    calls_per_window int not null default 7,
    call_window_days int not null default 7,
    quiet_days_after_conversation int not null default 7,
    time_zone text not null default 'America/New_York',
    updated_at timestamptz not null default casebase.now(),
    constraint anonymous_calls_are_few check (anonymous_calls_per_minute between 1 and 10000),
    constraint call_rule_is_within_bounds check (
        calls_per_window between 1 and 100 and call_window_days between 1 and 60
        and quiet_days_after_conversation between 0 and 60),
    constraint time_zone_is_short check (length(time_zone) between 1 and 60)
);
comment on table enforcement.settings is 'What a tenant decides for itself; one without a row has the defaults.';

-- People and firms

create table enrichment.entities (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant() references public.tenants (id),
    kind text not null,
    name text not null,
    name_key text not null,
    discriminator text not null default '',
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint entities_id_tenant_id_key unique (id, tenant_id),
    constraint one_row_an_entity unique (tenant_id, kind, name_key, discriminator),
    constraint kind_is_known check (kind in ('person', 'company')),
    constraint name_is_short check (length(name) between 1 and 200)
);
comment on table enrichment.entities is
    'People and companies, each once a tenant. discriminator tells apart those of one name (a postcode, a registration).';

create table public.plaintiffs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant() references public.tenants (id),
    entity_id uuid,
    name text not null,
    status text not null default 'new',
    source text not null default 'manual',
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint plaintiffs_id_tenant_id_key unique (id, tenant_id),
    constraint plaintiffs_entity_fkey foreign key (entity_id, tenant_id) references enrichment.entities (id, tenant_id),
    constraint one_plaintiff_an_entity unique (entity_id, tenant_id),
    constraint name_is_short check (length(name) between 1 and 200),
    constraint status_is_snake_case check (status ~ '^[a-z][a-z_]{0,39}$'),
    constraint source_is_snake_case check (source ~ '^[a-z][a-z0-9_]{0,39}$')
);
create index plaintiffs_tenant_id_idx on public.plaintiffs (tenant_id);
comment on table public.plaintiffs is 'The house''s clients: who won a judgment and wants it enforced.';
comment on column public.plaintiffs.status is 'new, or the bucket of the latest call''s outcome (enforcement.call_outcomes).';

create table public.judgments (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant() references public.tenants (id),
    plaintiff_id uuid not null,
    defendant_entity_id uuid,
    defendant_mask text not null default 'Unknown',
    judgment_amount enforcement.money not null,
    balance_due enforcement.money not null,
    judgment_date date,
    priority_level public.judgment_priority_level not null default 'normal',
    source text not null default 'manual',
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint judgments_id_tenant_id_key unique (id, tenant_id),
    constraint judgments_plaintiff_key unique (id, tenant_id, plaintiff_id),
    constraint judgments_ranking_key unique (id, tenant_id, priority_level, judgment_amount),
    constraint judgments_plaintiff_fkey foreign key (plaintiff_id, tenant_id) references public.plaintiffs (id, tenant_id),
    constraint judgments_defendant_fkey foreign key (defendant_entity_id, tenant_id)
        references enrichment.entities (id, tenant_id),
    constraint judgment_amount_is_positive check (judgment_amount > 0),
    constraint judgment_date_is_plausible check (judgment_date between '1900-01-01' and '2200-01-01'),
    constraint source_is_snake_case check (source ~ '^[a-z][a-z0-9_]{0,39}$')
);
create index judgments_plaintiff_id_tenant_id_idx on public.judgments (plaintiff_id, tenant_id);
create index judgments_defendant_entity_id_tenant_id_idx on public.judgments (defendant_entity_id, tenant_id);
create index judgments_tenant_id_idx on public.judgments (tenant_id);
comment on table public.judgments is 'What a court awarded and what is still due. The debtor is an id and initials.';

create table judgments.cases (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    judgment_id uuid not null,
    case_number text not null,
    court text not null default '',
    county text not null default '',
    state text not null default '',
    priority_level public.judgment_priority_level not null,
    judgment_amount enforcement.money not null,
    collectability_score enforcement.score,
    collectability_tier text not null default 'tier0' references public.enforcement_tier_lookup (tier),
    identity_score enforcement.score,
    contactability_score enforcement.score,
    asset_score enforcement.score,
    recency_amount_score enforcement.score,
    adverse_penalty enforcement.score,
    enrichment_summary text,
    last_enriched_at timestamptz,
    last_scored_at timestamptz,
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint cases_id_tenant_id_key unique (id, tenant_id),
    constraint cases_ranking_fkey foreign key (judgment_id, tenant_id, priority_level, judgment_amount)
        references public.judgments (id, tenant_id, priority_level, judgment_amount) on update cascade,
    constraint one_case_a_judgment unique (judgment_id, tenant_id),
    constraint one_row_a_docket unique (tenant_id, state, county, court, case_number),
    constraint case_number_is_short check (length(case_number) between 1 and 80),
    constraint court_is_short check (length(court) <= 120),
    constraint county_is_short check (length(county) <= 80),
    constraint state_is_two_letters check (state = '' or state ~ '^[A-Z]{2}$'),
    constraint enrichment_summary_is_short check (length(enrichment_summary) <= 4000)
);
create index cases_collectability_tier_idx on judgments.cases (collectability_tier);
create index cases_judgment_ranking_idx on judgments.cases (judgment_id, tenant_id, priority_level, judgment_amount);
comment on table judgments.cases is 'The docket of each judgment, its scores, and how it ranks.';
comment on constraint cases_ranking_fkey on judgments.cases is
    'priority_level and judgment_amount are the judgment''s own, kept equal by this key, so that one index ranks a tier.';

create table enrichment.contacts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    case_id uuid,
    plaintiff_id uuid,
    kind text not null,
    value text not null,
    value_key text not null,
    label text,
    sources text[] not null,
    confidence numeric(4, 3),
    is_do_not_contact boolean not null default false,
    metadata jsonb not null default '{}',
    first_seen_at timestamptz not null default casebase.now(),
    last_seen_at timestamptz not null default casebase.now(),
    constraint contacts_case_fkey foreign key (case_id, tenant_id) references judgments.cases (id, tenant_id) on delete cascade,
    constraint contacts_plaintiff_fkey foreign key (plaintiff_id, tenant_id)
        references public.plaintiffs (id, tenant_id) on delete cascade,
    constraint one_row_a_debtors_contact unique (case_id, kind, value_key),
    constraint one_row_a_plaintiffs_contact unique (plaintiff_id, kind, value_key),
    constraint contact_is_of_one_party check (num_nonnulls(case_id, plaintiff_id) = 1),
    constraint kind_is_known check (kind in ('phone', 'email', 'address')),
    constraint a_source_says_it check (cardinality(sources) > 0),
    constraint confidence_is_a_share check (confidence between 0 and 1),
    constraint value_is_short check (length(value) between 1 and 500),
    constraint metadata_is_an_object check (jsonb_typeof(metadata) = 'object')
);
create index contacts_case_id_tenant_id_idx on enrichment.contacts (case_id, tenant_id);
create index contacts_plaintiff_id_tenant_id_idx on enrichment.contacts (plaintiff_id, tenant_id);
comment on table enrichment.contacts is 'How a debtor (by case) or a plaintiff is reached. Service role only.';

create table enrichment.assets (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    case_id uuid not null,
    kind text not null,
    description text not null,
    asset_key text not null,
    estimated_value enforcement.money,
    sources text[] not null,
    confidence numeric(4, 3),
    metadata jsonb not null default '{}',
    first_seen_at timestamptz not null default casebase.now(),
    last_seen_at timestamptz not null default casebase.now(),
    constraint assets_case_fkey foreign key (case_id, tenant_id) references judgments.cases (id, tenant_id) on delete cascade,
    constraint one_row_an_asset unique (case_id, kind, asset_key),
    constraint kind_is_known check (kind in ('bank', 'employer', 'real_property', 'vehicle', 'business', 'other')),
    constraint a_source_says_it check (cardinality(sources) > 0),
    constraint confidence_is_a_share check (confidence between 0 and 1),
    constraint description_is_short check (length(description) between 1 and 500),
    constraint metadata_is_an_object check (jsonb_typeof(metadata) = 'object')
);
create index assets_case_id_tenant_id_idx on enrichment.assets (case_id, tenant_id);
comment on table enrichment.assets is 'What a debtor owns or earns, as vendors report it. Service role only.';

-- Cases

create table public.enforcement_cases (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant() references public.tenants (id),
    judgment_id uuid not null,
    plaintiff_id uuid not null,
    -- Letters only: eight digits would look like a telephone number.
    reference text collate "C" generated always as (
        'E-' || translate(upper(left(id::text, 8)), '9876543210', 'SRQPNMKJHG')) stored,
    status public.enforcement_case_status not null default 'open',
    current_stage text not null default 'pre_enforcement' references public.enforcement_stage_lookup (stage),
    stage_entered_at timestamptz not null default casebase.now(),
    next_action_at timestamptz,
    tier text not null default 'tier0' references public.enforcement_tier_lookup (tier),
    tier_reason text not null default 'opened',
    tier_as_of timestamptz not null default casebase.now(),
    tier_override text references public.enforcement_tier_lookup (tier),
    override_expires_at timestamptz,
    override_note text,
    collectability_score enforcement.score,
    asset_flags jsonb not null default '{}',
    levy_status text,
    garnishment_status text,
    marshal_status text,
    opening_balance enforcement.money not null,
    current_balance enforcement.money not null,
    notes text,
    created_by text not null,
    opened_at timestamptz not null default casebase.now(),
    closed_at timestamptz,
    closure_reason text,
    updated_at timestamptz not null default casebase.now(),
    constraint enforcement_cases_id_tenant_id_key unique (id, tenant_id),
    constraint enforcement_cases_plaintiff_key unique (id, tenant_id, plaintiff_id),
    constraint enforcement_cases_judgment_key unique (id, tenant_id, judgment_id),
    constraint enforcement_cases_judgment_fkey foreign key (judgment_id, tenant_id, plaintiff_id)
        references public.judgments (id, tenant_id, plaintiff_id),
    constraint enforcement_cases_plaintiff_fkey foreign key (plaintiff_id, tenant_id)
        references public.plaintiffs (id, tenant_id),
    constraint closed_at_tells_the_status check ((closed_at is null) = (status = 'open')),
    constraint closed_at_tells_the_stage check ((closed_at is null) = (current_stage <> 'closed')),
    constraint closed_at_not_before_opened_at check (closed_at >= opened_at),
    constraint closed_cases_await_nothing check (closed_at is null or next_action_at is null),
    constraint override_has_an_end check ((tier_override is null) = (override_expires_at is null)),
    constraint current_balance_not_above_opening check (current_balance <= opening_balance),
    constraint asset_flags_are_an_object check (jsonb_typeof(asset_flags) = 'object'),
    constraint notes_are_short check (length(notes) <= 10000),
    constraint override_note_is_short check (length(override_note) <= 2000),
    constraint closure_reason_is_short check (length(closure_reason) <= 2000),
    constraint statuses_are_snake_case check (
        levy_status ~ '^[a-z][a-z_]{0,39}$' and garnishment_status ~ '^[a-z][a-z_]{0,39}$'
        and marshal_status ~ '^[a-z][a-z_]{0,39}$')
);
create unique index one_open_case_a_judgment on public.enforcement_cases (judgment_id, tenant_id) where closed_at is null;
create index enforcement_cases_current_stage_tier_idx on public.enforcement_cases (current_stage, tier) where closed_at is null;
create index enforcement_cases_tenant_id_opened_at_idx on public.enforcement_cases (tenant_id, opened_at desc, id);
create index enforcement_cases_judgment_id_tenant_id_plaintiff_id_idx
    on public.enforcement_cases (judgment_id, tenant_id, plaintiff_id);
create index enforcement_cases_plaintiff_id_tenant_id_idx on public.enforcement_cases (plaintiff_id, tenant_id);
create index enforcement_cases_tier_idx on public.enforcement_cases (tier);
create index enforcement_cases_override_expires_at_idx
    on public.enforcement_cases (override_expires_at) where tier_override is not null;
create index enforcement_cases_tier_override_idx on public.enforcement_cases (tier_override) where tier_override is not null;
comment on table public.enforcement_cases is 'The enforcement of a judgment: one open case each, its stage, tier and balance.';
comment on column public.enforcement_cases.tier is 'In effect: the override while it lasts, else by collectability_score.';
comment on column public.enforcement_cases.next_action_at is 'When the console should show the case again; past it the stage''s SLA is breached.';

create table public.plaintiff_tasks (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    plaintiff_id uuid not null,
    enforcement_case_id uuid,
    kind text not null,
    status public.plaintiff_task_status not null default 'open',
    title text not null,
    due_at timestamptz not null default casebase.now(),
    metadata jsonb not null default '{}',
    created_by text not null,
    created_at timestamptz not null default casebase.now(),
    closed_at timestamptz,
    closed_by text,
    updated_at timestamptz not null default casebase.now(),
    constraint plaintiff_tasks_id_tenant_id_key unique (id, tenant_id),
    constraint plaintiff_tasks_plaintiff_fkey foreign key (plaintiff_id, tenant_id)
        references public.plaintiffs (id, tenant_id) on delete cascade,
    constraint plaintiff_tasks_case_fkey foreign key (enforcement_case_id, tenant_id, plaintiff_id)
        references public.enforcement_cases (id, tenant_id, plaintiff_id) on delete cascade,
    constraint kind_is_snake_case check (kind ~ '^[a-z][a-z_]{0,39}$'),
    constraint title_is_short check (length(title) between 1 and 200),
    constraint closed_at_tells_the_status check ((closed_at is null) = (status = 'open')),
    constraint metadata_is_an_object check (jsonb_typeof(metadata) = 'object')
);
create index plaintiff_tasks_plaintiff_id_tenant_id_idx on public.plaintiff_tasks (plaintiff_id, tenant_id, kind, status);
create index plaintiff_tasks_enforcement_case_id_idx
    on public.plaintiff_tasks (enforcement_case_id, tenant_id, plaintiff_id) where enforcement_case_id is not null;
create index plaintiff_tasks_tenant_id_kind_due_at_idx
    on public.plaintiff_tasks (tenant_id, kind, due_at, id) where status = 'open';
comment on table public.plaintiff_tasks is 'What somebody has to do for a plaintiff or a case: a call, a review.';

create table public.enforcement_events (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    enforcement_case_id uuid not null,
    event_kind public.enforcement_event_kind not null,
    needs_document boolean not null,
    document_path text,
    related_task_id uuid,
    payload jsonb not null default '{}',
    actor text not null,
    actor_type public.enforcement_actor_type not null,
    occurred_at timestamptz not null default casebase.now(),
    created_at timestamptz not null default casebase.now(),
    position bigint generated always as identity,
    constraint enforcement_events_id_tenant_id_key unique (id, tenant_id),
    constraint enforcement_events_case_fkey foreign key (enforcement_case_id, tenant_id)
        references public.enforcement_cases (id, tenant_id) on delete cascade,
    constraint enforcement_events_task_fkey foreign key (related_task_id, tenant_id)
        references public.plaintiff_tasks (id, tenant_id),
    constraint enforcement_events_kind_fkey foreign key (event_kind, needs_document)
        references enforcement.event_kinds (event_kind, needs_document) on update cascade,
    constraint filings_have_a_document check (document_path is not null or not needs_document),
    constraint document_path_is_a_key check (
        length(document_path) between 1 and 400 and document_path !~ '(^/|//|(^|/)\.\.?(/|$)|[[:cntrl:]\\])'),
    -- Files of our own store begin with the tenant: nobody's event may point at another's file.
    constraint document_is_the_tenants check (
        document_path !~ '^enforcement/' or starts_with(document_path, 'enforcement/' || tenant_id || '/')),
    constraint payload_is_an_object check (jsonb_typeof(payload) = 'object'),
    constraint actor_is_short check (length(actor) between 1 and 120)
);
create index enforcement_events_case_occurred_at_idx
    on public.enforcement_events (enforcement_case_id, tenant_id, occurred_at desc, position desc);
create index enforcement_events_related_task_id_idx
    on public.enforcement_events (related_task_id, tenant_id) where related_task_id is not null;
create index enforcement_events_kind_idx on public.enforcement_events (event_kind, needs_document);
comment on table public.enforcement_events is 'What happened to a case, append-only: filings, services, payments, stage changes.';
comment on column public.enforcement_events.needs_document is 'The kind''s own (enforcement.event_kinds), so that a constraint can ask for the document.';
comment on column public.enforcement_events.document_path is 'Key of the file in the file store; never a URL.';

create table public.enforcement_history (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    enforcement_case_id uuid not null,
    change text not null,
    delta jsonb not null default '{}',
    note text,
    actor text not null,
    actor_type public.enforcement_actor_type not null,
    created_at timestamptz not null default casebase.now(),
    position bigint generated always as identity,
    constraint enforcement_history_case_fkey foreign key (enforcement_case_id, tenant_id)
        references public.enforcement_cases (id, tenant_id) on delete cascade,
    constraint change_is_snake_case check (change ~ '^[a-z][a-z_]{0,39}$'),
    constraint delta_is_an_object check (jsonb_typeof(delta) = 'object'),
    constraint note_is_short check (length(note) <= 4000),
    constraint actor_is_short check (length(actor) between 1 and 120)
);
create index enforcement_history_case_created_at_idx
    on public.enforcement_history (enforcement_case_id, tenant_id, created_at desc, position desc);
create index enforcement_history_tenant_id_created_at_idx
    on public.enforcement_history (tenant_id, created_at desc, position desc);
comment on table public.enforcement_history is 'Every change of a case, append-only: delta holds {field: {from, to}}.';

create table public.enforcement_actions (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    enforcement_case_id uuid not null,
    action_type text not null,
    status text not null,
    status_reason text,
    opened_at timestamptz not null default casebase.now(),
    closed_at timestamptz,
    metadata jsonb not null default '{}',
    created_by text not null,
    updated_by text,
    updated_at timestamptz not null default casebase.now(),
    constraint enforcement_actions_id_tenant_id_key unique (id, tenant_id),
    constraint enforcement_actions_case_fkey foreign key (enforcement_case_id, tenant_id)
        references public.enforcement_cases (id, tenant_id) on delete cascade,
    constraint action_type_is_known check (action_type in ('bank_levy', 'garnishment', 'subpoena', 'marshal')),
    constraint status_is_snake_case check (status ~ '^[a-z][a-z_]{0,39}$'),
    constraint closed_at_tells_the_status check ((closed_at is null) = (status not in ('completed', 'cancelled'))),
    constraint status_reason_is_short check (length(status_reason) <= 2000),
    constraint metadata_is_an_object check (jsonb_typeof(metadata) = 'object')
);
create index enforcement_actions_case_action_type_status_idx
    on public.enforcement_actions (enforcement_case_id, action_type, status);
create unique index one_open_action_of_a_type
    on public.enforcement_actions (enforcement_case_id, action_type) where closed_at is null;
create index enforcement_actions_case_id_tenant_id_idx on public.enforcement_actions (enforcement_case_id, tenant_id);
comment on table public.enforcement_actions is 'Long-running workflows of a case: levy, garnishment, subpoena, marshal.';

create table public.enforcement_documents (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    enforcement_case_id uuid not null,
    event_id uuid,
    doc_kind text not null,
    storage_path text not null,
    uploaded_by text not null,
    uploaded_at timestamptz not null default casebase.now(),
    metadata jsonb not null default '{}',
    constraint enforcement_documents_id_tenant_id_key unique (id, tenant_id),
    constraint enforcement_documents_case_fkey foreign key (enforcement_case_id, tenant_id)
        references public.enforcement_cases (id, tenant_id) on delete cascade,
    constraint enforcement_documents_event_fkey foreign key (event_id, tenant_id)
        references public.enforcement_events (id, tenant_id),
    constraint doc_kind_is_snake_case check (doc_kind ~ '^[a-z][a-z_]{0,39}$'),
    constraint storage_path_is_a_key check (
        length(storage_path) between 1 and 400 and storage_path !~ '(^/|//|(^|/)\.\.?(/|$)|[[:cntrl:]\\])'),
    constraint document_is_the_tenants check (
        storage_path !~ '^enforcement/' or starts_with(storage_path, 'enforcement/' || tenant_id || '/')),
    constraint metadata_is_an_object check (jsonb_typeof(metadata) = 'object')
);
create index enforcement_documents_case_idx on public.enforcement_documents (enforcement_case_id, tenant_id, uploaded_at desc);
create index enforcement_documents_event_id_idx on public.enforcement_documents (event_id, tenant_id) where event_id is not null;
comment on table public.enforcement_documents is 'Filings and evidence of a case; the files are in the file store.';

create table public.enforcement_payments (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    enforcement_case_id uuid not null,
    judgment_id uuid not null,
    event_id uuid not null,
    amount enforcement.money not null,
    balance_after enforcement.money not null,
    received_at timestamptz not null,
    source text not null,
    reference text,
    document_path text,
    recorded_by text not null,
    created_at timestamptz not null default casebase.now(),
    constraint enforcement_payments_case_fkey foreign key (enforcement_case_id, tenant_id, judgment_id)
        references public.enforcement_cases (id, tenant_id, judgment_id) on delete cascade,
    constraint enforcement_payments_judgment_fkey foreign key (judgment_id, tenant_id)
        references public.judgments (id, tenant_id),
    constraint enforcement_payments_event_fkey foreign key (event_id, tenant_id)
        references public.enforcement_events (id, tenant_id) on delete cascade,
    constraint a_payment_is_recorded_once unique (tenant_id, source, reference),
    constraint amount_is_positive check (amount > 0),
    constraint source_is_snake_case check (source ~ '^[a-z][a-z0-9_]{0,39}$'),
    constraint reference_is_short check (length(reference) between 1 and 120)
);
create index enforcement_payments_case_idx on public.enforcement_payments (enforcement_case_id, tenant_id, judgment_id);
create index enforcement_payments_judgment_id_idx on public.enforcement_payments (judgment_id, tenant_id);
create index enforcement_payments_event_id_idx on public.enforcement_payments (event_id, tenant_id);
comment on table public.enforcement_payments is 'Money received on a case, append-only; a source''s reference counts once.';

-- Calls

create table enforcement.call_outcomes (
    outcome text primary key,
    label text not null,
    is_terminal boolean not null,
    is_conversation boolean not null,
    is_consent boolean not null default false,
    position int not null,
    constraint call_outcomes_position_key unique (position),
    constraint outcome_is_snake_case check (outcome ~ '^[a-z][a-z_]{0,39}$')
);
comment on table enforcement.call_outcomes is
    'The buckets a call''s outcome falls into. Terminal ones end the calling; is_consent: the person asked for the next call.';

create table enforcement.call_outcome_aliases (
    alias text primary key,
    outcome text not null references enforcement.call_outcomes (outcome) on delete cascade,
    constraint alias_is_snake_case check (alias ~ '^[a-z][a-z0-9_]{0,59}$')
);
create index call_outcome_aliases_outcome_idx on enforcement.call_outcome_aliases (outcome);
comment on table enforcement.call_outcome_aliases is 'Other words for an outcome; "reached" with an interest is reached_<interest>.';

create table public.plaintiff_call_attempts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    plaintiff_id uuid not null,
    task_id uuid,
    outcome text not null references enforcement.call_outcomes (outcome),
    is_conversation boolean not null,
    interest text,
    notes text,
    follow_up_at timestamptz,
    called_at timestamptz not null default casebase.now(),
    called_by text not null,
    constraint plaintiff_call_attempts_plaintiff_fkey foreign key (plaintiff_id, tenant_id)
        references public.plaintiffs (id, tenant_id) on delete cascade,
    constraint plaintiff_call_attempts_task_fkey foreign key (task_id, tenant_id)
        references public.plaintiff_tasks (id, tenant_id) on delete cascade,
    constraint one_attempt_a_task unique (task_id, tenant_id),
    constraint interest_is_known check (interest in ('hot', 'warm', 'cold', 'none')),
    constraint notes_are_short check (length(notes) <= 4000)
);
create index plaintiff_call_attempts_plaintiff_called_at_idx
    on public.plaintiff_call_attempts (plaintiff_id, tenant_id, called_at desc);
create index plaintiff_call_attempts_outcome_idx on public.plaintiff_call_attempts (outcome);
comment on table public.plaintiff_call_attempts is 'Each call to a plaintiff and how it ended, append-only. Service role only.';

create table public.plaintiff_status_history (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    plaintiff_id uuid not null,
    previous_status text not null,
    status text not null,
    reason text not null,
    changed_by text not null,
    changed_at timestamptz not null default casebase.now(),
    position bigint generated always as identity,
    constraint plaintiff_status_history_plaintiff_fkey foreign key (plaintiff_id, tenant_id)
        references public.plaintiffs (id, tenant_id) on delete cascade,
    constraint status_is_snake_case check (status ~ '^[a-z][a-z_]{0,39}$')
);
create index plaintiff_status_history_plaintiff_changed_at_idx
    on public.plaintiff_status_history (plaintiff_id, tenant_id, changed_at desc, position desc);
comment on table public.plaintiff_status_history is 'How a plaintiff''s status came about, append-only.';

-- What the workers write

create table public.case_copilot_outputs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    enforcement_case_id uuid not null,
    job_id bigint not null,
    model text not null,
    is_extractive boolean not null,
    summary text not null,
    sources jsonb not null default '[]',
    requested_by text not null,
    requested_at timestamptz not null,
    created_at timestamptz not null default casebase.now(),
    constraint case_copilot_outputs_case_fkey foreign key (enforcement_case_id, tenant_id)
        references public.enforcement_cases (id, tenant_id) on delete cascade,
    constraint one_output_a_job unique (job_id),
    constraint summary_is_short check (length(summary) between 1 and 20000),
    constraint sources_are_an_array check (jsonb_typeof(sources) = 'array')
);
create index case_copilot_outputs_case_created_at_idx
    on public.case_copilot_outputs (enforcement_case_id, tenant_id, created_at desc);
comment on table public.case_copilot_outputs is 'What the copilot said about a case, and from which rows. Service role only.';

create table enforcement.event_outbox (
    event_id uuid primary key,
    tenant_id uuid not null,
    created_at timestamptz not null default casebase.now(),
    attempts int not null default 0,
    next_try_at timestamptz not null default casebase.now(),
    constraint event_outbox_event_fkey foreign key (event_id, tenant_id)
        references public.enforcement_events (id, tenant_id) on delete cascade
);
create index event_outbox_next_try_at_idx on enforcement.event_outbox (next_try_at, created_at);
create index event_outbox_event_id_tenant_id_idx on enforcement.event_outbox (event_id, tenant_id);
comment on table enforcement.event_outbox is 'Events not yet fanned out: NOTIFY only wakes, this remembers.';
comment on column enforcement.event_outbox.attempts is 'How often telling of it failed; each failure puts it off for longer.';

create table enforcement.anonymous_calls (
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    minute timestamptz not null,
    call_count int not null,
    primary key (tenant_id, minute)
);
comment on table enforcement.anonymous_calls is 'How many calls without a token a tenant has taken, by the minute.';

create table enforcement.import_runs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id),
    source text not null default 'simplicity',
    file_name text not null,
    file_sha256 text not null,
    status text not null default 'loading',
    row_count int not null default 0,
    created_by text not null,
    started_at timestamptz not null default casebase.now(),
    finished_at timestamptz,
    constraint import_runs_id_tenant_id_key unique (id, tenant_id),
    constraint a_file_is_one_run unique (tenant_id, source, file_sha256),
    constraint file_sha256_is_hex check (file_sha256 ~ '^[0-9a-f]{64}$'),
    constraint file_name_is_short check (length(file_name) between 1 and 255),
    constraint status_is_known check (status in ('loading', 'loaded', 'finished', 'expired')),
    constraint finished_at_tells_the_status check ((finished_at is null) = (status in ('loading', 'loaded')))
);
create index import_runs_tenant_id_started_at_idx on enforcement.import_runs (tenant_id, started_at desc);
comment on table enforcement.import_runs is 'Each vendor file read, known by its content.';

create table enforcement.import_rows (
    run_id uuid not null,
    tenant_id uuid not null,
    row_number int not null,
    raw jsonb,
    status text not null default 'staged',
    reasons text[] not null default '{}',
    judgment_id uuid,
    primary key (run_id, row_number),
    constraint import_rows_run_fkey foreign key (run_id, tenant_id)
        references enforcement.import_runs (id, tenant_id) on delete cascade,
    constraint import_rows_judgment_fkey foreign key (judgment_id, tenant_id)
        references public.judgments (id, tenant_id) on delete set null (judgment_id),
    constraint status_is_known check (status in ('staged', 'created', 'known', 'rejected')),
    constraint rejected_rows_have_reasons check ((status = 'rejected') = (reasons <> '{}')),
    constraint row_number_starts_at_one check (row_number >= 1)
);
create index import_rows_staged_idx on enforcement.import_rows (run_id, row_number) where status = 'staged';
create index import_rows_rejected_idx on enforcement.import_rows (run_id, row_number) where status = 'rejected';
create index import_rows_raw_idx on enforcement.import_rows (run_id, row_number) where raw is not null;
create index import_rows_judgment_id_idx on enforcement.import_rows (judgment_id, tenant_id) where judgment_id is not null;
create index import_rows_run_id_tenant_id_idx on enforcement.import_rows (run_id, tenant_id);
comment on table enforcement.import_rows is
    'The rows of a run; raw is emptied once a row is in, and for rejected ones when retention comes.';

alter table public.enforcement_stage_lookup enable row level security;
alter table public.enforcement_tier_lookup enable row level security;
alter table public.plaintiffs enable row level security;
alter table public.judgments enable row level security;
alter table judgments.cases enable row level security;
alter table public.enforcement_cases enable row level security;
alter table public.plaintiff_tasks enable row level security;
alter table public.enforcement_events enable row level security;
alter table public.enforcement_history enable row level security;
alter table public.enforcement_actions enable row level security;
alter table public.enforcement_documents enable row level security;
alter table public.enforcement_payments enable row level security;
alter table public.plaintiff_call_attempts enable row level security;
alter table public.plaintiff_status_history enable row level security;
alter table public.case_copilot_outputs enable row level security;
