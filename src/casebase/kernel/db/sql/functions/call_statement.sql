-- The statement that calls public.<function> with the named arguments of a JSON object given as $1.
-- Names and types come from the catalog, never from the caller. Of several overloads that take all the given names,
-- the one with the fewest others is called. This runs for every call, so it is one lookup and a loop: aggregating over
-- unnested arguments took three times as long.
create or replace function casebase.call_statement(function text, arguments jsonb) returns text
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_given text[] := array(select jsonb_object_keys(arguments));
    v_names text[];
    v_types oid[];  -- an oidvector's array starts at 0
    v_returns_set boolean;
    v_return_type oid;
    v_list text := '';
    v_value text;
begin
    select p.proargnames[1:p.pronargs], p.proargtypes::oid[], p.proretset, p.prorettype
    into v_names, v_types, v_returns_set, v_return_type
    from pg_catalog.pg_proc p
    where p.proname = function
      and p.pronamespace = 'public'::regnamespace
      and p.prokind = 'f'
      and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
      and v_given <@ coalesce(p.proargnames[1:p.pronargs], '{}')
      and coalesce(p.proargnames[1:p.pronargs - p.pronargdefaults], '{}') <@ v_given
    order by p.pronargs
    limit 1;

    if not found then
        perform casebase.fail(404, 'function_not_found', jsonb_build_object('arguments', v_given),
            'Look up the function and the names of its arguments in the API reference.');
    end if;

    for i in 1..coalesce(cardinality(v_names), 0) loop
        continue when not v_names[i] = any (v_given);
        v_value := case
            -- JSON's null is SQL's for every type, as jsonb_to_record has it.
            when v_types[i - 1] = 'jsonb'::regtype then format('nullif($1 -> %L, ''null'')', v_names[i])
            when v_types[i - 1] = any ('{text,uuid,int4,int8,numeric,bool,timestamptz,date}'::regtype[]::oid[]) then
                format('($1 ->> %L)::%s', v_names[i], v_types[i - 1]::regtype)
            -- Arrays, composites, domains, enums: converted by the server's own rules.
            else format('(select a.v from jsonb_to_record(jsonb_build_object(''v'', $1 -> %L)) as a(v %s))',
                        v_names[i], pg_catalog.format_type(v_types[i - 1], null))
        end;
        v_list := v_list || format('%s%I => %s', case when v_list = '' then '' else ', ' end, v_names[i], v_value);
    end loop;

    return case
        when v_returns_set then
            format('select coalesce(jsonb_agg(to_jsonb(f)), ''[]'') from public.%I(%s) f', function, v_list)
        when v_return_type = 'void'::regtype then
            -- Read as text (void is ''), since the planner drops a call that nobody reads, a stable function's above all.
            format('select nullif(public.%I(%s)::text, '''')::jsonb', function, v_list)
        when v_return_type = 'jsonb'::regtype then
            -- A null result is JSON's null: no body at all means that the function returns void.
            format('select coalesce(public.%I(%s), ''null'')', function, v_list)
        else
            format('select coalesce(to_jsonb(public.%I(%s)), ''null'')', function, v_list)
    end;
end
$$;

comment on function casebase.call_statement(text, jsonb) is 'SQL text that calls an exposed function; used by casebase.rpc.';

revoke execute on function casebase.call_statement(text, jsonb) from public;
grant execute on function casebase.call_statement(text, jsonb) to casebase_api;
