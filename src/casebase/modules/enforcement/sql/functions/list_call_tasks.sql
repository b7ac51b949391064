-- Definer: calls that were made are the service's alone. The cursor holds the time of the first page, so that no task
-- changes sides between two pages. Each tier, and what is not yet due, is one range of an index, read as far as the page.
create or replace function enforcement.list_call_tasks(tenant_id uuid, cursor text, page_size int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_tenant_id uuid;
    v_after text[];
    v_as_of timestamptz := casebase.now();
    v_tier text;
    v_due_at timestamptz := timestamptz '-infinity';
    v_task_id uuid := uuid '00000000-0000-0000-0000-000000000000';
    v_items jsonb;
    v_last jsonb;
begin
    perform casebase.require_valid(jsonb_build_object('cursor', list_call_tasks.cursor, 'page_size', page_size), '{
        "type": "object",
        "required": ["page_size"],
        "properties": {
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200},
            "cursor": {"type": "string", "maxLength": 400, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"}
        }
    }');
    v_tenant_id := enforcement.acting_tenant(tenant_id);
    if list_call_tasks.cursor is not null then
        begin
            v_after := string_to_array(convert_from(decode(list_call_tasks.cursor, 'hex'), 'UTF8'), '|');
            if cardinality(v_after) <> 4 then
                raise data_exception;
            end if;
            v_as_of := v_after[1]::timestamptz;
            v_tier := nullif(v_after[2], '');
            v_due_at := v_after[3]::timestamptz;
            v_task_id := v_after[4]::uuid;
        exception when data_exception then
            perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
                casebase.validation_error('cursor', 'pattern', 'must be a next_cursor'))));
        end;
    end if;

    -- One row more than asked for tells whether there is a next page.
    select coalesce(jsonb_agg(
        jsonb_build_object(
            'task_id', t.id,
            'title', t.title,
            'due_at', t.due_at,
            'is_overdue', t.due_at <= v_as_of,
            'tier', t.tier,
            'plaintiff_id', p.id,
            'plaintiff_name', p.name,
            'plaintiff_status', p.status,
            'case_id', c.id,
            'reference', c.reference,
            'stage', c.current_stage,
            'current_balance', c.current_balance,
            'last_called_at', a.called_at,
            'last_outcome', a.outcome,
            'calls_in_window', n.calls_in_window,
            'next_call_allowed_at', n.allowed_at,
            'rule', n.rule)
        order by t.is_overdue desc, t.rank desc, t.due_at, t.id), '[]')
    into v_items
    from (
        select * from (
            select k.*, true as is_overdue, k.tier as rank
            from public.enforcement_tier_lookup g
            cross join lateral (
                select t.* from public.plaintiff_tasks t
                where t.tenant_id = v_tenant_id and t.kind = 'call' and t.status = 'open' and t.tier = g.tier
                  and t.due_at <= v_as_of
                  and (t.due_at, t.id) > (case when g.tier = v_tier then v_due_at else '-infinity' end,
                                          case when g.tier = v_tier then v_task_id else '00000000-0000-0000-0000-000000000000' end)
                order by t.due_at, t.id
                limit page_size + 1
            ) k
            where v_after is null or g.tier <= v_tier
            union all
            (
                select t.*, false, '' from public.plaintiff_tasks t
                where t.tenant_id = v_tenant_id and t.kind = 'call' and t.status = 'open'
                  and (t.due_at, t.id) > (greatest(case when v_tier is null then v_due_at end, v_as_of),
                                          case when v_tier is null and v_due_at > v_as_of then v_task_id
                                               else 'ffffffff-ffff-ffff-ffff-ffffffffffff' end)
                order by t.due_at, t.id
                limit page_size + 1
            )
        ) u
        order by u.is_overdue desc, u.rank desc, u.due_at, u.id
        limit page_size + 1
    ) t
    join public.plaintiffs p on p.id = t.plaintiff_id and p.tenant_id = t.tenant_id
    left join public.enforcement_cases c on c.id = t.enforcement_case_id and c.tenant_id = t.tenant_id
    left join lateral (
        select a.called_at, a.outcome from public.plaintiff_call_attempts a
        where a.plaintiff_id = p.id and a.tenant_id = p.tenant_id
        order by a.called_at desc limit 1
    ) a on true
    cross join lateral enforcement.next_call(
        p, casebase.now(), coalesce((t.metadata ->> 'is_asked_for')::boolean, false), t.id) n;

    if jsonb_array_length(v_items) > page_size then
        v_items := v_items - page_size;
        v_last := v_items -> -1;
    end if;
    return jsonb_build_object(
        'items', v_items,
        'next_cursor', encode(convert_to(
            (to_json(v_as_of) #>> '{}')
            || '|' || case when (v_last ->> 'is_overdue')::boolean then v_last ->> 'tier' else '' end
            || '|' || (v_last ->> 'due_at') || '|' || (v_last ->> 'task_id'), 'UTF8'), 'hex'));
end
$$;

create or replace function public.list_call_tasks(
    tenant_id uuid default null,
    cursor text default null,
    page_size int default 50
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.list_call_tasks(tenant_id, cursor, page_size)
$$;

comment on function public.list_call_tasks(uuid, text, int) is
    'A page of the call desk, for a tenant''s operators: {items, next_cursor}. First the calls that are due, the highest '
    'tier''s first, then those to come; each with its plaintiff, case, latest call and when 12 CFR 1006.14(b)(2) lets it be '
    'made (next_call_allowed_at; rule is what stands against calling now). 403 operator_required; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function enforcement.list_call_tasks(uuid, text, int), public.list_call_tasks(uuid, text, int)
from public, anon, authenticated, service_role;
grant execute on function enforcement.list_call_tasks(uuid, text, int), public.list_call_tasks(uuid, text, int)
to authenticated, service_role;
