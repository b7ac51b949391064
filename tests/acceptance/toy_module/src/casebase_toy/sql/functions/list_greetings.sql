create or replace function public.list_greetings() returns jsonb
    language sql stable
    set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'text', g.text) order by g.created_at), '[]')
    from public.greetings g
$$;

comment on function public.list_greetings() is 'All greetings the caller may see.';

revoke execute on function public.list_greetings() from public, anon;
grant execute on function public.list_greetings() to authenticated, service_role;
