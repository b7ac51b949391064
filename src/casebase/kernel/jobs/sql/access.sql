-- Jobs are reached through functions only; the tables can be read by the service, and by nobody else.
-- pgmq's tables hold every module's payloads: no API role gets at them.

revoke all on
    casebase.queues, casebase.job_keys, casebase.job_failures, casebase.dead_jobs, casebase.schedules, casebase.schedule_runs
    from public, anon, authenticated, service_role;
grant select on
    casebase.queues, casebase.job_keys, casebase.job_failures, casebase.dead_jobs, casebase.schedules, casebase.schedule_runs
    to service_role;
revoke all on schema pgmq from public, anon, authenticated;

drop policy if exists queues_select_service on casebase.queues;
create policy queues_select_service on casebase.queues for select to service_role using (true);
drop policy if exists job_keys_select_service on casebase.job_keys;
create policy job_keys_select_service on casebase.job_keys for select to service_role using (true);
drop policy if exists job_failures_select_service on casebase.job_failures;
create policy job_failures_select_service on casebase.job_failures for select to service_role using (true);
drop policy if exists dead_jobs_select_service on casebase.dead_jobs;
create policy dead_jobs_select_service on casebase.dead_jobs for select to service_role using (true);
drop policy if exists schedules_select_service on casebase.schedules;
create policy schedules_select_service on casebase.schedules for select to service_role using (true);
drop policy if exists schedule_runs_select_service on casebase.schedule_runs;
create policy schedule_runs_select_service on casebase.schedule_runs for select to service_role using (true);
