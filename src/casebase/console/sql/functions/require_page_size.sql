create or replace function casebase.require_page_size(page_size int) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    if page_size is null or page_size not between 1 and 200 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('page_size', 'range', 'must be 1 to 200'))));
    end if;
end
$$;

comment on function casebase.require_page_size(int) is 'Refuse a page of no rows, or of more than 200: 422 invalid_input.';

revoke execute on function casebase.require_page_size(int) from public;
