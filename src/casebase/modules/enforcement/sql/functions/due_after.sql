create or replace function enforcement.due_after(stage text, entered_at timestamptz) returns timestamptz
    language sql stable
    set search_path = ''
as $$
    select due_after.entered_at + make_interval(days => s.sla_days)
    from public.enforcement_stage_lookup s where s.stage = due_after.stage
$$;

comment on function enforcement.due_after(text, timestamptz) is 'When a case that entered a stage wants its next action: the stage''s SLA; null without one.';

revoke execute on function enforcement.due_after(text, timestamptz) from public;
