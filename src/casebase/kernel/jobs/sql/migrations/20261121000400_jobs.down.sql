-- Drops the queues with the jobs in them; pgmq itself stays, others may use it.
select pgmq.drop_queue(q.name) from casebase.queues q;
drop table casebase.schedule_runs;
drop table casebase.schedules;
drop table casebase.dead_jobs;
drop table casebase.job_failures;
drop table casebase.job_keys;
drop table casebase.queues;
