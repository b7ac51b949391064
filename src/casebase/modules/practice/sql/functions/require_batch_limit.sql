create or replace function practice.require_batch_limit(batch_limit int) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    if batch_limit is null or batch_limit not between 1 and 10000 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('batch_limit', 'range', 'must be between 1 and 10000'))));
    end if;
end
$$;

comment on function practice.require_batch_limit(int) is 'Refuse a batch of no size or of too many rows: 422 invalid_input.';

revoke execute on function practice.require_batch_limit(int) from public;
