drop function public.get_monitoring(text);
drop table casebase.alerts;
drop table casebase.alert_rules;
drop table casebase.table_samples;
drop table casebase.pool_stats;
drop table casebase.call_stats;
select pgmq.drop_queue(q.name) from casebase.queues q where q.name = 'casebase_monitoring';
delete from casebase.queues where name = 'casebase_monitoring';
