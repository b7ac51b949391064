-- Definer: as casebase.raise_alert. Called by casebase.complete_job, in the transaction that ends the nightly export.
create or replace function mortgage.report_publishing_leak(payload jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform casebase.raise_alert(
        (s.stopped ->> 'tenant_id')::uuid, 'publishing_leak', 'An export for publishing was stopped',
        format('What was found: %s. Nothing was written; the export before stays.', s.stopped ->> 'found'),
        (casebase.now() at time zone 'Asia/Singapore')::date::text)
    from jsonb_array_elements(payload -> 'stopped') s (stopped);
end
$$;

comment on function mortgage.report_publishing_leak(jsonb) is
    'Alert the operators, once a day and tenant, that the leak check stopped exports: {stopped [{tenant_id, found}]}; found '
    'says what kinds it found.';

revoke execute on function mortgage.report_publishing_leak(jsonb) from public, anon, authenticated, service_role;
grant execute on function mortgage.report_publishing_leak(jsonb) to service_role;
