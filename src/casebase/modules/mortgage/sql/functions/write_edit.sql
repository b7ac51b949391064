create or replace function mortgage.write_edit(case_row public.scenario_cases, changes jsonb) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    v_tags text[] := array(select jsonb_array_elements_text(changes #> '{tags,1}'));
begin
    if changes = '{}' then
        return;
    end if;

    update public.scenario_cases c
    set notes = case when changes ? 'notes' then changes #>> '{notes,1}' else c.notes end,
        next_review_at = case when changes ? 'next_review_at'
                              then (changes #>> '{next_review_at,1}')::timestamptz else c.next_review_at end,
        status = case when changes ? 'status' then 'active' else c.status end
    where c.id = case_row.id;

    if changes ? 'tags' then
        delete from public.scenario_tags t
        where t.case_id = case_row.id and t.tenant_id = case_row.tenant_id and t.tag <> all (v_tags);
        insert into public.scenario_tags (tenant_id, case_id, tag, source)
        select case_row.tenant_id, case_row.id, g, 'manual' from unnest(v_tags) g
        on conflict on constraint one_row_a_tag do nothing;
    end if;

    perform mortgage.add_event(case_row, 'admin_edit', jsonb_strip_nulls(jsonb_build_object(
        'actor', mortgage.actor(),
        'changes', changes,
        'moved', case when changes ? 'status' then '{"from": "draft", "to": "active"}'::jsonb end)));
end
$$;

comment on function mortgage.write_edit(public.scenario_cases, jsonb) is
    'Write what mortgage.case_changes found to a case, with its admin_edit event; nothing for no change.';

revoke execute on function mortgage.write_edit(public.scenario_cases, jsonb) from public;
