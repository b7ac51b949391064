create or replace function mortgage.actor() returns text
    language sql stable
    set search_path = ''
as $$
    select case when casebase.calling_role() = 'authenticated' then 'staff:' || auth.uid() else 'service' end
$$;

comment on function mortgage.actor() is 'Who makes the call, as events and versions name them: staff:<user id>, or service.';

revoke execute on function mortgage.actor() from public;
