-- Definer: who may read is asked once, before the rows are.
create or replace function frontdesk.get_score_trend(starts_at timestamptz, ends_at timestamptz, tenant_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set jit = off
as $$
#variable_conflict use_variable
declare
    v_tenant uuid;
    v_zone text;
begin
    if starts_at is null or starts_at < '2000-01-01Z' or starts_at >= '2200-01-01Z' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('from', 'range', 'must lie between the years 2000 and 2199'))));
    elsif ends_at is null or ends_at <= starts_at or ends_at >= '2200-01-01Z' or ends_at - starts_at > interval '366 days' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('until', 'range', 'must be after from, by 366 days at most'))));
    end if;
    v_tenant := frontdesk.administered_tenant(tenant_id);
    v_zone := (frontdesk.settings_of(v_tenant)).time_zone;
    return jsonb_build_object(
        'tenant_id', v_tenant, 'from', starts_at, 'until', ends_at, 'time_zone', v_zone,
        'points', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'day', p.day, 'version', p.version, 'count', p.count, 'avg', p.avg, 'p50', p.p50, 'min', p.min, 'max', p.max)
                order by p.day, p.version), '[]')
            from (
                select (s.created_at at time zone v_zone)::date as day, s.version, count(*) as count, round(avg(s.score), 2) as avg,
                       percentile_cont(0.5) within group (order by s.score) as p50, min(s.score) as min, max(s.score) as max
                from public.conversation_scores s
                where s.tenant_id = v_tenant and s.created_at >= starts_at and s.created_at < ends_at
                group by 1, 2
            ) p));
end
$$;

create or replace function public.get_score_trend("from" timestamptz, until timestamptz, tenant_id uuid default null)
    returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.get_score_trend("from", until, tenant_id)
$$;

comment on function public.get_score_trend(timestamptz, timestamptz, uuid) is
    'How a tenant''s conversations went, from a moment until another, 366 days at most: {tenant_id, from, until, time_zone, '
    'points: [{day, version, count, avg, p50, min, max}]}, by the day where the tenant is, a point for each version of the '
    'scoring, as scores compare within one; days without any are left out. For the tenant''s owners and admins, and the '
    'service. 403 administrator_required; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function
    frontdesk.get_score_trend(timestamptz, timestamptz, uuid), public.get_score_trend(timestamptz, timestamptz, uuid)
from public, anon, authenticated, service_role;
grant execute on function
    frontdesk.get_score_trend(timestamptz, timestamptz, uuid), public.get_score_trend(timestamptz, timestamptz, uuid)
to authenticated, service_role;
