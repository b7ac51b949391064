create or replace function notifications.require_batch(user_ids uuid[]) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    if user_ids is null or cardinality(user_ids) > 100000 or array_position(user_ids, null) is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('user_ids', 'maxItems', 'must be at most 100000 ids'))));
    end if;
end
$$;

comment on function notifications.require_batch(uuid[]) is 'Refuse what is no list of at most 100000 people: 422 invalid_input.';

revoke execute on function notifications.require_batch(uuid[]) from public;
grant execute on function notifications.require_batch(uuid[]) to service_role;
