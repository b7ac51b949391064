-- Computed apart from writing, so that a preview shows exactly what would be written.
create or replace function mortgage.case_changes(case_row public.scenario_cases, edit jsonb) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_notes text := mortgage.clean_text(case_row, nullif(btrim(edit ->> 'notes'), ''), 'notes');
    v_review_at timestamptz := (edit ->> 'next_review_at')::timestamptz;
    v_had text[] := array(
        select t.tag from public.scenario_tags t
        where t.case_id = case_row.id and t.tenant_id = case_row.tenant_id order by t.tag);
    v_has text[] := array(
        select u.tag
        from (
            select unnest(v_had)
            union
            select mortgage.clean_tag(case_row, a.tag, format('edit.add_tags[%s]', a.ordinality - 1))
            from jsonb_array_elements_text(coalesce(nullif(edit -> 'add_tags', 'null'), '[]'))
                with ordinality a (tag, ordinality)
        ) u (tag)
        where not coalesce(nullif(edit -> 'remove_tags', 'null'), '[]') ? u.tag
        order by u.tag);
    v_changes jsonb := '{}'::jsonb;
begin
    if edit ? 'notes' and v_notes is distinct from case_row.notes then
        v_changes := v_changes || jsonb_build_object('notes', jsonb_build_array(case_row.notes, v_notes));
    end if;
    if edit ? 'next_review_at' and v_review_at is distinct from case_row.next_review_at then
        v_changes := v_changes || jsonb_build_object('next_review_at', jsonb_build_array(case_row.next_review_at, v_review_at));
    end if;
    if edit ->> 'status' = 'active' and case_row.status = 'draft' then
        v_changes := v_changes || jsonb_build_object('status', jsonb_build_array(case_row.status, 'active'));
    end if;
    if v_has <> v_had then
        v_changes := v_changes || jsonb_build_object('tags', jsonb_build_array(to_jsonb(v_had), to_jsonb(v_has)));
    end if;
    return v_changes;
end
$$;

comment on function mortgage.case_changes(public.scenario_cases, jsonb) is
    'What an edit (see mortgage.edit_schema) would change: {field: [before, after]}; empty when nothing.';

revoke execute on function mortgage.case_changes(public.scenario_cases, jsonb) from public;
