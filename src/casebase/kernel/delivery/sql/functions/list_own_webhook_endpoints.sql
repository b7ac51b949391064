-- Definer: shows a caller only what they administer, and everything but the secrets.
create or replace function casebase.list_own_webhook_endpoints() returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(e)), '[]')
    from unnest(casebase.administered_tenants()) t
    cross join lateral casebase.list_webhook_endpoints(t) e
$$;

create or replace function public.list_webhook_endpoints() returns jsonb
    language sql stable
    set search_path = ''
as $$
    select casebase.list_own_webhook_endpoints()
$$;

comment on function public.list_webhook_endpoints() is
    'The webhook endpoints of the tenants that the caller owns or administers, without secrets. 403 forbidden.';

revoke execute on function casebase.list_own_webhook_endpoints(), public.list_webhook_endpoints()
from public, anon, authenticated, service_role;
grant execute on function casebase.list_own_webhook_endpoints(), public.list_webhook_endpoints() to authenticated;
