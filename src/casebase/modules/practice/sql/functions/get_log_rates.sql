-- Definer: as list_log_events.
create or replace function practice.get_log_rates(starts_at timestamptz, ends_at timestamptz) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set jit = off
as $$
#variable_conflict use_variable
declare
    v_step interval;
begin
    if starts_at is null or ends_at is null or ends_at <= starts_at or ends_at - starts_at > interval '31 days'
       or starts_at < '2000-01-01Z' or ends_at >= '2200-01-01Z' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('until', 'range', 'must be after from, by 31 days at most'))));
    end if;
    perform practice.require_administrator();
    v_step := case when ends_at - starts_at <= interval '2 days' then interval '1 hour' else interval '24 hours' end;
    return jsonb_build_object(
        'from', starts_at, 'until', ends_at, 'step_seconds', extract(epoch from v_step)::int,
        'rates', (
            select coalesce(jsonb_agg(
                jsonb_build_object('at', r.at, 'level', r.level, 'event_type', r.event_type, 'count', r.events)
                order by r.at, r.event_type, r.level), '[]')
            from (
                select date_bin(v_step, l.created_at, '2000-01-01Z') as at, l.level, l.event_type, count(*) as events
                from public.logs l
                where l.created_at >= starts_at and l.created_at < ends_at
                group by 1, 2, 3
            ) r));
end
$$;

create or replace function public.get_log_rates("from" timestamptz, until timestamptz) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select practice.get_log_rates("from", until)
$$;

comment on function public.get_log_rates(timestamptz, timestamptz) is
    'How often what happened, from a moment until another, 31 days at most: {from, until, step_seconds, rates: [{at, level, '
    'event_type, count}]}, by the hour up to two days, else by the day, in UTC; steps without events are left out. For owners '
    'and admins of the default tenant, and the service. 403 administrator_required; 422 invalid_input.';

revoke execute on function practice.get_log_rates(timestamptz, timestamptz), public.get_log_rates(timestamptz, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function practice.get_log_rates(timestamptz, timestamptz), public.get_log_rates(timestamptz, timestamptz)
to authenticated, service_role;
