create or replace function toy.save_greeting(payload jsonb) returns void
    language sql
    set search_path = ''
as $$
    update public.greetings g set text = payload ->> 'text' where g.id = (payload ->> 'id')::uuid
$$;

comment on function toy.save_greeting(jsonb) is 'Keep the greeting {id, text} that the job wrote.';

revoke execute on function toy.save_greeting(jsonb) from public;
grant execute on function toy.save_greeting(jsonb) to service_role;
