-- The only door: one call of one function in public, as the caller, in one transaction and one round trip.
--
-- Claims and role are transaction-local, so a pooled connection cannot leak them. A keyed reply is stored in the same
-- transaction as the call's own writes: whoever repeats the key waits for the first call's end, then gets its reply.
-- `error` is always null today; it is where a sharding proxy, which drops its connection on every remote error,
-- will find the refusal instead of an exception (ARCHITECTURE.md, Running it).
--
-- This is the hot path, and what it costs is expressions: plpgsql prepares each one anew in every transaction. So the
-- house's own form, f(payload jsonb) returns jsonb, is recognised from the system caches, in half the time that
-- casebase.call_statement takes; of several functions of one name to_regproc finds none. JIT is off: where the server has
-- it, it compiles for half a second what then takes milliseconds (docs/decisions/0132). What others call at length sets it
-- for itself.
create or replace function casebase.rpc(
    claims jsonb,
    function text,
    arguments jsonb,
    idempotency_key text default null,
    out body jsonb,
    out is_replay boolean,
    out error jsonb
)
    language plpgsql
    set search_path = ''
    set jit = off
as $$
#variable_conflict use_variable
declare
    v_role text := claims ->> 'role';
    v_function oid;
    v_statement text;
    v_input jsonb := arguments;
    v_principal text;
    v_hash bytea;
    v_kept casebase.idempotency_keys;
begin
    is_replay := false;
    error := null;

    if jsonb_typeof(arguments) is distinct from 'object' then
        perform casebase.fail(400, 'invalid_input',
            '{"errors": [{"field": "", "rule": "type", "message": "The body must be a JSON object of named arguments."}]}');
    end if;
    if v_role is null
       or v_role not in ('anon', 'authenticated', 'service_role', 'casebase_analyst', 'casebase_ai_broker') then
        perform casebase.fail(403, 'role_not_allowed');
    end if;

    v_function := to_regproc('public.' || quote_ident(function));
    if pg_get_function_arguments(v_function) = 'payload jsonb' and pg_get_function_result(v_function) = 'jsonb'
       and arguments ? 'payload' and arguments - 'payload' = '{}' then
        v_statement := format('select coalesce(public.%I($1), ''null'')', function);
        v_input := nullif(arguments -> 'payload', 'null');
    else
        v_statement := casebase.call_statement(function, arguments);
    end if;

    if idempotency_key is not null then
        -- What only reads is asked anew each time: a kept reply would outlive its caller's right to see it. Asked
        -- apart, as the other condition would else be no simple expression, which costs calls without a key too.
        if not exists (
            select from pg_catalog.pg_proc p
            where p.proname = function and p.pronamespace = 'public'::regnamespace and p.provolatile = 'v'
        ) then
            idempotency_key := null;
        end if;
    end if;

    if idempotency_key is not null then
        -- `client` sets apart those for whom the service acts without knowing them: their keys are not its own. In a
        -- person's token it says nothing.
        v_principal := concat_ws(':', v_role, coalesce(
            claims ->> 'sub', case v_role when 'service_role' then claims ->> 'client' end));
        v_hash := sha256(convert_to(arguments::text, 'UTF8'));
        delete from casebase.idempotency_keys k
        where k.principal = v_principal and k.function = function and k.key = idempotency_key
          and k.expires_at <= casebase.now();
        insert into casebase.idempotency_keys (principal, function, key, request_hash)
        values (v_principal, function, idempotency_key, v_hash)
        on conflict do nothing;
        if not found then
            select * into v_kept from casebase.idempotency_keys k
            where k.principal = v_principal and k.function = function and k.key = idempotency_key;
            if v_kept.request_hash is distinct from v_hash then
                perform casebase.fail(422, 'idempotency_key_reused', '{}',
                    'This key was used with another body. Send a new key for a new request.');
            end if;
            body := v_kept.reply;
            is_replay := true;
            return;
        end if;
    end if;

    perform set_config('request.jwt.claims', claims::text, true),
            set_config('role', v_role, true);
    execute v_statement using v_input into body;

    if idempotency_key is not null then
        perform set_config('role', 'none', true);
        if current_setting('casebase.keep_reply', true) = 'off' then
            -- The function's reply holds personal data, which gets no second home here: repeated, the call is made again.
            delete from casebase.idempotency_keys k
            where k.principal = v_principal and k.function = function and k.key = idempotency_key;
        else
            update casebase.idempotency_keys k set reply = body
            where k.principal = v_principal and k.function = function and k.key = idempotency_key;
        end if;
    end if;
end
$$;

comment on function casebase.rpc(jsonb, text, jsonb, text) is
    'Call public.<function> with named arguments under the claims'' role; keep or replay the reply of a keyed call.';

revoke execute on function casebase.rpc(jsonb, text, jsonb, text) from public;
grant execute on function casebase.rpc(jsonb, text, jsonb, text) to casebase_api;
