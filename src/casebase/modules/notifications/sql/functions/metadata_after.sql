create or replace function notifications.metadata_after(scenario_type text, metadata jsonb, days int) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select case
        when days = 0 or jsonb_typeof(metadata -> 'days') is distinct from 'number' then metadata
        when scenario_type = 'inactivity' then metadata || jsonb_build_object('days', (metadata ->> 'days')::numeric + days)
        when scenario_type = 'certification_expiry' then metadata || jsonb_build_object(
            'days', (metadata ->> 'days')::numeric - days,
            'certifications', (
                select coalesce(jsonb_agg(
                    case when jsonb_typeof(c.told -> 'days') = 'number'
                         then c.told || jsonb_build_object('days', (c.told ->> 'days')::numeric - days) else c.told end
                    order by c.place), '[]')
                from jsonb_path_query(metadata, 'lax $.certifications[*]') with ordinality as c (told, place)))
        else metadata
    end
$$;

comment on function notifications.metadata_after(text, jsonb, int) is
    'A notification''s numbers so many days later: more days without activity, fewer before an expiry.';

revoke execute on function notifications.metadata_after(text, jsonb, int) from public;
