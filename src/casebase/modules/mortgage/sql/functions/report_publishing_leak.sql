-- Definer: as casebase.raise_alert. Called by casebase.complete_job, in the transaction that ends the nightly export.
create or replace function mortgage.report_publishing_leak(payload jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform casebase.raise_alert(
        (payload ->> 'tenant_id')::uuid, 'publishing_leak', 'An export for publishing was stopped',
        format('Its leak check found %s. Nothing was written; the export before stays.', payload ->> 'found'),
        (casebase.now() at time zone 'Asia/Singapore')::date::text);
end
$$;

comment on function mortgage.report_publishing_leak(jsonb) is
    'Alert the operators, once a day, that the leak check stopped the export of {tenant_id}; {found} says what kinds it found.';

revoke execute on function mortgage.report_publishing_leak(jsonb) from public, anon, authenticated, service_role;
grant execute on function mortgage.report_publishing_leak(jsonb) to service_role;
