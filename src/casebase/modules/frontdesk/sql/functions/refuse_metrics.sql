create or replace function frontdesk.refuse_metrics(metrics jsonb, field text, is_certain boolean) returns void
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_errors jsonb := '[]'::jsonb;
    v_metric jsonb;
    v_index int := 0;
    v_path text;
begin
    for v_metric in select m from jsonb_array_elements(metrics) m loop
        v_path := coalesce(field || format('[%s]', v_index), '');
        v_errors := v_errors || frontdesk.metric_errors(v_metric, v_path);
        v_index := v_index + 1;
        exit when jsonb_array_length(v_errors) > 20;
    end loop;
    if v_errors = '[]' then
        if not is_certain then
            return;
        end if;
        v_errors := jsonb_build_array(casebase.validation_error(coalesce(field, ''), 'type', 'holds what no metric has'));
    end if;
    perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', v_errors),
        'Correct the fields that detail.errors names; none of the metrics was recorded.');
end
$$;

comment on function frontdesk.refuse_metrics(jsonb, text, boolean) is
    'Refuse metrics that break a rule: 422 invalid_input, index, field and rule of the first twenty named; where none is '
    'found, only if it is certain that there is one.';

revoke execute on function frontdesk.refuse_metrics(jsonb, text, boolean) from public;
