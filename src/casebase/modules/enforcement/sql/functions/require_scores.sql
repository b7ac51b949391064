create or replace function enforcement.require_scores(scores jsonb, tier text, score numeric) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    perform casebase.require_valid(scores, (
        select jsonb_build_object('type', 'object', 'required', jsonb_agg(s.key), 'properties', jsonb_object_agg(
            s.key, '{"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.01}'::jsonb))
        from jsonb_object_keys(scores) s (key)));
    if tier is distinct from enforcement.tier_of(score) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('p_collectability_tier', 'tier', 'must be the tier of the score'))));
    end if;
end
$$;

comment on function enforcement.require_scores(jsonb, text, numeric) is
    'Refuse scores outside 0 to 100 with two decimals, and a tier that is not the score''s: 422 invalid_input.';

revoke execute on function enforcement.require_scores(jsonb, text, numeric) from public;
