-- The statement that calls public.<function> with the named arguments of a JSON object given as $1.
-- jsonb_to_record converts every argument by its declared type; names and types come from the catalog, never from
-- the caller. Of several overloads the one taking exactly these names, or the fewest defaults beside them, is called.
create or replace function casebase.call_statement(function text, arguments jsonb) returns text
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_given text[] := array(select jsonb_object_keys(arguments));
    v_proc record;
    v_call text;
begin
    select p.oid, p.proretset, p.prorettype, i.names, i.columns
    into v_proc
    from pg_catalog.pg_proc p
    cross join lateral (
        select coalesce(array_agg(a.name order by a.ord), '{}') as names,
               array_agg(a.name order by a.ord) filter (where a.ord <= p.pronargs - p.pronargdefaults) as required,
               string_agg(format('%I %s', a.name, pg_catalog.format_type(a.type, null)), ', ' order by a.ord)
                   filter (where a.name = any (v_given)) as columns
        from unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[]) with ordinality as a (name, type, ord)
    ) i
    where p.proname = function
      and p.pronamespace = 'public'::regnamespace
      and p.prokind = 'f'
      and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
      and v_given <@ i.names
      and coalesce(i.required, '{}') <@ v_given
    order by cardinality(i.names)
    limit 1;

    if not found then
        perform casebase.fail(404, 'function_not_found', jsonb_build_object('arguments', v_given),
            'Look up the function and the names of its arguments in the API reference.');
    end if;

    select format('public.%I(%s)', function, coalesce(string_agg(format('%1$I => a.%1$I', g), ', '), ''))
    into v_call
    from unnest(v_given) g;

    return case
        when v_proc.proretset then
            format('select coalesce(jsonb_agg(r), ''[]'') from (select to_jsonb(f) as r from %s%s f) s',
                   case when cardinality(v_given) > 0
                        then format('jsonb_to_record($1) as a(%s), ', v_proc.columns) else '' end, v_call)
        when v_proc.prorettype = 'void'::regtype then
            -- Read as text (void is ''), since the planner drops a call that nobody reads, a stable function's above all.
            format('select nullif(%s::text, '''')::jsonb%s', v_call,
                   case when cardinality(v_given) > 0
                        then format(' from jsonb_to_record($1) as a(%s)', v_proc.columns) else '' end)
        else
            -- A null result is JSON's null: no body at all means that the function returns void.
            format('select coalesce(to_jsonb(%s), ''null'')%s', v_call,
                   case when cardinality(v_given) > 0
                        then format(' from jsonb_to_record($1) as a(%s)', v_proc.columns) else '' end)
    end;
end
$$;

comment on function casebase.call_statement(text, jsonb) is 'SQL text that calls an exposed function; used by casebase.rpc.';

revoke execute on function casebase.call_statement(text, jsonb) from public;
grant execute on function casebase.call_statement(text, jsonb) to casebase_api;
