create or replace function practice.acting_user() returns uuid
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_user_id constant uuid := auth.uid();
begin
    if v_user_id is null then
        perform casebase.fail(403, 'user_required', '{}', 'Call it with the token of a person who is signed in.');
    end if;
    return v_user_id;
end
$$;

comment on function practice.acting_user() is 'Whom the caller''s token names; 403 user_required for nobody.';

revoke execute on function practice.acting_user() from public;
