create or replace function casebase.refuse_rewrite() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if tg_op = 'DELETE' or to_jsonb(new) - tg_argv[0] <> to_jsonb(old) - tg_argv[0] then
        perform casebase.fail(409, tg_argv[1]);
    end if;
    return new;
end
$$;

comment on function casebase.refuse_rewrite() is
    'Trigger (content column, code): a row stays what it was. Its content alone may be emptied, which is how retention sanitises it.';

revoke execute on function casebase.refuse_rewrite() from public;
