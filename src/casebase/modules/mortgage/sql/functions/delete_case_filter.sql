-- Definer: the table is unexposed; somebody else's filter is not found.
create or replace function mortgage.delete_case_filter(filter_id uuid) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    delete from mortgage.saved_filters f where f.id = filter_id and f.user_id = auth.uid();
    if not found then
        perform casebase.fail(404, 'filter_not_found', '{"field": "filter_id"}');
    end if;
end
$$;

create or replace function public.delete_case_filter(filter_id uuid) returns void
    language sql
    set search_path = ''
as $$
    select mortgage.delete_case_filter(filter_id)
$$;

comment on function public.delete_case_filter(uuid) is 'Forget one of the caller''s saved filters. 404 filter_not_found.';

revoke execute on function mortgage.delete_case_filter(uuid), public.delete_case_filter(uuid) from public, anon, authenticated, service_role;
grant execute on function mortgage.delete_case_filter(uuid), public.delete_case_filter(uuid) to authenticated;
