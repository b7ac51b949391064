-- What heuristic tags need: the rules a tag was made by, and when time alone may change a case's tags; and the secret
-- that conversations are hashed with.

alter table public.scenario_tags add column rule_version text;
comment on column public.scenario_tags.rule_version is 'The version of the heuristics that put the tag there; null for the others.';

alter table public.scenario_cases add column tags_due_at timestamptz;
create index scenario_cases_tags_due_at_idx on public.scenario_cases (tags_due_at)
    where tags_due_at is not null and status <> 'closed';
comment on column public.scenario_cases.tags_due_at is
    'When the heuristics must look again because a term ends then; null while no term runs.';

create table mortgage.hash_keys (
    name text primary key,
    key bytea not null default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
    constraint key_is_256_bits check (length(key) = 32)
);
comment on table mortgage.hash_keys is
    'Secrets of keyed hashes, made where the module is installed: without one, telephone numbers are found by trying all.';
insert into mortgage.hash_keys (name) values ('conversations');
