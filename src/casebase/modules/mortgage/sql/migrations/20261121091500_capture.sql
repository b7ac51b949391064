-- What heuristic tags need: the rules a tag was made by, and when time alone may change a case's tags.

alter table public.scenario_tags add column rule_version text;
comment on column public.scenario_tags.rule_version is 'The version of the heuristics that put the tag there; null for the others.';

alter table public.scenario_cases add column tags_due_at timestamptz;
create index scenario_cases_tags_due_at_idx on public.scenario_cases (tags_due_at)
    where tags_due_at is not null and status <> 'closed';
comment on column public.scenario_cases.tags_due_at is
    'When the heuristics must look again because a term ends then; null while no term runs.';
