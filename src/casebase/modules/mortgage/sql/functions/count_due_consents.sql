create or replace function public.count_due_consents() returns bigint
    language sql stable
    set search_path = ''
as $$
    select count(*) from public.consents k
    where k.expired_at is null and least(k.until, k.withdrawn_at) <= casebase.now()
$$;

comment on function public.count_due_consents() is 'How many ended consents still wait for expire_consents. For the service alone.';

revoke execute on function public.count_due_consents() from public, anon, authenticated, service_role;
grant execute on function public.count_due_consents() to service_role;
