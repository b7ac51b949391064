create or replace function enforcement.outcome_of(stated text, interest text) returns enforcement.call_outcomes
    language sql stable
    set search_path = ''
as $$
    select o
    from (select btrim(regexp_replace(lower(stated), '[^a-z0-9]+', '_', 'g'), '_') as word) w
    left join enforcement.call_outcome_aliases a on a.alias = w.word
    join enforcement.call_outcomes o on o.outcome = case
        when w.word = 'reached' then 'reached_' || interest
        else coalesce(a.outcome, w.word) end
$$;

comment on function enforcement.outcome_of(text, text) is
    'The bucket that a stated outcome falls into, whatever its case and signs: its own name, an alias, or "reached" with an '
    'interest; null for an unknown one.';

revoke execute on function enforcement.outcome_of(text, text) from public;
