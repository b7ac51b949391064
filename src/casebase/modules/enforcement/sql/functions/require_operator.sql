-- For definer functions, which row level security does not bind. A stranger learns nothing, a member that they need a
-- role. Not current_user: inside a definer function that is the owner.
create or replace function enforcement.require_operator(tenant_id uuid, code text, field text) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    if casebase.calling_role() = 'service_role' then
        return;
    end if;
    if not coalesce(tenant_id = any (casebase.member_tenants()), false) then
        perform casebase.fail(404, code, jsonb_build_object('field', field));
    end if;
    if not tenant_id = any (enforcement.operator_tenants()) then
        perform casebase.fail(403, 'operator_required', '{}',
            'Ask an owner of the tenant for the role enforcement_operator.');
    end if;
end
$$;

comment on function enforcement.require_operator(uuid, text, text) is
    'Pass the service and a tenant''s operators; 403 operator_required for its other members, 404 with the code for strangers.';

revoke execute on function enforcement.require_operator(uuid, text, text) from public;
