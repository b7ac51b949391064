-- Definer, and executable by the worker's login alone: it returns the signing secrets.
-- The body is the same to the byte at every attempt, as is its id, the event's: receivers know a repeat by it.
create or replace function casebase.get_webhook_delivery(delivery_id uuid, redelivery int)
    returns table (message_id uuid, url text, body text, secrets text[], is_enabled boolean)
    language sql stable security definer
    set search_path = ''
as $$
    select d.event_id, e.url,
           json_build_object(
               'type', d.event_type,
               'timestamp', to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'data', d.payload || jsonb_build_object(
                   'event_id', d.event_id, 'tenant_id', d.tenant_id, 'subject_id', d.subject_id))::text,
           array_remove(array[e.secret, case when e.previous_secret_until > casebase.now() then e.previous_secret end], null),
           e.is_enabled
    from casebase.webhook_deliveries d
    join casebase.webhook_endpoints e on e.id = d.endpoint_id
    where d.id = delivery_id and d.redeliveries = redelivery and d.status = 'pending'
$$;

comment on function casebase.get_webhook_delivery(uuid, int) is
    'What the worker posts for a pending delivery, and what it signs it with; no row when there is nothing left to do.';

revoke execute on function casebase.get_webhook_delivery(uuid, int) from public;
grant execute on function casebase.get_webhook_delivery(uuid, int) to casebase_api;
