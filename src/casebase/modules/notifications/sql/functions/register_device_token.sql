-- Definer: nobody is granted a write of the table. A device that changes hands keeps its token: it is the next person's
-- at once, so nobody is sent what another should read. Twenty devices are more than people have, and fewer than a leaked
-- token of theirs could have a worker send to.
create or replace function notifications.register_device_token(token text, platform text) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    v_user_id uuid := notifications.acting_user();
    v_device public.device_tokens;
begin
    perform casebase.require_valid(
        jsonb_build_object('token', register_device_token.token, 'platform', register_device_token.platform),
        '{
            "type": "object",
            "required": ["token", "platform"],
            "properties": {
                "token": {"type": "string", "minLength": 8, "maxLength": 2000, "pattern": "^[!-~]*$",
                    "description": "must be of visible ASCII characters"},
                "platform": {"type": "string", "enum": ["android", "ios", "web"]}
            }
        }');
    insert into public.device_tokens as d (user_id, token, platform)
    values (v_user_id, register_device_token.token, register_device_token.platform)
    on conflict on constraint device_tokens_token_key do update
        set user_id = excluded.user_id, platform = excluded.platform, last_seen_at = excluded.last_seen_at, revoked_at = null
    returning d.* into v_device;
    update public.device_tokens d set revoked_at = casebase.now()
    where d.id in (
        select s.id from (
            select o.id from public.device_tokens o
            where o.user_id = v_user_id and o.revoked_at is null and o.id <> v_device.id
            order by o.last_seen_at desc, o.id
            offset 19
        ) s
        join public.device_tokens l on l.id = s.id
        for update of l skip locked
    );
    return jsonb_build_object('device_id', v_device.id, 'platform', v_device.platform, 'last_seen_at', v_device.last_seen_at);
end
$$;

create or replace function public.register_device_token(token text, platform text) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.register_device_token(token, platform)
$$;

comment on function public.register_device_token(text, text) is
    'Have pushes sent to a device of the caller: its token of the push service, 8 to 2000 visible ASCII characters, and its '
    'platform (android, ios, web). To be called at every start of an app: the token is of who registered it last, and no '
    'longer revoked. Of more than 20 devices the one not seen for longest is revoked. Returns {device_id, platform, '
    'last_seen_at}. For people. 403 user_required; 422 invalid_input.';

revoke execute on function notifications.register_device_token(text, text), public.register_device_token(text, text)
from public, anon, authenticated, service_role;
grant execute on function notifications.register_device_token(text, text), public.register_device_token(text, text)
to authenticated;
