-- Two years bound a slip of the year. The past is allowed: a paper can be entered after its date has gone by.
create or replace function enforcement.require_due_at(payload jsonb, field text, not_before timestamptz) returns timestamptz
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_time timestamptz := (payload ->> field)::timestamptz;
begin
    if v_time < not_before then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(field, 'minimum', 'must not come before what it follows'))));
    elsif v_time > casebase.now() + interval '2 years' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(field, 'maximum', 'must be within two years'))));
    end if;
    return v_time;
end
$$;

comment on function enforcement.require_due_at(jsonb, text, timestamptz) is
    'A field''s time by which something is due, or null when it is absent; 422 before not_before or more than two years ahead.';

revoke execute on function enforcement.require_due_at(jsonb, text, timestamptz) from public;
