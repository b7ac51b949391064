-- Who waits in a lane of a worker keeps it from other organisations.
create or replace function notifications.lock_evaluation_within(organization_id uuid, seconds int) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    v_lock_timeout constant text := current_setting('lock_timeout');
begin
    perform set_config('lock_timeout', seconds || 's', true);
    perform notifications.lock_evaluation(organization_id);
    perform set_config('lock_timeout', v_lock_timeout, true);
exception
    when lock_not_available then
        perform casebase.fail(409, 'evaluation_under_way', '{"field": "organization_id"}', 'Another engine is at work; try again.');
end
$$;

comment on function notifications.lock_evaluation_within(uuid, int) is
    'lock_evaluation, or 409 evaluation_under_way if the lock is not to be had within so many seconds.';

revoke execute on function notifications.lock_evaluation_within(uuid, int) from public;
