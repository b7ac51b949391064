-- Definer: members read the table and write it through this function alone.
create or replace function notifications.set_certifications(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_organization_id uuid;
    v_wrong jsonb;
    v_certifications jsonb;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["certifications"],
        "properties": {
            "organization_id": {"type": "string", "format": "uuid"},
            "certifications": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {
                "type": "object",
                "required": ["name", "expires_on"],
                "properties": {
                    "user_id": {"type": "string", "format": "uuid"},
                    "name": {"type": "string", "minLength": 1, "maxLength": 120, "pattern": "^(?! )[^[:cntrl:]<>]*[^ [:cntrl:]<>]$",
                             "description": "must be a plain name, without spaces around it"},
                    "expires_on": {"type": "string", "format": "date"}
                }
            }}
        }
    }');
    with given as (
        select c.ordinality - 1 as position, c.value, row_number() over (
            partition by coalesce((c.value ->> 'user_id')::uuid, auth.uid()), c.value ->> 'name' order by c.ordinality) as time
        from jsonb_array_elements(payload -> 'certifications') with ordinality c
    ), wrong as (
        select position, 'name' as field, 'personal' as rule, 'must tell of nobody: no number of a person, no address' as message
        from given where notifications.holds_personal_data(value -> 'name')
        union all
        select position, 'name', 'unique', 'must be named once for each person' from given where time > 1
        union all
        select position, 'expires_on', 'range', 'must lie between the years 2000 and 2199'
        from given where (value ->> 'expires_on')::date < '2000-01-01'
    )
    select jsonb_agg(casebase.validation_error(format('certifications[%s].%s', position, field), rule, message) order by position, field)
    into v_wrong from wrong;
    if v_wrong is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', v_wrong));
    end if;

    v_organization_id := notifications.acting_organization((payload ->> 'organization_id')::uuid);
    perform notifications.require_subjects(v_organization_id, payload -> 'certifications', 'certifications');
    -- Ordered, so that two who write the same ones wait for each other and do not lock each other out.
    insert into public.certifications as known (organization_id, user_id, name, expires_on)
    select v_organization_id, coalesce((c ->> 'user_id')::uuid, auth.uid()), c ->> 'name', (c ->> 'expires_on')::date
    from jsonb_array_elements(payload -> 'certifications') c
    order by 2, 3
    on conflict on constraint certifications_organization_id_user_id_name_key do update
        set expires_on = excluded.expires_on where known.expires_on <> excluded.expires_on;
    select jsonb_agg(jsonb_build_object(
        'certification_id', k.id, 'user_id', k.user_id, 'name', k.name, 'expires_on', k.expires_on) order by c.ordinality)
    into v_certifications
    from jsonb_array_elements(payload -> 'certifications') with ordinality c
    join public.certifications k on k.organization_id = v_organization_id
        and k.user_id = coalesce((c.value ->> 'user_id')::uuid, auth.uid()) and k.name = c.value ->> 'name';
    return jsonb_build_object('organization_id', v_organization_id, 'certifications', v_certifications);
end
$$;

create or replace function public.set_certifications(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.set_certifications(payload)
$$;

comment on function public.set_certifications(jsonb) is
    'Set until which day people are certified for what: {organization_id?, certifications: [{user_id?, name, expires_on}]}, up '
    'to 1000. One that is known by its name gets the new day, and its reminders begin anew. Members set their own; owners, '
    'admins and the service every member''s. A name tells of nobody. All are set or none. Returns {organization_id, '
    'certifications: [{certification_id, user_id, name, expires_on}]}, in their order. 404 organization_not_found, '
    'member_not_found; 403 administrator_required; 422 invalid_input.';

revoke execute on function notifications.set_certifications(jsonb), public.set_certifications(jsonb)
from public, anon, authenticated, service_role;
grant execute on function notifications.set_certifications(jsonb), public.set_certifications(jsonb)
to authenticated, service_role;
