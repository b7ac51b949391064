-- Reached through functions only, which run as their owner.
revoke all on
    casebase.call_stats, casebase.pool_stats, casebase.table_samples, casebase.alert_rules, casebase.alerts
    from public, anon, authenticated, service_role, casebase_api;

drop policy if exists call_stats_all_nobody on casebase.call_stats;
create policy call_stats_all_nobody on casebase.call_stats for all using (false);
drop policy if exists pool_stats_all_nobody on casebase.pool_stats;
create policy pool_stats_all_nobody on casebase.pool_stats for all using (false);
drop policy if exists table_samples_all_nobody on casebase.table_samples;
create policy table_samples_all_nobody on casebase.table_samples for all using (false);
drop policy if exists alert_rules_all_nobody on casebase.alert_rules;
create policy alert_rules_all_nobody on casebase.alert_rules for all using (false);
drop policy if exists alerts_all_nobody on casebase.alerts;
create policy alerts_all_nobody on casebase.alerts for all using (false);
