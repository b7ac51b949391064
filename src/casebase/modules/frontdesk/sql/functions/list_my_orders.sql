-- Definer: the policy's "or" would have each row asked, where two indexes know the answer.
create or replace function frontdesk.list_my_orders(cursor text, page_size int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
    set jit = off
as $$
#variable_conflict use_variable
declare
    v_user constant uuid := auth.uid();
    v_email constant text := frontdesk.customer_email();
    v_after record;
    v_orders public.orders[];
    v_next public.orders;
begin
    if v_user is null then
        perform casebase.fail(403, 'user_required', '{}', 'Call it with the token of a person who is signed in.');
    end if;
    perform casebase.require_valid(
        jsonb_build_object('page_size', page_size),
        '{"type": "object", "required": ["page_size"], "properties": {"page_size": {"type": "integer", "minimum": 1, "maximum": 200}}}');
    perform casebase.require_valid(
        jsonb_build_object('cursor', cursor), '{"type": "object", "properties": {
            "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"}}}');
    select coalesce(c.at, 'infinity') as at, coalesce(c.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff') as id
    into strict v_after from casebase.read_cursor(cursor) c;

    v_orders := array(
        select o
        from (
            (
                select t.id, t.created_at from public.orders t
                where t.user_id = v_user and (t.created_at, t.id) <= (v_after.at, v_after.id)
                order by t.created_at desc, t.id desc limit page_size + 1
            )
            union
            (
                select t.id, t.created_at from public.orders t
                where t.customer_email = v_email and (t.created_at, t.id) <= (v_after.at, v_after.id)
                order by t.created_at desc, t.id desc limit page_size + 1
            )
            order by created_at desc, id desc limit page_size + 1
        ) mine
        join public.orders o on o.id = mine.id
        order by o.created_at desc, o.id desc);
    v_next := v_orders[page_size + 1];
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(frontdesk.order_line_json(o) order by o.created_at desc, o.id desc), '[]')
            from unnest(v_orders[:page_size]) o),
        'next_cursor', casebase.write_cursor(v_next.created_at, v_next.id));
end
$$;

create or replace function public.list_my_orders(cursor text default null, page_size int default 20) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_my_orders(cursor, page_size)
$$;

comment on function public.list_my_orders(text, int) is
    'A page of the caller''s own orders, of whatever tenant, newest first: those of their account, and those sent to the e-mail '
    'address that they confirmed. {items: [{order_id, tenant_id, item_count, total, currency, status, payment_method, '
    'transaction_id, created_at, updated_at}], next_cursor}; page_size is 1 to 200. For people. 403 user_required; 422 '
    'invalid_input.';

revoke execute on function frontdesk.list_my_orders(text, int), public.list_my_orders(text, int)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.list_my_orders(text, int), public.list_my_orders(text, int) to authenticated;
