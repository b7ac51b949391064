-- Five minutes are for clocks that differ. A time far in the past is a slip of the year, and would lead every timeline.
create or replace function casebase.require_time(payload jsonb, field text) returns timestamptz
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_time timestamptz := (payload ->> field)::timestamptz;
begin
    if v_time < '2000-01-01T00:00:00Z' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(field, 'minimum', 'must not be before the year 2000'))));
    elsif v_time > casebase.now() + interval '5 minutes' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(field, 'maximum', 'must not be in the future'))));
    end if;
    return v_time;
end
$$;

comment on function casebase.require_time(jsonb, text) is
    'A field''s time, or null when it is absent; 422 invalid_input if it lies before 2000 or in the future.';

revoke execute on function casebase.require_time(jsonb, text) from public;
