create or replace function mortgage.analysis_period(from_day date, to_day date, out first_day date, out last_day date)
    language plpgsql stable
    set search_path = ''
as $$
begin
    last_day := coalesce(to_day, (casebase.now() at time zone 'Asia/Singapore')::date);
    first_day := coalesce(from_day, last_day - 29);
    if first_day > last_day or last_day - first_day > 731 or last_day > '2999-12-31' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('from_day', 'period', 'must be at most two years before to_day'))));
    end if;
end
$$;

comment on function mortgage.analysis_period(date, date) is
    'The days asked about, at most two years of them; the last thirty unless told. 422 invalid_input for another period.';

revoke execute on function mortgage.analysis_period(date, date) from public;
grant execute on function mortgage.analysis_period(date, date) to authenticated, service_role;
