create or replace function mortgage.touch_updated_at() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.updated_at := casebase.now();
    return new;
end
$$;

comment on function mortgage.touch_updated_at() is 'Trigger: a changed row says when.';

revoke execute on function mortgage.touch_updated_at() from public;
