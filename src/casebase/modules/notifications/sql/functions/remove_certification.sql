-- Definer: members read the table and write it through functions alone.
create or replace function notifications.remove_certification(certification_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_certification public.certifications;
begin
    delete from public.certifications c
    where c.id = remove_certification.certification_id
      and (c.user_id = auth.uid() or notifications.is_administrator(c.organization_id))
    returning * into v_certification;
    if not found then
        perform casebase.fail(404, 'certification_not_found', '{"field": "certification_id"}');
    end if;
    return jsonb_build_object('certification_id', v_certification.id);
end
$$;

create or replace function public.remove_certification(certification_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.remove_certification(certification_id)
$$;

comment on function public.remove_certification(uuid) is
    'Remove a certification, and with it its reminders to come. People remove their own; owners, admins and the service every '
    'member''s. Returns {certification_id}. 404 certification_not_found.';

revoke execute on function notifications.remove_certification(uuid), public.remove_certification(uuid)
from public, anon, authenticated, service_role;
grant execute on function notifications.remove_certification(uuid), public.remove_certification(uuid)
to authenticated, service_role;
