-- Definer: answers that are being made are granted to nobody.
create or replace function practice.count_due_cleanups() returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select jsonb_build_object(
        'close_stale_answers', (
            select count(*) from practice.answers a where a.status = 'running' and practice.is_stale(a)),
        'reset_weekly_limits', (
            select count(*) from public.profiles p
            where p.current_week_completion_count > 0 and p.week_reset_date <= casebase.now()),
        'delete_expired_sessions', (
            select count(*) from public.sessions s
            where s.is_completed = false and s.started_at < casebase.now() - interval '168 hours'
              and s.last_activity_at < casebase.now() - interval '168 hours'),
        'delete_old_logs', (
            select count(*) from public.logs l where l.created_at < casebase.now() - interval '30 days'))
$$;

create or replace function public.count_due_cleanups() returns jsonb
    language sql stable
    set search_path = ''
as $$
    select practice.count_due_cleanups()
$$;

comment on function public.count_due_cleanups() is
    'How much each cleanup would do now: {close_stale_answers, reset_weekly_limits, delete_expired_sessions, delete_old_logs}. '
    'Nothing is written. For the service.';

revoke execute on function practice.count_due_cleanups(), public.count_due_cleanups()
from public, anon, authenticated, service_role;
grant execute on function practice.count_due_cleanups(), public.count_due_cleanups() to service_role;
