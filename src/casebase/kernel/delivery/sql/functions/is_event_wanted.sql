-- Definer: says no more of the endpoints than this.
create or replace function casebase.is_event_wanted(tenant_id uuid, event_type text) returns boolean
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    return exists (
        select from casebase.webhook_endpoints e
        where e.tenant_id = is_event_wanted.tenant_id and e.is_enabled and casebase.wants_event(e.event_types, event_type));
end
$$;

comment on function casebase.is_event_wanted(uuid, text) is
    'Whether an endpoint of the tenant wants events of this type: ask before making a payload that costs something.';

revoke execute on function casebase.is_event_wanted(uuid, text) from public;
grant execute on function casebase.is_event_wanted(uuid, text) to casebase_api, service_role;
