-- Definer: e-mail addresses of colleagues are in auth.users, which no client reads.
create or replace function mortgage.list_case_staff(case_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant_id uuid;
begin
    select c.tenant_id into v_tenant_id
    from public.scenario_cases c
    where c.id = list_case_staff.case_id
      and (casebase.calling_role() = 'service_role' or c.tenant_id = any (mortgage.staff_tenants()));
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    return (
        select coalesce(jsonb_object_agg('staff:' || u.id, u.email), '{}')
        from public.tenant_users m
        join auth.users u on u.id = m.user_id
        where m.tenant_id = v_tenant_id and u.email is not null);
end
$$;

create or replace function public.list_case_staff(case_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.list_case_staff(case_id)
$$;

comment on function public.list_case_staff(uuid) is
    'Who the actors of a case''s events are: {"staff:<user id>": e-mail} of its tenant''s members. 404 case_not_found.';

revoke execute on function mortgage.list_case_staff(uuid), public.list_case_staff(uuid) from public, anon, authenticated, service_role;
grant execute on function mortgage.list_case_staff(uuid), public.list_case_staff(uuid) to authenticated, service_role;
