-- Definer: the service reads its rules and its people, whatever organisation it is about.
create or replace function notifications.evaluate_scenarios(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
    set jit = off
as $$
declare
    v_max_attempts constant int := 5;
    v_types text[];
    v_at timestamptz;
    v_is_dry_run boolean;
    v_organization uuid;
    v_wanted text[];
    v_run public.scenario_evaluation_runs;
    v_batch record;
    v_after uuid;
    v_limit int;
    v_error jsonb;
    v_batch_size int;
    v_evaluated bigint := 0;
    v_counts jsonb := '{}'::jsonb;
    v_runs uuid[] := '{}'::uuid[];
    v_is_more boolean := false;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "properties": {
            "organization_id": {"type": "string", "format": "uuid"},
            "scenario_types": {"type": "array", "minItems": 1, "maxItems": 4,
                "items": {"type": "string", "enum": ["inactivity", "milestone", "certification_expiry", "welcome_back"]}},
            "dry_run": {"type": "boolean"},
            "now": {"type": "string", "format": "date-time"},
            "run_key": {"type": "string", "minLength": 1, "maxLength": 200},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100000},
            "cursor": {"type": "string", "format": "uuid"},
            "wait_s": {"type": "integer", "minimum": 1, "maximum": 60}
        }
    }');
    v_at := coalesce((payload ->> 'now')::timestamptz, casebase.now());
    v_is_dry_run := coalesce((payload ->> 'dry_run')::boolean, false);
    v_limit := (payload ->> 'limit')::numeric::int;
    if payload ->> 'scenario_types' is not null then
        v_types := array(select jsonb_array_elements_text(payload -> 'scenario_types'));
    end if;
    v_error := case
        when not v_at between '2000-01-01Z' and '2199-01-01Z' then
            casebase.validation_error('now', 'range', 'must lie between the years 2000 and 2199')
        when payload ->> 'organization_id' is null and coalesce(payload ->> 'limit', payload ->> 'cursor', payload ->> 'run_key') is not null then
            casebase.validation_error('organization_id', 'required', 'is needed with limit, cursor and run_key')
        when v_is_dry_run and payload ->> 'run_key' is not null then
            casebase.validation_error('run_key', 'dry_run', 'is of no use to a dry run, which goes on by its cursor')
        -- By a cursor a run would leave out people whom nobody evaluates.
        when not v_is_dry_run and payload ->> 'cursor' is not null then
            casebase.validation_error('cursor', 'dry_run', 'is for dry runs; any other goes on by its run_key')
        when not v_is_dry_run and v_limit is not null and payload ->> 'run_key' is null then
            casebase.validation_error('run_key', 'required', 'is needed with limit, to go on by')
    end;
    if v_error is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(v_error)));
    end if;
    if payload ->> 'organization_id' is not null then
        perform notifications.acting_organization((payload ->> 'organization_id')::uuid);
    end if;

    if not v_is_dry_run then
        if payload ->> 'wait_s' is null then
            perform notifications.lock_evaluation((payload ->> 'organization_id')::uuid);
        else
            perform notifications.lock_evaluation_within(
                (payload ->> 'organization_id')::uuid, (payload ->> 'wait_s')::numeric::int);
        end if;
    end if;

    for v_organization in
        select t.id from public.tenants t
        where t.id = coalesce((payload ->> 'organization_id')::uuid, t.id)
        order by t.id
    loop
        -- A run that is known goes on where it stopped, at its own moment, with those of its scenarios that are still enabled.
        select * into v_run from public.scenario_evaluation_runs r where r.run_key = payload ->> 'run_key';
        select array_agg(r.scenario_type order by r.scenario_type), least(v_limit, min(r.batch_size))
        into v_wanted, v_batch_size
        from notifications.rules_of(v_organization) r
        where r.is_enabled and r.scenario_type = any (coalesce(v_run.scenario_types, v_types, array[r.scenario_type]));
        continue when v_wanted is null and v_run.id is null;

        if not v_is_dry_run then
            if v_run.id is null then
                insert into public.scenario_evaluation_runs (organization_id, scenario_types, evaluated_at, run_key)
                values (v_organization, v_wanted, v_at, payload ->> 'run_key')
                on conflict on constraint scenario_evaluation_runs_run_key_key do nothing
                returning * into v_run;
            end if;
            -- Engines of one organisation come one at a time: who took the key meanwhile is another's.
            if v_run.organization_id is distinct from v_organization then
                perform casebase.fail(409, 'run_key_taken', '{"field": "run_key"}', 'Another organisation''s run has this key.');
            end if;
            v_runs := v_runs || v_run.id;
            if v_wanted is null then
                update public.scenario_evaluation_runs r set finished_at = casebase.now()
                where r.id = v_run.id and r.finished_at is null;
                continue;
            end if;
            continue when v_run.finished_at is not null;
        end if;

        v_after := coalesce(v_run.position, (payload ->> 'cursor')::uuid, '00000000-0000-0000-0000-000000000000');
        loop
            -- Where an account or a certification was deleted between our look and our write, another look finds it gone.
            for v_attempt in 1..v_max_attempts loop
                begin
                    select * into v_batch from notifications.evaluate_batch(
                        v_organization, v_wanted, coalesce(v_run.evaluated_at, v_at), v_after, v_batch_size, v_run.id);
                    exit;
                exception
                    when foreign_key_violation then
                        if v_attempt = v_max_attempts then
                            raise;
                        end if;
                end;
            end loop;
            v_evaluated := v_evaluated + v_batch.evaluated;
            v_counts := notifications.add_counts(v_counts, v_batch.counts);
            v_after := coalesce(v_batch.last_user, v_after);
            v_is_more := v_batch.evaluated = v_batch_size;
            if not v_is_dry_run then
                update public.scenario_evaluation_runs r
                set position = v_after, evaluated_count = r.evaluated_count + v_batch.evaluated,
                    finished_at = case when v_is_more then null else casebase.now() end,
                    -- Hourly runs find nobody most often.
                    keep_until = case
                        when v_is_more or exists (select from notifications.run_counts c where c.run_id = r.id) then r.keep_until
                        else r.started_at + interval '2 days' end
                where r.id = v_run.id
                returning * into v_run;
            end if;
            exit when v_limit is not null or not v_is_more;
        end loop;

        if v_run.finished_at is not null then
            perform notifications.purge_runs();
            insert into public.scenario_evaluation_config (organization_id, scenario_type, last_run_at, last_evaluated_count)
            select v_organization, t, v_run.started_at, v_run.evaluated_count from unnest(v_wanted) t
            on conflict on constraint scenario_evaluation_config_pkey do update
                set last_run_at = excluded.last_run_at, last_evaluated_count = excluded.last_evaluated_count;
        end if;
    end loop;

    return jsonb_build_object(
        'run_ids', to_jsonb(v_runs), 'evaluated', v_evaluated, 'scenarios', v_counts,
        'is_more', v_is_more and v_limit is not null, 'cursor', case when v_is_more and v_limit is not null then v_after end);
end
$$;

create or replace function public.evaluate_scenarios(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.evaluate_scenarios(payload)
$$;

comment on function public.evaluate_scenarios(jsonb) is
    'Find who is due and write their notifications with their jobs: {organization_id?, scenario_types?, dry_run?, now?, '
    'run_key?, limit?, cursor?, wait_s?}; without an organisation all of them, in one transaction. dry_run counts only and '
    'writes nothing. Engines come one at a time; with wait_s none waits longer for another than so many seconds. With limit one batch of at most so many people is evaluated (never more than the organisation''s batch_size): '
    'while is_more, call again with the same run_key (dry: with the cursor). A run_key that is known goes on where it '
    'stopped, as it began but for scenarios that were switched off since, and does nothing once finished. Returns {run_ids, '
    'evaluated, scenarios: {type: {notified, opted_out, cooldown, failed_recently, quiet_hours}}, is_more, cursor}. For the '
    'service. 404 organization_not_found; 409 run_key_taken, evaluation_under_way; 422 invalid_input.';

revoke execute on function notifications.evaluate_scenarios(jsonb), public.evaluate_scenarios(jsonb)
from public, anon, authenticated, service_role;
grant execute on function notifications.evaluate_scenarios(jsonb), public.evaluate_scenarios(jsonb) to service_role;
