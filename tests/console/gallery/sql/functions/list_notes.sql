create or replace function public.list_notes(filters jsonb, sort text, is_descending boolean, after jsonb, "limit" int)
    returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_rows jsonb;
begin
    execute format(
        'select coalesce(jsonb_agg(r), ''[]'') from (
            select n.id, n.title, n.status, n.amount, n.created_at, n.%1$I::text as position from gallery.notes n
            where ($1 ->> ''status'' is null or n.status = $1 ->> ''status'')
              and ($1 ->> ''search'' is null or n.title ilike ''%%'' || ($1 ->> ''search'') || ''%%'')
              and ($2 is null or (n.%1$I, n.id) %2$s (($2 ->> ''value'')::%3$s, ($2 ->> ''id'')::uuid))
            order by n.%1$I %4$s, n.id %4$s limit $3 + 1) r',
        sort, case when is_descending then '<' else '>' end,
        case sort when 'created_at' then 'timestamptz' when 'amount' then 'numeric' else 'text' end,
        case when is_descending then 'desc' else 'asc' end)
    into v_rows using filters, after, "limit";
    return jsonb_build_object(
        'items', jsonb_path_query_array(v_rows, format('$[0 to %s]', "limit" - 1)::jsonpath),
        'next', case when jsonb_array_length(v_rows) > "limit" then
            jsonb_build_object('value', v_rows -> ("limit" - 1) ->> 'position', 'id', v_rows -> ("limit" - 1) ->> 'id') end);
end
$$;
grant execute on function public.list_notes(jsonb, text, boolean, jsonb, int) to authenticated;
