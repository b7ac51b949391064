create or replace function enforcement.surer(known numeric, said numeric) returns numeric
    language sql immutable parallel safe
    set search_path = ''
as $$
    -- What nobody was asked for counts for 0.7 (scoring.UNSTATED_CONFIDENCE): to hear less than that must not take off.
    select case when known is null and said < 0.7 then null else greatest(known, said) end
$$;

comment on function enforcement.surer(numeric, numeric) is
    'The confidence of a fact that is told again: the greater one, so that agreement never makes it less sure.';

revoke execute on function enforcement.surer(numeric, numeric) from public;
