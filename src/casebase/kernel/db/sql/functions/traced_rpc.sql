-- The counters of a session keep what the transactions before used until they are flushed, once a second at most: so the
-- tables of a call are those whose count grows during it. Looking twice takes about a millisecond, which is why few calls
-- are traced.
create or replace function casebase.traced_rpc(
    claims jsonb,
    function text,
    arguments jsonb,
    idempotency_key text default null,
    out body jsonb,
    out is_replay boolean,
    out error jsonb,
    out tables text[]
)
    language plpgsql
    set search_path = ''
as $$
declare
    v_before constant jsonb := (select coalesce(jsonb_object_agg(u.table_name, u.uses), '{}') from casebase.table_uses() u);
begin
    select r.body, r.is_replay, r.error into body, is_replay, error
    from casebase.rpc(claims, function, arguments, idempotency_key) r;
    -- The caller's role has no business with the catalog of tables.
    perform set_config('role', 'none', true);
    tables := array(
        select u.table_name from casebase.table_uses() u
        where u.uses > coalesce((v_before ->> u.table_name)::bigint, 0)
        order by u.table_name);
end
$$;

comment on function casebase.traced_rpc(jsonb, text, jsonb, text) is
    'As casebase.rpc, and which tables the call touched, as schema.table.';

revoke execute on function casebase.traced_rpc(jsonb, text, jsonb, text) from public;
grant execute on function casebase.traced_rpc(jsonb, text, jsonb, text) to casebase_api;
