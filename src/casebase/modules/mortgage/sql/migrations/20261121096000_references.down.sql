alter table public.scenario_cases drop column reference;
alter table public.scenario_cases add column reference text collate "C"
    generated always as ('M-' || upper(left(id::text, 8))) stored;
create index scenario_cases_tenant_id_reference_idx on public.scenario_cases (tenant_id, reference);
comment on column public.scenario_cases.reference is 'What people call the case. A label made of the id, not a key.';
