delete from casebase.schedules where queue = 'toy_greeting';
select pgmq.drop_queue('toy_greeting');
delete from casebase.queues where name = 'toy_greeting';
drop function public.create_greeting(jsonb);
drop function public.list_greetings();
drop table public.greetings;
drop schema toy cascade;
