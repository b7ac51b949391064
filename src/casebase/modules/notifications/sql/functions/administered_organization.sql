create or replace function notifications.administered_organization(organization_id uuid) returns uuid
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_organization constant uuid := notifications.acting_organization(organization_id);
begin
    if not notifications.is_administrator(v_organization) then
        perform casebase.fail(403, 'administrator_required', '{"field": "organization_id"}',
            'Ask an owner of the organisation for the role admin.');
    end if;
    return v_organization;
end
$$;

comment on function notifications.administered_organization(uuid) is
    'The organisation a call decides for, as notifications.acting_organization finds it; 403 administrator_required for '
    'its other members.';

revoke execute on function notifications.administered_organization(uuid) from public;
