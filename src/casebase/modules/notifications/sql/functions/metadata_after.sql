create or replace function notifications.metadata_after(scenario_type text, metadata jsonb, days int) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select case
        when days = 0 or not metadata ? 'days' then metadata
        when scenario_type = 'inactivity' then metadata || jsonb_build_object('days', (metadata ->> 'days')::int + days)
        when scenario_type = 'certification_expiry' then metadata || jsonb_build_object(
            'days', (metadata ->> 'days')::int - days,
            'certifications', (
                select jsonb_agg(c.value || jsonb_build_object('days', (c.value ->> 'days')::int - days) order by c.ordinality)
                from jsonb_array_elements(metadata -> 'certifications') with ordinality c))
        else metadata
    end
$$;

comment on function notifications.metadata_after(text, jsonb, int) is
    'A notification''s numbers so many days later: more days without activity, fewer before an expiry.';

revoke execute on function notifications.metadata_after(text, jsonb, int) from public;
