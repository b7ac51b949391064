-- What is right costs one statement: its shape is looked at there, the rest by the table's constraints. Only what is
-- wrong is looked at again, by the validator that names field and rule.
create or replace function frontdesk.add_metrics(tenant_id uuid, metrics jsonb, field text) returns int
    language plpgsql
    set search_path = ''
    set timezone = 'UTC'
as $$
declare
    v_known constant text[] := array['name', 'value', 'tags', 'at'];
    v_now constant timestamptz := casebase.now();
    v_count int;
begin
    for v_attempt in 1..3 loop
        begin
            insert into public.analytics_metrics (tenant_id, name, value, tags, created_at)
            -- By "C" no letter becomes another alphabet's; thirty decimals are what is kept of a number.
            select add_metrics.tenant_id, lower(btrim(m ->> 'name') collate "C"),
                   case when length(m ->> 'value') > 30 then trim_scale(round((m ->> 'value')::numeric, 30))
                        else (m ->> 'value')::numeric end,
                   coalesce(nullif(m -> 'tags', 'null'), '{}'), coalesce((m ->> 'at')::timestamptz, v_now)
            from jsonb_array_elements(metrics) m
            where case when jsonb_typeof(m) = 'object' then
                m - v_known = '{}' and jsonb_typeof(m -> 'name') = 'string'
                and jsonb_typeof(m -> 'value') = 'number'
                and coalesce(
                    m ->> 'at' ~ '^2[01]\d\d-\d\d-\d\d[Tt ]\d\d:\d\d[0-9:.]*([Zz]|[+-]\d\d:?\d\d)$'
                    and (m ->> 'at')::timestamptz <= v_now + interval '1 day', m -> 'at' is null or m -> 'at' = 'null')
            end;
            get diagnostics v_count = row_count;
        exception
            when data_exception or check_violation then
                v_count := null;
        end;
        if v_count = jsonb_array_length(metrics) then
            return v_count;
        end if;
        -- A month that is made just now takes its rows from the default partition, which then refuses one on its way there:
        -- with nothing wrong in it, it is sent again.
        perform frontdesk.refuse_metrics(metrics, field, v_count is not null or v_attempt = 3);
    end loop;
    return null;
end
$$;

comment on function frontdesk.add_metrics(uuid, jsonb, text) is
    'Write an array of metrics {name, value, tags?, at?}, all or none; returns how many. 422 invalid_input, its fields below '
    'the one given, where null stands for the only metric itself.';

revoke execute on function frontdesk.add_metrics(uuid, jsonb, text) from public;
