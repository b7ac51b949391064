-- Mortgage scenario cases (the specification's section 3) with their contact and consent stores.
--
-- Personal data lives in leads alone; bank names and actual rates in the unexposed schema mortgage alone. Every
-- scenario table holds initials and masks. Foreign keys carry tenant_id, so no row can point across tenants; they
-- lead with case_id, which every query of a case's children has.

create schema mortgage;
comment on schema mortgage is
    'Implementation of the mortgage module, and what no client may read: bank names, actual rates. Not exposed.';
revoke all on schema mortgage from public;
grant usage on schema mortgage to authenticated, service_role;
alter default privileges in schema mortgage revoke execute on functions from public;

-- NaN and infinity compare greater than every number, so an upper bound refuses them; `> 0` alone would not.
create domain mortgage.money as numeric
    constraint money_is_cents_within_bounds check (value >= 0 and value <= 1000000000 and value = round(value, 2));
comment on domain mortgage.money is 'Singapore dollars and cents, from 0 to a thousand million.';

create domain mortgage.money_difference as numeric
    constraint difference_is_cents_within_bounds
    check (value >= -1000000000 and value <= 1000000000 and value = round(value, 2));
comment on domain mortgage.money_difference is 'Singapore dollars and cents, of either sign.';

create domain mortgage.annual_rate as numeric
    constraint rate_is_percent_a_year check (value >= 0 and value <= 25 and value = round(value, 4));
comment on domain mortgage.annual_rate is 'An interest rate in percent a year.';

create type public.scenario_case_status as enum ('draft', 'active', 'closed');
create type public.scenario_property_type as enum ('hdb', 'private_condo', 'landed', 'executive_condo');
create type public.scenario_recommendation as enum ('stay', 'reprice', 'refinance');
create type public.scenario_decision as enum ('stay', 'reprice', 'refinance', 'lost', 'dormant');
create type public.scenario_event_type as enum (
    'lead_form', 'chat', 'reveal', 'follow_up', 'bank_quote', 'doc_received', 'signed',
    'consent_expired', 'admin_edit', 'admin_view', 'calculation', 'outcome', 'reminder'
);
create type public.scenario_tag_source as enum ('heuristic', 'ai', 'manual');

-- Unexposed references

create table mortgage.banks (
    code text primary key,
    name text not null,
    mask text not null,
    constraint banks_mask_key unique (mask),
    constraint code_is_lower_case check (code ~ '^[a-z][a-z0-9_]{1,30}$')
);
comment on table mortgage.banks is 'Lenders and the stable mask each is known by outside this schema.';

create table mortgage.rate_facts (
    fact_key text not null,
    value numeric not null,
    unit text not null,
    effective_from date not null,
    source text not null,
    rule_version text not null,
    primary key (fact_key, effective_from),
    constraint fact_key_is_snake_case check (fact_key ~ '^[a-z][a-z0-9_]{1,62}$'),
    constraint value_is_within_bounds check (value between 0 and 10000000),
    constraint unit_is_known check (unit in ('percent_pa', 'percent', 'sgd', 'months'))
);
comment on table mortgage.rate_facts is
    'Dated rates, fees and rules with their source. A correction is a new row with a later effective_from.';

-- Contact and consent

create table public.leads (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant() references public.tenants (id),
    name text,
    email text,
    phone text,
    source text not null,
    erased_at timestamptz,
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint leads_id_tenant_id_key unique (id, tenant_id),
    constraint contact_is_whole_until_erased check (
        (erased_at is null and name is not null and email is not null and phone is not null)
        or (erased_at is not null and name is null and email is null and phone is null)
    ),
    constraint source_is_snake_case check (source ~ '^[a-z][a-z0-9_]{0,39}$')
);
create index leads_tenant_id_created_at_idx on public.leads (tenant_id, created_at);
comment on table public.leads is 'The contact store: the only home of a borrower''s name, e-mail and phone. Service role only.';

create table public.consents (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant(),
    lead_id uuid not null,
    purposes text[] not null,
    granted_at timestamptz not null default casebase.now(),
    until timestamptz not null default casebase.now() + interval '5 days',
    withdrawn_at timestamptz,
    expired_at timestamptz,
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint consents_lead_fkey foreign key (lead_id, tenant_id) references public.leads (id, tenant_id),
    constraint consents_id_lead_id_tenant_id_key unique (id, lead_id, tenant_id),
    constraint purposes_are_named check (cardinality(purposes) between 1 and 20),
    constraint until_is_after_granted_at check (until > granted_at)
);
create index consents_lead_id_tenant_id_idx on public.consents (lead_id, tenant_id);
create index consents_until_idx on public.consents (until) where expired_at is null;
comment on table public.consents is 'The PDPA store: for what and until when a borrower agreed. Service role only.';
comment on column public.consents.until is 'The first instant without consent: five days after granting unless extended.';
comment on column public.consents.expired_at is 'When retention erased the contact; null while that is still to come.';

-- Cases

create table public.scenario_cases (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant() references public.tenants (id),
    lead_id uuid not null,
    consent_id uuid not null,
    status public.scenario_case_status not null default 'draft',
    initials text not null,
    source text not null,
    reference text collate "C" generated always as ('M-' || upper(left(id::text, 8))) stored,
    latest_input_version int not null default 0,
    latest_calc_version int not null default 0,
    recommendation public.scenario_recommendation,
    net_savings mortgage.money_difference not null default 0,
    consent_until timestamptz not null,
    next_review_at timestamptz,
    closed_at timestamptz,
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint scenario_cases_consent_fkey foreign key (consent_id, lead_id, tenant_id)
        references public.consents (id, lead_id, tenant_id),
    constraint scenario_cases_id_tenant_id_key unique (id, tenant_id),
    constraint initials_are_short check (length(initials) between 1 and 4),
    constraint source_is_snake_case check (source ~ '^[a-z][a-z0-9_]{0,39}$'),
    constraint versions_do_not_go_below_zero check (latest_input_version >= 0 and latest_calc_version >= 0),
    constraint closed_at_is_set_when_closed check ((status = 'closed') = (closed_at is not null))
);
create index scenario_cases_consent_id_lead_id_tenant_id_idx
    on public.scenario_cases (consent_id, lead_id, tenant_id);
create index scenario_cases_tenant_id_created_at_idx on public.scenario_cases (tenant_id, created_at, id);
create index scenario_cases_tenant_id_status_idx on public.scenario_cases (tenant_id, status, created_at, id);
create index scenario_cases_tenant_id_recommendation_idx
    on public.scenario_cases (tenant_id, recommendation, created_at, id);
create index scenario_cases_tenant_id_net_savings_idx on public.scenario_cases (tenant_id, net_savings, id);
create index scenario_cases_tenant_id_initials_idx on public.scenario_cases (tenant_id, initials, created_at, id);
create index scenario_cases_tenant_id_reference_idx on public.scenario_cases (tenant_id, reference);
create index scenario_cases_tenant_id_consent_until_idx on public.scenario_cases (tenant_id, consent_until);
create index scenario_cases_next_review_at_idx on public.scenario_cases (next_review_at)
    where next_review_at is not null and status <> 'closed';
comment on table public.scenario_cases is 'One opportunity: a borrower''s loan, its advice and its outcome.';
comment on column public.scenario_cases.reference is 'What people call the case. A label made of the id, not a key.';
comment on column public.scenario_cases.latest_input_version is
    'The newest inputs. Taking the next version locks this row, so concurrent revisions get consecutive numbers.';
comment on column public.scenario_cases.recommendation is 'The advice on the newest inputs; null until it is there.';
comment on column public.scenario_cases.consent_until is 'Copied from the consent, so that lists can be filtered by it.';

create table public.scenario_inputs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant(),
    case_id uuid not null,
    version int not null,
    loan_amount mortgage.money not null,
    tenure_months int not null,
    property_type public.scenario_property_type not null,
    current_bank_mask text not null references mortgage.banks (mask),
    lock_in_remaining int not null default 0,
    owner_occupied boolean not null default true,
    income_profile_json jsonb,
    created_by text not null,
    created_at timestamptz not null default casebase.now(),
    constraint scenario_inputs_case_fkey foreign key (case_id, tenant_id)
        references public.scenario_cases (id, tenant_id),
    constraint one_row_an_input_version unique (case_id, tenant_id, version),
    constraint version_starts_at_one check (version >= 1),
    constraint loan_amount_is_a_loan check (loan_amount > 0 and loan_amount <= 100000000),
    constraint tenure_is_up_to_35_years check (tenure_months between 1 and 420),
    constraint lock_in_is_up_to_ten_years check (lock_in_remaining between 0 and 120),
    constraint income_profile_is_an_object check (jsonb_typeof(income_profile_json) = 'object')
);
create index scenario_inputs_current_bank_mask_idx on public.scenario_inputs (current_bank_mask);
comment on table public.scenario_inputs is 'What the borrower told, a row a version. The bank is a mask; the actual rate is elsewhere.';

create table mortgage.private_inputs (
    tenant_id uuid not null,
    case_id uuid not null,
    version int not null,
    bank_code text not null references mortgage.banks (code),
    current_rate mortgage.annual_rate,
    primary key (case_id, tenant_id, version),
    constraint private_inputs_inputs_fkey foreign key (case_id, tenant_id, version)
        references public.scenario_inputs (case_id, tenant_id, version)
);
create index private_inputs_bank_code_idx on mortgage.private_inputs (bank_code);
comment on table mortgage.private_inputs is 'The bank and the rate behind a version of the inputs. Read by the calculation alone.';

create table public.scenario_calculations (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant(),
    case_id uuid not null,
    calc_version int not null,
    input_version int not null,
    stay_json jsonb not null,
    reprice_json jsonb not null,
    refi_json jsonb not null,
    recommendation public.scenario_recommendation not null,
    reason_codes text[] not null,
    net_savings mortgage.money_difference not null,
    hassle_score int not null,
    horizon_months int not null,
    affordability_json jsonb,
    ai_notes_json jsonb,
    rule_version text not null,
    rate_facts text[] not null,
    facts_hash text not null,
    result_hash text not null,
    created_at timestamptz not null default casebase.now(),
    constraint scenario_calculations_inputs_fkey foreign key (case_id, tenant_id, input_version)
        references public.scenario_inputs (case_id, tenant_id, version),
    constraint one_row_a_calc_version unique (case_id, tenant_id, calc_version),
    constraint one_row_a_result unique (case_id, tenant_id, input_version, result_hash),
    constraint calc_version_starts_at_one check (calc_version >= 1),
    constraint hassle_score_is_0_to_10 check (hassle_score between 0 and 10),
    constraint hashes_are_sha256 check (facts_hash ~ '^[0-9a-f]{64}$' and result_hash ~ '^[0-9a-f]{64}$')
);
comment on table public.scenario_calculations is
    'Stay, reprice and refinance compared, a row a calculation: amounts of money and names of facts, no rate.';
comment on constraint one_row_a_result on public.scenario_calculations is
    'Equal inputs and facts give an equal hash, so a job that runs again finds its own result.';

create table mortgage.calculation_facts (
    tenant_id uuid not null,
    case_id uuid not null,
    calc_version int not null,
    record_json jsonb not null,
    primary key (case_id, tenant_id, calc_version),
    constraint calculation_facts_calculation_fkey foreign key (case_id, tenant_id, calc_version)
        references public.scenario_calculations (case_id, tenant_id, calc_version)
);
comment on table mortgage.calculation_facts is 'The inputs and facts behind a calculation, with actual rates: what replaying it needs.';

create table public.scenario_outcomes (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant(),
    case_id uuid not null,
    decision public.scenario_decision not null,
    bank_mask text references mortgage.banks (mask),
    loan_quantum mortgage.money,
    commission_estimate mortgage.money,
    signed_at timestamptz,
    notes text,
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint scenario_outcomes_case_fkey foreign key (case_id, tenant_id)
        references public.scenario_cases (id, tenant_id),
    constraint one_outcome_a_case unique (case_id, tenant_id),
    constraint notes_are_short check (length(notes) <= 10000)
);
create index scenario_outcomes_bank_mask_idx on public.scenario_outcomes (bank_mask);
comment on table public.scenario_outcomes is 'How a closed case ended.';

create table public.scenario_events (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant(),
    case_id uuid not null,
    event_type public.scenario_event_type not null,
    payload_json jsonb not null default '{}',
    occurred_at timestamptz not null default casebase.now(),
    created_at timestamptz not null default casebase.now(),
    position bigint generated always as identity,
    constraint scenario_events_case_fkey foreign key (case_id, tenant_id)
        references public.scenario_cases (id, tenant_id),
    constraint payload_is_an_object check (jsonb_typeof(payload_json) = 'object')
);
create index scenario_events_case_id_occurred_at_idx
    on public.scenario_events (case_id, tenant_id, occurred_at, position);
create index scenario_events_tenant_id_event_type_idx on public.scenario_events (tenant_id, event_type, created_at);
comment on table public.scenario_events is
    'The timeline of a case. Append-only: nobody may update or delete; consent expiry empties payloads as owner.';
comment on column public.scenario_events.position is 'Orders events of one instant; no meaning across cases.';

create table public.scenario_documents (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant(),
    case_id uuid not null,
    doc_type text not null,
    storage_path text not null,
    is_masked boolean not null default false,
    expires_at timestamptz,
    created_at timestamptz not null default casebase.now(),
    constraint scenario_documents_case_fkey foreign key (case_id, tenant_id)
        references public.scenario_cases (id, tenant_id),
    constraint scenario_documents_storage_path_key unique (storage_path),
    constraint doc_type_is_snake_case check (doc_type ~ '^[a-z][a-z0-9_]{0,39}$')
);
create index scenario_documents_case_id_idx on public.scenario_documents (case_id, tenant_id, created_at);
create index scenario_documents_expires_at_idx on public.scenario_documents (expires_at) where expires_at is not null;
comment on table public.scenario_documents is 'References to uploaded files; the files themselves are in the file store.';

create table public.scenario_tags (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default casebase.default_tenant(),
    case_id uuid not null,
    tag text not null,
    source public.scenario_tag_source not null,
    created_at timestamptz not null default casebase.now(),
    constraint scenario_tags_case_fkey foreign key (case_id, tenant_id)
        references public.scenario_cases (id, tenant_id),
    constraint one_row_a_tag unique (case_id, tenant_id, tag),
    constraint tag_is_hash_and_snake_case check (tag ~ '^#[a-z][a-z0-9_]{0,39}$')
);
create index scenario_tags_tenant_id_tag_idx on public.scenario_tags (tenant_id, tag);
comment on table public.scenario_tags is 'Labels of a case for analytics and the AI broker, and who put them there.';

alter table public.leads enable row level security;
alter table public.consents enable row level security;
alter table public.scenario_cases enable row level security;
alter table public.scenario_inputs enable row level security;
alter table public.scenario_calculations enable row level security;
alter table public.scenario_outcomes enable row level security;
alter table public.scenario_events enable row level security;
alter table public.scenario_documents enable row level security;
alter table public.scenario_tags enable row level security;
