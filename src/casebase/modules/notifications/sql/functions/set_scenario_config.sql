-- Definer: what an organisation decides is written through here alone.
create or replace function notifications.set_scenario_config(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_organization uuid;
    v_type text := payload ->> 'scenario_type';
    v_threshold int[];
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["scenario_type"],
        "properties": {
            "organization_id": {"type": "string", "format": "uuid"},
            "scenario_type": {"type": "string", "enum": ["inactivity", "milestone", "certification_expiry", "welcome_back"]},
            "enabled": {"type": "boolean"},
            "threshold": {"type": "array", "minItems": 1, "maxItems": 20,
                "items": {"type": "integer", "minimum": 1, "maximum": 1000000}},
            "cooldown_hours": {"type": "integer", "minimum": 1, "maximum": 8784},
            "batch_size": {"type": "integer", "minimum": 100, "maximum": 100000}
        }
    }');
    v_organization := notifications.administered_organization((payload ->> 'organization_id')::uuid);
    -- Milestones are climbed, days before expiry run down.
    if jsonb_typeof(payload -> 'threshold') = 'array' then
        v_threshold := array(
            select distinct t::numeric::int as value from jsonb_array_elements_text(payload -> 'threshold') t order by value);
        if v_type = 'certification_expiry' then
            v_threshold := array(select t from unnest(v_threshold) t order by t desc);
        end if;
    end if;
    if v_type in ('inactivity', 'welcome_back') and cardinality(v_threshold) > 1 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('threshold', 'maxItems', 'must be one number of days'))));
    elsif v_type <> 'milestone' and 366 < any (v_threshold) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('threshold', 'maximum', 'must be at most 366 days'))));
    end if;

    -- Two callers who each set another field both have their way.
    insert into public.scenario_evaluation_config (organization_id, scenario_type) values (v_organization, v_type)
    on conflict on constraint scenario_evaluation_config_pkey do nothing;
    update public.scenario_evaluation_config c
    set enabled = coalesce((payload ->> 'enabled')::boolean, c.enabled),
        threshold = coalesce(v_threshold, c.threshold),
        cooldown = coalesce(make_interval(hours => (payload ->> 'cooldown_hours')::numeric::int), c.cooldown),
        batch_size = coalesce((payload ->> 'batch_size')::numeric::int, c.batch_size),
        updated_at = casebase.now()
    where c.organization_id = v_organization and c.scenario_type = v_type;
    return notifications.scenario_config_json(v_organization);
end
$$;

create or replace function public.set_scenario_config(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.set_scenario_config(payload)
$$;

comment on function public.set_scenario_config(jsonb) is
    'Decide a rule of an organisation: {organization_id?, scenario_type, enabled?, threshold?, cooldown_hours?, batch_size?}; '
    'what is absent stays. threshold is a list: days without activity (one), counts of activities, days before expiry, days '
    'since the return (one); each once, in order. Returns all rules, as get_scenario_config. Holds from the next run. For '
    'administrators of the organisation, and the service. 403 administrator_required; 404 organization_not_found; 422 '
    'invalid_input.';

revoke execute on function notifications.set_scenario_config(jsonb), public.set_scenario_config(jsonb)
from public, anon, authenticated, service_role;
grant execute on function notifications.set_scenario_config(jsonb), public.set_scenario_config(jsonb)
to authenticated, service_role;
