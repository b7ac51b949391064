-- References in letters: of those in hexadecimal one in a hundred was eight digits, and masked like a telephone number.
-- squawk-ignore ban-drop-column
alter table public.scenario_cases drop column reference;
-- A generated column writes the table anew, once; it is a label, so nothing refers to it.
alter table public.scenario_cases add column reference text collate "C"
    -- squawk-ignore adding-field-with-default
    generated always as ('M-' || translate(upper(left(id::text, 8)), '9876543210', 'SRQPNMKJHG')) stored;
create index scenario_cases_tenant_id_reference_idx on public.scenario_cases (tenant_id, reference);
comment on column public.scenario_cases.reference is 'What people call the case. A label made of the id, not a key.';
