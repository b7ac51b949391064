-- Definer: nobody else reads the outbox.
-- Several workers share the outbox: each takes rows that no other holds. What is told and that it was told is one
-- transaction, so whatever dies when, every event is told once.
create or replace function enforcement.fan_out_enforcement_events(batch_limit int default 100) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_limit int := greatest(least(batch_limit, 1000), 1);
    v_event record;
    v_count int := 0;
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
        order by o.created_at
        limit v_limit
        for update of o skip locked
    loop
        v_count := v_count + 1;
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
                concat_ws(E'\n',
                    format('Case %s, on %s (UTC).', v_event.reference,
                           to_char(v_event.occurred_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')),
                    'Amount: ' || (v_event.facts ->> 'amount'),
                    'Balance: ' || (v_event.facts ->> 'balance')),
                v_event.id::text);
        end if;
        if v_event.event_kind = 'case_stage_changed' and v_event.closed_at is null then
            perform casebase.enqueue(
                'enforce', jsonb_build_object('tenant_id', v_event.tenant_id, 'case_id', v_event.case_id),
                'event:' || v_event.id);
        end if;
        delete from enforcement.event_outbox o where o.event_id = v_event.id;
    end loop;
    return jsonb_build_object('fanned_out', v_count, 'is_more', v_count = v_limit);
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
    'alerted, the enforce worker after a change of stage. Returns {fanned_out, is_more}. Service only.';

revoke execute on function enforcement.fan_out_enforcement_events(int), public.fan_out_enforcement_events(int)
from public, anon, authenticated, service_role;
grant execute on function enforcement.fan_out_enforcement_events(int), public.fan_out_enforcement_events(int)
to service_role;
