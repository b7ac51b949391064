-- Definer: the service reads these tables and writes them through functions alone.
-- Cases that somebody holds are passed over: tomorrow is early enough.
create or replace function enforcement.open_due_enforcement_actions(
    tenant_id uuid default null,
    after uuid default null,
    batch_limit int default 500
) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_limit int := greatest(least(batch_limit, 5000), 1);
    -- The cases looked at, whatever is due for them: each batch goes on where the last one ended.
    v_page uuid[] := array(
        select c.id from public.enforcement_cases c
        where c.id > coalesce(after, '00000000-0000-0000-0000-000000000000') and c.closed_at is null
          and (open_due_enforcement_actions.tenant_id is null or c.tenant_id = open_due_enforcement_actions.tenant_id)
        order by c.id
        limit v_limit);
    v_case public.enforcement_cases;
    v_opened int := 0;
begin
    for v_case in
        select c.*
        from public.enforcement_cases c
        join public.enforcement_stage_lookup s on s.stage = c.current_stage
        where c.id = any (v_page) and c.closed_at is null and c.current_balance > 0 and exists (
            select from enforcement.playbook p
            join public.enforcement_stage_lookup f on f.stage = p.from_stage
            where p.tier = c.tier and f.ordinal <= s.ordinal and not exists (
                select from public.enforcement_actions a
                where a.enforcement_case_id = c.id and a.tenant_id = c.tenant_id and a.action_type = p.action_type))
        order by c.id
        for no key update of c skip locked
    loop
        while enforcement.open_next_action(v_case) is not null loop
            v_opened := v_opened + 1;
        end loop;
    end loop;
    return jsonb_build_object(
        'opened', v_opened, 'after', case when cardinality(v_page) = v_limit then v_page[v_limit] end);
end
$$;

create or replace function public.open_due_enforcement_actions(
    tenant_id uuid default null,
    after uuid default null,
    batch_limit int default 500
) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.open_due_enforcement_actions(tenant_id, after, batch_limit)
$$;

comment on function public.open_due_enforcement_actions(uuid, uuid, int) is
    'Open what the playbook names for the next batch_limit open cases, of one tenant or all, by id from after on. Returns '
    '{opened, after}; after is null at the end. Service only.';

revoke execute on function enforcement.open_due_enforcement_actions(uuid, uuid, int), public.open_due_enforcement_actions(uuid, uuid, int)
from public, anon, authenticated, service_role;
grant execute on function enforcement.open_due_enforcement_actions(uuid, uuid, int), public.open_due_enforcement_actions(uuid, uuid, int)
to service_role;
