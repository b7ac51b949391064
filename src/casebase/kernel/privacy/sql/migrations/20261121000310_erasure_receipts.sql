-- The proof that what had to be erased was: how much of what, when; of whom only somebody who knows the id can tell.

create table casebase.erasure_receipts (
    id uuid primary key default gen_random_uuid(),
    module text not null,
    rule text not null,
    subject_hash text not null,
    counts jsonb not null default '{}',
    unsettled_ids uuid[],
    started_at timestamptz not null default casebase.now(),
    erased_at timestamptz,
    finished_at timestamptz,
    constraint one_receipt_a_subject unique (module, rule, subject_hash),
    constraint subject_hash_is_sha256 check (subject_hash ~ '^[0-9a-f]{64}$'),
    constraint counts_are_an_object check (jsonb_typeof(counts) = 'object'),
    constraint finished_after_erased check (finished_at is null or erased_at is not null),
    constraint ids_are_kept_until_finished check ((finished_at is null) = (unsettled_ids is not null))
);
create index erasure_receipts_module_rule_started_at_idx on casebase.erasure_receipts (module, rule, started_at);
create index erasure_receipts_started_at_idx on casebase.erasure_receipts (started_at) where finished_at is null;
comment on table casebase.erasure_receipts is
    'What was erased, one row a subject. Holds no personal data and is kept for good. Unfinished rows are what a run that '
    'was killed left to the next.';
comment on column casebase.erasure_receipts.subject_hash is 'SHA-256 of the random id of what the rule is about, such as a consent.';
comment on column casebase.erasure_receipts.counts is
    'How many values were erased, by schema.table.column; whole rows by schema.table.*.';
comment on column casebase.erasure_receipts.unsettled_ids is
    'Ids by which kept replies, delivery logs and job errors may still name the subject; null once these are clean.';
comment on column casebase.erasure_receipts.erased_at is 'When the last of the module''s own data was erased.';
comment on column casebase.erasure_receipts.finished_at is
    'When kept replies, delivery logs, job errors and column statistics had forgotten the subject too.';
alter table casebase.erasure_receipts enable row level security;

-- ANALYZE leaves the statistics of a table that has become empty as they were, so these never have any: a caller may
-- choose an e-mail address as its key.
alter table casebase.idempotency_keys alter column key set statistics 0, alter column reply set statistics 0;
