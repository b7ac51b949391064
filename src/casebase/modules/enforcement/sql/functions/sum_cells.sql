create or replace function enforcement.sum_cells(cells jsonb, key text, value text) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select jsonb_build_object(
        'case_count', coalesce(sum((c ->> 'case_count')::bigint), 0),
        'current_balance', coalesce(sum((c ->> 'current_balance')::numeric), 0),
        'breach_count', coalesce(sum((c ->> 'breach_count')::bigint), 0))
    from jsonb_array_elements(cells) c
    where sum_cells.key is null or c ->> sum_cells.key = sum_cells.value
$$;

comment on function enforcement.sum_cells(jsonb, text, text) is 'The sums of a board''s cells, all or those of one tier or stage.';

revoke execute on function enforcement.sum_cells(jsonb, text, text) from public;
