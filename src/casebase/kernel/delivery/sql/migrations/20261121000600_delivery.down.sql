drop function public.list_webhook_endpoints();
drop function public.list_webhook_deliveries(text, jsonb, int);
drop function public.redeliver_webhooks(uuid[]);
drop table casebase.webhook_deliveries;
drop table casebase.webhook_endpoints;
select pgmq.drop_queue(q.name) from casebase.queues q where q.name in ('casebase_webhooks', 'casebase_alerts');
delete from casebase.queues where name in ('casebase_webhooks', 'casebase_alerts');
