-- What retention has to remember: which cases are erased, how far a long timeline is, what was reminded of.

alter table public.consents add column erased_through bigint not null default 0;
comment on column public.consents.erased_through is
    'The position of the last event that expiry has emptied; a timeline too long for one transaction goes on after it.';
-- No one waits for a lock that lasts as long as renaming a file, and the runner gives up and tries again.
-- squawk-ignore require-concurrent-index-deletion
drop index public.consents_until_idx;
create index consents_ends_at_idx on public.consents (least(until, withdrawn_at)) where expired_at is null;

alter table public.scenario_cases
    add column erased_at timestamptz,
    add column reminded_for timestamptz,
    add column alerted_for timestamptz;
comment on column public.scenario_cases.erased_at is
    'Since when the case keeps masked fields only: nothing personal can be written to it any more.';
comment on column public.scenario_cases.reminded_for is 'The next_review_at that staff were reminded of.';
comment on column public.scenario_cases.alerted_for is 'The consent_until that staff were alerted about.';
create index scenario_cases_review_due_idx on public.scenario_cases (next_review_at)
    where next_review_at is not null and status <> 'closed' and reminded_for is distinct from next_review_at;
create index scenario_cases_consent_ending_idx on public.scenario_cases (consent_until)
    where erased_at is null and status <> 'closed' and alerted_for is distinct from consent_until;

create unique index one_reminder_a_due_date on public.scenario_events
    (case_id, tenant_id, (payload_json ->> 'kind'), (payload_json ->> 'due_at')) where event_type = 'reminder';
comment on index public.one_reminder_a_due_date is 'Whoever looks at the same time, a case is reminded of a date once.';

-- ANALYZE leaves the statistics of a table that has become empty as they were. Columns of tables that lose rows
-- therefore never have any; they are looked up by unique keys alone.
alter table public.scenario_documents alter column storage_path set statistics 0;
alter table mortgage.conversations alter column conversation_id set statistics 0;
