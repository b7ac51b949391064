create or replace function casebase.touch_updated_at() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.updated_at := casebase.now();
    return new;
end
$$;

comment on function casebase.touch_updated_at() is 'Trigger: a changed row says when.';

revoke execute on function casebase.touch_updated_at() from public;
