-- What enrichment and imports need beside the tables: adverse facts by kind, the typed form of a vendor's row, and what
-- became of a run's rows without counting them.

alter table judgments.cases
    add column adverse_signals jsonb not null default '{}'
        constraint adverse_signals_are_known check (
            jsonb_typeof(adverse_signals) = 'object' and not jsonb_path_exists(
                adverse_signals, '$.*[*] ? (!(@ like_regex "^(bankruptcy|deceased|incarcerated|judgment_proof|prior_judgments)$"))'));
comment on column judgments.cases.adverse_signals is
    'What speaks against collecting, {source: [kind]}: a source that no longer says it takes it back. Details are not kept.';

alter table enforcement.import_runs
    add column created_count int not null default 0,
    add column known_count int not null default 0,
    add column rejected_count int not null default 0,
    add column raw_erased_at timestamptz;
create index import_runs_started_at_idx on enforcement.import_runs (started_at) where raw_erased_at is null;
comment on column enforcement.import_runs.raw_erased_at is 'When retention emptied what was left of the run''s rows.';

create type enforcement.simplicity_row as (
    row_number int,
    judgment_id uuid,
    docket_id uuid,
    case_number text,
    court text,
    county text,
    state text,
    judgment_date date,
    judgment_amount numeric,
    balance_due numeric,
    priority_level public.judgment_priority_level,
    plaintiff jsonb,
    plaintiff_kind text,
    plaintiff_key text,
    plaintiff_discriminator text,
    debtor jsonb,
    debtor_kind text,
    debtor_key text,
    debtor_discriminator text
);
comment on type enforcement.simplicity_row is 'A valid row of a Simplicity export, keys computed once, and the ids it gets if its docket is new.';
