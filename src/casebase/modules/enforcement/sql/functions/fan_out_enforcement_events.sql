-- Definer: nobody else reads the outbox.
-- Several workers share the outbox: each takes rows that no other holds. What is told and that it was told is one
-- transaction, so whatever dies when, every event is told once. One that cannot be told waits aside, for longer each time,
-- and holds up nobody else's.
create or replace function enforcement.fan_out_enforcement_events(batch_limit int default 100) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_limit int := greatest(least(batch_limit, 1000), 1);
    v_event record;
    v_told int := 0;
    v_aside int := 0;
begin
    for v_event in
        select e.id, e.tenant_id, e.event_kind, e.occurred_at, e.actor_type, c.id as case_id, c.reference, c.judgment_id,
               c.closed_at, k.is_alerted,
               -- Facts of our own making; what callers put into a payload stays in the database.
               case e.event_kind
                   when 'case_stage_changed' then jsonb_build_object('from', e.payload -> 'from', 'to', e.payload -> 'to')
                   when 'payment_received' then
                       jsonb_build_object('amount', e.payload -> 'amount', 'balance', e.payload -> 'balance')
                   else '{}' end as facts
        from enforcement.event_outbox o
        join public.enforcement_events e on e.id = o.event_id and e.tenant_id = o.tenant_id
        join public.enforcement_cases c on c.id = e.enforcement_case_id and c.tenant_id = e.tenant_id
        join enforcement.event_kinds k on k.event_kind = e.event_kind
        where o.next_try_at <= casebase.now()
        order by o.next_try_at, o.created_at
        limit v_limit
        for update of o skip locked
    loop
        begin
            if casebase.is_event_wanted(v_event.tenant_id, 'enforcement.' || v_event.event_kind) then
                perform casebase.publish_event(
                    v_event.tenant_id, 'enforcement.' || v_event.event_kind, v_event.case_id,
                    v_event.facts || jsonb_build_object(
                        'case_id', v_event.case_id, 'judgment_id', v_event.judgment_id, 'event_id', v_event.id,
                        'actor_type', v_event.actor_type, 'occurred_at', v_event.occurred_at),
                    v_event.id);
            end if;
            if v_event.is_alerted then
                perform casebase.raise_alert(
                    v_event.tenant_id, v_event.event_kind::text,
                    format('%s: case %s', initcap(left(v_event.event_kind::text, 1)) || replace(substr(v_event.event_kind::text, 2), '_', ' '),
                           v_event.reference),
                    left(concat_ws(E'\n',
                        format('Case %s, on %s (UTC).', v_event.reference,
                               to_char(v_event.occurred_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')),
                        'Amount: ' || (v_event.facts ->> 'amount'),
                        'Balance: ' || (v_event.facts ->> 'balance')), 4000),
                    v_event.id::text);
            end if;
            if v_event.event_kind = 'case_stage_changed' and v_event.closed_at is null then
                perform casebase.enqueue(
                    'enforce', jsonb_build_object('tenant_id', v_event.tenant_id, 'case_id', v_event.case_id),
                    'event:' || v_event.id);
            end if;
            delete from enforcement.event_outbox o where o.event_id = v_event.id;
            v_told := v_told + 1;
        exception when others then
            v_aside := v_aside + 1;
            -- Not the message: it may quote what a caller sent.
            raise warning 'enforcement event % of tenant % could not be told (%)', v_event.id, v_event.tenant_id, sqlstate;
            update enforcement.event_outbox o
            set attempts = o.attempts + 1,
                next_try_at = casebase.now() + least(interval '2 minutes' * 2 ^ least(o.attempts, 10), interval '1 day')
            where o.event_id = v_event.id;
        end;
    end loop;
    return jsonb_build_object('fanned_out', v_told, 'set_aside', v_aside, 'is_more', v_told + v_aside = v_limit);
end
$$;

create or replace function public.fan_out_enforcement_events(batch_limit int default 100) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.fan_out_enforcement_events(batch_limit)
$$;

comment on function public.fan_out_enforcement_events(int) is
    'Tell of the next events of the outbox, each once: webhooks as enforcement.<event_kind>, alerts where the kind is '
    'alerted, the enforce worker after a change of stage. One that cannot be told is set aside and tried again, in two minutes '
    'first, in a day at last. Returns {fanned_out, set_aside, is_more}. Service only.';

revoke execute on function enforcement.fan_out_enforcement_events(int), public.fan_out_enforcement_events(int)
from public, anon, authenticated, service_role;
grant execute on function enforcement.fan_out_enforcement_events(int), public.fan_out_enforcement_events(int)
to service_role;
