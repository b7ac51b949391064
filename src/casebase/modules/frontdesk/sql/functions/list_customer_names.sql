-- From name to name along the index, so that a page costs as much as it has names, however often each of them booked.
create or replace function frontdesk.list_customer_names(tenant_id uuid, after text, page_size int) returns jsonb
    language plpgsql stable
    set search_path = ''
    set jit = off
as $$
#variable_conflict use_variable
declare
    v_names text[];
    v_booked text[];
begin
    if page_size is null or page_size not between 1 and 10000 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('page_size', 'range', 'must be 1 to 10,000'))));
    elsif not exists (select from public.tenants t where t.id = tenant_id) then
        perform casebase.fail(404, 'tenant_not_found', '{"field": "tenant_id"}');
    end if;
    with recursive booked (name, nth) as (
        select (
            select b.user_name from public.bookings b
            where b.tenant_id = list_customer_names.tenant_id and b.user_name > coalesce(after, '')
            order by b.user_name limit 1), 1
        union all
        select (
            select b.user_name from public.bookings b
            where b.tenant_id = list_customer_names.tenant_id and b.user_name > k.name
            order by b.user_name limit 1), k.nth + 1
        from booked k where k.name is not null and k.nth <= page_size
    ), ordered (name, nth) as (
        select (
            select o.shipping_address ->> 'name' from public.orders o
            where o.tenant_id = list_customer_names.tenant_id and o.shipping_address ->> 'name' > coalesce(after, '')
            order by o.shipping_address ->> 'name' limit 1), 1
        union all
        select (
            select o.shipping_address ->> 'name' from public.orders o
            where o.tenant_id = list_customer_names.tenant_id and o.shipping_address ->> 'name' > k.name
            order by o.shipping_address ->> 'name' limit 1), k.nth + 1
        from ordered k where k.name is not null and k.nth <= page_size
    )
    select array_agg(n.name order by n.name), array_agg(n.name order by n.name) filter (where n.has_booked)
    into v_names, v_booked
    from (
        select k.name, bool_or(k.has_booked) as has_booked
        from (select b.name, true as has_booked from booked b union all select o.name, false from ordered o) k
        where k.name is not null
        group by k.name order by k.name limit page_size
    ) n;
    return jsonb_build_object(
        'names', coalesce(to_jsonb(v_names), '[]'),
        'booked_names', coalesce(to_jsonb(v_booked), '[]'),
        'next_after', case when cardinality(v_names) = page_size then v_names[page_size] end);
end
$$;

create or replace function public.list_customer_names(tenant_id uuid, after text default null, page_size int default 5000)
    returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_customer_names(tenant_id, after, page_size)
$$;

comment on function public.list_customer_names(uuid, text, int) is
    'The names of a tenant''s customers, each once, in order: of bookings and of orders'' addresses. Returns '
    '{names, booked_names, next_after}; booked_names are those of them that a booking holds, which every member may read; the next '
    'page comes after next_after (null: there is none). For the service, which looks for them in what people write. '
    '404 tenant_not_found; 422 invalid_input.';

revoke execute on function
    frontdesk.list_customer_names(uuid, text, int), public.list_customer_names(uuid, text, int)
from public, anon, authenticated, service_role;
grant execute on function
    frontdesk.list_customer_names(uuid, text, int), public.list_customer_names(uuid, text, int)
to service_role;
