-- Definer: no client reads auth.users. Who left an organisation is no longer known to it by name.
create or replace function notifications.member_email(organization_id uuid, user_id uuid) returns text
    language sql stable security definer
    set search_path = ''
as $$
    select u.email from public.tenant_users m
    join auth.users u on u.id = m.user_id
    where m.tenant_id = member_email.organization_id and m.user_id = member_email.user_id
$$;

comment on function notifications.member_email(uuid, uuid) is
    'The e-mail address of somebody of an organisation; null for who does not belong to it. For its administrators only.';

revoke execute on function notifications.member_email(uuid, uuid) from public;
