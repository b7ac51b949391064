-- What a case gathers after its form: notes, conversations, what the AI was shown and said, why it ended as it did.

create type public.scenario_decision_reason as enum (
    'lower_instalment', 'lower_total_cost', 'penalty_avoided', 'less_hassle', 'not_affordable', 'rate_outlook',
    'property_sale', 'no_reply', 'other'
);
create type public.scenario_hurdle as enum (
    'lock_in_penalty', 'clawback', 'servicing_ratio', 'documents', 'valuation', 'legal_fees', 'timing', 'approval'
);
create type public.scenario_ai_entry_type as enum ('shown', 'said', 'decided');

alter table public.scenario_cases
    add column notes text constraint notes_are_short check (length(notes) <= 10000);
comment on column public.scenario_cases.notes is 'What staff noted, scrubbed of personal data.';

alter table public.scenario_outcomes
    add column decision_reason public.scenario_decision_reason,
    add column hurdles public.scenario_hurdle[] not null default '{}';
comment on column public.scenario_outcomes.decision_reason is 'Why, as one of few words: what publishing may tell.';

create table public.scenario_ai_ledger (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant(),
    case_id uuid not null,
    entry_type public.scenario_ai_entry_type not null,
    model text not null,
    prompt_hash text not null,
    content_json jsonb not null,
    created_at timestamptz not null default casebase.now(),
    position bigint generated always as identity,
    constraint scenario_ai_ledger_case_fkey foreign key (case_id, tenant_id)
        references public.scenario_cases (id, tenant_id),
    constraint model_is_named check (length(model) between 1 and 120),
    constraint prompt_hash_is_sha256 check (prompt_hash ~ '^[0-9a-f]{64}$'),
    constraint content_is_an_object check (jsonb_typeof(content_json) = 'object')
);
create index scenario_ai_ledger_case_id_idx on public.scenario_ai_ledger (case_id, tenant_id, position);
comment on table public.scenario_ai_ledger is
    'The response-awareness ledger: what the AI was shown, said and decided, scrubbed. Append-only.';
alter table public.scenario_ai_ledger enable row level security;

create table mortgage.conversations (
    tenant_id uuid not null,
    conversation_id text not null,
    case_id uuid not null,
    created_at timestamptz not null default casebase.now(),
    primary key (tenant_id, conversation_id),
    constraint conversations_case_fkey foreign key (case_id, tenant_id)
        references public.scenario_cases (id, tenant_id),
    constraint conversation_id_is_opaque check (conversation_id ~ '^[A-Za-z0-9][A-Za-z0-9_:-]{0,127}$')
);
create index conversations_case_id_idx on mortgage.conversations (case_id, tenant_id);
comment on table mortgage.conversations is 'Which chat belongs to which case. The chat system''s id can lead to a person, so no client reads it.';

create table mortgage.settings (
    tenant_id uuid primary key references public.tenants (id) on delete cascade,
    is_reveal_enabled boolean not null default false,
    high_value_loan mortgage.money not null default 1000000,
    retention_risk_savings mortgage.money not null default 5000,
    updated_at timestamptz not null default casebase.now()
);
comment on table mortgage.settings is 'What a tenant decided for itself; one without a row has the defaults.';
