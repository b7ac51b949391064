-- Definer: enqueueing is not the service's by itself.
create or replace function notifications.queue_rest_of_evaluation(payload jsonb) returns bigint
    language sql security definer
    set search_path = ''
as $$
    select casebase.enqueue('notifications_evaluate', payload)
$$;

comment on function notifications.queue_rest_of_evaluation(jsonb) is
    'Put an evaluation whose turn is over, or has not come yet, behind the others that wait. What its job completes with.';

revoke execute on function notifications.queue_rest_of_evaluation(jsonb) from public, anon, authenticated, service_role;
grant execute on function notifications.queue_rest_of_evaluation(jsonb) to service_role;
