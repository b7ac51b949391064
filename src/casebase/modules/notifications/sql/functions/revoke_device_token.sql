-- Definer: nobody is granted a write of the table.
create or replace function notifications.revoke_device_token(token text) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    v_user_id uuid := notifications.acting_user();
    v_device public.device_tokens;
begin
    update public.device_tokens d set revoked_at = coalesce(d.revoked_at, casebase.now())
    where d.token = revoke_device_token.token and d.user_id = v_user_id
    returning d.* into v_device;
    if not found then
        perform casebase.fail(404, 'device_not_found', '{"field": "token"}');
    end if;
    return jsonb_build_object('device_id', v_device.id, 'revoked_at', v_device.revoked_at);
end
$$;

create or replace function public.revoke_device_token(token text) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.revoke_device_token(token)
$$;

comment on function public.revoke_device_token(text) is
    'Have no more pushes sent to a device of the caller, as they sign out of it; again changes nothing. Returns {device_id, '
    'revoked_at}. For people. 403 user_required; 404 device_not_found.';

revoke execute on function notifications.revoke_device_token(text), public.revoke_device_token(text)
from public, anon, authenticated, service_role;
grant execute on function notifications.revoke_device_token(text), public.revoke_device_token(text) to authenticated;
