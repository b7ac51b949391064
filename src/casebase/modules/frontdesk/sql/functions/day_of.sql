create or replace function frontdesk.day_of(
    tenant_id uuid, on_date date, out time_zone text, out begins_at timestamptz, out ends_at timestamptz
)
    language plpgsql stable
    set search_path = ''
as $$
begin
    if on_date is null or on_date not between '2000-01-02' and '2199-12-30' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('on_date', 'range', 'must be a day between the years 2000 and 2199'))));
    end if;
    time_zone := (frontdesk.settings_of(tenant_id)).time_zone;
    begins_at := frontdesk.first_moment_of(on_date, time_zone);
    ends_at := frontdesk.first_moment_of(on_date + 1, time_zone);
end
$$;

comment on function frontdesk.day_of(uuid, date) is
    'When a day begins and ends at a tenant''s desk: 23 or 25 hours where clocks are changed; 422 invalid_input for no day.';

revoke execute on function frontdesk.day_of(uuid, date) from public;
