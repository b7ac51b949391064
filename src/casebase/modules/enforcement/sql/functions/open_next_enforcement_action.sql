-- Definer: the service reads these tables and writes them through functions alone.
create or replace function enforcement.open_next_enforcement_action(case_id uuid) returns uuid
    language plpgsql security definer
    set search_path = ''
as $$
begin
    return enforcement.open_next_action(enforcement.acting_case(case_id));
end
$$;

create or replace function public.open_next_enforcement_action(case_id uuid) returns uuid
    language sql
    set search_path = ''
as $$
    select enforcement.open_next_enforcement_action(case_id)
$$;

comment on function public.open_next_enforcement_action(uuid) is
    'Open the next action that the playbook names for a case''s tier and stage. Returns its id; null for a closed or paid '
    'case, and once the case has had every action that is due. Service only. 404 case_not_found.';

revoke execute on function enforcement.open_next_enforcement_action(uuid), public.open_next_enforcement_action(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.open_next_enforcement_action(uuid), public.open_next_enforcement_action(uuid)
to service_role;
