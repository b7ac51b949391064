-- Any word may be somebody's name, and the rows that would tell are not read yet: so of words only those stay that
-- exports are called by, and of numbers those that are too short for a person's.
create or replace function enforcement.file_label(file_name text) returns text
    language sql stable
    set search_path = ''
as $$
    select case when length(f.name) <= 100
                 and f.name ~* '^((simplicity|judg(e)?ments?|cases?|dockets?|debts?|exports?|exported|imports?|copy|file|data|rows?|list|part|batch|week|month|year|all|new|open|old|test|sample|final|daily|weekly|monthly|jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(tember)?|oct(ober)?|nov(ember)?|dec(ember)?|q[1-4]|of|to|from|and|\d{1,8})([ ._()-]+|$))+$'
                 and enforcement.is_impersonal(f.name, '{}')
                then f.name else '[name]' end || lower(f.extension)
    from (
        select coalesce(substring(file_name from '^(.*)\.[A-Za-z]{1,4}$'), file_name) as name,
               coalesce(substring(file_name from '\.[A-Za-z]{1,4}$'), '') as extension
    ) f
$$;

comment on function enforcement.file_label(text) is
    'A file''s name without words that could be a person''s: "[name].csv" unless it says only what exports are called.';

revoke execute on function enforcement.file_label(text) from public;
