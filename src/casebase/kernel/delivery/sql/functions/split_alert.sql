-- One job for each target: a target that is down is tried again without the others hearing it twice.
create or replace function casebase.split_alert(payload jsonb) returns void
    language sql
    set search_path = ''
as $$
    select casebase.enqueue('casebase_alerts', payload - 'targets' || jsonb_build_object('target', t.value))
    from jsonb_array_elements_text(payload -> 'targets') t
$$;

comment on function casebase.split_alert(jsonb) is 'Queue an alert {…, targets} once for each of its targets.';

revoke execute on function casebase.split_alert(jsonb) from public;
grant execute on function casebase.split_alert(jsonb) to service_role;
