-- Invoker: a person's token reads their own rows, by the table's policy.
create or replace function public.list_my_certifications() returns jsonb
    language sql stable
    set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'certification_id', c.id, 'organization_id', c.organization_id, 'name', c.name, 'expires_on', c.expires_on)
        order by c.expires_on, c.name, c.id), '[]')
    from public.certifications c
    where c.user_id = (select auth.uid())
$$;

comment on function public.list_my_certifications() is
    'List what the caller is certified for, soonest to expire first. Returns [{certification_id, organization_id, name, '
    'expires_on}].';

revoke execute on function public.list_my_certifications() from public, anon, authenticated, service_role;
grant execute on function public.list_my_certifications() to authenticated;
