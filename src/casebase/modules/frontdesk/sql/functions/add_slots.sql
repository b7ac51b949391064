-- Definer: nobody is granted a write of slots.
create or replace function frontdesk.add_slots(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant uuid;
    v_wrong jsonb;
    v_slots public.slots[];
    v_known public.slots[];
    v_holds public.bookings[];
    v_reply jsonb;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["slots"],
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "is_new_only": {"type": "boolean"},
            "slots": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {
                "type": "object",
                "required": ["resource", "starts_at", "ends_at"],
                "properties": {
                    "slot_id": {"type": "string", "minLength": 1, "maxLength": 200},
                    "resource": {"type": "string", "maxLength": 100, "pattern": "^[^[:space:][:cntrl:]]([^[:cntrl:]]*[^[:space:][:cntrl:]])?$",
                                 "description": "must be a name without spaces around it"},
                    "starts_at": {"type": "string", "format": "date-time"},
                    "ends_at": {"type": "string", "format": "date-time"},
                    "capacity": {"type": "integer", "minimum": 1, "maximum": 1000}
                }
            }}
        }
    }');
    v_tenant := frontdesk.administered_tenant((payload ->> 'tenant_id')::uuid);
    -- One at a time for a tenant, as slots that exclude each other would lock each other out. Bookings do not wait for this.
    perform from public.tenants t where t.id = v_tenant for no key update;

    -- One without a name is the resource's slot of that moment: sent again, it is the same.
    v_slots := array(
        select row(
            null, v_tenant, coalesce(g.value ->> 'slot_id', k.slot_id, gen_random_uuid()::text), g.value ->> 'resource',
            t.starts_at, t.ends_at, coalesce((g.value ->> 'capacity')::numeric::int, 1), null, null)::public.slots
        from jsonb_array_elements(payload -> 'slots') with ordinality g
        cross join lateral (
            select (g.value ->> 'starts_at')::timestamptz as starts_at, (g.value ->> 'ends_at')::timestamptz as ends_at) t
        left join public.slots k
            on k.tenant_id = v_tenant and k.resource = g.value ->> 'resource' and k.starts_at = t.starts_at
        order by g.ordinality);
    select jsonb_agg(casebase.validation_error(format('slots[%s].%s', w.position, w.field), w.rule, w.message) order by w.position)
    into v_wrong
    from (
        select n - 1 as position, 'ends_at' as field, 'range' as rule, 'must be after starts_at, by 7 days at most' as message
        from generate_subscripts(v_slots, 1) n
        where v_slots[n].ends_at <= v_slots[n].starts_at or v_slots[n].ends_at - v_slots[n].starts_at > interval '7 days'
        union all
        select n - 1, 'starts_at', 'range', 'must lie between the years 2000 and 2199'
        from generate_subscripts(v_slots, 1) n
        where v_slots[n].starts_at < '2000-01-01Z' or v_slots[n].ends_at >= '2200-01-01Z'
        union all
        select max(n) - 1, 'slot_id', 'unique', 'must be given once'
        from generate_subscripts(v_slots, 1) n group by v_slots[n].slot_id having count(*) > 1
        limit 20
    ) w;
    if v_wrong is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', v_wrong));
    end if;

    -- In the order of who books: slots, their old holds, then days.
    v_known := array(
        select k from public.slots k
        where k.tenant_id = v_tenant and k.slot_id in (select s.slot_id from unnest(v_slots) s)
        order by k.slot_id
        for no key update);
    v_holds := frontdesk.lock_expired_holds(v_tenant, array(select k.slot_id from unnest(v_known) k));
    -- A hold may be older than its slot, and of another day.
    perform frontdesk.count_changed_days(
        array_agg(c.tenant_id), array_agg(c.slot_id), array_agg(c.starts_at), array_agg(c.ends_at))
    from (
        select s.tenant_id, s.slot_id, s.starts_at, s.ends_at from unnest(v_slots || v_known) s
        union all
        select h.tenant_id, h.slot_id, h.starts_at, h.ends_at from unnest(v_holds) h) c;
    perform frontdesk.free_expired_holds(v_tenant, array(select k.slot_id from unnest(v_known) k));

    with written as (
        insert into public.slots as known (tenant_id, slot_id, resource, starts_at, ends_at, capacity)
        select s.tenant_id, s.slot_id, s.resource, s.starts_at, s.ends_at, s.capacity
        from unnest(v_slots) s
        order by s.slot_id
        on conflict (tenant_id, slot_id) do update
            set resource = excluded.resource, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
                capacity = excluded.capacity
            where (payload ->> 'is_new_only')::boolean is not true
              and (known.resource, known.starts_at, known.ends_at, known.capacity)
                is distinct from (excluded.resource, excluded.starts_at, excluded.ends_at, excluded.capacity)
        returning slot_id
    ), outcomes as (
        select s.slot_id, case
            when w.slot_id is null then 'unchanged'
            when exists (select from unnest(v_known) k where k.slot_id = s.slot_id) then 'updated'
            else 'added' end as outcome, s.position
        from unnest(v_slots) with ordinality s (id, tenant_id, slot_id, resource, starts_at, ends_at, capacity, created_at, updated_at, position)
        left join written w using (slot_id)
    )
    select jsonb_build_object(
        'tenant_id', v_tenant,
        'added', count(*) filter (where o.outcome = 'added'),
        'updated', count(*) filter (where o.outcome = 'updated'),
        'unchanged', count(*) filter (where o.outcome = 'unchanged'),
        'slots', jsonb_agg(jsonb_build_object('slot_id', o.slot_id, 'outcome', o.outcome) order by o.position))
    into v_reply
    from outcomes o;
    return v_reply;
exception
    when exclusion_violation then
        perform casebase.fail(409, 'slot_overlaps', '{"field": "slots"}', 'A resource has one slot at a time.');
        return null;
end
$$;

create or replace function public.add_slots(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.add_slots(payload)
$$;

comment on function public.add_slots(jsonb) is
    'Say when what can be booked: {tenant_id?, slots: [{slot_id?, resource, starts_at, ends_at, capacity? (1)}], '
    'is_new_only?}, up to 1000. One that is known by its slot_id, or without one by its resource and starts_at, is changed where '
    'it differs, with is_new_only left as it is (unchanged); nobody''s booking is moved by that. All are written or none. '
    'Returns {tenant_id, added, updated, unchanged, slots: [{slot_id, '
    'outcome}]}, in their order. For administrators of the tenant, and the service. 403 administrator_required; 404 '
    'tenant_not_found; 409 slot_overlaps, slot_booked; 422 invalid_input.';

revoke execute on function frontdesk.add_slots(jsonb), public.add_slots(jsonb) from public, anon, authenticated, service_role;
grant execute on function frontdesk.add_slots(jsonb), public.add_slots(jsonb) to authenticated, service_role;
